// SPDX-License-Identifier: MIT
/**
 * Value tokens to literals of the tree. Each reader takes one token and gives the literal, or undefined when
 * the token is something else. They judge shapes only; addresses and numbers may still be out of range.
 */
import type { IToken } from 'chevrotain'
import type { Source, Span } from '../src/diag/source.ts'
import { suggest } from '../src/diag/suggest.ts'
import type {
  AddressLiteral,
  DurationLiteral,
  EndpointLiteral,
  IntegerLiteral,
  NameLiteral,
  PrefixLiteral,
  WordLiteral,
} from './ast.ts'
import {
  Address4,
  Address6,
  BarePort,
  Duration,
  Endpoint4,
  Endpoint6,
  HostPort,
  Integer,
  isKeyword,
  Name,
  Prefix4,
  Prefix6,
  PrefixLength,
  Text,
} from './tokens.ts'

/** What a statement wants: how to read it, how to name it, and what to say to a near miss. */
export interface Reader<T> {
  readonly what: string
  read(token: IToken, source: Source): T | undefined
  hint?(token: IToken): string | undefined
}

export function tokenSpan(token: IToken, source: Source): Span {
  return { source, start: token.startOffset, end: token.startOffset + token.image.length }
}

/** Keywords are names too. */
function isName(token: IToken): boolean {
  return token.tokenType === Name || isKeyword(token)
}

export const name: Reader<NameLiteral> = {
  what: 'a name',
  read(token, source) {
    const span = tokenSpan(token, source)
    if (token.tokenType === Text) return { kind: 'name', text: unquote(token.image), span }
    return isName(token) ? { kind: 'name', text: token.image, span } : undefined
  },
  hint(token) {
    return /^\d+$/.test(token.image)
      ? `a name that starts with a digit goes in quotes: "${token.image}"`
      : undefined
  },
}

export const address: Reader<AddressLiteral> = {
  what: 'an address',
  read(token, source) {
    if (token.tokenType !== Address4 && token.tokenType !== Address6) return undefined
    return { kind: 'address', text: token.image, span: tokenSpan(token, source) }
  },
  hint(token) {
    const bare = /^[^/]*/.exec(token.image)?.[0] as string
    if (isPrefix(token)) return `an address has no length: \`${bare}\``
    if (isEndpoint(token)) return 'an address of the overlay has no port: `10.64.1.1`'
    return undefined
  },
}

export const prefix: Reader<PrefixLiteral> = {
  what: 'a prefix',
  read(token, source) {
    return isPrefix(token) ? { kind: 'prefix', text: token.image, span: tokenSpan(token, source) } : undefined
  },
  hint(token) {
    if (token.tokenType === Address4) return `a single address is the prefix \`${token.image}/32\``
    if (token.tokenType === Address6) return `a single address is the prefix \`${token.image}/128\``
    if (token.tokenType === PrefixLength) return `a prefix has an address too: \`10.64.0.0${token.image}\``
    return undefined
  },
}

export const integer: Reader<IntegerLiteral> = {
  what: 'a number',
  read(token, source) {
    if (token.tokenType !== Integer) return undefined
    return { kind: 'integer', text: token.image, value: Number(token.image), span: tokenSpan(token, source) }
  },
}

export const port: Reader<IntegerLiteral> = {
  what: 'a port',
  read: integer.read,
  hint(token) {
    return token.tokenType === BarePort
      ? `write it without the colon: \`${token.image.slice(1)}\``
      : undefined
  },
}

export const duration: Reader<DurationLiteral> = {
  what: 'a duration',
  read(token, source) {
    if (token.tokenType !== Duration) return undefined
    return {
      kind: 'duration',
      text: token.image,
      ms: milliseconds(token.image),
      span: tokenSpan(token, source),
    }
  },
  hint(token) {
    return token.tokenType === Integer ? `a duration has a unit: \`${token.image}s\`` : undefined
  },
}

export const listen: Reader<EndpointLiteral> = {
  what: 'an underlay address, with or without a port,',
  read: addressEndpoint,
  hint(token) {
    if (token.tokenType === BarePort) return `the address comes first: \`198.51.100.10${token.image}\``
    if (token.tokenType === HostPort || isName(token)) return 'a hub listens on addresses, not on host names'
    return prefixHint(token)
  },
}

export const endpoint: Reader<EndpointLiteral | WordLiteral<'nat'>> = {
  what: 'an address, a host name or `nat`',
  read(token, source) {
    if (token.image === 'nat') return { kind: 'word', text: 'nat', span: tokenSpan(token, source) }
    return addressEndpoint(token, source) ?? nameEndpoint(token, source)
  },
  hint(token) {
    if (token.tokenType === BarePort) return 'write the address or host name before the colon'
    return prefixHint(token)
  },
}

const auto = oneWord(['auto'])
export const mtu: Reader<IntegerLiteral | WordLiteral<'auto'>> = {
  what: 'a number of bytes or `auto`',
  read(token, source) {
    return integer.read(token, source) ?? auto.read(token, source)
  },
  hint: (token) => auto.hint?.(token),
}

/** One of a few words. */
export function oneWord<W extends string>(words: readonly W[]): Reader<WordLiteral<W>> {
  return {
    what: words.map((word) => `\`${word}\``).join(' or '),
    read(token, source) {
      const text = words.find((word) => word === token.image)
      return text === undefined ? undefined : { kind: 'word', text, span: tokenSpan(token, source) }
    },
    hint(token) {
      const near = suggest(token.image, words)
      return near === undefined ? undefined : `did you mean \`${near}\`?`
    },
  }
}

const addressParts = /^\[?([^\]]*?)\]?(?::(\d+))?$/
const nameParts = /^([^:[\]]*)(?::(\d+))?$/

function addressEndpoint(token: IToken, source: Source): EndpointLiteral | undefined {
  const span = tokenSpan(token, source)
  const bare = address.read(token, source)
  if (bare !== undefined) return { kind: 'endpoint', host: bare, port: null, span }
  return isEndpoint(token) ? split(token.image, 0, 'address', span) : undefined
}

function nameEndpoint(token: IToken, source: Source): EndpointLiteral | undefined {
  const quoted = token.tokenType === Text
  if (!quoted && token.tokenType !== HostPort && !isName(token)) return undefined
  return split(quoted ? unquote(token.image) : token.image, quoted ? 1 : 0, 'name', tokenSpan(token, source))
}

/** `indent` is where `text` starts within the span. */
function split(text: string, indent: number, kind: 'address' | 'name', span: Span): EndpointLiteral {
  const match = (kind === 'address' ? addressParts : nameParts).exec(text)
  const hostText = match?.[1] ?? text
  const digits = match?.[2]
  const host = { kind, text: hostText, span } as const
  if (digits === undefined) return { kind: 'endpoint', host, port: null, span }
  const end = span.start + indent + text.length
  const portSpan = { source: span.source, start: end - digits.length, end }
  const port = { kind: 'integer', text: digits, value: Number(digits), span: portSpan } as const
  return { kind: 'endpoint', host, port, span }
}

function isPrefix(token: IToken): boolean {
  return token.tokenType === Prefix4 || token.tokenType === Prefix6
}

function isEndpoint(token: IToken): boolean {
  return token.tokenType === Endpoint4 || token.tokenType === Endpoint6
}

function prefixHint(token: IToken): string | undefined {
  return isPrefix(token) ? 'an endpoint has a port, not a prefix length' : undefined
}

function milliseconds(text: string): number {
  const units: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 }
  let total = 0
  for (const part of text.matchAll(/(\d+)(ms|[hms])/g)) {
    total += Number(part[1]) * (units[part[2] as string] as number)
  }
  return total
}

function unquote(image: string): string {
  return image.slice(1, -1).replace(/\\(["\\])/g, '$1')
}

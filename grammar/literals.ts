// SPDX-License-Identifier: MIT
/**
 * Value tokens to literals of the tree. Each reader takes one token and gives the literal, or undefined when
 * the token is something else. They judge shapes only; addresses and numbers may still be out of range.
 */
import type { IToken } from 'chevrotain'
import { listensOnAddresses } from '../src/diag/advice.ts'
import { oneOf } from '../src/diag/message.ts'
import type { Source, Span } from '../src/diag/source.ts'
import { suggest } from '../src/diag/suggest.ts'
import type {
  AddressLiteral,
  DurationLiteral,
  EndpointLiteral,
  Expression,
  IntegerLiteral,
  Text as Interpolated,
  LengthLiteral,
  List,
  Literal,
  NameLiteral,
  Naming,
  PortLiteral,
  PrefixLiteral,
  RateLiteral,
  Reference,
  WordLiteral,
} from './ast.ts'
import { isVariable, plainText, textParts, tokenSpan } from './texts.ts'
import {
  Address4,
  Address6,
  BarePort,
  Duration,
  Endpoint4,
  Endpoint6,
  HostPort,
  Integer,
  isName,
  Negative,
  Prefix4,
  Prefix6,
  PrefixLength,
  Rate,
  Text,
} from './tokens.ts'

/** What a statement wants: how to read it, how to name it, and what to say to a near miss. */
export interface Reader<T> {
  readonly what: string
  /** What may stand for the literal: any expression, or one without operators; absent: nothing. */
  readonly computed?: 'expression' | 'operand'
  read(token: IToken, source: Source): T | undefined
  /** The literal that something to be worked out is after all; undefined: it is none. */
  settle?(value: Expression): T | undefined
  hint?(token: IToken): string | undefined
  /** What to say to a word that would do in quotes; undefined: it would not. */
  unquoted?(token: IToken): string | undefined
}

export const name: Reader<NameLiteral> = {
  what: 'a name',
  read(token, source) {
    const span = tokenSpan(token, source)
    if (token.tokenType === Text) {
      const text = plainText(token)
      return text === undefined ? undefined : { kind: 'name', text, span }
    }
    return isName(token) ? { kind: 'name', text: token.image, span } : undefined
  },
  hint(token) {
    return /^\d+$/.test(token.image)
      ? `a name that starts with a digit goes in quotes: "${token.image}"`
      : undefined
  },
  unquoted: ({ image }) =>
    /^\d[\w-]*$/.test(image) ? `a name that starts with a digit goes in quotes: "${image}"` : undefined,
}

/** A name that a statement gives to something; in quotes it may have `{...}` in it. */
export const naming: Reader<Naming> = {
  ...name,
  read: (token, source) => name.read(token, source) ?? text.read(token, source),
}

/** A name for a `let`, a parameter or a `for`: one that a `{...}` can hold. */
export const variable: Reader<NameLiteral> = {
  what: 'a name',
  read: (token, source) => (isName(token) && isVariable(token.image) ? name.read(token, source) : undefined),
  hint: (token) => {
    if (token.image === '(') return 'it stands without parentheses: `for i in 1..20 { ... }`'
    return isName(token) || token.tokenType === Text
      ? 'names of values are letters, digits, `_` and inner hyphens, without quotes'
      : name.hint?.(token)
  },
}

/** Of something that exists under this name: in quotes, or with a dot; a word alone may name a value. */
function existing(what: string): Reader<NameLiteral> {
  return {
    what,
    computed: 'operand',
    read: (token, source) =>
      token.tokenType === Text || (isName(token) && token.image.includes('.'))
        ? name.read(token, source)
        : undefined,
    ...(name.hint === undefined ? {} : { hint: name.hint }),
  }
}
export const hostname = existing('a host name')
export const hubName = existing('the name of a hub')
export const interfaceName = existing('the name of an interface')

export const text: Reader<Interpolated> = {
  what: 'a text in quotes',
  read(token, source) {
    if (token.tokenType !== Text) return undefined
    const parts = textParts(token, source)
    return parts === undefined ? undefined : { kind: 'text', parts, span: tokenSpan(token, source) }
  },
  hint(token) {
    return isName(token) ? `it goes in quotes: "${token.image}"` : undefined
  },
}

const inQuotes = ({ image }: IToken) => `it goes in quotes: "${image}"`

/** Of a file. */
export const path: Reader<NameLiteral> = {
  what: 'the name of a file in quotes',
  read: (token, source) => (token.tokenType === Text ? name.read(token, source) : undefined),
  hint: (token) => text.hint?.(token) ?? 'it stands here as it is, without `{...}`',
  unquoted: inQuotes,
}
export const anyPath: Reader<Naming> = {
  what: path.what,
  read: (token, source) => path.read(token, source) ?? text.read(token, source),
  hint: (token) => text.hint?.(token),
  unquoted: inQuotes,
}

/** Of an address or a prefix in quotes. */
function unquoteHint({ tokenType, image }: IToken): string | undefined {
  const bare =
    tokenType === Text ? /^"([\da-fA-F]*[.:][\da-fA-F.:]*(?:\/\d+)?)"$/.exec(image)?.[1] : undefined
  return bare && `it stands without quotes: \`${bare}\``
}

export const address: Reader<AddressLiteral> = {
  what: 'an address',
  computed: 'expression',
  read(token, source) {
    if (token.tokenType !== Address4 && token.tokenType !== Address6) return undefined
    return { kind: 'address', text: token.image, span: tokenSpan(token, source) }
  },
  hint(token) {
    const bare = /^[^/]*/.exec(token.image)?.[0] as string
    const network = bare.endsWith('::') || bare.endsWith('.0')
    if (isPrefix(token) && network) return `an address of it is \`host(${token.image}, 1)\``
    if (isPrefix(token)) return `an address has no length: \`${bare}\``
    if (isEndpoint(token)) return 'an address of the overlay has no port: `10.64.1.1`'
    return unquoteHint(token)
  },
}

export const prefix: Reader<PrefixLiteral> = {
  what: 'a prefix',
  computed: 'expression',
  read(token, source) {
    return isPrefix(token) ? { kind: 'prefix', text: token.image, span: tokenSpan(token, source) } : undefined
  },
  hint(token) {
    if (token.tokenType === Address4) return `a single address is the prefix \`${token.image}/32\``
    if (token.tokenType === Address6) return `a single address is the prefix \`${token.image}/128\``
    if (token.tokenType === PrefixLength) return `a prefix has an address too: \`10.64.0.0${token.image}\``
    return unquoteHint(token)
  },
}

export const integer: Reader<IntegerLiteral> = {
  what: 'a number',
  read(token, source) {
    if (token.tokenType !== Integer) return undefined
    return { kind: 'integer', text: token.image, value: Number(token.image), span: tokenSpan(token, source) }
  },
}

/** Where something is worked out, numbers may be negative. */
const signedInteger: Reader<IntegerLiteral> = {
  what: integer.what,
  read(token, source) {
    if (token.tokenType !== Negative) return integer.read(token, source)
    return { kind: 'integer', text: token.image, value: Number(token.image), span: tokenSpan(token, source) }
  },
}

export const port: Reader<IntegerLiteral> = {
  what: 'a port',
  computed: 'expression',
  read: integer.read,
  hint(token) {
    return token.tokenType === BarePort
      ? `write it without the colon: \`${token.image.slice(1)}\``
      : undefined
  },
}

export const duration: Reader<DurationLiteral> = {
  what: 'a duration',
  computed: 'expression',
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
  computed: 'expression',
  read: addressEndpoint,
  settle: bracketed,
  hint(token) {
    if (token.tokenType === BarePort) return `the address comes first: \`198.51.100.10${token.image}\``
    if (token.image === '*') return 'name the one address of the interface'
    if (token.tokenType === HostPort || token.tokenType === Text || isName(token)) return listensOnAddresses
    return prefixHint(token)
  },
}

const natHasNoPort =
  'a spoke behind NAT has no port here; where one is forwarded to it, name that: `endpoint 203.0.113.7:50000`'

export const endpoint: Reader<EndpointLiteral | WordLiteral<'nat'>> = {
  what: 'an address, a host name or `nat`',
  computed: 'expression',
  read(token, source) {
    if (token.image === 'nat') return { kind: 'word', text: 'nat', span: tokenSpan(token, source) }
    return addressEndpoint(token, source) ?? nameEndpoint(token, source)
  },
  settle: bracketed,
  hint(token) {
    if (isNatWithPort(token)) return natHasNoPort
    if (token.tokenType === BarePort) return 'write the address or host name before the colon'
    return prefixHint(token)
  },
}

/** Who a policy is about. */
export const policyEnd: Reader<NameLiteral | AddressLiteral | PrefixLiteral | WordLiteral<'any'>> = {
  what: 'a node, an address, a prefix or `any`',
  computed: 'operand',
  read(token, source) {
    if (token.image === 'any') return { kind: 'word', text: 'any', span: tokenSpan(token, source) }
    return prefix.read(token, source) ?? expectEnd.read(token, source)
  },
  hint: (token) => (token.image === '*' ? 'everybody is `any`' : undefined),
}

/** Who an expectation is about. */
export const expectEnd: Reader<NameLiteral | AddressLiteral> = {
  what: 'a node or an address',
  computed: 'operand',
  read: (token, source) => address.read(token, source) ?? hubName.read(token, source),
  hint: (token) => address.hint?.(token),
}

export const rate: Reader<RateLiteral> = {
  what: 'a rate',
  computed: 'expression',
  read(token, source) {
    if (token.tokenType !== Rate) return undefined
    const [, digits, unit] = /^(\d+)(.)/.exec(token.image) as unknown as [string, string, 'k' | 'm' | 'g']
    const bitsPerSecond = Number(digits) * { k: 1e3, m: 1e6, g: 1e9 }[unit]
    return { kind: 'rate', text: token.image, bitsPerSecond, span: tokenSpan(token, source) }
  },
  hint: () => 'rates are written with `kbit`, `mbit` and `gbit`: `100mbit`',
}

export const barePort: Reader<PortLiteral> = {
  what: 'a port with its colon',
  read(token, source) {
    if (token.tokenType !== BarePort) return undefined
    const span = tokenSpan(token, source)
    const digits = token.image.slice(1)
    const port = { kind: 'integer', text: digits, value: Number(digits), span } as const
    return { kind: 'bare-port', port, span }
  },
  hint: (token) => (token.tokenType === Integer ? `write it with a colon: \`:${token.image}\`` : undefined),
}

const length: Reader<LengthLiteral> = {
  what: 'a prefix length',
  read(token, source) {
    if (token.tokenType !== PrefixLength) return undefined
    const value = Number(token.image.slice(1))
    return { kind: 'length', text: token.image, value, span: tokenSpan(token, source) }
  },
}

/** Any value of one word. */
export const operand: Reader<Literal | Reference | Interpolated | List> = {
  what: 'a value',
  computed: 'expression',
  read(token, source) {
    for (const reader of [signedInteger, text, address, prefix, length, duration, rate]) {
      const literal = reader.read(token, source)
      if (literal !== undefined) return literal
    }
    if (isName(token)) return { kind: 'reference', text: token.image, span: tokenSpan(token, source) }
    if (isListOfOne(token)) return listOfOne(token, source)
    return addressEndpoint(token, source) ?? nameEndpoint(token, source)
  },
  hint(token) {
    if (isNatWithPort(token)) return natHasNoPort
    return token.tokenType === BarePort ? 'a port alone is a number, without the colon' : undefined
  },
}

const auto = oneWord(['auto'])
export const mtu: Reader<IntegerLiteral | WordLiteral<'auto'>> = {
  what: 'a number of bytes or `auto`',
  computed: 'expression',
  read(token, source) {
    return integer.read(token, source) ?? auto.read(token, source)
  },
  hint: (token) => auto.hint?.(token),
}

/** One of a few words. */
export function oneWord<W extends string>(words: readonly W[]): Reader<WordLiteral<W>> {
  return {
    what: oneOf(words),
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

const keepaliveWords = oneWord(['every', 'dead'])
/** Which time of a `keepalive` follows. */
export const keepaliveWord: Reader<WordLiteral<'every' | 'dead'>> = {
  ...keepaliveWords,
  hint(token) {
    if (token.tokenType === Duration)
      return `say which time it is: \`every ${token.image}\`, \`dead after ${token.image}\``
    if (token.tokenType === Integer)
      return `say which time it is, and its unit: \`keepalive every ${token.image}s\``
    return keepaliveWords.hint?.(token)
  },
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
  // A word alone may be the name of a value.
  const bare = token.tokenType === HostPort || (isName(token) && token.image.includes('.'))
  if ((!quoted && !bare) || isNatWithPort(token)) return undefined
  const written = quoted ? plainText(token) : token.image
  if (written === undefined) return undefined
  return split(written, quoted ? 1 : 0, 'name', tokenSpan(token, source))
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

/** `[ fd42::1 ]`, where `[fd42::1]` is an endpoint. */
function bracketed(value: Expression): EndpointLiteral | undefined {
  const only = value.kind === 'list' && value.items.length === 1 ? value.items[0] : undefined
  if (only?.kind !== 'address' || !only.text.includes(':')) return undefined
  return { kind: 'endpoint', host: { ...only, span: value.span }, port: null, span: value.span }
}

/** `[fd42::1]`, which among expressions is a list. */
export function isListOfOne(token: IToken): boolean {
  return token.tokenType === Endpoint6 && token.image.endsWith(']')
}

function listOfOne(token: IToken, source: Source): List {
  const span = tokenSpan(token, source)
  const inner = { source, start: span.start + 1, end: span.end - 1 }
  return { kind: 'list', items: [{ kind: 'address', text: token.image.slice(1, -1), span: inner }], span }
}

function isPrefix(token: IToken): boolean {
  return token.tokenType === Prefix4 || token.tokenType === Prefix6
}

function isEndpoint(token: IToken): boolean {
  return token.tokenType === Endpoint4 || token.tokenType === Endpoint6
}

/** A host that is called `nat` goes in quotes. */
function isNatWithPort(token: IToken): boolean {
  return token.tokenType === HostPort && token.image.startsWith('nat:')
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

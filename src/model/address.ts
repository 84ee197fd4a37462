// SPDX-License-Identifier: MIT
/**
 * IP addresses, prefixes and endpoints as canonical text.
 *
 * Canonical text (RFC 5952 for IPv6, dotted quads without leading zeros for IPv4) makes every value
 * comparable with `===`, usable as a map key and printable in JSON as it is. A prefix is always masked:
 * no host bits are set. IPv4-mapped IPv6 addresses stay IPv6.
 */

declare const brand: unique symbol
/** `10.0.0.1` or `fd42::1`. */
export type Address = string & { readonly [brand]: 'Address' }
/** `10.0.0.0/16` or `fd42::/48`, host bits zero. */
export type Prefix = string & { readonly [brand]: 'Prefix' }
export type Family = 4 | 6

/** An underlay address and a UDP port (1–65535). */
export interface Endpoint {
  readonly address: Address
  readonly port: number
}

/** The family of a canonical address or prefix. */
export function familyOf(text: Address | Prefix): Family {
  return text.includes(':') ? 6 : 4
}

/** Strict parser: exactly the standard text forms, else undefined. `010.0.0.1`, `1`, zone ids are refused. */
export function parseAddress(text: string): Address | undefined {
  // A dotted quad of this form is canonical as it stands.
  if (!text.includes(':')) return parse4(text) === undefined ? undefined : (text as Address)
  const bytes = parse6(text)
  return bytes === undefined ? undefined : formatAddress(bytes)
}

/** `10.0.0.1/16` gives `10.0.0.0/16`; a missing, signed or too large length gives undefined. */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf('/')
  if (slash < 0) return undefined
  const address = parseAddress(text.slice(0, slash))
  const digits = text.slice(slash + 1)
  if (address === undefined || !/^(0|[1-9][0-9]{0,2})$/.test(digits)) return undefined
  const length = Number(digits)
  return length > bitsOf(familyOf(address)) ? undefined : prefixOf(address, length)
}

/** The prefix of `length` bits that holds `address`. Precondition: 0 ≤ length ≤ 32 or 128. */
export function prefixOf(address: Address, length: number): Prefix {
  if (familyOf(address) === 4) {
    const bits = bits4(address)
    return `${format4(bits - (bits % 2 ** (32 - length)))}/${length}` as Prefix
  }
  const bytes = addressBytes(address)
  for (let i = length >> 3; i < bytes.length; i++) bytes[i] = (bytes[i] as number) & netBits(length, i)
  return `${formatAddress(bytes)}/${length}` as Prefix
}

/** The whole address as a prefix: `/32` or `/128`. */
export function hostPrefix(address: Address): Prefix {
  return `${address}/${bitsOf(familyOf(address))}` as Prefix
}

export function bitsOf(family: Family): 32 | 128 {
  return family === 4 ? 32 : 128
}

export function prefixAddress(prefix: Prefix): Address {
  return prefix.slice(0, prefix.indexOf('/')) as Address
}

export function prefixLength(prefix: Prefix): number {
  return Number(prefix.slice(prefix.indexOf('/') + 1))
}

/** The last address within a prefix: `10.0.255.255` of `10.0.0.0/16`. */
export function lastAddress(prefix: Prefix): Address {
  const bytes = addressBytes(prefixAddress(prefix))
  const length = prefixLength(prefix)
  for (let i = length >> 3; i < bytes.length; i++) bytes[i] = (bytes[i] as number) | ~netBits(length, i)
  return formatAddress(bytes)
}

/** Is `inner` (an address or a prefix) wholly within `outer`? False across families. */
export function prefixContains(outer: Prefix, inner: Address | Prefix): boolean {
  if (familyOf(outer) !== familyOf(inner)) return false
  const slash = inner.indexOf('/')
  const length = slash < 0 ? bitsOf(familyOf(inner)) : Number(inner.slice(slash + 1))
  const outerLength = prefixLength(outer)
  if (length < outerLength) return false
  const address = (slash < 0 ? inner : inner.slice(0, slash)) as Address
  if (familyOf(outer) === 4) {
    const from = bits4(prefixAddress(outer))
    const bits = bits4(address)
    return bits >= from && bits < from + 2 ** (32 - outerLength)
  }
  const own = addressBytes(address)
  const net = addressBytes(prefixAddress(outer))
  return net.every((byte, i) => ((own[i] as number) & netBits(outerLength, i)) === byte)
}

/** The bits of byte `i` of an address that a prefix of `length` fixes. */
function netBits(length: number, i: number): number {
  return (0xff00 >> Math.max(0, Math.min(8, length - i * 8))) & 0xff
}

export function prefixesOverlap(a: Prefix, b: Prefix): boolean {
  return prefixContains(a, b) || prefixContains(b, a)
}

/** 4 or 16 bytes in network order, a fresh array. Precondition: canonical text. */
export function addressBytes(address: Address): Uint8Array {
  if (familyOf(address) === 4) {
    const bits = bits4(address)
    return new Uint8Array([bits >>> 24, bits >>> 16, bits >>> 8, bits])
  }
  const bytes = parse6(address)
  if (bytes === undefined) throw notCanonical(address)
  return bytes
}

/** An IPv4 address as a number from 0 to 2³² - 1. Precondition: canonical text. */
export function bits4(address: Address): number {
  const bits = parse4(address)
  if (bits === undefined) throw notCanonical(address)
  return bits
}

/** The inverse of `bits4`. */
export function format4(bits: number): Address {
  return `${bits >>> 24}.${(bits >>> 16) & 0xff}.${(bits >>> 8) & 0xff}.${bits & 0xff}` as Address
}

function notCanonical(text: string): TypeError {
  return new TypeError(`not a canonical address: ${text}`)
}

/** Canonical text of 4 or 16 bytes in network order (RFC 5952: longest run of two or more zero groups). */
export function formatAddress(bytes: Uint8Array): Address {
  if (bytes.length === 4) return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}` as Address
  const groups: number[] = []
  for (let i = 0; i < 16; i += 2) groups.push(((bytes[i] as number) << 8) | (bytes[i + 1] as number))
  let best = -1
  let bestLength = 1
  for (let i = 0; i < 8; ) {
    let end = i
    while (groups[end] === 0) end++
    if (end - i > bestLength) {
      best = i
      bestLength = end - i
    }
    i = Math.max(end, i + 1)
  }
  const hex = (part: number[]) => part.map((g) => g.toString(16)).join(':')
  const text =
    best < 0 ? hex(groups) : `${hex(groups.slice(0, best))}::${hex(groups.slice(best + bestLength))}`
  return text as Address
}

/** `192.0.2.1:50000` or `[2001:db8::1]:50000`. */
export function formatEndpoint(endpoint: Endpoint): string {
  const { address, port } = endpoint
  return familyOf(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`
}

/** The inverse of `formatEndpoint`; undefined for anything else, port 0 included. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+)):([1-9][0-9]{0,4})$/.exec(text)
  if (match === null) return undefined
  const address = parseAddress((match[1] ?? match[2]) as string)
  const port = Number(match[3])
  if (address === undefined || port > 65535) return undefined
  if ((match[1] !== undefined) !== (familyOf(address) === 6)) return undefined
  return { address, port }
}

export function sameEndpoint(a: Endpoint | null, b: Endpoint | null): boolean {
  return a === b || (a !== null && b !== null && a.address === b.address && a.port === b.port)
}

/** Character by character: large files hold tens of thousands, each asked for several times. */
function parse4(text: string): number | undefined {
  let bits = 0
  let count = 0
  let part = -1
  for (let i = 0; i <= text.length; i++) {
    const digit = i < text.length ? text.charCodeAt(i) - 0x30 : -1
    if (digit >= 0 && digit <= 9) {
      if (part === 0) return undefined
      part = part < 0 ? digit : part * 10 + digit
      if (part > 255) return undefined
    } else {
      if (part < 0 || (i < text.length && text[i] !== '.')) return undefined
      bits = bits * 256 + part
      count++
      part = -1
    }
  }
  return count === 4 ? bits : undefined
}

function parse6(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(16)
  let filled = 0
  /** How many bytes stand before the `::`; -1: none seen. */
  let gap = text.startsWith('::') ? 0 : -1
  let at = gap === 0 ? 2 : 0
  while (at < text.length) {
    const colon = text.indexOf(':', at)
    const end = colon < 0 ? text.length : colon
    const group = parseGroup(text, at, end)
    const bits = group < 0 && colon < 0 ? parse4(text.slice(at)) : undefined
    if ((group < 0 && bits === undefined) || filled > (bits === undefined ? 14 : 12)) return undefined
    if (bits !== undefined) {
      bytes[filled++] = bits >>> 24
      bytes[filled++] = bits >>> 16
    }
    bytes[filled++] = (bits ?? group) >>> 8
    bytes[filled++] = bits ?? group
    if (colon < 0) break
    at = colon + 1
    if (at === text.length) return undefined
    if (text[at] === ':') {
      if (gap >= 0) return undefined
      gap = filled
      at++
    }
  }
  if (gap < 0) return filled === 16 ? bytes : undefined
  if (filled > 14) return undefined
  bytes.copyWithin(16 - (filled - gap), gap, filled)
  return bytes.fill(0, gap, 16 - (filled - gap))
}

/** Up to four hexadecimal digits; -1: something else. */
function parseGroup(text: string, from: number, to: number): number {
  if (to === from || to - from > 4) return -1
  let group = 0
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i)
    const lower = code | 0x20
    if (code >= 0x30 && code <= 0x39) group = group * 16 + code - 0x30
    else if (lower >= 0x61 && lower <= 0x66) group = group * 16 + lower - 0x57
    else return -1
  }
  return group
}

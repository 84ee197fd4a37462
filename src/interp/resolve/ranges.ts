// SPDX-License-Identifier: MIT
/**
 * Addresses and prefixes as ranges that compare as plain strings: what asks "inside?" and "overlapping?"
 * tens of thousands of times parses each value once. Part of phase 1.
 */
import { type Address, addressBytes, type Prefix, prefixAddress, prefixLength } from '../../model/address.ts'

/** Both ends belong to it. Strings of equal length compare like the numbers; families are apart. */
export interface AddressRange {
  readonly start: string
  readonly end: string
}

export function rangeOf(value: Address | Prefix): AddressRange {
  if (!value.includes('/')) {
    const only = key(addressBytes(value as Address))
    return { start: only, end: only }
  }
  const prefix = value as Prefix
  const bytes = addressBytes(prefixAddress(prefix))
  const start = key(bytes)
  const length = prefixLength(prefix)
  for (let i = 0; i < bytes.length; i++) {
    const kept = Math.max(0, Math.min(8, length - i * 8))
    bytes[i] = (bytes[i] as number) | (0xff >> kept)
  }
  return { start, end: key(bytes) }
}

export function within(outer: AddressRange, inner: AddressRange): boolean {
  return outer.start <= inner.start && inner.end <= outer.end
}

function key(bytes: Uint8Array): string {
  if (bytes.length > 4) return String.fromCharCode(6, ...bytes)
  const [a, b, c, d] = [bytes[0], bytes[1], bytes[2], bytes[3]] as [number, number, number, number]
  return String.fromCharCode(4, a, b, c, d)
}

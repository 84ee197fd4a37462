// SPDX-License-Identifier: MIT
/**
 * Addresses and prefixes as ranges that compare as plain strings: what asks "inside?" and "overlapping?"
 * tens of thousands of times parses each value once. Part of phase 1.
 */
import {
  type Address,
  addressBytes,
  bits4,
  familyOf,
  lastAddress,
  type Prefix,
  prefixAddress,
} from '../../model/address.ts'

/** Both ends belong to it. Strings of equal length compare like the numbers; families are apart. */
export interface AddressRange {
  readonly start: string
  readonly end: string
}

export function rangeOf(value: Address | Prefix): AddressRange {
  if (value.includes('/')) {
    const prefix = value as Prefix
    return { start: key(prefixAddress(prefix)), end: key(lastAddress(prefix)) }
  }
  const only = key(value as Address)
  return { start: only, end: only }
}

export function within(outer: AddressRange, inner: AddressRange): boolean {
  return outer.start <= inner.start && inner.end <= outer.end
}

function key(address: Address): string {
  if (familyOf(address) === 6) return `\u0006${Buffer.from(addressBytes(address)).toString('latin1')}`
  const bits = bits4(address)
  return String.fromCharCode(4, bits >>> 16, bits & 0xffff)
}

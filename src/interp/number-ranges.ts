// SPDX-License-Identifier: MIT
/**
 * Ranges of addresses as numbers, to reckon with their neighbours. Pure; it knows no nodes.
 */
import {
  type Address,
  addressBytes,
  bitsOf,
  type Family,
  familyOf,
  formatAddress,
  type Prefix,
  prefixAddress,
  prefixLength,
} from '../model/address.ts'

/** Both ends belong to it. */
export interface NumberRange {
  readonly first: bigint
  readonly last: bigint
}

/** Every address of a family. */
export function wholeRange(family: Family): NumberRange {
  return { first: 0n, last: (1n << BigInt(bitsOf(family))) - 1n }
}

export function numberRange(prefix: Prefix): NumberRange {
  const first = toNumber(prefixAddress(prefix))
  const hostBits = bitsOf(familyOf(prefix)) - prefixLength(prefix)
  return { first, last: first + (1n << BigInt(hostBits)) - 1n }
}

function toNumber(address: Address): bigint {
  let number = 0n
  for (const byte of addressBytes(address)) number = (number << 8n) | BigInt(byte)
  return number
}

export function toAddress(number: bigint, family: Family): Address {
  const bytes = new Uint8Array(bitsOf(family) / 8)
  for (let i = bytes.length - 1, rest = number; i >= 0; i--, rest >>= 8n) bytes[i] = Number(rest & 0xffn)
  return formatAddress(bytes)
}

export function ascending(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}

// SPDX-License-Identifier: MIT
/**
 * Generators of addresses and prefixes for property tests of the codecs.
 */
import fc from 'fast-check'
import {
  type Address,
  bitsOf,
  type Family,
  formatAddress,
  type Prefix,
  prefixOf,
} from '../../../src/model/address.ts'

export const family = fc.constantFrom<Family>(4, 6)

export function addressOf(of: Family): fc.Arbitrary<Address> {
  const length = bitsOf(of) / 8
  return fc.uint8Array({ minLength: length, maxLength: length }).map(formatAddress)
}

export const address = family.chain(addressOf)

export function prefixIn(of: Family): fc.Arbitrary<Prefix> {
  return fc
    .tuple(addressOf(of), fc.integer({ min: 0, max: bitsOf(of) }))
    .map(([at, bits]) => prefixOf(at, bits))
}

export const ifindex = fc.integer({ min: 1, max: 0x7fffffff })
export const byte = fc.integer({ min: 0, max: 255 })
export const u32 = fc.integer({ min: 0, max: 0xffffffff })
export const interfaceName = fc.stringMatching(/^[a-z][a-z0-9.-]{0,14}$/)

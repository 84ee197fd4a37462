// SPDX-License-Identifier: MIT
/**
 * The address parser against an independent one: `net.isIP`, which is the C library's inet_pton.
 */
import { isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Address,
  addressBytes,
  familyOf,
  formatAddress,
  formatEndpoint,
  parseAddress,
  parseEndpoint,
  parsePrefix,
  prefixContains,
  prefixesOverlap,
  prefixLength,
  prefixOf,
} from '../../../src/model/address.ts'

const bytes4 = fc.uint8Array({ minLength: 4, maxLength: 4 })
const bytes6 = fc.array(fc.oneof(fc.constant(0), fc.nat(255)), { minLength: 16, maxLength: 16 })
const address = fc
  .oneof(
    bytes4,
    bytes6.map((list) => Uint8Array.from(list)),
  )
  .map(formatAddress)
const nearly = fc.oneof(
  fc
    .array(
      fc.constantFrom('0', '1', '10', '255', '256', '01', '.', ':', '::', 'f', 'ffff', '00001', '%', ' '),
      {
        maxLength: 17,
      },
    )
    .map((parts) => parts.join('')),
  fc
    .array(fc.constantFrom('0', '1', 'a', 'ffff', '0db8', ''), { minLength: 6, maxLength: 9 })
    .map((p) => p.join(':')),
  fc.array(fc.nat(300), { minLength: 3, maxLength: 5 }).map((p) => p.join('.')),
  fc.tuple(address, fc.nat(40), fc.constantFrom('', '0', ':', '.', 'g')).map(([text, at, piece]) => {
    return text.slice(0, at) + piece + text.slice(at + 1)
  }),
)

/** A zone is not part of an address here. */
function oracle(text: string): number {
  return text.includes('%') ? 0 : isIP(text)
}

describe('parseAddress', () => {
  it('takes what inet_pton takes', () => {
    fc.assert(
      fc.property(fc.oneof(nearly, address), (text) => {
        const parsed = parseAddress(text)
        expect(parsed === undefined ? 0 : familyOf(parsed)).toBe(oracle(text))
      }),
      { numRuns: 5000 },
    )
  })

  it.each(['010.0.0.1', '1', '1.2.3', '0x7f.1', '::1%lo', '1::2::3', ':::', '1:2:3:4:5:6:7:8::', ' ::1', ''])(
    'refuses %j',
    (text) => expect(parseAddress(text)).toBeUndefined(),
  )

  it('gives canonical text, which it takes back', () => {
    fc.assert(
      fc.property(address, (text) => {
        expect(parseAddress(text)).toBe(text)
        expect(formatAddress(addressBytes(text))).toBe(text)
      }),
    )
    expect(parseAddress('2001:DB8:0:0:1:0:0:1')).toBe('2001:db8::1:0:0:1')
    expect(parseAddress('0:0:0:0:0:0:0:0')).toBe('::')
    expect(parseAddress('::ffff:10.0.0.1')).toBe('::ffff:a00:1')
  })
})

describe('prefixes', () => {
  it('hold the addresses they were made from', () => {
    fc.assert(
      fc.property(address, fc.nat(128), (text, n) => {
        const length = n % (familyOf(text) === 4 ? 33 : 129)
        const prefix = prefixOf(text, length)
        expect(prefixContains(prefix, text)).toBe(true)
        expect(prefixLength(prefix)).toBe(length)
        expect(parsePrefix(`${text}/${length}`)).toBe(prefix)
        expect(prefixesOverlap(prefix, prefixOf(text, Math.max(0, length - 1)))).toBe(true)
      }),
    )
  })

  it.each(['10.0.0.0', '10.0.0.0/33', '::/129', '10.0.0.0/-1', '10.0.0.0/08', '10.0.0.0/', '/8'])(
    'refuses %j',
    (text) => expect(parsePrefix(text)).toBeUndefined(),
  )

  it('of different families never touch', () => {
    expect(prefixContains(parsePrefix('::/0') as never, '10.0.0.1' as Address)).toBe(false)
  })
})

describe('endpoints', () => {
  it('are taken back as printed', () => {
    fc.assert(
      fc.property(address, fc.integer({ min: 1, max: 65535 }), (address, port) => {
        expect(parseEndpoint(formatEndpoint({ address, port }))).toEqual({ address, port })
      }),
    )
  })

  it.each(['10.0.0.1', '10.0.0.1:0', '10.0.0.1:65536', '::1:7', '[10.0.0.1]:7', '[::1]', ':7'])(
    'refuses %j',
    (text) => expect(parseEndpoint(text)).toBeUndefined(),
  )
})

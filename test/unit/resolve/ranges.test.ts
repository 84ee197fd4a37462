// SPDX-License-Identifier: MIT
/**
 * Addresses and prefixes as ranges: inside, outside, and in order.
 */
import { describe, expect, it } from 'vitest'
import { rangeOf, within } from '../../../src/interp/resolve/ranges.ts'
import type { Address, Prefix } from '../../../src/model/address.ts'

const range = (text: string) => rangeOf(text as Address | Prefix)

describe('a range', () => {
  it.each([
    ['10.64.0.0/16', '10.64.0.0'],
    ['10.64.0.0/16', '10.64.255.255'],
    ['10.64.0.0/16', '10.64.0.0/16'],
    ['10.64.0.0/16', '10.64.0.0/24'],
    ['10.64.0.0/16', '10.64.255.0/24'],
    ['0.0.0.0/0', '255.255.255.255'],
    ['fd42::/16', 'fd42::'],
    ['fd42::/16', 'fd42:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['::/0', 'fd42::/16'],
    ['10.0.0.1/32', '10.0.0.1'],
  ])('of %s has %s in it', (outer, inner) => {
    expect(within(range(outer), range(inner))).toBe(true)
  })

  it.each([
    ['10.64.0.0/16', '10.63.255.255'],
    ['10.64.0.0/16', '10.65.0.0'],
    ['10.64.0.0/16', '10.64.0.0/15'],
    ['10.64.1.0/24', '10.64.0.0/23'],
    ['10.64.0.0/24', '10.64.0.0/23'],
    ['fd42::/16', 'fd41:ffff::'],
    ['fd42::/16', 'fd43::'],
    ['0.0.0.0/0', '::1'],
    ['0.0.0.0/0', 'fd42::/16'],
    ['::/0', '10.0.0.1'],
    ['::/0', '4.0.0.0/8'],
  ])('of %s has %s not in it', (outer, inner) => {
    expect(within(range(outer), range(inner))).toBe(false)
  })

  it('comes in the order of its addresses, IPv4 first', () => {
    const texts = [
      ...[
        '0.0.0.0',
        '9.255.0.1',
        '10.0.0.9',
        '10.0.0.10',
        '10.0.1.0',
        '10.1.0.0',
        '128.0.0.0',
        '255.255.255.255',
      ],
      ...['::', '::1', '::ff', '::100', '::1:0', '4::', 'fd42::', 'fd42::8000', 'ffff::'],
    ]
    const starts = texts.map((text) => range(text).start)
    expect([...starts].sort()).toEqual(starts)
    expect(new Set(starts).size).toBe(texts.length)
  })

  it('of an address begins and ends there', () => {
    for (const text of ['10.0.0.1', 'fd42::1']) expect(range(text).end).toBe(range(text).start)
  })
})

// SPDX-License-Identifier: MIT
/** Sets of addresses that desire reckons with: what a device takes, whose an address is, ranges as numbers. */
import { describe, expect, it, test } from 'vitest'
import { destinationsOf, joinPrefixes } from '../../../src/interp/desire-destinations.ts'
import { ascending, numberRange, toAddress, wholeRange } from '../../../src/interp/number-ranges.ts'
import { territoriesOf } from '../../../src/interp/territories.ts'
import type { Prefix } from '../../../src/model/address.ts'
import { at, hub, lineOf, overlay, spoke } from '../../support/topologies.ts'

describe('the fewest prefixes of the same addresses', () => {
  it.each([
    [
      'are the same, IPv4 first, ascending',
      'fd00::/8 10.1.0.0/16 10.0.0.0/24',
      '10.0.0.0/24 10.1.0.0/16 fd00::/8',
    ],
    ['are one for one that is there twice', '10.0.0.0/24 10.0.0.0/24', '10.0.0.0/24'],
    ['leave out what another holds', '10.0.1.0/24 10.0.0.0/8 10.0.0.0/16 10.255.255.255/32', '10.0.0.0/8'],
    ['are one for the halves of one', '10.0.1.0/24 10.0.0.0/24', '10.0.0.0/23'],
    ['are one for what comes of halves', '10.0.0.0/25 10.0.0.128/25 10.0.1.0/24', '10.0.0.0/23'],
    ['are two for neighbours of two wholes', '10.0.1.0/24 10.0.2.0/24', '10.0.1.0/24 10.0.2.0/24'],
    ['are two for neighbours of two lengths', '10.0.0.0/24 10.0.1.0/25', '10.0.0.0/24 10.0.1.0/25'],
    ['may be everything', '0.0.0.0/1 128.0.0.0/1 ::/1 8000::/1', '0.0.0.0/0 ::/0'],
    ['never join families', '0.0.0.0/0 ::/0', '0.0.0.0/0 ::/0'],
    ['join addresses', '10.0.0.2/32 10.0.0.3/32 fd00::2/128 fd00::3/128', '10.0.0.2/31 fd00::2/127'],
  ])('%s', (_, given, expected) => {
    expect(joinPrefixes(given.split(' ') as Prefix[]).join(' ')).toBe(expected)
    expect(joinPrefixes((given.split(' ') as Prefix[]).reverse()).join(' ')).toBe(expected)
  })
})

describe('packets out of the tunnels', () => {
  const gw = hub('gw1', ['198.51.100.10'], { addresses: ['10.64.0.1'], routes: ['192.168.1.0/24'] })
  const a = spoke('a', at('203.0.113.7'), {
    addresses: ['10.64.1.1', 'fd42:64::1'],
    routes: ['10.64.1.128/25'],
  })
  const over = overlay(['10.64.0.0/16', 'fd42:64::/48'], gw, [a])

  it('may go anywhere in the overlay at a hub, to its own addresses at a spoke, and behind both', () => {
    expect(destinationsOf(gw, over)).toEqual(['10.64.0.0/16', '192.168.1.0/24', 'fd42:64::/48'])
    expect(destinationsOf(a, over)).toEqual(['10.64.1.1/32', '10.64.1.128/25', 'fd42:64::1/128'])
  })

  it('may go to 64 networks; the file that has more is refused at the line of the device', () => {
    const routes = (count: number) => Array.from({ length: count }, (_, i) => `172.16.${2 * i}.0/24`)
    const many = (count: number) => spoke('many', at('203.0.113.8'), { routes: routes(count) })
    expect(destinationsOf(many(64), over)).toHaveLength(64)
    expect(() => destinationsOf(many(65), over)).toThrow(
      expect.objectContaining({
        code: 'LVN4020',
        message: 'many has 65 networks of its own, a device takes 64',
        span: lineOf(20),
      }),
    )
  })
})

describe('an address is that node’s whose prefix around it is the longest', () => {
  const whose = (...nodes: readonly (readonly string[])[]) => {
    const [gw, ...spokes] = nodes.map((prefixes, i) => {
      const options = {
        addresses: prefixes.filter((prefix) => !prefix.includes('/')),
        routes: prefixes.filter((prefix) => prefix.includes('/')),
      }
      return i === 0 ? hub('n0', [], options) : spoke(`n${i}`, at('203.0.113.7'), options)
    })
    const over = overlay(['10.64.0.0/16'], gw as ReturnType<typeof hub>, spokes)
    return (family: 4 | 6) =>
      [...territoriesOf(over, family)].map(([name, ranges]) =>
        [
          name,
          ...ranges.map(({ first, last }) => `${toAddress(first, family)}-${toAddress(last, family)}`),
        ].join(' '),
      )
  }

  it('so that what lies in a node’s prefix and is another’s is cut out', () => {
    expect(whose(['0.0.0.0/0'], ['10.64.1.0/24', '10.64.1.1'], ['10.64.1.77'])(4)).toEqual([
      'n0 0.0.0.0-10.64.0.255 10.64.2.0-255.255.255.255',
      'n1 10.64.1.0-10.64.1.0 10.64.1.1-10.64.1.1 10.64.1.2-10.64.1.76 10.64.1.78-10.64.1.255',
      'n2 10.64.1.77-10.64.1.77',
    ])
  })

  it('at the edges too: nothing is left before the first and after the last', () => {
    expect(whose(['10.64.0.0/30'], ['10.64.0.0/31'], ['10.64.0.2/31'])(4)).toEqual([
      'n1 10.64.0.0-10.64.0.1',
      'n2 10.64.0.2-10.64.0.3',
    ])
    expect(whose(['10.64.0.0/30'], ['10.64.0.3'])(4)).toEqual([
      'n0 10.64.0.0-10.64.0.2',
      'n1 10.64.0.3-10.64.0.3',
    ])
  })

  it('of each family by itself', () => {
    const both = whose(['10.64.0.1', 'fd42:64::/127'], ['fd42:64::1'])
    expect(both(4)).toEqual(['n0 10.64.0.1-10.64.0.1'])
    expect(both(6)).toEqual(['n0 fd42:64::-fd42:64::', 'n1 fd42:64::1-fd42:64::1'])
    expect(whose(['10.64.0.1'])(6)).toEqual([])
  })

  it('and of two nodes with the same prefix the later one’s', () => {
    expect(whose(['10.64.0.0/31'], ['10.64.0.0/31'])(4)).toEqual(['n1 10.64.0.0-10.64.0.1'])
  })
})

test('a prefix is a range of numbers, both ends in it', () => {
  expect(numberRange('10.0.0.0/30' as Prefix)).toEqual({ first: 0x0a000000n, last: 0x0a000003n })
  expect(numberRange('::1:0/127' as Prefix)).toEqual({ first: 0x10000n, last: 0x10001n })
  expect(numberRange('0.0.0.0/0' as Prefix)).toEqual(wholeRange(4))
  expect(numberRange('::/0' as Prefix)).toEqual(wholeRange(6))
  expect(wholeRange(6).last).toBe(2n ** 128n - 1n)
  expect([toAddress(0x0a000003n, 4), toAddress(0x10001n, 6), toAddress(0n, 6)]).toEqual([
    '10.0.0.3',
    '::1:1',
    '::',
  ])
  expect([ascending(1n, 2n), ascending(2n, 1n), ascending(2n, 2n)]).toEqual([-1, 1, 0])
})

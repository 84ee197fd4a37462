// SPDX-License-Identifier: MIT
/** What a lab puts behind nodes whose routes hold what is elsewhere. */
import { expect, test } from 'vitest'
import { parse } from '../../../grammar/parser.ts'
import { Source } from '../../../src/diag/source.ts'
import { resolve } from '../../../src/interp/1-resolve.ts'
import { layOut } from '../../../src/lab/layout.ts'

function linksOf(hub: string, more = '') {
  const text = `lvn 1
overlay o {
  net 10.64.0.0/16, fd42:64::/48
  hub gw { listen 198.51.100.10; address 10.64.0.1, fd42:64::1; ${hub} }
  spoke a { endpoint 203.0.113.7; address 10.64.1.1; routes 10.64.1.0/24, 172.16.5.0/24 }
  ${more}
}`
  const { topology, diagnostics } = resolve([parse(new Source('test.lvn', text)).file])
  expect(diagnostics).toEqual([])
  const { nodes } = layOut(topology, 'lab', new Map())
  return nodes.map(({ subnets }) =>
    subnets.map(({ prefix, link, nodeAddress, hostAddress }) =>
      [prefix, link, nodeAddress, hostAddress].join(' '),
    ),
  )
}

const behindA = [
  '10.64.1.0/24 10.64.1.0/24 10.64.1.2 10.64.1.3',
  '172.16.5.0/24 172.16.5.0/24 172.16.5.1 172.16.5.2',
]

test('of the internet a part that is for examples, and that the file does not use', () => {
  expect(linksOf('routes 0.0.0.0/0, ::/0')).toEqual([
    [
      '0.0.0.0/0 192.0.2.0/24 192.0.2.1 192.0.2.2',
      '::/0 2001:db8:ffff::/64 2001:db8:ffff::1 2001:db8:ffff::2',
    ],
    behindA,
  ])
})

test('of any range that holds more a part that is free, of one that holds nothing else the whole', () => {
  expect(linksOf('routes 172.16.4.0/22, fd42::/16, 192.168.0.0/16')).toEqual([
    [
      '172.16.4.0/22 172.16.4.0/24 172.16.4.1 172.16.4.2',
      'fd42::/16 fd42::/112 fd42::1 fd42::2',
      '192.168.0.0/16 192.168.0.0/16 192.168.0.1 192.168.0.2',
    ],
    behindA,
  ])
})

test('the addresses that expectations speak of, each with the node that has the longest prefix', () => {
  const expects = 'expect ping a -> 8.8.8.8\n expect ping a -> 1.1.1.1\n expect ping gw -> 172.16.5.9'
  expect(linksOf('routes 0.0.0.0/0', expects)).toEqual([
    ['0.0.0.0/0 8.8.8.8/32  8.8.8.8', '0.0.0.0/0 1.1.1.1/32  1.1.1.1'],
    [behindA[0], '172.16.5.0/24 172.16.5.0/24 172.16.5.1 172.16.5.9'],
  ])
})

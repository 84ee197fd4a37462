// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest'
import { parse } from '../../../grammar/parser.ts'
import { Source } from '../../../src/diag/source.ts'
import { resolve } from '../../../src/interp/1-resolve.ts'
import { layOut } from '../../../src/lab/layout.ts'
import { nftRules } from '../../../src/lab/nat.ts'
import type { Names } from '../../../src/lab/presence.ts'
import type { Address } from '../../../src/model/address.ts'

/** A hub, and the spokes given. */
function layoutOf(spokes: string, names: Names = new Map()) {
  const text = `lvn 1
overlay o {
  net 10.64.0.0/16, fd42:64::/48
  hub gw { listen 198.51.100.10, [2001:db8::10]; address 10.64.0.1 }
  ${spokes}
}`
  const { topology, diagnostics } = resolve([parse(new Source('test.lvn', text)).file])
  expect(diagnostics).toEqual([])
  return layOut(topology, 'lab', names)
}

const addressesOf = (layout: ReturnType<typeof layoutOf>, namespace: string) =>
  layout.links
    .filter((link) => link.lower === namespace)
    .map(({ upper, addresses }) => ({ upper, addresses }))

describe('the underlay of a lab', () => {
  test('gives nodes the addresses of the file, on links to the router', () => {
    const layout = layoutOf('spoke a { endpoint 203.0.113.7; address 10.64.1.1 }')
    expect(layout.nats).toEqual([])
    expect(addressesOf(layout, 'lvn-lab-gw')).toEqual([
      { upper: 'lvn-lab--underlay', addresses: ['198.51.100.10', '2001:db8::10'] },
    ])
    expect(addressesOf(layout, 'lvn-lab-a')).toEqual([
      { upper: 'lvn-lab--underlay', addresses: ['203.0.113.7'] },
    ])
  })

  test('gives a link no more than the file says of the device behind it', () => {
    const layout = layoutOf(`
      spoke a { endpoint 203.0.113.7; address 10.64.1.1 }
      spoke b { endpoint 203.0.113.8; device lvn0 { address 10.64.2.1; mtu 1432 } }
      spoke c { endpoint [2001:db8:7::9]; device lvn0 { address 10.64.3.1; mtu 1432 } }
      spoke d { endpoint nat; device lvn0 { address 10.64.4.1; mtu 600 } }`)
    const mtuOf = (name: string) => layout.links.find(({ lower }) => lower === `lvn-lab-${name}`)?.mtu
    expect(mtuOf('gw')).toBeNull()
    expect(mtuOf('a')).toBeNull()
    expect(mtuOf('b')).toBe(1460)
    expect(mtuOf('c')).toBe(1480)
    // Behind a NAT it has an address of each family, and IPv6 wants its least.
    expect(mtuOf('d')).toBe(1280)
  })

  test('puts nodes with one address behind a NAT that keeps their ports', () => {
    const layout = layoutOf(`
      spoke a { endpoint 203.0.113.7:50001; address 10.64.1.1 }
      spoke b { endpoint 203.0.113.7:50002; address 10.64.2.1 }`)
    const [box] = layout.nats
    expect(box?.members.map((member) => member.namespace)).toEqual(['lvn-lab-a', 'lvn-lab-b'])
    expect(box?.outside).toContain('203.0.113.7')
    expect(box?.mappings).toEqual([
      { outside: { address: '203.0.113.7', port: 50001 }, inside: { address: '100.64.0.1', port: 50001 } },
      { outside: { address: '203.0.113.7', port: 50002 }, inside: { address: '100.64.0.2', port: 50002 } },
    ])
    expect(addressesOf(layout, 'lvn-lab-a')).toEqual([
      { upper: 'lvn-lab--nat-1', addresses: ['100.64.0.1', 'fd6c:766e::1'] },
    ])
  })

  test('lets a node that shares one of its addresses keep the others', () => {
    const layout = layoutOf('spoke a { endpoint 198.51.100.10:50001; address 10.64.1.1 }')
    expect(addressesOf(layout, 'lvn-lab-gw')[0]?.addresses).toEqual([
      '2001:db8::10',
      '100.64.0.1',
      'fd6c:766e::1',
    ])
    const box = layout.links.find((link) => link.lower === 'lvn-lab--nat-1')
    expect(box?.beyond).toEqual(['2001:db8::10'])
  })

  test('moves a port where the endpoint and the socket have different ones', () => {
    const layout = layoutOf('spoke a { endpoint [2001:db8::9]:50009; port 4000; address 10.64.1.1 }')
    expect(layout.nats[0]?.mappings).toEqual([
      { outside: { address: '2001:db8::9', port: 50009 }, inside: { address: 'fd6c:766e::1', port: 4000 } },
    ])
  })

  test('gives a hub that listens `at` another address that address, and what it is reached at to its NAT', () => {
    const layout = layoutOf('hub far { listen 192.0.2.1:443 at 10.0.0.5:50001; address 10.64.0.2 }')
    const [box] = layout.nats
    expect(box).toMatchObject({
      outside: ['192.0.2.1', 'fd6c:766e::2'],
      mappings: [
        { outside: { address: '192.0.2.1', port: 443 }, inside: { address: '10.0.0.5', port: 50001 } },
      ],
    })
    expect(addressesOf(layout, 'lvn-lab-far')[0]?.addresses).toEqual(['10.0.0.5', 'fd6c:766e::1'])
  })

  test('hides a node whose endpoint is nat behind a NAT that opens no port', () => {
    const [box] = layoutOf('spoke a { endpoint nat; address 10.64.1.1 }').nats
    expect(box).toMatchObject({ mappings: [], outside: ['100.64.0.2', 'fd6c:766e::2'] })
    expect(nftRules(box as NonNullable<typeof box>)).toBe(`table inet lvnlab {
  chain dstnat {
    type nat hook prerouting priority dstnat;
  }
  chain srcnat {
    type nat hook postrouting priority srcnat;
    ip saddr 100.64.0.1 snat ip to 100.64.0.2
    ip6 saddr fd6c:766e::1 snat ip6 to fd6c:766e::2
  }
}
`)
  })

  test('gives a named endpoint the addresses of the name, and any where it has none', () => {
    const spokes = 'spoke a { endpoint box.example.org; address 10.64.1.1 }'
    const named = layoutOf(spokes, new Map([['box.example.org', ['203.0.113.9' as Address]]]))
    expect(addressesOf(named, 'lvn-lab-a')[0]?.addresses).toEqual(['203.0.113.9'])
    expect(addressesOf(layoutOf(spokes), 'lvn-lab-a')[0]?.addresses).toEqual(['100.64.0.1', 'fd6c:766e::1'])
  })
})

describe('a subnet behind a node', () => {
  const subnetsOf = (routes: string) =>
    layoutOf(`spoke a { endpoint nat; address 10.64.1.1; routes ${routes} }`).nodes[1]?.subnets

  test('has an address for the node and one for a host, besides those in use', () => {
    expect(subnetsOf('10.64.1.0/24')).toEqual([
      {
        prefix: '10.64.1.0/24',
        link: '10.64.1.0/24',
        nodeAddress: '10.64.1.2',
        hostAddress: '10.64.1.3',
        moreHosts: [],
      },
    ])
    expect(subnetsOf('fd42:64:0:1::/64')).toEqual([
      {
        prefix: 'fd42:64:0:1::/64',
        link: 'fd42:64:0:1::/64',
        nodeAddress: 'fd42:64:0:1::1',
        hostAddress: 'fd42:64:0:1::2',
        moreHosts: [],
      },
    ])
  })

  test('has a host only where there is no room for two', () => {
    expect(subnetsOf('10.64.9.9/32')).toEqual([
      {
        prefix: '10.64.9.9/32',
        link: '10.64.9.9/32',
        nodeAddress: null,
        hostAddress: '10.64.9.9',
        moreHosts: [],
      },
    ])
    expect(subnetsOf('10.64.9.8/31')).toEqual([
      {
        prefix: '10.64.9.8/31',
        link: '10.64.9.8/31',
        nodeAddress: '10.64.9.8',
        hostAddress: '10.64.9.9',
        moreHosts: [],
      },
    ])
    expect(subnetsOf('10.64.1.0/31')).toEqual([
      {
        prefix: '10.64.1.0/31',
        link: '10.64.1.0/31',
        nodeAddress: null,
        hostAddress: '10.64.1.0',
        moreHosts: [],
      },
    ])
  })

  test('has the hosts that the file expects something of, and leaves their addresses to them', () => {
    const file = `spoke a { endpoint nat; address 10.64.1.1; routes 10.64.1.0/24, 10.64.9.9/32 }
      expect ping gw -> 10.64.1.2
      expect no ping 10.64.1.77 -> gw
      expect ping gw -> 10.64.1.1
      expect ping gw -> 10.64.9.9`
    expect(layoutOf(file).nodes[1]?.subnets).toEqual([
      {
        prefix: '10.64.1.0/24',
        link: '10.64.1.0/24',
        nodeAddress: '10.64.1.3',
        hostAddress: '10.64.1.2',
        moreHosts: ['10.64.1.77'],
      },
      {
        prefix: '10.64.9.9/32',
        link: '10.64.9.9/32',
        nodeAddress: null,
        hostAddress: '10.64.9.9',
        moreHosts: [],
      },
    ])
  })
})

// SPDX-License-Identifier: MIT
/** Refusals: the code, what is named, and what the user can do about it. */
import { describe, expect, it } from 'vitest'
import type { LvnError } from '../../../src/diag/error.ts'
import * as refusals from '../../../src/interp/refusals.ts'
import { lineOf } from '../../support/topologies.ts'

const at = lineOf(7)
const many = Array.from({ length: 13 }, (_, i) => `n${i}`)

const planning: [refused: () => LvnError, code: string, message: string, hint: string | undefined][] = [
  [
    () => refusals.deviceTaken('lvn0', 'veth', at),
    'LVN4001',
    'the device name lvn0 is taken by a foreign device (kind veth)',
    'give the device another name in the file; a device that is not ours is never changed',
  ],
  [
    () => refusals.deviceTaken('lvn0', null, at),
    'LVN4001',
    'the device name lvn0 is taken by a foreign device',
    'give the device another name in the file; a device that is not ours is never changed',
  ],
  [
    () => refusals.deviceOfAnother('lvn0', 'city/hub', at),
    'LVN4001',
    'the device name lvn0 is taken: it belongs to city/hub',
    'give the device another name, or `lvn destroy city/hub` first',
  ],
  [
    () => refusals.deviceMadeByHand('lvn0', at),
    'LVN4001',
    'the device name lvn0 is taken: that device was made by hand',
    'give the device another name, or `lvn dev del lvn0`',
  ],
  [
    () => refusals.routeTaken('route 10.64.0.0/16', 'on eth0', at),
    'LVN4002',
    'route 10.64.0.0/16 cannot be set: another route to it on eth0 is in its place',
    'remove that route or change the net; a route that is not ours is never changed',
  ],
  [
    () => refusals.routeTwice('route 10.64.0.0/16', ['lvn0', 'lvn1'], at),
    'LVN4002',
    'route 10.64.0.0/16 is wanted on two devices of this node: lvn0 and lvn1',
    'overlays that meet on one node need nets that differ',
  ],
  [
    () => refusals.endpointInside('10.64.0.1:7', 'it is in 10.64.0.0/16', at),
    'LVN4003',
    'the endpoint 10.64.0.1:7 lies inside the overlay: it is in 10.64.0.0/16',
    'an endpoint is an address of the underlay, reached without the overlay',
  ],
  [
    () => refusals.mtuTooSmall('lvn0', 500, 1280, 'IPv6', at),
    'LVN4004',
    'underlay MTU too small: lvn0 could carry 500 bytes',
    'IPv6 inside the overlay needs 1280 bytes or more',
  ],
  [
    () => refusals.mapFull('lvn0', 9, 8, true, at),
    'LVN4005',
    'map full: lvn0 has room for 8 tunnels, the file asks for 9',
    'the room is set when a device is made: `lvn destroy` and `lvn apply` make it anew, larger',
  ],
  [
    () => refusals.mapFull('lvn0', 9, 8, false, at),
    'LVN4005',
    'map full: lvn0 has room for 8 tunnels, the file asks for 9',
    'this is the most that the data plane can hold on one device',
  ],
  [
    () => refusals.noSuchSysctl('net/ipv6/conf/all/forwarding', at),
    'LVN4006',
    'this kernel has no net/ipv6/conf/all/forwarding',
    'IPv6 is switched off here, but the overlay carries it',
  ],
  [
    () => refusals.noSuchSysctl('net/ipv4/conf/all/forwarding', at),
    'LVN4006',
    'this kernel has no net/ipv4/conf/all/forwarding',
    undefined,
  ],
  [
    () => refusals.tooManyDestinations('gw1', 65, 64, at),
    'LVN4020',
    'gw1 has 65 networks of its own, a device takes 64',
    'join its routes to larger networks',
  ],
  [
    () => refusals.underlayOnModule('gw1', at),
    'LVN4021',
    'gw1 limits its underlay to some interfaces, which the kmod plane cannot',
    'use the eBPF plane (`--plane ebpf`), or take `underlay` out and let nftables drop the packets: ' +
      'on the kmod plane they pass its input chains',
  ],
  [
    () => refusals.noTable('lvn0', 32, at),
    'LVN4022',
    'no routing table is left for the routes of lvn0 outside its nets',
    'L-VN uses 32 tables, from 7600: `ip rule` shows who has them',
  ],
  [
    () => refusals.fixedOfSeveral('gw1', 2, at),
    'LVN5301',
    'gw1 has a fixed device, which takes one tunnel, but 2 peers',
    'peers are its spokes and all other hubs: take `mode fixed` away',
  ],
  [
    () => refusals.filterTaken('lvn_lvn0', null, at),
    'LVN5201',
    'the policies cannot be enforced: the nftables table lvn_lvn0 is not ours',
    'rename it or delete it (`nft delete table inet lvn_lvn0`); a table that is not ours is never changed',
  ],
  [
    () => refusals.filterTaken('lvn_lvn0', 'city/hub', at),
    'LVN5201',
    'the policies cannot be enforced: the nftables table lvn_lvn0 belongs to city/hub',
    'give the device another name, or `lvn destroy city/hub` first',
  ],
]

describe('a plan that is refused', () => {
  it.each(planning)('says what is in the way, and what to do (%#)', (refused, code, message, hint) => {
    const error = refused()
    expect(error).toMatchObject({ code, message, exitCode: 4, span: at })
    expect(error.hint).toBe(hint)
  })
})

const asking: [refused: () => LvnError, code: string, message: string, hint: string][] = [
  [
    () => refusals.unknownNode('kirhce', 'kirche', ['gw1', 'kirche']),
    'LVN6401',
    'the file has no node `kirhce`',
    'did you mean `kirche`? nodes: gw1, kirche',
  ],
  [() => refusals.unknownNode('x', undefined, ['gw1']), 'LVN6401', 'the file has no node `x`', 'nodes: gw1'],
  [
    () => refusals.noNodeHere('host', ['gw1', 's1']),
    'LVN6402',
    'this host (host) is no node of the file',
    'say which with --node, one of gw1, s1, or add `match hostname host` to it',
  ],
  [
    () => refusals.severalNodesHere('mitte', 'its addresses', ['gw1', 's1']),
    'LVN6403',
    'by its addresses this host is several nodes of overlay mitte: gw1, s1',
    'say which with --node gw1',
  ],
  [
    () => refusals.noSuchOwner('mitte', ['city/hub', 'city/s1']),
    'LVN6404',
    'there is no file `mitte`, and no overlay or node of that name on this host',
    'here: city/hub, city/s1',
  ],
  [
    () => refusals.noSuchOwner('mitte', []),
    'LVN6404',
    'there is no file `mitte`, and no overlay or node of that name on this host',
    'no overlay has anything here',
  ],
]

describe('a question of which node is meant', () => {
  it.each(asking)('names those that there are (%#)', (refused, code, message, hint) => {
    expect(refused()).toMatchObject({ code, message, hint, exitCode: 64 })
  })

  it('names twelve nodes, and how many more there are', () => {
    const hint = (names: readonly string[]) => refusals.unknownNode('x', undefined, names).hint
    expect(hint(many.slice(0, 12))).toBe(`nodes: ${many.slice(0, 12).join(', ')}`)
    expect(hint(many)).toBe(`nodes: ${many.slice(0, 12).join(', ')} and 1 more`)
  })
})

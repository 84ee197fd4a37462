// SPDX-License-Identifier: MIT
/**
 * Bulk data through two tunnels into a LAN, with and without segmentation offload on each leg.
 *
 *     lan eth0 ─── l0 s1 eth0 ─── h1 hub h2 ─── eth0 s2 l0 ─── eth0 lan2
 *     10.64.1.2       └ lvn0 ═══ lvn0 ═══ lvn0 ┘          10.64.2.2
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { connect, Netns } from '../../support/netns.ts'
import {
  add,
  applyAll,
  device,
  endpoint,
  type OpenPlane,
  reaches,
  rule,
  tunnel,
} from '../../support/plane-world.ts'
import { emulated, planeKinds } from '../../support/planes.ts'
import { transferTcp, transferUdp, udpErrors } from '../../support/transfer.ts'

const legs = {
  v4: [
    ['192.0.2.1', '192.0.2.2'],
    ['198.51.100.1', '198.51.100.2'],
  ],
  v6: [
    ['2001:db8:1::1', '2001:db8:1::2'],
    ['2001:db8:2::1', '2001:db8:2::2'],
  ],
} as const

const everyOuter = [
  ['v4', 'v6'],
  ['v6', 'v4'],
  ['v4', 'v4'],
  ['v6', 'v6'],
] as const
const outers = emulated ? everyOuter.slice(0, 1) : everyOuter

const tcpBytes = emulated ? 5_000_000 : 40_000_000
const datagrams = emulated ? 300 : 3_000

/** What each underlay and LAN interface may leave to the next one. */
const everyOffload = [
  ['as they come', []],
  ['no tunnel segmentation', ['tx-udp_tnl-segmentation', 'off']],
  // As a network card has it: packets come one by one, and are joined where they arrive.
  ['no TSO, joined on arrival', ['tx-udp_tnl-segmentation', 'off', 'tso', 'off', 'gro', 'on']],
  [
    'no segmentation offload at all',
    ['tx-udp_tnl-segmentation', 'off', 'tso', 'off', 'gso', 'off', 'gro', 'off'],
  ],
] as const
const offloads = emulated ? [everyOffload[0], everyOffload[2]] : everyOffload

let open: OpenPlane
let all: Netns[]

beforeEach(() => {
  all = ['lan1', 's1', 'hub', 's2', 'lan2'].map((label) => new Netns(label))
  const [lan1, s1, hub, s2, lan2] = all as [Netns, Netns, Netns, Netns, Netns]
  connect(
    { ns: s1, dev: 'eth0', addresses: ['192.0.2.2/24', '2001:db8:1::2/64'] },
    { ns: hub, dev: 'h1', addresses: ['192.0.2.1/24', '2001:db8:1::1/64'] },
  )
  connect(
    { ns: s2, dev: 'eth0', addresses: ['198.51.100.2/24', '2001:db8:2::2/64'] },
    { ns: hub, dev: 'h2', addresses: ['198.51.100.1/24', '2001:db8:2::1/64'] },
  )
  connect(
    { ns: lan1, dev: 'eth0', addresses: ['10.64.1.2/24', 'fd42:1::2/64'] },
    { ns: s1, dev: 'l0', addresses: ['10.64.1.1/24', 'fd42:1::1/64'] },
  )
  connect(
    { ns: lan2, dev: 'eth0', addresses: ['10.64.2.2/24', 'fd42:2::2/64'] },
    { ns: s2, dev: 'l0', addresses: ['10.64.2.1/24', 'fd42:2::1/64'] },
  )
  for (const [ns, number] of [
    [lan1, 1],
    [lan2, 2],
  ] as const) {
    ns.ip(`route add default via 10.64.${number}.1`, `route add default via fd42:${number}::1`)
  }
  for (const ns of [s1, hub, s2]) ns.forward()
})

afterEach(() => {
  for (const ns of all) ns.dispose()
})

function overlay(first: 'v4' | 'v6', second: 'v4' | 'v6'): void {
  const [, s1, hub, s2] = all as [Netns, Netns, Netns, Netns, Netns]
  const [hub1, remote1] = legs[first][0]
  const [hub2, remote2] = legs[second][1]
  applyAll(hub, open, [
    add.device(device('lvn0', 'multi', 1452, 'h1', 'h2'), 1024),
    add.tunnel(tunnel('s1', endpoint(hub1), endpoint(remote1), 'h1')),
    add.tunnel(tunnel('s2', endpoint(hub2), endpoint(remote2), 'h2')),
    add.rule(rule('10.64.1.0/24', 's1')),
    add.rule(rule('10.64.2.0/24', 's2')),
    add.rule(rule('fd42:1::/64', 's1')),
    add.rule(rule('fd42:2::/64', 's2')),
  ])
  applyAll(s1, open, [
    add.device(device('lvn0', 'fixed', 1452, 'eth0'), 1),
    add.tunnel(tunnel('hub', endpoint(remote1), endpoint(hub1))),
  ])
  applyAll(s2, open, [
    add.device(device('lvn0', 'fixed', 1452, 'eth0'), 1),
    add.tunnel(tunnel('hub', endpoint(remote2), endpoint(hub2))),
  ])
  for (const ns of [s1, hub, s2]) {
    ns.ip('route add 10.64.0.0/16 dev lvn0', 'route add fd42::/16 dev lvn0')
  }
}

describe.each(planeKinds)('plane %s', (_, opened) => {
  beforeEach(() => {
    open = opened
  })

  describe.each(outers)('outer %s, then %s', (first, second) => {
    beforeEach(() => overlay(first, second))

    test.each(offloads)('LAN to LAN, offloads: %s', async (_, features) => {
      const [lan1, s1, hub, s2, lan2] = all as [Netns, Netns, Netns, Netns, Netns]
      for (const [ns, ...devices] of [
        [lan1, 'eth0'],
        [s1, 'eth0', 'l0'],
        [hub, 'h1', 'h2'],
        [s2, 'eth0', 'l0'],
        [lan2, 'eth0'],
      ] as const) {
        for (const dev of devices) if (features.length > 0) ns.run('ethtool', '-K', dev, ...features)
      }
      for (const address of ['10.64.2.2', 'fd42:2::2']) {
        await reaches(lan1, address)
        const tcp = await transferTcp(lan1, lan2, address, tcpBytes)
        expect(tcp.arrived).toEqual(tcp.sent)
        expect(await transferUdp(lan1, lan2, address, datagrams)).toEqual({
          sent: datagrams,
          received: datagrams,
        })
      }
      // TCP would get everything through in the end, packet by packet.
      expect([s1, hub, s2].map(udpErrors)).toEqual([0, 0, 0])
    })
  })
})

// SPDX-License-Identifier: MIT
/**
 * Datagrams that were segmented, or joined, by hardware or by the stack on their way into lvn.ko, through the module's
 * own socket on the hub and through one that was handed over.
 *
 *     s1 eth0 ─── h1 hub h2 ─── eth0 s2        192.0.2.0/24, 2001:db8:1::/64 and 198.51.100.0/24, 2001:db8:2::/64
 *      └ lvn0 ═══ lvn0 ═══ lvn0 ┘              10.64.0.1, fd42::1; .254, ::fe; .2, ::2
 */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { command, encodeLocal } from '../../native/kmod/generated.ts'
import { openKmodPlane } from '../../native/kmod/plane.ts'
import type { Address } from '../../src/model/address.ts'
import { UdpPeer } from '../support/control-peer.ts'
import { sendFlow } from '../support/datagram-flow.ts'
import { openFamily } from '../support/lvn-link.ts'
import { connect, Netns } from '../support/netns.ts'
import { add, applyAll, device, endpoint, reaches, rule, snapshot, tunnel } from '../support/plane-world.ts'
import { sendStream, sendTight, unbroken } from '../support/segments.ts'

const port = 50_000
const count = 608

const outers = {
  v4: { hub: ['192.0.2.1', '198.51.100.1'], spokes: ['192.0.2.2', '198.51.100.2'] },
  v6: { hub: ['2001:db8:1::1', '2001:db8:2::1'], spokes: ['2001:db8:1::2', '2001:db8:2::2'] },
} as const
const inners = {
  v4: { hub: '10.64.0.254', s1: '10.64.0.1', s2: '10.64.0.2' },
  v6: { hub: 'fd42::fe', s1: 'fd42::1', s2: 'fd42::2' },
} as const

let hub: Netns
let s1: Netns
let s2: Netns
let owners: UdpPeer[]

beforeEach(() => {
  owners = []
  ;[hub, s1, s2] = [new Netns('hub'), new Netns('s1'), new Netns('s2')]
  for (const [ns, dev, v4, v6] of [
    [s1, 'h1', '192.0.2', '2001:db8:1'],
    [s2, 'h2', '198.51.100', '2001:db8:2'],
  ] as const) {
    connect(
      { ns, dev: 'eth0', addresses: [`${v4}.2/24`, `${v6}::2/64`] },
      { ns: hub, dev, addresses: [`${v4}.1/24`, `${v6}::1/64`] },
    )
  }
  hub.forward()
})

afterEach(() => {
  for (const owner of owners) owner.close()
  for (const ns of [hub, s1, s2]) ns.dispose()
})

/** What a network interface does: veth takes its way through NAPI, and so through GRO, where it is told to. */
const offloads = {
  'as they come': [],
  'joined on arrival': ['tso', 'off', 'gro', 'on'],
  'joined on arrival as lists': ['tso', 'off', 'gro', 'on', 'rx-gro-list', 'on'],
  'no segmentation for tunnels': ['tx-udp_tnl-segmentation', 'off', 'gro', 'on'],
} as const

function setOffloads(features: readonly string[]): void {
  if (features.length === 0) return
  for (const [ns, ...devices] of [
    [s1, 'eth0'],
    [hub, 'h1', 'h2'],
    [s2, 'eth0'],
  ] as const) {
    for (const dev of devices) ns.run('ethtool', '-K', dev, ...features)
  }
}

async function overlay(outer: keyof typeof outers, socket: 'own' | 'handed over'): Promise<void> {
  const { hub: mine, spokes } = outers[outer]
  applyAll(hub, openKmodPlane, [add.device(device('lvn0', 'multi', 1452, 'h1', 'h2'), 16)])
  if (socket === 'handed over') for (const address of mine) handOver(address)
  applyAll(hub, openKmodPlane, [
    add.tunnel(tunnel('s1', endpoint(mine[0]), endpoint(spokes[0]), 'h1')),
    add.tunnel(tunnel('s2', endpoint(mine[1]), endpoint(spokes[1]), 'h2')),
    add.rule(rule('10.64.0.1/32', 's1')),
    add.rule(rule('10.64.0.2/32', 's2')),
    add.rule(rule('fd42::1/128', 's1')),
    add.rule(rule('fd42::2/128', 's2')),
  ])
  for (const [index, ns] of [s1, s2].entries()) {
    applyAll(ns, openKmodPlane, [
      add.device(device('lvn0', 'fixed', 1452, 'eth0'), 1),
      add.tunnel(tunnel('hub', endpoint(spokes[index] as string), endpoint(mine[index] as string))),
    ])
  }
  for (const [ns, number] of [
    [hub, '254'],
    [s1, '1'],
    [s2, '2'],
  ] as const) {
    const last = ns === hub ? 'fe' : number
    ns.ip(`addr add 10.64.0.${number}/24 dev lvn0`, `addr add fd42::${last}/64 dev lvn0 nodad`)
  }
  for (const { s2: far } of Object.values(inners)) await reaches(s1, far)
}

function handOver(address: string): void {
  const [{ ifindex }] = JSON.parse(hub.run('ip', '-json', 'link', 'show', 'lvn0')) as [{ ifindex: number }]
  const owner = new UdpPeer(hub, { address, port })
  owners.push(owner)
  const family = openFamily(hub)
  try {
    family.send(command.localNew, (e) =>
      encodeLocal(e, { ifindex, address: address as Address, port, socket: owner.fd }),
    )
  } finally {
    family.close()
  }
}

const kinds = {
  'segmented by the stack': { perWrite: 2, joined: false },
  'read joined': { perWrite: 1, joined: true },
  'segmented and read joined': { perWrite: 8, joined: true },
} as const

test.each([
  ['own', 'v4', 'v4', 'as they come'],
  ['own', 'v6', 'v4', 'joined on arrival'],
  ['own', 'v4', 'v6', 'joined on arrival as lists'],
  ['handed over', 'v4', 'v4', 'as they come'],
  ['handed over', 'v6', 'v6', 'joined on arrival'],
  ['handed over', 'v4', 'v6', 'joined on arrival as lists'],
  ['handed over', 'v6', 'v4', 'no segmentation for tunnels'],
] as const)(
  `a socket that is %s, outer %s, inner %s, packets %s: ${count} of ${count} datagrams arrive`,
  async (socket, outer, inner, offload) => {
    await overlay(outer, socket)
    setOffloads(offloads[offload])
    const { hub: near, s1: back, s2: far } = inners[inner]
    const arrived: Record<string, number> = {}
    for (const [kind, flow] of Object.entries(kinds)) {
      for (const [way, from, to, address] of [
        ['spoke to hub', s1, hub, near],
        ['hub to spoke', hub, s1, back],
        ['spoke to spoke', s1, s2, far],
      ] as const) {
        arrived[`${way}, ${kind}`] = await sendFlow({ from, to, address, count, ...flow })
      }
    }
    expect(arrived).toEqual(Object.fromEntries(Object.keys(arrived).map((name) => [name, count])))
  },
)

test.each([
  ['v4', 'v4', 'joined on arrival'],
  ['v6', 'v6', 'joined on arrival'],
  ['v4', 'v4', 'joined on arrival as lists'],
  ['v6', 'v6', 'joined on arrival as lists'],
] as const)(
  'outer %s, inner %s: a stream that is %s goes on as it came, and no joined packet is lost',
  async (outer, inner, offload) => {
    await overlay(outer, 'own')
    setOffloads(offloads[offload])
    // Else veth takes each list whole.
    for (const dev of ['h1', 'h2']) hub.run('ethtool', '-K', dev, 'tx-gso-list', 'off')
    const { sent, arrived } = await sendStream(s1, s2, inners[inner].s2, 500_000)
    expect(arrived).toEqual(sent)
    const [{ drops } = { drops: null }] = snapshot(hub, openKmodPlane).devices
    expect(drops).toMatchObject({ unsupported: 0, malformed: 0 })
  },
)

/*
 *     lan eth0 ─── l1 s1        203.0.113.2 and .1; s1 forwards, and joins what comes in by l1 as lists
 */
test.each(['v4', 'v6'] as const)(
  'outer %s: datagrams that a spoke forwards joined as lists get each its own outer headers, with room for them',
  async (outer) => {
    await overlay(outer, 'own')
    const lan = new Netns('lan')
    try {
      connect(
        { ns: lan, dev: 'eth0', addresses: ['203.0.113.2/24'] },
        { ns: s1, dev: 'l1', addresses: ['203.0.113.1/24'] },
      )
      s1.forward()
      lan.ip('route add default via 203.0.113.1')
      hub.ip('route add 203.0.113.0/24 dev lvn0')
      applyAll(hub, openKmodPlane, [add.rule(rule('203.0.113.0/24', 's1'))])
      s1.run('ethtool', '-K', 'l1', 'gro', 'on', 'rx-gro-list', 'on')
      // What is a list behind lvn0 is cut on the way out.
      s1.run('ethtool', '-K', 'eth0', 'tx-gso-list', 'off')
      await reaches(lan, inners.v4.hub)
      // Several arrive at a time, and are joined.
      lan.run('tc', 'qdisc', 'add', 'dev', 'eth0', 'root', 'netem', 'slot', '50ms')
      expect(await sendTight(lan, '203.0.113.2', hub, inners.v4.hub, 20)).toEqual(unbroken)
    } finally {
      lan.dispose()
    }
  },
)

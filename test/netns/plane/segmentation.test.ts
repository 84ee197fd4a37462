// SPDX-License-Identifier: MIT
/**
 * What is cut up and put together on its way: by an application (UDP_SEGMENT, UDP_GRO), by the stack (TCP), or by an
 * interface. Every segment has to arrive once, and as it was.
 *
 *     lan1 eth0 ─── l0 s1 eth0 ─── h1 hub h2 ─── eth0 s2 l0 ─── eth0 lan2
 *     10.64.1.2        └ lvn0 ═══ lvn0 ═══ lvn0 ┘         10.64.2.2
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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
import { emulated, planeKinds, planes } from '../../support/planes.ts'
import { type Datagrams, sendSegments, sendStream, unbroken } from '../../support/segments.ts'

/** What is cut where differs from kernel to kernel: on each of them, every plane that it is tested with. */
const tested = emulated ? planes : planeKinds

type Family = 'v4' | 'v6'

const hubEnds = { v4: ['192.0.2.1', '198.51.100.1'], v6: ['2001:db8:1::1', '2001:db8:2::1'] } as const
const spokeEnds = { v4: ['192.0.2.2', '198.51.100.2'], v6: ['2001:db8:1::2', '2001:db8:2::2'] } as const

/** Both ways of the first are all that there is from family to family but from one to itself. */
const everyOuter = [
  ['v4', 'v6'],
  ['v4', 'v4'],
  ['v6', 'v6'],
] as const
const outers = emulated ? everyOuter.slice(0, 1) : everyOuter

/** What underlay interfaces leave to each other; those of LANs stay as they come. */
const segmentationOn = 'tx on sg on gso on tso on tx-udp-segmentation on tx-udp_tnl-segmentation on'
const everyOffload = [
  ['as they come', ''],
  ['off', 'tx off sg off tso off gso off gro off'],
  // Like a real interface: streams are cut before they leave, and put together when they have come.
  ['GRO', `${segmentationOn} tso off tx-udp_tnl-segmentation off gro on`],
  ['GRO of datagrams, too', 'tx-udp-segmentation off rx-udp-gro-forwarding on'],
] as const
const offloads = emulated ? everyOffload.slice(0, 3) : everyOffload

const datagrams: readonly (readonly [string, Datagrams])[] = [
  ['plain datagrams', { gso: false, receiver: 'plain' }],
  ['datagrams sent many at a time', { gso: true, receiver: 'plain' }],
  ['datagrams sent many at a time to a receiver with UDP GRO', { gso: true, receiver: 'gro' }],
  ['plain datagrams to a receiver with UDP GRO', { gso: false, receiver: 'gro' }],
]

const streamBytes = emulated ? 500_000 : 5_000_000
const patienceS = emulated ? 20 : 4

interface World {
  readonly at: Readonly<Record<Node, Netns>>
  readonly all: readonly Netns[]
  readonly underlays: readonly { readonly ns: Netns; readonly dev: string }[]
  readonly flows: readonly Flow[]
}

interface Flow {
  readonly label: string
  readonly from: Netns
  readonly to: Netns
  readonly address: string
}

const nodes = ['lan1', 's1', 'hub', 's2', 'lan2'] as const
type Node = (typeof nodes)[number]

/** Inner addresses, by family. */
const inner: Readonly<Record<Node, readonly [v4: string, v6: string]>> = {
  lan1: ['10.64.1.2', 'fd42:1::2'],
  s1: ['10.64.1.1', 'fd42:1::1'],
  hub: ['10.64.0.1', 'fd42::1'],
  s2: ['10.64.2.1', 'fd42:2::1'],
  lan2: ['10.64.2.2', 'fd42:2::2'],
}

const routes: readonly (readonly [Node, Node])[] = [
  ['s1', 'hub'],
  ['s2', 'hub'],
  ['hub', 's2'],
  ['s1', 's2'],
  ['s2', 's1'],
  ['lan1', 'lan2'],
  ['lan2', 'lan1'],
]

function makeWorld(open: OpenPlane, first: Family, second: Family): World {
  const at = Object.fromEntries(nodes.map((node) => [node, new Netns(node)])) as Record<Node, Netns>
  const { lan1, s1, hub, s2, lan2 } = at
  const all = Object.values(at)
  try {
    for (const [i, [spoke, lan]] of [
      [s1, lan1],
      [s2, lan2],
    ].entries() as Iterable<[number, [Netns, Netns]]>) {
      const number = i + 1
      connect(
        { ns: spoke, dev: 'eth0', addresses: [`${spokeEnds.v4[i]}/24`, `${spokeEnds.v6[i]}/64`] },
        { ns: hub, dev: `h${number}`, addresses: [`${hubEnds.v4[i]}/24`, `${hubEnds.v6[i]}/64`] },
      )
      connect(
        { ns: lan, dev: 'eth0', addresses: [`10.64.${number}.2/24`, `fd42:${number}::2/64`] },
        { ns: spoke, dev: 'l0', addresses: [`10.64.${number}.1/24`, `fd42:${number}::1/64`] },
      )
      lan.ip(`route add default via 10.64.${number}.1`, `route add default via fd42:${number}::1`)
    }
    for (const ns of [s1, hub, s2]) ns.forward()
    overlay(at, open, first, second)
  } catch (error) {
    for (const ns of all) ns.dispose()
    throw error
  }
  return {
    at,
    all,
    underlays: [
      { ns: s1, dev: 'eth0' },
      { ns: hub, dev: 'h1' },
      { ns: hub, dev: 'h2' },
      { ns: s2, dev: 'eth0' },
    ],
    flows: routes.flatMap(([from, to]) =>
      inner[to].map((address) => ({
        label: `${from} → ${to}, ${address}`,
        from: at[from],
        to: at[to],
        address,
      })),
    ),
  }
}

function overlay(at: Readonly<Record<Node, Netns>>, open: OpenPlane, first: Family, second: Family): void {
  const { s1, hub, s2 } = at
  applyAll(hub, open, [
    add.device(device('lvn0', 'multi', 1452, 'h1', 'h2'), 1024),
    add.tunnel(tunnel('s1', endpoint(hubEnds[first][0]), endpoint(spokeEnds[first][0]), 'h1')),
    add.tunnel(tunnel('s2', endpoint(hubEnds[second][1]), endpoint(spokeEnds[second][1]), 'h2')),
    ...['10.64.1.0/24', 'fd42:1::/64'].map((prefix) => add.rule(rule(prefix, 's1'))),
    ...['10.64.2.0/24', 'fd42:2::/64'].map((prefix) => add.rule(rule(prefix, 's2'))),
  ])
  for (const [ns, remote, local] of [
    [s1, hubEnds[first][0], spokeEnds[first][0]],
    [s2, hubEnds[second][1], spokeEnds[second][1]],
  ] as const) {
    applyAll(ns, open, [
      add.device(device('lvn0', 'fixed', 1452, 'eth0'), 1),
      add.tunnel(tunnel('hub', endpoint(local), endpoint(remote))),
    ])
  }
  hub.ip('addr add 10.64.0.1/32 dev lvn0', 'addr add fd42::1/128 dev lvn0 nodad')
  for (const [ns, v4, v6] of [
    [hub, '10.64.0.1', 'fd42::1'],
    [s1, '10.64.1.1', 'fd42:1::1'],
    [s2, '10.64.2.1', 'fd42:2::1'],
  ] as const) {
    ns.ip(`route add 10.64.0.0/16 dev lvn0 src ${v4}`, `route add fd42::/16 dev lvn0 src ${v6}`)
  }
}

/** Another device on the hub and its first spoke, with a tunnel from port 50001 to port 50001. */
function addSecondDevice({ hub, s1 }: Readonly<Record<Node, Netns>>, open: OpenPlane): void {
  for (const [ns, dev, local, remote, number] of [
    [hub, 'h1', hubEnds.v4[0], spokeEnds.v4[0], 1],
    [s1, 'eth0', spokeEnds.v4[0], hubEnds.v4[0], 2],
  ] as const) {
    applyAll(ns, open, [
      add.device(device('lvn1', 'fixed', 1452, dev), 1),
      add.tunnel({
        ...tunnel('other', endpoint(local, 50_001), endpoint(remote, 50_001), dev),
        device: 'lvn1',
      }),
    ])
    ns.ip(`addr add 10.65.0.${number}/24 dev lvn1`)
  }
}

describe.each(tested)('plane %s', (_, open) => {
  describe('two devices between the same hosts', () => {
    let world: World

    beforeAll(() => {
      world = makeWorld(open, 'v4', 'v6')
      addSecondDevice(world.at, open)
    })

    afterAll(() => {
      for (const ns of world?.all ?? []) ns.dispose()
    })

    test('each of them gets its own datagrams', async () => {
      const { hub, s1 } = world.at
      const kind = datagrams.find(([, { gso }]) => gso)?.[1] as Datagrams
      for (const [from, to, address] of [
        [s1, hub, '10.65.0.1'],
        [s1, hub, '10.64.0.1'],
        [hub, s1, '10.65.0.2'],
        [hub, s1, '10.64.1.1'],
      ] as const) {
        await reaches(from, address)
        expect.soft(await sendSegments(from, to, address, kind, patienceS), address).toEqual(unbroken)
      }
    })
  })

  describe.each(outers)('outer %s, then %s', (first, second) => {
    let world: World

    beforeAll(async () => {
      world = makeWorld(open, first, second)
      for (const { from, address } of world.flows) await reaches(from, address)
    })

    afterAll(() => {
      for (const ns of world?.all ?? []) ns.dispose()
    })

    describe.each(offloads)('offloads of the underlay: %s', (_, features) => {
      beforeAll(() => {
        for (const { ns, dev } of world.underlays) {
          if (features !== '') ns.run('ethtool', '-K', dev, ...features.split(' '))
        }
      })

      test.each(datagrams)('%s arrive unbroken', async (_, kind) => {
        for (const { label, from, to, address } of world.flows) {
          const arrived = await sendSegments(from, to, address, kind, patienceS)
          expect.soft(arrived, label).toEqual(unbroken)
        }
      })

      test('streams arrive unbroken', async () => {
        for (const { label, from, to, address } of world.flows) {
          const { sent, arrived } = await sendStream(from, to, address, streamBytes)
          expect.soft(arrived, label).toEqual(sent)
          expect.soft(sent, label).toMatchObject({ bytes: streamBytes })
        }
      })
    })
  })
})

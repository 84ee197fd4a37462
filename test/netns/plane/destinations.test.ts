// SPDX-License-Identifier: MIT
/**
 * Where packets out of a tunnel may go, on each data plane.
 *
 *     s1 eth0 ─── h1 ┐          ┌ h2 ─── eth0 s2 (behind it 10.80.0.0/24, fd80::/64: outside the nets)
 *        lvn0        hub lvn0             lvn0
 *        fixed         multi              fixed           overlay 10.64.0.0/16, fd42::/16
 *                      h3 ─── eth0 x: 10.70.0.0/24, fd70::/64 (the hub's own routes),
 *                                     192.168.99.0/24, fd99::/64 (another network of the hub's)
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Prefix } from '../../../src/model/address.ts'
import { type DeviceSpec, maxDestinations } from '../../../src/model/state.ts'
import { connect, Netns, until } from '../../support/netns.ts'
import {
  add,
  applyAll,
  device,
  endpoint,
  ping,
  reaches,
  rule,
  snapshot,
  tryAll,
  tunnel,
} from '../../support/plane-world.ts'
import { planesOfOwnLogic } from '../../support/planes.ts'

const mtu = 1472
const hubs = ['10.64.0.0/16', '10.70.0.0/24', 'fd42::/16', 'fd70::/64'] as Prefix[]
const spokes = ['10.64.1.1/32', 'fd42:1::1/128'] as Prefix[]
const inside = {
  'the hub itself': ['10.64.0.1', 'fd42::1'],
  'another node': ['10.64.2.1', 'fd42:2::1'],
  'the route of another node, outside the nets': ['10.80.0.1', 'fd80::1'],
  "the hub's own route": ['10.70.0.2', 'fd70::2'],
}

describe.each(planesOfOwnLogic)('plane %s', (_, open) => {
  let hub: Netns
  let s1: Netns
  let s2: Netns
  let x: Netns

  const multi = (destinations: readonly Prefix[]): DeviceSpec => ({
    ...device('lvn0', 'multi', mtu, 'h1', 'h2'),
    destinations,
  })
  const fixed = (destinations: readonly Prefix[]): DeviceSpec => ({
    ...device('lvn0', 'fixed', mtu, 'eth0'),
    destinations,
  })
  const set = (ns: Netns, spec: DeviceSpec) =>
    applyAll(ns, open, [{ op: 'set', kind: 'device', spec, capacity: spec.mode === 'fixed' ? 1 : 1024 }])
  const lvn0 = (ns: Netns) => snapshot(ns, open).devices[0]
  const dropped = (ns: Netns) => lvn0(ns)?.drops['bad-destination'] ?? -1

  /** Pings from `from` are dropped at `at` for where they want to go, each of them. */
  async function refuses(from: Netns, to: string, at: Netns): Promise<void> {
    const before = dropped(at)
    await until(`${to} is dropped`, () => {
      expect(ping(from, to, '-W1')).toBe(false)
      return dropped(at) > before
    })
  }

  beforeEach(() => {
    ;[hub, s1, s2, x] = ['hub', 's1', 's2', 'x'].map((label) => new Netns(label)) as [
      Netns,
      Netns,
      Netns,
      Netns,
    ]
    connect(
      { ns: s1, dev: 'eth0', addresses: ['192.0.2.2/24'] },
      { ns: hub, dev: 'h1', addresses: ['192.0.2.1/24'] },
    )
    connect(
      { ns: s2, dev: 'eth0', addresses: ['198.51.100.2/24'] },
      { ns: hub, dev: 'h2', addresses: ['198.51.100.1/24'] },
    )
    connect(
      { ns: x, dev: 'eth0', addresses: ['192.168.99.2/24', 'fd99::2/64', '10.70.0.2/24', 'fd70::2/64'] },
      { ns: hub, dev: 'h3', addresses: ['192.168.99.1/24', 'fd99::1/64', '10.70.0.1/24', 'fd70::1/64'] },
    )
    x.ip('route add default via 192.168.99.1', 'route add default via fd99::1')
    hub.forward()
    applyAll(hub, open, [
      add.device(multi(hubs), 1024),
      add.tunnel(tunnel('s1', endpoint('192.0.2.1'), endpoint('192.0.2.2'), 'h1')),
      add.tunnel(tunnel('s2', endpoint('198.51.100.1'), endpoint('198.51.100.2'), 'h2')),
      ...['10.64.1.0/24', 'fd42:1::/32'].map((prefix) => add.rule(rule(prefix, 's1'))),
      ...['10.64.2.0/24', '10.80.0.0/24', 'fd42:2::/32', 'fd80::/64'].map((prefix) =>
        add.rule(rule(prefix, 's2')),
      ),
    ])
    applyAll(s1, open, [
      add.device(fixed(spokes), 1),
      add.tunnel(tunnel('hub', endpoint('192.0.2.2'), endpoint('192.0.2.1'))),
    ])
    applyAll(s2, open, [
      add.device(fixed([]), 1),
      add.tunnel(tunnel('hub', endpoint('198.51.100.2'), endpoint('198.51.100.1'))),
    ])
    hub.ip('addr add 10.64.0.1/32 dev lvn0', 'addr add fd42::1/128 dev lvn0 nodad')
    s1.ip('addr add 10.64.1.1/32 dev lvn0', 'addr add fd42:1::1/128 dev lvn0 nodad')
    s2.ip(
      ...['10.64.2.1/32', '10.80.0.1/32', 'fd42:2::1/128', 'fd80::1/128'].map(
        (address) => `addr add ${address} dev lvn0${address.includes(':') ? ' nodad' : ''}`,
      ),
    )
    for (const ns of [hub, s1, s2]) ns.ip('route add 10.64.0.0/16 dev lvn0', 'route add fd42::/16 dev lvn0')
    hub.ip('route add 10.80.0.0/24 dev lvn0', 'route add fd80::/64 dev lvn0')
    s1.ip('route add default dev lvn0', 'route add ::/0 dev lvn0')
  })

  afterEach(() => {
    for (const ns of [hub, s1, s2, x]) ns.dispose()
  })

  test.each(Object.entries(inside))('a hub takes and passes on packets to %s', async (_, addresses) => {
    for (const to of addresses) await reaches(s1, to)
    expect(dropped(hub)).toBe(0)
  })

  test.each(['192.168.99.2', '192.168.99.1', 'fd99::2', 'fd99::1'])(
    'a hub drops and counts a packet to %s, another network of its own',
    async (to) => {
      await reaches(s1, '10.64.0.1')
      await refuses(s1, to, hub)
      const [first] = snapshot(hub, open).tunnels.filter(({ name }) => name === 's1')
      expect(first?.counters.dropped).toBe(dropped(hub))
    },
  )

  test.each(['10.64.1.9', 'fd42:1::9'])('a spoke drops a packet to %s, which is not its own', async (to) => {
    await reaches(hub, '10.64.1.1')
    await reaches(hub, 'fd42:1::1')
    await refuses(hub, to, s1)
  })

  test('what a device was told is what it says, and is changed in place', async () => {
    expect(lvn0(hub)?.destinations).toEqual(hubs)
    expect(lvn0(s1)?.destinations).toEqual(spokes)
    expect(lvn0(s2)?.destinations).toEqual([])
    const wider = [...hubs, '192.168.99.0/24', 'fd99::/64'] as Prefix[]
    set(hub, multi(wider))
    expect(lvn0(hub)?.destinations.toSorted()).toEqual(wider.toSorted())
    for (const to of ['192.168.99.2', 'fd99::2']) await reaches(s1, to)
    set(hub, multi([]))
    for (const to of ['192.168.99.2', 'fd99::2']) await reaches(s1, to)
    // Of one family only: nothing of the other may come.
    set(hub, multi(['10.64.0.0/16'] as Prefix[]))
    await reaches(s1, '10.64.0.1')
    await refuses(s1, 'fd42::1', hub)
  })

  test.each([
    ['10.90.', '.0/24', '192.168.99.0/24', '192.168.99.2', '0.0.0.0/0'],
    ['fd90:', '::/32', 'fd99::/64', 'fd99::2', '::/0'],
  ])('a device takes as many as it says of %s*%s, and looks at the last of them', async (...names) => {
    const [head, tail, last, to, edge] = names
    await reaches(s1, '10.64.0.1')
    for (const count of [4, 5, maxDestinations]) {
      const many = Array.from({ length: count - 1 }, (_, i) => `${head}${i + 10}${tail}` as Prefix)
      set(hub, multi([...many, `${head}99${tail}` as Prefix]))
      await refuses(s1, to, hub)
      for (const more of [last, edge]) {
        const all = [...many, more as Prefix]
        set(hub, multi(all))
        expect(lvn0(hub)?.destinations.toSorted()).toEqual(all.toSorted())
        await reaches(s1, to)
      }
    }
  })

  test('a packet whose destination is behind the tunnel that it came out of is no reason to pass it on', async () => {
    set(hub, multi(['10.64.0.1/32'] as Prefix[]))
    await reaches(s1, '10.64.0.1')
    await reaches(s1, '10.80.0.1')
    await refuses(s1, '10.64.1.9', hub)
  })

  test('more than a device takes are refused, and nothing is changed', () => {
    const many = Array.from({ length: maxDestinations + 1 }, (_, i) => `10.90.${i}.0/24` as Prefix)
    const [result] = tryAll(hub, open, [{ op: 'set', kind: 'device', spec: multi(many), capacity: 1024 }])
    expect(result?.status).toBe('failed')
    expect(lvn0(hub)?.destinations).toEqual(hubs)
  })
})

// SPDX-License-Identifier: MIT
/**
 * What changes below a tunnel while it is in use, on each plane.
 *
 *                 ┌ lan0 r1 out ─── in1 ┐
 *     hub eth0 ─ switch                 far          hub and routers 192.0.2.0/24 and 2001:db8:1::/64
 *         lvn0    └ lan0 r2 out ─── in2 ┘ lvn0       far 203.0.113.9 and 2001:db8:9::9, by either router
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { connect, Netns, until } from '../../support/netns.ts'
import { add, applyAll, device, endpoint, ping, reaches, rule, tunnel } from '../../support/plane-world.ts'
import { planeKinds } from '../../support/planes.ts'

const outers = [
  { name: 'v4', hub: '192.0.2.1', far: '203.0.113.9', via: (router: number) => `192.0.2.${10 + router}` },
  {
    name: 'v6',
    hub: '2001:db8:1::1',
    far: '2001:db8:9::9',
    via: (router: number) => `2001:db8:1::${10 + router}`,
  },
] as const

describe.each(planeKinds)('plane %s', (name, open) => {
  let hub: Netns
  let lan: Netns
  let routers: readonly Netns[]
  let far: Netns

  beforeEach(() => {
    hub = new Netns('hub')
    lan = new Netns('lan')
    routers = [new Netns('r1'), new Netns('r2')]
    far = new Netns('far')
    lan.ip('link add switch type bridge', 'link set switch up')
    joinLan(hub, 'eth0', 1)
    hub.forward()
    // Neighbours are asked again after a second, and not after half a minute.
    for (const family of ['ipv4', 'ipv6']) {
      hub.sysctl(`net/${family}/neigh/eth0/base_reachable_time_ms`, 500)
      hub.sysctl(`net/${family}/neigh/eth0/delay_first_probe_time`, 1)
      hub.sysctl(`net/${family}/neigh/eth0/retrans_time_ms`, 100)
    }
    far.ip('addr add 203.0.113.9/32 dev lo', 'addr add 2001:db8:9::9/128 dev lo nodad')
    for (const [i, router] of routers.entries()) {
      const [number, net6] = [i + 1, `2001:db8:${i + 2}:`]
      joinLan(router, 'lan0', 10 + number)
      const ends = (last: number) => [`198.51.100.${i * 4 + last}/30`, `${net6}:${last}/64`]
      connect(
        { ns: router, dev: 'out', addresses: ends(1) },
        { ns: far, dev: `in${number}`, addresses: ends(2) },
      )
      router.forward()
      router.ip(`route add 203.0.113.9 via 198.51.100.${i * 4 + 2}`, `route add 2001:db8:9::9 via ${net6}:2`)
    }
    far.ip('route add 192.0.2.0/24 via 198.51.100.1', 'route add 2001:db8:1::/64 via 2001:db8:2::1')
  })

  afterEach(() => {
    for (const ns of [hub, lan, ...routers, far]) ns.dispose()
  })

  function joinLan(ns: Netns, dev: string, last: number): void {
    const port = `p${last}`
    connect({ ns, dev, addresses: [`192.0.2.${last}/24`, `2001:db8:1::${last}/64`] }, { ns: lan, dev: port })
    lan.ip(`link set ${port} master switch`)
  }

  function overlay(outer: (typeof outers)[number]): void {
    hub.ip(`route add ${outer.far} via ${outer.via(1)}`)
    applyAll(hub, open, [
      add.device(device('lvn0', 'multi', 1400, 'eth0'), 16),
      add.tunnel(tunnel('far', endpoint(outer.hub), endpoint(outer.far))),
      add.rule(rule('10.64.0.0/16', 'far')),
    ])
    applyAll(far, open, [
      add.device(device('lvn0', 'fixed', 1400, 'in1', 'in2'), 1),
      add.tunnel(tunnel('hub', endpoint(outer.far), endpoint(outer.hub), 'in1')),
    ])
    for (const [ns, address] of [
      [hub, '10.64.0.1'],
      [far, '10.64.1.1'],
    ] as const) {
      ns.ip(`addr add ${address}/32 dev lvn0`, 'route add 10.64.0.0/16 dev lvn0')
    }
  }

  /** Packets that a router has sent on to the far end. */
  const forwarded = (router: number) => {
    const shown = routers[router - 1]?.run('ip', '-s', '-j', 'link', 'show', 'out') ?? ''
    return JSON.parse(shown)[0].stats64.tx.packets as number
  }

  /** Has this many pings answered in a row, so that what is remembered of the way is in use. */
  function pings(count: number, ...options: string[]): void {
    hub.run('ping', '-n', '-q', `-c${count}`, '-i0.02', '-W2', ...options, '10.64.1.1')
  }

  describe.each(outers)('outer $name', (outer) => {
    beforeEach(async () => {
      overlay(outer)
      await reaches(hub, '10.64.1.1')
      pings(20)
    })

    test('a route that is changed is followed', async () => {
      expect(forwarded(2)).toBeLessThan(10)
      hub.ip(`route replace ${outer.far} via ${outer.via(2)}`)
      const before = forwarded(2)
      await until('packets go by the second router', () => ping(hub, '10.64.1.1') && forwarded(2) > before)
      const atFirst = forwarded(1)
      pings(20)
      expect(forwarded(1) - atFirst).toBeLessThan(10)
    })

    test('a route that is taken away is no longer used, and used again when it is back', async () => {
      hub.ip(`route replace blackhole ${outer.far}`)
      await until('packets are dropped', () => !ping(hub, '10.64.1.1'))
      hub.ip(`route replace ${outer.far} via ${outer.via(1)}`)
      await reaches(hub, '10.64.1.1')
    })

    test('a neighbour that has silently become another is noticed by the kernel', async () => {
      routers[0]?.ip('link set lan0 address 02:00:00:00:00:77')
      await until('the router is found again', () => ping(hub, '10.64.1.1'))
      pings(20)
    })

    // The kernel module asks its socket for a mark, not the inner packet.
    if (name.startsWith('ebpf')) {
      test('a mark chooses the route that the rules of routing say', () => {
        hub.run('ip', outer.name === 'v4' ? '-4' : '-6', 'rule', 'add', 'fwmark', '7', 'lookup', '100')
        hub.ip(`route add ${outer.far} via ${outer.via(2)} table 100`)
        const before = [forwarded(1), forwarded(2)]
        pings(20, '-m7')
        pings(20)
        expect(forwarded(2) - (before[1] as number)).toBeGreaterThanOrEqual(20)
        expect(forwarded(1) - (before[0] as number)).toBeGreaterThanOrEqual(20)
        expect(forwarded(2) - (before[1] as number)).toBeLessThan(30)
      })
    }
  })
})

// SPDX-License-Identifier: MIT
/**
 * What stands in the outer header, and what becomes of the inner one. nftables looks at outer packets and
 * changes them in a router between the ends, and looks at inner ones on the hub's tunnel device.
 *
 *     spoke eth0 ─── m2 router m1 ─── eth0 hub       underlay 198.51.100.0/24 and 192.0.2.0/24
 *     lvn0 fixed on both ends: 10.64.0.1 and fd42::1 on the hub, 10.64.0.2 and fd42::2 on the spoke
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { connect, Netns } from '../../support/netns.ts'
import {
  add,
  applyAll,
  device,
  endpoint,
  type OpenPlane,
  ping,
  reaches,
  snapshot,
  tunnel,
} from '../../support/plane-world.ts'
import { emulated, planeKinds } from '../../support/planes.ts'

const outers = [
  ['v4', ['192.0.2.1', '198.51.100.1'], 'ip', 'ip ttl'],
  ['v6', ['2001:db8:1::1', '2001:db8:2::1'], 'ip6', 'ip6 hoplimit'],
] as const
const everyInner = [
  ['v4', '10.64.0.1', 'ip'],
  ['v6', 'fd42::1', 'ip6'],
] as const
const innersOf = (outer: string) => everyInner.filter(([inner]) => !emulated || inner !== outer)

const ecnNames = ['not-ect', 'ect1', 'ect0', 'ce'] as const

/** RFC 6040, section 4.2, figure 4: rows are the arriving inner field, columns the arriving outer one. */
const decapsulated: Record<string, Record<string, string>> = {
  'not-ect': { 'not-ect': 'not-ect', ect0: 'not-ect', ect1: 'not-ect', ce: 'drop' },
  ect0: { 'not-ect': 'ect0', ect0: 'ect0', ect1: 'ect1', ce: 'ce' },
  ect1: { 'not-ect': 'ect1', ect0: 'ect1', ect1: 'ect1', ce: 'ce' },
  ce: { 'not-ect': 'ce', ect0: 'ce', ect1: 'ce', ce: 'ce' },
}

let open: OpenPlane
let hub: Netns
let router: Netns
let spoke: Netns

beforeEach(() => {
  hub = new Netns('hub')
  spoke = new Netns('spoke')
  router = new Netns('router')
  connect(
    { ns: hub, dev: 'eth0', addresses: ['192.0.2.1/24', '2001:db8:1::1/64'] },
    { ns: router, dev: 'm1', addresses: ['192.0.2.254/24', '2001:db8:1::fe/64'] },
  )
  connect(
    { ns: spoke, dev: 'eth0', addresses: ['198.51.100.1/24', '2001:db8:2::1/64'] },
    { ns: router, dev: 'm2', addresses: ['198.51.100.254/24', '2001:db8:2::fe/64'] },
  )
  for (const [ns, v4, v6] of [
    [hub, '192.0.2.254', '2001:db8:1::fe'],
    [spoke, '198.51.100.254', '2001:db8:2::fe'],
  ] as const) {
    ns.run('ip', 'route', 'add', 'default', 'via', v4)
    ns.run('ip', 'route', 'add', 'default', 'via', v6)
  }
  router.run('sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1')
  router.run('nft', 'add table inet t')
  router.run('nft', 'add chain inet t change { type filter hook prerouting priority 0 ; }')
})

afterEach(() => {
  for (const ns of [hub, router, spoke]) ns.dispose()
})

function overlay([mine, theirs]: readonly [string, string]): void {
  for (const [ns, local, remote, number] of [
    [hub, mine, theirs, 1],
    [spoke, theirs, mine, 2],
  ] as const) {
    applyAll(ns, open, [
      add.device(device('lvn0', 'fixed', 1452, 'eth0'), 1),
      add.tunnel(tunnel('peer', endpoint(local), endpoint(remote))),
    ])
    ns.run('ip', 'addr', 'add', `10.64.0.${number}/24`, 'dev', 'lvn0')
    ns.run('ip', 'addr', 'add', `fd42::${number}/64`, 'dev', 'lvn0', 'nodad')
  }
}

/** How many packets each counter has seen, by name. */
function counted(ns: Netns): ReadonlyMap<string, number> {
  const { nftables } = JSON.parse(ns.run('nft', '-j', 'list', 'counters', 'table', 'inet', 't')) as {
    nftables: readonly { counter?: { name: string; packets: number } }[]
  }
  return new Map(nftables.flatMap(({ counter }) => (counter ? [[counter.name, counter.packets]] : [])))
}

describe.each(planeKinds)('plane %s', (_, opened) => {
  beforeEach(() => {
    open = opened
  })

  describe.each(outers)('outer %s', (family, ends, outer, ttl) => {
    beforeEach(() => overlay(ends))

    describe.each(innersOf(family))('inner %s', (_inner, to, inner) => {
      test('DSCP and ECN are copied, the TTL is 64, the UDP checksum is absent', async () => {
        await reaches(spoke, to)
        router.run('nft', 'add counter inet t right')
        const fields = `${outer} dscp ef ${outer} ecn ect0 ${ttl} 64 udp dport 50000 udp checksum 0`
        router.run('nft', `add rule inet t change iifname m2 ${fields} counter name right`)
        expect(ping(spoke, to, '-Q', String((46 << 2) | 2))).toBe(true)
        expect(counted(router).get('right')).toBe(1)
      })

      test('ECN after decapsulation is that of RFC 6040', async () => {
        await reaches(spoke, to)
        hub.run('nft', 'add table inet t')
        hub.run('nft', 'add chain inet t in { type filter hook prerouting priority -300 ; }')
        for (const name of ecnNames) {
          hub.run('nft', `add counter inet t ${name}`)
          hub.run('nft', `add rule inet t in iifname lvn0 ${inner} ecn ${name} counter name ${name}`)
        }
        for (const [value, arrivingInner] of ecnNames.entries()) {
          for (const arrivingOuter of ecnNames) {
            router.run(
              'nft',
              `flush chain inet t change; add rule inet t change iifname m2 udp dport 50000 ${outer} ecn set ${arrivingOuter}`,
            )
            hub.run('nft', 'reset', 'counters')
            const dropsBefore = snapshot(hub, open).devices[0]?.drops.ecn ?? 0
            const wanted = decapsulated[arrivingInner]?.[arrivingOuter]
            spoke.try('ping', '-n', '-c1', '-W', wanted === 'drop' ? '0.2' : '2', '-Q', String(value), to)
            const counts = counted(hub)
            const seen = ecnNames.filter((name) => (counts.get(name) ?? 0) > 0)
            const drops = (snapshot(hub, open).devices[0]?.drops.ecn ?? 0) - dropsBefore
            const label = `inner ${arrivingInner}, outer ${arrivingOuter}`
            expect([label, seen, drops]).toEqual([
              label,
              wanted === 'drop' ? [] : [wanted],
              wanted === 'drop' ? 1 : 0,
            ])
          }
        }
      })
    })
  })
})

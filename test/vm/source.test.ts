// SPDX-License-Identifier: MIT
/**
 * The outer source of a tunnel is an address of this host, or nothing is sent.
 *
 *     a eth0 ─── eth0 b        192.0.2.0/24, 2001:db8::/64: a is .1 and .9, b is .2
 *     lvn0 ═════ lvn0          10.64.0.1, 10.64.0.2
 */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openKmodPlane } from '../../native/kmod/plane.ts'
import { connect, Netns, until } from '../support/netns.ts'
import { add, applyAll, device, endpoint, ping, reaches, snapshot, tunnel } from '../support/plane-world.ts'

const families = {
  IPv4: { mine: '192.0.2.1', theirs: '192.0.2.2', length: 24, routed: '198.51.100', more: '/24' },
  IPv6: { mine: '2001:db8::1', theirs: '2001:db8::2', length: 64, routed: '2001:db8:7:', more: '/64' },
} as const

let a: Netns
let b: Netns

beforeEach(() => {
  ;[a, b] = [new Netns('a'), new Netns('b')]
  connect(
    // Another address of the prefix keeps its route.
    { ns: a, dev: 'eth0', addresses: ['192.0.2.9/24', '192.0.2.1/24', '2001:db8::9/64', '2001:db8::1/64'] },
    { ns: b, dev: 'eth0', addresses: ['192.0.2.2/24', '2001:db8::2/64'] },
  )
})

afterEach(() => {
  for (const ns of [a, b]) ns.dispose()
})

function tunnelBetween(mine: string, theirs: string): void {
  for (const [ns, local, remote, number] of [
    [a, mine, theirs, 1],
    [b, theirs, mine, 2],
  ] as const) {
    applyAll(ns, openKmodPlane, [
      add.device(device('lvn0', 'fixed', 1_400, 'eth0'), 1),
      add.tunnel(tunnel('peer', endpoint(local), endpoint(remote))),
    ])
    ns.ip(`addr add 10.64.0.${number}/24 dev lvn0`)
  }
}

const withoutRemote = () => snapshot(a, openKmodPlane).devices[0]?.drops['no-remote'] ?? 0
/** How many UDP packets leave from the address: data, and requests of whether the peer is there. */
const leave = () => Number(/packets (\d+)/.exec(a.run('nft', 'list', 'counter', 'inet', 't', 'leave'))?.[1])

test.each(Object.entries(families))(
  '%s: nothing leaves from an address that has left, until it is back',
  async (_, { mine, theirs, length }) => {
    tunnelBetween(mine, theirs)
    await reaches(a, '10.64.0.2')
    const family = mine.includes(':') ? 'ip6' : 'ip'
    a.run(
      'nft',
      `add table inet t; add counter inet t leave; add chain inet t out { type filter hook output priority 0 ; };
       add rule inet t out ${family} saddr ${mine} udp dport 50000 counter name leave`,
    )
    expect(ping(a, '10.64.0.2')).toBe(true)
    const before = leave()
    expect(before).toBeGreaterThan(0)
    a.ip(`addr del ${mine}/${length} dev eth0`)
    expect(ping(a, '10.64.0.2', '-W1')).toBe(false)
    expect([withoutRemote() > 0, leave()]).toEqual([true, before])
    a.ip(`addr add ${mine}/${length} dev eth0${family === 'ip6' ? ' nodad' : ''}`)
    await reaches(a, '10.64.0.2')
  },
)

test.each(Object.entries(families))(
  '%s: an address that is local by a route alone is as good as one of an interface',
  async (_, { mine, theirs, routed, more }) => {
    const [network, address] = routed.includes(':')
      ? [`${routed}:`, `${routed}:5`]
      : [`${routed}.0`, `${routed}.5`]
    a.ip(`route add local ${network}${more} dev lo`)
    b.ip(`route add ${network}${more} via ${mine}`)
    tunnelBetween(address, theirs)
    await until('the tunnel carries packets', () => ping(a, '10.64.0.2'))
    expect(withoutRemote()).toBe(0)
  },
)

// SPDX-License-Identifier: MIT
/**
 * The outer source of a tunnel is an address of this host, or nothing is sent.
 *
 *     a eth0 ─── eth0 b        192.0.2.0/24, 2001:db8::/64: a is .1 and .9, b is .2
 *     lvn0 ═════ lvn0          10.64.0.1, 10.64.0.2
 */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { command, encodeLocal, encodeTunnel } from '../../native/kmod/generated.ts'
import { openKmodPlane } from '../../native/kmod/plane.ts'
import type { Address } from '../../src/model/address.ts'
import { UdpPeer } from '../support/control-peer.ts'
import { addLink, openFamily } from '../support/lvn-link.ts'
import { connect, Netns, until } from '../support/netns.ts'
import { add, applyAll, device, endpoint, ping, reaches, snapshot, tunnel } from '../support/plane-world.ts'

const port = 50_000

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

function countLeaving(from: string): void {
  a.run(
    'nft',
    `add table inet t; add counter inet t leave; add chain inet t out { type filter hook output priority 0 ; };
     add rule inet t out ${from.includes(':') ? 'ip6' : 'ip'} saddr ${from} udp dport ${port} counter name leave`,
  )
}

/** How many UDP packets leave from the address: data, and requests of whether the peer is there. */
const leave = () => Number(/packets (\d+)/.exec(a.run('nft', 'list', 'counter', 'inet', 't', 'leave'))?.[1])

test.each(Object.entries(families))(
  '%s: nothing leaves from an address that has left, until it is back',
  async (_, { mine, theirs, length }) => {
    tunnelBetween(mine, theirs)
    await reaches(a, '10.64.0.2')
    countLeaving(mine)
    expect(ping(a, '10.64.0.2')).toBe(true)
    const before = leave()
    expect(before).toBeGreaterThan(0)
    a.ip(`addr del ${mine}/${length} dev eth0`)
    expect(ping(a, '10.64.0.2', '-W1')).toBe(false)
    expect([withoutRemote() > 0, leave()]).toEqual([true, before])
    a.ip(`addr add ${mine}/${length} dev eth0${mine.includes(':') ? ' nodad' : ''}`)
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

test('IPv6: a link-local address is one of its own link alone', () => {
  a.ip('link add eth1 type dummy', 'link set eth1 up')
  for (const dev of ['eth0', 'eth1']) a.ip(`addr add fe80::1/64 dev ${dev} nodad`)
  b.ip('addr add fe80::2/64 dev eth0 nodad')
  const ifindex = addLink(a, 'lvn0', { mode: 'fixed' })
  const underlay = Number(/^\d+/.exec(a.run('ip', '-oneline', 'link', 'show', 'eth0'))?.[0])
  a.ip('addr add 10.64.0.1/24 dev lvn0', 'link set lvn0 up')
  // Only a socket that is handed over has an address with an interface.
  const owner = new UdpPeer(a, { address: 'fe80::1%eth0', port })
  const family = openFamily(a)
  try {
    const local = { ifindex, address: 'fe80::1' as Address, port, socket: owner.fd }
    family.send(command.localNew, (e) => encodeLocal(e, local))
    const remote = { remoteAddress: 'fe80::2' as Address, remotePort: port, underlay }
    family.send(command.tunnelNew, (e) =>
      encodeTunnel(e, { ifindex, localAddress: local.address, localPort: port, ...remote }),
    )
    countLeaving('fe80::1')
    const leaves = () => {
      const before = leave()
      ping(a, '10.64.0.2', '-W1')
      return leave() > before
    }
    expect(leaves()).toBe(true)
    a.ip('addr del fe80::1/64 dev eth0')
    expect(leaves()).toBe(false)
    a.ip('addr add fe80::1/64 dev eth0 nodad')
    expect(leaves()).toBe(true)
  } finally {
    family.close()
    owner.close()
  }
})

// SPDX-License-Identifier: MIT
/**
 * Packets that are larger than the path takes.
 *
 *     a eth0 ─── m1 router m2 ─── eth0 b       1500 bytes, then 1400; a and b have lvn0 fixed, 1452 bytes
 *       eth1 ─── elsewhere                     in some tests the way by which a would rather go
 */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openKmodPlane } from '../../native/kmod/plane.ts'
import { connect, Netns, until } from '../support/netns.ts'
import { add, applyAll, device, endpoint, reaches, snapshot, tunnel } from '../support/plane-world.ts'
import { transferTcp } from '../support/transfer.ts'

let a: Netns
let router: Netns
let b: Netns
let elsewhere: Netns | undefined

beforeEach(() => {
  ;[a, router, b] = [new Netns('a'), new Netns('router'), new Netns('b')]
  connect(
    { ns: a, dev: 'eth0', addresses: ['192.0.2.1/24', '2001:db8:1::1/64'] },
    { ns: router, dev: 'm1', addresses: ['192.0.2.254/24', '2001:db8:1::fe/64'] },
  )
  connect(
    { ns: router, dev: 'm2', addresses: ['198.51.100.254/24', '2001:db8:2::fe/64'] },
    { ns: b, dev: 'eth0', addresses: ['198.51.100.1/24', '2001:db8:2::1/64'] },
  )
  for (const [ns, v4, v6] of [
    [a, '192.0.2.254', '2001:db8:1::fe'],
    [b, '198.51.100.254', '2001:db8:2::fe'],
  ] as const) {
    ns.run('ip', 'route', 'add', 'default', 'via', v4)
    ns.run('ip', 'route', 'add', 'default', 'via', v6)
  }
  router.run('sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1')
  router.run('ip', 'link', 'set', 'm2', 'mtu', '1400')
})

afterEach(() => {
  for (const ns of [a, router, b, elsewhere]) ns?.dispose()
  elsewhere = undefined
})

/** The tunnel's packets leave by eth0 all the same: that is their underlay. */
function addBetterWay(): void {
  elsewhere = new Netns('elsewhere')
  connect(
    { ns: a, dev: 'eth1', addresses: ['203.0.113.1/24', '2001:db8:3::1/64'] },
    { ns: elsewhere, dev: 'm3', addresses: ['203.0.113.254/24', '2001:db8:3::fe/64'] },
  )
  for (const [family, better, own] of [
    ['-4', '203.0.113.254', '192.0.2.254'],
    ['-6', '2001:db8:3::fe', '2001:db8:1::fe'],
  ] as const) {
    a.run('ip', family, 'route', 'del', 'default')
    a.run('ip', family, 'route', 'add', 'default', 'via', better, 'metric', '100')
    a.run('ip', family, 'route', 'add', 'default', 'via', own, 'metric', '200')
  }
}

test.each([
  ['v4', 'by the only way', '192.0.2.1', '198.51.100.1', 1372],
  ['v6', 'by the only way', '2001:db8:1::1', '2001:db8:2::1', 1352],
  ['v4', 'beside a better way', '192.0.2.1', '198.51.100.1', 1372],
  ['v6', 'beside a better way', '2001:db8:1::1', '2001:db8:2::1', 1352],
])('outer %s, %s: the sender is told, and TCP goes on', async (_, way, mine, theirs, fits) => {
  if (way === 'beside a better way') addBetterWay()
  for (const [ns, local, remote, number] of [
    [a, mine, theirs, 1],
    [b, theirs, mine, 2],
  ] as const) {
    applyAll(ns, openKmodPlane, [
      add.device(device('lvn0', 'fixed', 1452, 'eth0'), 1),
      add.tunnel(tunnel('peer', endpoint(local), endpoint(remote))),
    ])
    ns.run('ip', 'addr', 'add', `10.64.0.${number}/24`, 'dev', 'lvn0')
    ns.run('ip', 'addr', 'add', `fd42::${number}/64`, 'dev', 'lvn0', 'nodad')
  }
  await reaches(a, '10.64.0.2')
  await reaches(a, 'fd42::2')
  const told = (to: string) => a.try('ping', '-n', '-c1', '-W1', '-Mdo', '-s1400', to).stdout
  // The first one learns the outer path's size from the router; the next is told.
  await until(
    'the IPv4 sender is told',
    () => told('10.64.0.2').includes(`mtu = ${fits}`) || fitsKnown('10.64.0.2'),
  )
  await until(
    'the IPv6 sender is told',
    () => told('fd42::2').includes(`mtu=${fits}`) || fitsKnown('fd42::2'),
  )
  expect(snapshot(a, openKmodPlane).devices[0]?.drops.fragment).toBeGreaterThan(0)
  for (const to of ['10.64.0.2', 'fd42::2']) {
    const tcp = await transferTcp(a, b, to, 1_000_000)
    expect(tcp.arrived).toEqual(tcp.sent)
  }

  function fitsKnown(to: string): boolean {
    return a.run('ip', 'route', 'get', to).includes(`mtu ${fits}`)
  }
})

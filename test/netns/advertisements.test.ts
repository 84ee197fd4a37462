// SPDX-License-Identifier: MIT
/**
 * A hub that has its IPv6 default route from router advertisements, which the kernel takes from a host that forwards.
 *
 *   hub gw eth0 ─── u0 router, which advertises itself
 */
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Host, type SpokeMachine } from '../support/host.ts'
import { until } from '../support/netns.ts'

const sender = fileURLToPath(new URL('../support/advertise.py', import.meta.url))

let hub: Host
let spoke: SpokeMachine
let file: string

beforeEach(async () => {
  hub = new Host('gw')
  spoke = hub.addSpoke('a')
  file = hub.file(
    'mitte.lvn',
    `lvn 1
overlay mitte {
  net 10.64.0.0/16, fd42:64::/48
  hub gw { listen 198.51.100.10; address 10.64.0.1, fd42:64::1 }
  spoke a { endpoint ${spoke.v4}; address 10.64.1.1, fd42:64:0:1::1 }
}
`,
  )
  hub.ns.sysctl('net/ipv6/conf/all/forwarding', 0)
  hub.ns.sysctl('net/ipv6/conf/eth0/accept_ra', 1)
  hub.ns.run('ip', '-6', 'route', 'del', 'default')
  await advertise()
})
afterEach(() => hub.dispose())

/** One router advertisement, sent again until the hub has the route that it gives. */
async function advertise(): Promise<void> {
  const process = hub.router.start('python3', [sender, 'u0', '600'], { stdio: ['pipe', 'pipe', 'inherit'] })
  try {
    await until(
      'the hub has the advertised default route',
      async () => {
        process.stdin?.write('\n')
        if (process.stdout !== null) await once(process.stdout, 'data')
        return isAdvertised()
      },
      60_000,
    )
  } finally {
    process.kill()
  }
}

const timeless = (facts: string) => facts.replace(/expires \d+sec/g, '')
const isAdvertised = () => hub.ns.run('ip', '-6', 'route', 'show', 'default').includes('proto ra')
const acceptRa = (on = 'eth0') => hub.ns.run('sysctl', '-n', `net.ipv6.conf.${on}.accept_ra`).trim()

test('an apply leaves the advertised default route, and the next one is taken, too', async () => {
  const before = timeless(hub.facts())
  hub.expectLvn(0, 'apply', file, '--yes')
  expect(hub.ns.run('sysctl', '-n', 'net.ipv6.conf.all.forwarding').trim()).toBe('1')
  expect(isAdvertised()).toBe(true)
  expect(acceptRa()).toBe('2')
  hub.ns.run('ip', '-6', 'route', 'del', 'default')
  await advertise()
  expect(hub.expectLvn(0, 'plan', file).stdout).toContain('No changes')
  hub.expectLvn(0, 'destroy', file, '--yes')
  expect(acceptRa()).toBe('1')
  expect(isAdvertised()).toBe(true)
  expect(timeless(hub.facts())).toBe(before)
})

test('an interface that was renamed, and one that came later, have back what they had', () => {
  hub.expectLvn(0, 'apply', file, '--yes')
  expect(acceptRa()).toBe('2')
  hub.ns.ip('addr flush dev eth0', 'link set eth0 down', 'link set eth0 name wan0', 'link set wan0 up')
  hub.ns.ip('link add eth0 link wan0 type macvlan', 'link set eth0 up')
  hub.ns.ip('addr add 198.51.100.10/24 dev eth0', 'addr add 2001:db8:1::10/64 dev eth0')
  hub.ns.ip('route add default via 198.51.100.1')
  hub.ns.sysctl('net/ipv6/conf/eth0/accept_ra', 1)
  hub.expectLvn(0, 'apply', file, '--yes')
  expect(acceptRa()).toBe('2')
  expect(acceptRa('wan0')).toBe('2')
  hub.expectLvn(0, 'destroy', file, '--yes')
  expect([acceptRa(), acceptRa('wan0')]).toEqual(['1', '1'])
})

test('what leads to a guest and comes later is left alone, be its forwarding set by hand or not', () => {
  hub.expectLvn(0, 'apply', file, '--yes')
  hub.ns.ip('link add cali0 type veth peer name guest0', 'tuntap add tap0 mode tap')
  for (const name of ['cali0', 'tap0']) hub.ns.sysctl(`net/ipv6/conf/${name}/accept_ra`, 1)
  hub.ns.sysctl('net/ipv6/conf/cali0/forwarding', 1)
  expect(hub.expectLvn(0, 'plan', file).stdout).toContain('No changes')
})

test('a default route that an apply takes away is noticed: all is taken back', () => {
  // It takes no more of them, so nothing is set; the route that it has goes all the same when forwarding is turned on.
  hub.ns.sysctl('net/ipv6/conf/eth0/accept_ra', 0)
  const before = hub.facts()
  expect(before).toContain('proto ra')
  const ran = hub.lvn('apply', file, '--yes')
  expect(ran.stdout + ran.stderr).toContain('no longer within reach: ::/0')
  expect(ran.status).toBe(4)
  expect(hub.ns.run('ip', '-o', 'link', 'show')).not.toContain('lvn0')
})

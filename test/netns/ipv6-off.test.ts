// SPDX-License-Identifier: MIT
/**
 * Hosts on which an administrator has switched IPv6 off: the overlay carries it all the same, over IPv4.
 *
 *   hub gw eth0 ─── router ─── eth0 spoke a
 */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Host, type SpokeMachine } from '../support/host.ts'
import { reaches } from '../support/plane-world.ts'

let hub: Host
let spoke: SpokeMachine

beforeEach(() => {
  hub = new Host('gw')
  spoke = hub.addSpoke('a')
})

afterEach(() => hub.dispose())

test('IPv6 inside goes between hosts without it, and only our devices have it', async () => {
  const machines = [hub, spoke]
  for (const { ns } of machines) {
    ns.run('sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1')
  }
  const file = hub.file(
    'mitte.lvn',
    `lvn 1
overlay mitte {
  net fd42:64::/48
  hub gw { listen 198.51.100.10; address fd42:64::1 }
  spoke a { endpoint ${spoke.v4}; address fd42:64:0:1::1; routes fd42:64:0:1::/64 }
}
`,
  )
  const before = machines.map((machine) => machine.facts())
  const { stdout } = hub.expectLvn(2, 'plan', file)
  expect(stdout).toContain('+ sysctl net/ipv6/conf/lvn0/disable_ipv6 = 0')
  for (const machine of machines) machine.expectLvn(0, 'apply', file, '--yes')
  for (const machine of machines) machine.expectLvn(0, 'plan', file)
  await reaches(hub.ns, 'fd42:64:0:1::1')
  await reaches(spoke.ns, 'fd42:64::1')
  expect(hub.ns.run('sysctl', '-n', 'net.ipv6.conf.eth0.disable_ipv6')).toBe('1\n')
  for (const machine of machines) machine.expectLvn(0, 'destroy', file, '--yes')
  expect(machines.map((machine) => machine.facts())).toEqual(before)
})

// SPDX-License-Identifier: MIT
/**
 * A hub whose listen address is away: on a first apply, after a flap of the link, while duplicate address detection is
 * under way, and for good behind a NAT that translates it. And a spoke whose own is away.
 *
 *   hub gw ─── router ─── spoke a
 */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { JsonPlan } from '../../src/interp/plan-json.ts'
import type { LiveState } from '../../src/model/state.ts'
import { Host, type SpokeMachine } from '../support/host.ts'
import { until } from '../support/netns.ts'
import { allReach } from '../support/traffic.ts'

let hub: Host
let spoke: SpokeMachine

beforeEach(() => {
  hub = new Host('gw')
  spoke = hub.addSpoke('a')
})
afterEach(() => hub.dispose())

const file = (listen: string, endpoint: string) =>
  hub.file(
    'mitte.lvn',
    `lvn 1
overlay mitte {
  net 10.64.0.0/16, fd42:64::/48
  hub gw { match hostname nowhere; listen ${listen}; address 10.64.0.1, fd42:64::1 }
  spoke a { endpoint ${endpoint}; address 10.64.1.1, fd42:64:0:1::1 }
}
`,
  )
const reach = () =>
  allReach([
    { ns: hub.ns, addresses: ['10.64.0.1', 'fd42:64::1'] },
    { ns: spoke.ns, addresses: ['10.64.1.1', 'fd42:64:0:1::1'] },
  ])
const planned = (status: number, source: string) =>
  JSON.parse(hub.expectLvn(status, 'plan', source, '--node', 'gw', '--json').stdout) as JsonPlan
const tunnel = () => (JSON.parse(hub.expectLvn(0, 'snapshot').stdout) as LiveState).tunnels[0]

test('a first apply without the listen address is pending and ends with 5, and the next one adds the endpoint', async () => {
  hub.ns.ip('addr add 192.0.2.77/24 dev eth0', 'addr del 198.51.100.10/24 dev eth0')
  hub.ns.ip('route replace default via 198.51.100.1 dev eth0 onlink')
  const source = file('198.51.100.10', spoke.v4)
  hub.expectLvn(5, 'apply', source, '--node', 'gw', '--yes')
  expect(tunnel()).toMatchObject({ local: { address: '198.51.100.10' }, remote: null })
  const again = hub.expectLvn(2, 'plan', source, '--node', 'gw').stdout
  expect(again).not.toContain('No changes')
  expect(again).toContain('listen 198.51.100.10:50000: no interface of this host has it')
  hub.expectLvn(5, 'apply', source, '--node', 'gw', '--yes')
  hub.ns.ip('addr add 198.51.100.10/24 dev eth0')
  hub.expectLvn(0, 'apply', source, '--node', 'gw', '--yes')
  spoke.expectLvn(0, 'apply', source, '--node', 'a', '--yes')
  expect(hub.expectLvn(0, 'plan', source, '--node', 'gw').stdout).toContain('No changes')
  await reach()
})

test('a flap of the link takes no listen address from a tunnel, and gives it none of the overlay', async () => {
  const source = file('[2001:db8:1::10]', `[${spoke.v6}]`)
  for (const [machine, node] of [
    [hub, 'gw'],
    [spoke, 'a'],
  ] as const)
    machine.expectLvn(0, 'apply', source, '--node', node, '--yes')
  await reach()
  const before = tunnel()
  hub.ns.ip('addr del 2001:db8:1::10/64 dev eth0')
  hub.ns.ip('route replace default via 2001:db8:1::1 dev eth0 onlink')
  const plan = planned(2, source)
  expect(plan.operations.filter(({ kind }) => kind === 'tunnel')).toEqual([])
  expect(plan.pending).toMatchObject([{ tunnel: 'a' }])
  hub.expectLvn(5, 'apply', source, '--node', 'gw', '--yes')
  expect(tunnel()).toMatchObject({ local: before?.local, remote: before?.remote })
  hub.ns.ip('addr add 2001:db8:1::10/64 dev eth0 nodad')
  hub.expectLvn(0, 'apply', source, '--node', 'gw', '--yes')
  await reach()
})

test('a spoke whose underlay is away keeps its tunnel, and plans no address of the overlay as its end', () => {
  const source = file('198.51.100.10', 'nat')
  spoke.expectLvn(0, 'apply', source, '--node', 'a', '--yes')
  const planned = () => {
    const { stdout } = spoke.expectLvn(0, 'plan', source, '--node', 'a', '--json')
    const { operations, pending } = JSON.parse(stdout) as JsonPlan
    return { operations, reasons: pending.map(({ reason }) => reason) }
  }
  // The kernel would send from the only address that it has left: the overlay's own.
  spoke.ns.run('ip', '-4', 'addr', 'flush', 'dev', 'eth0')
  spoke.ns.ip('route replace default dev eth0')
  expect(spoke.ns.run('ip', 'route', 'get', '198.51.100.10')).toContain('src 10.64.1.1')
  const reason = 'to 198.51.100.10 packets would leave from 10.64.1.1: it is an address of lvn0'
  expect(planned()).toEqual({ operations: [], reasons: [reason] })
  spoke.expectLvn(0, 'apply', source, '--node', 'a', '--yes')
  spoke.ns.ip('link del eth0')
  expect(planned()).toEqual({
    operations: [],
    reasons: ['no route to 198.51.100.10 in the underlay'],
  })
  // Made now, it is pending, with no end of the overlay either.
  spoke.expectLvn(0, 'destroy', source, '--node', 'a', '--yes')
  const made = spoke.expectLvn(0, 'apply', source, '--node', 'a', '--yes').stdout
  expect(made).toMatch(/\+ tunnel lvn0\/gw local /)
  expect(made).not.toMatch(/local (10\.64\.|\[?fd42:)/)
})

test('an address under duplicate address detection is waited for', async () => {
  const source = file('[2001:db8:1::10]', `[${spoke.v6}]`)
  hub.ns.ip('addr del 2001:db8:1::10/64 dev eth0')
  // Detection takes as long as the retransmissions: until they are shortened again, for ever.
  hub.ns.sysctl('net/ipv6/conf/eth0/accept_dad', 1)
  hub.ns.sysctl('net/ipv6/conf/eth0/dad_transmits', 1000)
  hub.ns.ip('addr add 2001:db8:1::10/64 dev eth0')
  expect(hub.ns.run('ip', 'addr', 'show', 'dev', 'eth0')).toContain(
    '2001:db8:1::10/64 scope global tentative',
  )
  hub.expectLvn(5, 'apply', source, '--node', 'gw', '--yes')
  expect(tunnel()).toMatchObject({ local: { address: '2001:db8:1::10' }, remote: null })
  expect(planned(2, source).absent).toMatchObject([
    { reason: 'eth0 has it, but still asks whether another host does' },
  ])
  hub.ns.ip('addr del 2001:db8:1::10/64 dev eth0', 'addr add 2001:db8:1::10/64 dev eth0 nodad')
  hub.ns.ip('route replace default via 2001:db8:1::1 dev eth0')
  await until(
    'the hub takes its address',
    () => hub.lvn('apply', source, '--node', 'gw', '--yes').status === 0,
  )
  spoke.expectLvn(0, 'apply', source, '--node', 'a', '--yes')
  await reach()
})

// SPDX-License-Identifier: MIT
/**
 * What somebody changed by hand on a running hub is planned, repaired, and nothing else with it.
 *
 *   hub gw ─── router ─── a
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { addon, type Fd } from '../../native/addon/index.ts'
import { tcxAttacher } from '../../native/ebpf/attach.ts'
import { openMap } from '../../native/ebpf/maps.ts'
import { openEbpfPlane } from '../../native/ebpf/plane.ts'
import { withNetns } from '../../native/netns.ts'
import type { PlaneOperation } from '../../src/model/kernel.ts'
import type { PlaneState } from '../../src/model/state.ts'
import { Host, type Machine, type SpokeMachine, stateOf } from '../support/host.ts'
import { applyAll, snapshot } from '../support/plane-world.ts'
import { allReach } from '../support/traffic.ts'

let hub: Host
let a: SpokeMachine
let file: string
let untouched: string
let whole: unknown

beforeAll(async () => {
  hub = new Host('gw')
  a = hub.addSpoke('a')
  file = hub.file(
    'drift.lvn',
    `lvn 1
overlay drift {
  net 10.64.0.0/16, fd42:64::/48
  hub gw {
    listen 198.51.100.10, [2001:db8:1::10]
    device lvn0 { address 10.64.0.1, fd42:64::1 }
    routes 10.64.100.0/24
  }
  spoke a { endpoint ${a.v4}; address 10.64.1.1, fd42:64:0:1::1 }
  spoke b { endpoint [2001:db8:77::5]; address 10.64.2.1; routes 10.64.3.0/24 }
}
`,
  )
  untouched = hub.facts()
  for (const machine of [hub, a]) machine.expectLvn(0, 'apply', file, '--yes')
  await reached()
  whole = stateOf(hub)
})

// A case that failed leaves the next one a hub as it should be.
afterEach(({ task }) => {
  if (task.result?.state === 'fail') hub.lvn('apply', file, '--yes')
})
afterAll(() => hub.dispose())

const reached = () =>
  allReach([
    { ns: hub.ns, addresses: ['10.64.0.1', 'fd42:64::1'] },
    { ns: a.ns, addresses: ['10.64.1.1', 'fd42:64:0:1::1'] },
  ])

const ip = (...args: string[]) => hub.ns.run('ip', ...args)
const sysctl = (assignment: string) => hub.ns.run('sysctl', '-qw', assignment)

/** Changes the data plane behind the command's back. */
function plane(change: (state: PlaneState) => PlaneOperation): void {
  const open = () => openEbpfPlane()
  applyAll(hub.ns, open, [change(snapshot(hub.ns, open))])
}

const pick = <T extends { name: string }>(list: readonly T[], name: string) =>
  list.find((each) => each.name === name) as T

test.each<[what: string, change: () => void, plan: Record<string, readonly string[]>]>([
  [
    'the last IPv4 address is deleted, which takes the routes with it',
    () => ip('addr', 'del', '10.64.0.1/32', 'dev', 'lvn0'),
    { 'add address lvn0 10.64.0.1': [], 'add route 10.64.0.0/16': [] },
  ],
  [
    'an IPv6 address is deleted',
    () => ip('addr', 'del', 'fd42:64::1/128', 'dev', 'lvn0'),
    { 'add address lvn0 fd42:64::1': [] },
  ],
  ['an IPv4 route is deleted', () => ip('route', 'del', '10.64.0.0/16'), { 'add route 10.64.0.0/16': [] }],
  [
    'an IPv6 route is deleted',
    () => ip('-6', 'route', 'del', 'fd42:64::/48'),
    { 'add route fd42:64::/48': [] },
  ],
  [
    'an unreachable route is deleted',
    () => ip('route', 'del', 'unreachable', '10.64.100.0/24', 'metric', '4278198272'),
    { 'add route unreachable 10.64.100.0/24': [] },
  ],
  [
    'an IPv4 route takes packets of one TOS only',
    () => {
      ip('route', 'del', '10.64.0.0/16', 'dev', 'lvn0')
      ip('route', 'add', '10.64.0.0/16', 'tos', '0x10', 'dev', 'lvn0', 'proto', '76')
    },
    { 'add route 10.64.0.0/16': [], 'remove route 10.64.0.0/16 tos 0x10': [] },
  ],
  [
    'an IPv6 route takes packets of one source prefix only',
    () => {
      ip('-6', 'route', 'del', 'fd42:64::/48', 'dev', 'lvn0')
      ip('-6', 'route', 'add', 'fd42:64::/48', 'from', 'fd99::/64', 'dev', 'lvn0', 'proto', '76')
    },
    { 'add route fd42:64::/48': [], 'remove route fd42:64::/48 from fd99::/64': [] },
  ],
  [
    'an IPv4 route has another source',
    () =>
      ip(
        'route',
        'change',
        '10.64.0.0/16',
        'dev',
        'lvn0',
        'src',
        '198.51.100.10',
        'proto',
        '76',
        'scope',
        'link',
      ),
    { 'change route 10.64.0.0/16': ['source'] },
  ],
  [
    'an IPv6 route has another source',
    () => ip('-6', 'route', 'replace', 'fd42:64::/48', 'dev', 'lvn0', 'src', '2001:db8:1::10', 'proto', '76'),
    { 'change route fd42:64::/48': ['source'] },
  ],
  [
    'an IPv4 route has a gateway',
    () => ip('route', 'change', '10.64.0.0/16', 'via', '10.64.1.1', 'dev', 'lvn0', 'onlink', 'proto', '76'),
    { 'change route 10.64.0.0/16': ['gateway'] },
  ],
  [
    'an IPv4 route has a gateway of IPv6',
    () =>
      ip(
        ...['route', 'change', '10.64.0.0/16', 'via', 'inet6', 'fd42:64:0:1::1'],
        ...['dev', 'lvn0', 'onlink', 'proto', '76'],
      ),
    { 'change route 10.64.0.0/16': ['gateway'] },
  ],
  [
    'an IPv6 route has a gateway',
    () =>
      ip(
        ...['-6', 'route', 'replace', 'fd42:64::/48', 'via', 'fd42:64:0:1::1'],
        ...['dev', 'lvn0', 'onlink', 'proto', '76'],
      ),
    { 'change route fd42:64::/48': ['gateway'] },
  ],
  [
    'the device is set down, which takes routes and IPv6 addresses with it',
    () => ip('link', 'set', 'lvn0', 'down'),
    {
      'change device lvn0': ['up'],
      'add address lvn0 fd42:64::1': [],
      'add route 10.64.0.0/16': [],
      'add route fd42:64::/48': [],
    },
  ],
  ['the MTU is changed', () => ip('link', 'set', 'lvn0', 'mtu', '1300'), { 'change device lvn0': ['mtu'] }],
  [
    "the device's forwarding is switched off",
    () => sysctl('net.ipv4.conf.lvn0.forwarding=0'),
    { 'change sysctl net/ipv4/conf/lvn0/forwarding': ['value'] },
  ],
  [
    'redirects are switched on',
    () => sysctl('net.ipv4.conf.all.send_redirects=1'),
    { 'change sysctl net/ipv4/conf/all/send_redirects': ['value'] },
  ],
  [
    'IPv6 forwarding is switched off',
    () => sysctl('net.ipv6.conf.all.forwarding=0'),
    { 'change sysctl net/ipv6/conf/all/forwarding': ['value'] },
  ],
  [
    "a tunnel's endpoint is changed",
    () =>
      plane(({ tunnels }) => {
        const spec = pick(tunnels, 'b')
        return {
          op: 'set',
          kind: 'tunnel',
          spec: { ...spec, remote: { address: spec.remote?.address, port: 9 } } as typeof spec,
        }
      }),
    { 'change tunnel lvn0/b': ['remote'] },
  ],
  [
    "a tunnel's keepalive is changed",
    () =>
      plane(({ tunnels }) => ({
        op: 'set',
        kind: 'tunnel',
        spec: { ...pick(tunnels, 'a'), keepalive: { intervalMs: 1000, deadMs: 5000 } },
      })),
    { 'change tunnel lvn0/a': ['keepalive'] },
  ],
  [
    'a rule is deleted',
    () => plane(({ rules }) => ({ op: 'delete', kind: 'rule', spec: ruleOf(rules, '10.64.1.1/32') })),
    { 'add rule lvn0 10.64.1.1/32': [] },
  ],
  [
    'a rule leads to another tunnel',
    () =>
      plane(({ rules }) => ({
        op: 'set',
        kind: 'rule',
        spec: { ...ruleOf(rules, '10.64.1.1/32'), tunnel: 'b' },
      })),
    { 'change rule lvn0 10.64.1.1/32': ['tunnel'] },
  ],
  [
    'the receiving program is detached',
    () => detach('eth0', 'ingress'),
    { 'change device lvn0': ['underlays'] },
  ],
  ['the sending program is detached', () => detach('lvn0', 'egress'), { 'change device lvn0': ['intact'] }],
  [
    'the device is given another alias',
    () => ip('link', 'set', 'lvn0', 'alias', 'office'),
    { 'change device lvn0': ['intact'] },
  ],
  [
    'it is given another alias, and its sending program is detached',
    () => {
      ip('link', 'set', 'lvn0', 'alias', 'office')
      detach('lvn0', 'egress')
    },
    { 'change device lvn0': ['intact'] },
  ],
  [
    'the program on the loopback interface is detached',
    () => detach('lo', 'ingress'),
    { 'change device lvn0': ['intact'] },
  ],
  [
    'the device leaves no checksums to others, like one that an older version has made',
    () => hub.ns.run('/usr/bin/python3', '-c', withoutOffloads),
    { 'change device lvn0': ['intact'] },
  ],
  [
    'checksums of the device are switched off',
    () => hub.ns.run('ethtool', '-K', 'lvn0', 'tx', 'off'),
    { 'change device lvn0': ['intact'] },
  ],
])('%s', async (_, change, plan) => {
  change()
  const ran = hub.expectLvn(2, 'plan', file, '--json')
  const { operations } = JSON.parse(ran.stdout) as { operations: Planned[] }
  expect(Object.fromEntries(operations.map(({ op, id, fields }) => [`${op} ${id}`, fields]))).toEqual(plan)
  hub.expectLvn(0, 'apply', file, '--yes')
  expect(stateOf(hub)).toEqual(whole)
  hub.expectLvn(0, 'plan', file)
  await reached()
})

test('the device is deleted: it is made anew, and what it had changed is remembered', async () => {
  ip('link', 'del', 'lvn0')
  const { stdout } = hub.expectLvn(2, 'plan', file)
  expect(stdout).toContain('- device lvn0')
  expect(stdout).toContain('+ device lvn0')
  hub.expectLvn(0, 'apply', file, '--yes')
  expect(stateOf(hub)).toEqual(whole)
  hub.expectLvn(0, 'plan', file)
  await reached()
})

test('of everything that was repaired destroy leaves nothing', () => {
  hub.expectLvn(0, 'destroy', file, '--yes')
  expect(hub.facts()).toBe(untouched)
})

test('the device is deleted, and destroy takes away what it left', () => {
  hub.expectLvn(0, 'apply', file, '--yes')
  ip('link', 'del', 'lvn0')
  hub.expectLvn(0, 'destroy', file, '--yes')
  expect(hub.facts()).toBe(untouched)
})

test('the programs are those of another version, which leaves nothing behind when it is replaced', async () => {
  hub.expectLvn(0, 'apply', file, '--yes')
  for (const machine of [hub, a]) {
    pretendOtherLayout(machine)
    const { stdout } = machine.expectLvn(2, 'plan', file)
    expect(stdout).toContain('~ device lvn0 damaged → whole\n  + tunnel lvn0/')
    machine.expectLvn(0, 'apply', file, '--yes')
    machine.expectLvn(0, 'plan', file)
  }
  await reached()
  hub.expectLvn(0, 'destroy', file, '--yes')
  expect(hub.facts()).toBe(untouched)
  hub.expectLvn(0, 'apply', file, '--yes')
})

test('all programs are detached on both ends, and every table of the devices is gone', async () => {
  hub.expectLvn(0, 'apply', file, '--yes')
  for (const machine of [hub, a]) {
    detach('eth0', 'ingress', machine)
    detach('lvn0', 'egress', machine)
    detach('lo', 'ingress', machine)
  }
  a.expectLvn(2, 'plan', file)
  a.expectLvn(0, 'apply', file, '--yes')
  a.expectLvn(0, 'plan', file)
  const { stdout } = hub.expectLvn(2, 'plan', file)
  expect(stdout).toContain('+ tunnel lvn0/a')
  expect(stdout).toContain('+ rule lvn0 10.64.1.1/32')
  hub.expectLvn(0, 'apply', file, '--yes')
  hub.expectLvn(0, 'plan', file)
  await reached()
})

/** TUNSETIFF with IFF_TUN and IFF_NO_PI, TUNSETOFFLOAD with nothing: <linux/if_tun.h>. */
const withoutOffloads = `
import fcntl, struct
tun = open('/dev/net/tun', 'r+b', buffering=0)
fcntl.ioctl(tun, 0x400454ca, struct.pack('16sH22x', b'lvn0', 0x1001))
fcntl.ioctl(tun, 0x400454d0, 0)`

interface Planned {
  readonly op: string
  readonly id: string
  readonly fields: readonly string[]
}

const ruleOf = (rules: PlaneState['rules'], prefix: string) =>
  rules.find((rule) => rule.prefix === prefix) as PlaneState['rules'][number]

/** The version of the layout is the first word of the configuration. */
function pretendOtherLayout(machine: Machine): void {
  const { ifindex } = JSON.parse(machine.ns.run('ip', '-j', 'link', 'show', 'lvn0'))[0]
  withNetns(machine.ns.path, () => {
    const [program] = tcxAttacher.list(ifindex, 'egress')
    const map = openMap(program?.mapIds ?? [], 'lvn_config') as Fd
    const config = addon().bpfMapLookup(map, Buffer.alloc(4)) as Buffer
    config.writeUInt32LE(config.readUInt32LE(0) - 1, 0)
    addon().bpfMapUpdate(map, Buffer.alloc(4), config)
    addon().close(map)
  })
}

function detach(device: string, direction: 'ingress' | 'egress', machine: Machine = hub): void {
  const { ifindex } = JSON.parse(machine.ns.run('ip', '-j', 'link', 'show', device))[0]
  withNetns(machine.ns.path, () => {
    for (const { programId } of tcxAttacher.list(ifindex, direction)) {
      tcxAttacher.detach(ifindex, direction, programId)
    }
  })
}

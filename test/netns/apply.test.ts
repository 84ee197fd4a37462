// SPDX-License-Identifier: MIT
/**
 * `lvn apply` on a hub and three spokes: what stays when the command has exited, and how a changed file
 * changes a running overlay.
 *
 *   hub gw ─── router ─┬─ a  over IPv4
 *                      ├─ b  over IPv6
 *                      └─ c  over IPv4, port 50001, a subnet behind it
 */
import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Host, type SpokeMachine, stateOf } from '../support/host.ts'
import { allReach, Pinger } from '../support/traffic.ts'

let hub: Host
let a: SpokeMachine
let b: SpokeMachine
let c: SpokeMachine

beforeAll(() => {
  hub = new Host('gw')
  a = hub.addSpoke('a')
  b = hub.addSpoke('b')
  c = hub.addSpoke('c')
})

afterAll(() => hub.dispose())

const source = () => `lvn 1
overlay mitte {
  net 10.64.0.0/16, fd42:64::/48
  hub gw {
    listen 198.51.100.10, [2001:db8:1::10]
    device lvn0 { address 10.64.0.1, fd42:64::1 }
  }
  spoke a { endpoint ${a.v4}; address 10.64.1.1, fd42:64:0:1::1 }
  spoke b { endpoint [${b.v6}]; address 10.64.2.1, fd42:64:0:2::1 }
  spoke c { endpoint ${c.v4}:50001; address 10.64.3.1, fd42:64:0:3::1; routes 10.64.3.0/24 }
}
`

const peers = () => [
  { ns: hub.ns, addresses: ['10.64.0.1', 'fd42:64::1'] },
  { ns: a.ns, addresses: ['10.64.1.1', 'fd42:64:0:1::1'] },
  { ns: b.ns, addresses: ['10.64.2.1', 'fd42:64:0:2::1'] },
  { ns: c.ns, addresses: ['10.64.3.1', 'fd42:64:0:3::1'] },
]

const machines = () => [hub, a, b, c]

describe('a whole overlay', () => {
  test('carries both families between all nodes with no process alive, and is planned no second time', async () => {
    const file = hub.file('mitte.lvn', source())
    const before = machines().map((machine) => machine.facts())
    for (const machine of machines()) {
      machine.expectLvn(2, 'plan', file)
      machine.expectLvn(0, 'apply', file, '--yes')
    }
    for (const { ns } of machines()) {
      expect(spawnSync('ip', ['netns', 'pids', ns.name], { encoding: 'utf8' }).stdout).toBe('')
    }
    await allReach(peers())
    for (const machine of machines()) {
      expect(machine.expectLvn(0, 'plan', file).stdout).toContain('No changes')
      expect(machine.expectLvn(0, 'apply', file, '--yes').stdout).toContain('No changes')
    }
    for (const machine of machines()) machine.expectLvn(0, 'destroy', file, '--yes')
    expect(machines().map((machine) => machine.facts())).toEqual(before)
  })

  test('is planned and applied as JSON with operations and the lines that ask for them', () => {
    const file = hub.file('mitte.lvn', source())
    const plan = JSON.parse(hub.expectLvn(2, 'plan', file, '--json').stdout)
    expect(plan).toMatchObject({
      formatVersion: 1,
      nodes: [{ overlay: 'mitte', name: 'gw', role: 'hub' }],
      summary: { remove: 0 },
      pending: [],
      foreign: [],
    })
    const tunnel = plan.operations.find(({ id }: { id: string }) => id === 'tunnel lvn0/b')
    expect(tunnel).toMatchObject({
      op: 'add',
      kind: 'tunnel',
      before: null,
      after: { remote: { address: b.v6, port: 50_000 }, underlay: 'eth0' },
      span: { file, line: 9 },
    })
    expect(plan.operations.filter(({ span }: { span: unknown }) => span === null)).toEqual([])

    const applied = JSON.parse(hub.expectLvn(0, 'apply', file, '--yes', '--json').stdout)
    expect(applied.plan).toEqual(plan)
    expect(applied.report).toMatchObject({ outcome: 'done', residue: [] })
    expect(JSON.parse(hub.expectLvn(0, 'plan', file, '--json').stdout).operations).toEqual([])
    hub.expectLvn(0, 'destroy', file, '--yes')
  })

  test('is neither applied nor destroyed unasked where nobody can be asked, but planned', () => {
    const file = hub.file('mitte.lvn', source())
    const unasked = (command: string, what: string, change: string) => {
      const before = hub.facts()
      const { stdout, stderr } = hub.expectLvn(64, command, what)
      expect(stdout).toContain(`\n${change} device lvn0`)
      expect(stdout).toMatch(/\nPlan: \d+ to add, \d+ to change, \d+ to remove\.\n$/)
      expect(stderr).toContain(`lvn ${command} asks before it changes the kernel, and this is not a terminal`)
      expect(stderr).toContain('help: nothing was changed; --yes carries out the plan that is printed')
      expect(hub.facts()).toBe(before)
    }
    unasked('apply', file, '+')
    hub.expectLvn(0, 'apply', file, '--yes')
    expect(hub.expectLvn(0, 'apply', file).stdout).toContain('No changes')
    unasked('destroy', file, '-')
    unasked('destroy', 'mitte', '-')
    expect(hub.expectLvn(64, 'destroy', 'nord').stderr).toContain('no overlay or node of that name')
    hub.expectLvn(0, 'destroy', file, '--yes')
  })

  test('goes up around a peer whose name cannot be resolved', async () => {
    const file = hub.file('mitte.lvn', source().replace(`[${b.v6}]`, 'nowhere.invalid'))
    const applied = JSON.parse(hub.expectLvn(0, 'apply', file, '--yes', '--json').stdout)
    expect(applied.plan.pending).toEqual([
      { device: 'lvn0', tunnel: 'b', reason: expect.stringContaining('nowhere.invalid') },
    ])
    a.expectLvn(0, 'apply', file, '--yes')
    const [gw, first] = peers() as [ReturnType<typeof peers>[0], ReturnType<typeof peers>[0]]
    await allReach([gw, first])
    const again = hub.expectLvn(0, 'plan', file)
    expect(again.stdout).toContain('tunnel lvn0/b: the name nowhere.invalid cannot be resolved')
    expect(again.stdout).toContain('No changes')
    // Its name has an address now: only its tunnel is changed.
    const known = hub.file('mitte.lvn', source())
    expect(planned(known)).toEqual(['change tunnel lvn0/b'])
    hub.expectLvn(0, 'apply', known, '--yes')
    for (const machine of [hub, a]) machine.expectLvn(0, 'destroy', file, '--yes')
  })
})

/** What `lvn plan` would do on the hub, in order: `add tunnel lvn0/d`. */
function planned(file: string): string[] {
  const ran = hub.lvn('plan', file, '--json')
  const { operations } = JSON.parse(ran.stdout) as { operations: { op: string; id: string }[] }
  expect(ran.status).toBe(operations.length === 0 ? 0 : 2)
  return operations.map(({ op, id }) => `${op} ${id}`)
}

describe('a changed file', () => {
  let file: string

  beforeAll(async () => {
    file = hub.file('mitte.lvn', source())
    for (const machine of machines()) machine.expectLvn(0, 'apply', file, '--yes')
    await allReach(peers())
  })
  beforeEach(() => {
    file = hub.file('mitte.lvn', source())
    hub.expectLvn(0, 'apply', file, '--yes')
  })
  afterAll(() => {
    for (const machine of machines()) machine.expectLvn(0, 'destroy', file, '--yes')
  })

  const d = 'spoke d { endpoint 203.0.113.200; address 10.64.4.1; routes 10.64.4.0/24 }'

  test.each<[name: string, change: (text: string) => string, plan: string[]]>([
    [
      'a spoke more',
      (text) => text.replace(/}\n$/, `  ${d}\n}\n`),
      ['add tunnel lvn0/d', 'add rule lvn0 10.64.4.1/32', 'add rule lvn0 10.64.4.0/24'],
    ],
    [
      'a spoke less, the one for which packets had to be shorter',
      (text) => text.replace(/ {2}spoke b .*\n/, ''),
      [
        'change device lvn0',
        'remove rule lvn0 10.64.2.1/32',
        'remove rule lvn0 fd42:64:0:2::1/128',
        'remove tunnel lvn0/b',
      ],
    ],
    [
      'an endpoint that moves from IPv6 to IPv4',
      (text) => text.replace(`[${b.v6}]`, b.v4),
      ['change device lvn0', 'change tunnel lvn0/b'],
    ],
    ['a port that changes', (text) => text.replace(':50001', ':50002'), ['change tunnel lvn0/c']],
    [
      'a subnet that moves to another spoke',
      (text) =>
        text.replace('; routes 10.64.3.0/24', '').replace('fd42:64:0:2::1', '$&; routes 10.64.3.128/25'),
      ['add rule lvn0 10.64.3.128/25', 'remove rule lvn0 10.64.3.0/24'],
    ],
    [
      'a net more',
      (text) => text.replace('fd42:64::/48', '$&, 10.80.0.0/16'),
      ['add route 10.80.0.0/16', 'change device lvn0'],
    ],
    [
      'an address more',
      (text) => text.replace('address 10.64.0.1,', 'address 10.64.0.1, 10.64.0.2,'),
      ['add address lvn0 10.64.0.2'],
    ],
    [
      'another keepalive',
      (text) => text.replace('spoke b {', 'spoke b { keepalive every 5s;'),
      ['change tunnel lvn0/b'],
    ],
    [
      'another MTU',
      (text) => text.replace('device lvn0 {', 'device lvn0 { mtu 1400;'),
      ['change device lvn0'],
    ],
  ])('%s: only the difference is planned, and an untouched tunnel loses nothing', async (_, change, plan) => {
    const whole = stateOf(hub)
    const changed = hub.file('changed.lvn', change(source()))
    expect(planned(changed).sort()).toEqual([...plan].sort())
    const four = await Pinger.start(hub.ns, '10.64.1.1')
    const six = await Pinger.start(a.ns, 'fd42:64::1')
    try {
      hub.expectLvn(0, 'apply', changed, '--yes')
      expect(planned(changed)).toEqual([])
      hub.expectLvn(0, 'apply', file, '--yes')
      expect(stateOf(hub)).toEqual(whole)
      expect(await four.lost()).toEqual([])
      expect(await six.lost()).toEqual([])
    } finally {
      four.stop()
      six.stop()
    }
  })

  test('another name for the device takes the place of the old one', async () => {
    const renamed = hub.file('changed.lvn', source().replace('device lvn0', 'device mesh0'))
    hub.expectLvn(0, 'apply', renamed, '--yes')
    expect(planned(renamed)).toEqual([])
    await allReach(peers())
    hub.expectLvn(0, 'apply', file, '--yes')
    await allReach(peers())
  })
})

// SPDX-License-Identifier: MIT
/**
 * What others have put on the host survives every command, and destroy leaves everything as it was.
 *
 *   host eth0 ─── router          host dmz0 ─── dmz1 host, a foreign pair
 */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Host, stateOf } from '../support/host.ts'
import { until } from '../support/netns.ts'

let host: Host

beforeEach(() => {
  host = new Host()
})

afterEach(() => host.dispose())

/** A hub whose routes and IPv6 net make it set every switch that there is. */
const overlay = (name: string, n: number, device: string) => `lvn 1
overlay ${name} {
  net 10.${n}.0.0/16, fd42:${n}::/48
  port 500${n}
  hub gw {
    listen 198.51.100.10, [2001:db8:1::10]
    device ${device} { address 10.${n}.0.1, fd42:${n}::1 }
    routes 10.${n}.100.0/24, fd42:${n}:0:100::/64
  }
  spoke a { endpoint 203.0.113.7; address 10.${n}.1.1; routes 10.${n}.1.0/24 }
  spoke b { endpoint [2001:db8:77::5]; address fd42:${n}:0:2::1 }
}
`

const ip = (...args: string[]) => host.ns.run('ip', ...args)
const sysctl = (assignment: string) => host.ns.run('sysctl', '-qw', assignment)

/** A device, addresses, routes, a queueing discipline and a filter that somebody else needs. */
function addForeign(): void {
  ip('link', 'add', 'dmz0', 'type', 'veth', 'peer', 'name', 'dmz1')
  ip('addr', 'add', '192.168.7.1/24', 'dev', 'dmz0')
  ip('addr', 'add', 'fd00:7::1/64', 'dev', 'dmz0', 'nodad')
  ip('link', 'set', 'dmz0', 'up')
  ip('link', 'set', 'dmz1', 'up')
  ip('route', 'add', '10.99.0.0/16', 'via', '192.168.7.2')
  ip('-6', 'route', 'add', 'fd99::/48', 'via', 'fd00:7::2')
  ip('route', 'add', 'blackhole', '10.64.200.0/24')
  ip('route', 'add', 'unreachable', '10.98.0.0/16')
  host.ns.run('tc', 'qdisc', 'add', 'dev', 'eth0', 'clsact')
  const noMatch = ['bpf', 'bytecode', '1,6 0 0 0']
  host.ns.run('tc', 'filter', 'add', 'dev', 'eth0', 'ingress', 'protocol', 'ip', 'pref', '7', ...noMatch)
}

/** What of `facts` has nothing to do with lvn0, eth0's programs and the switches. */
const foreignFacts = () =>
  [
    ip('-d', 'link', 'show', 'dmz0'),
    ip('addr', 'show', 'dmz0').replace(/valid_lft.*/g, ''),
    ip('route', 'show', 'dev', 'dmz0'),
    ip('-6', 'route', 'show', 'dev', 'dmz0'),
    ip('route', 'show', 'type', 'blackhole'),
    host.ns.run('tc', 'filter', 'show', 'dev', 'eth0', 'ingress'),
  ].join('\n')

test('a foreign device, address, route and filter survive plan, apply, a second apply and destroy', () => {
  addForeign()
  const file = host.file('mitte.lvn', overlay('mitte', 64, 'lvn0'))
  const before = host.facts()
  const foreign = foreignFacts()
  host.expectLvn(2, 'plan', file)
  expect(host.facts()).toBe(before)
  host.expectLvn(0, 'apply', file, '--yes')
  expect(foreignFacts()).toBe(foreign)
  host.expectLvn(0, 'apply', file, '--yes')
  expect(foreignFacts()).toBe(foreign)
  host.expectLvn(0, 'destroy', file, '--yes')
  expect(host.facts()).toBe(before)
})

test('what somebody put on our device is reported, stays, and goes only with the device', () => {
  const file = host.file('mitte.lvn', overlay('mitte', 64, 'lvn0'))
  const before = host.facts()
  host.expectLvn(0, 'apply', file, '--yes')
  ip('addr', 'add', '192.168.9.1/24', 'dev', 'lvn0')
  ip('route', 'add', '10.97.0.0/16', 'dev', 'lvn0')
  const theirs = () => [ip('addr', 'show', 'lvn0'), ip('route', 'show', 'dev', 'lvn0')].join('\n')
  const marked = theirs()
  for (const command of ['plan', 'apply']) {
    const args = command === 'apply' ? ['--yes'] : []
    const { stdout } = host.expectLvn(0, command, file, ...args)
    expect(stdout).toContain('address lvn0 192.168.9.1: set by someone else on our lvn0')
    expect(stdout).toContain('route 10.97.0.0/16: set by someone else on our lvn0')
    expect(stdout).toContain('No changes')
    expect(theirs()).toBe(marked)
  }
  const { stdout } = host.expectLvn(0, 'destroy', file, '--yes')
  expect(stdout).toContain('address lvn0 192.168.9.1: goes with lvn0, which is removed')
  expect(stdout).toContain('route 10.97.0.0/16: goes with lvn0, which is removed')
  expect(host.facts()).toBe(before)
})

test("somebody else's route in the place of ours is refused, and nothing is changed", () => {
  addForeign()
  ip('route', 'add', '10.64.0.0/16', 'via', '192.168.7.2')
  const file = host.file('mitte.lvn', overlay('mitte', 64, 'lvn0'))
  const before = host.facts()
  const { stderr } = host.expectLvn(4, 'apply', file, '--yes')
  expect(stderr).toContain('route 10.64.0.0/16 cannot be set: another route to it on dmz0 is in its place')
  expect(host.facts()).toBe(before)
})

test('an interface of somebody else with our mark as its alias is noted, and blocks nothing', () => {
  addForeign()
  ip('link', 'set', 'dmz0', 'alias', 'lvn:mitte/gw')
  ip('link', 'set', 'dmz1', 'alias', 'lvn:mitte/b\u001b[2J')
  const file = host.file('mitte.lvn', overlay('mitte', 64, 'lvn0'))
  const before = host.facts()
  const foreign = foreignFacts()
  const { stdout } = host.expectLvn(2, 'plan', file)
  const note = 'but it is no device of L-VN (kind veth); left alone'
  expect(stdout).toContain(`interface dmz0: its alias is \`lvn:mitte/gw\`, ${note}`)
  expect(stdout).toContain(`interface dmz1: its alias is \`lvn:mitte/b·[2J\`, ${note}`)
  expect(stdout).not.toMatch(/- device dmz/)
  // A tunnel interface is listed with the name that its alias gives it, if that can be a name.
  ip('tuntap', 'add', 'evil0', 'mode', 'tun')
  ip('link', 'set', 'evil0', 'alias', 'lvn:mitte\u001b]0;owned\u0007/gw')
  for (const command of ['show', 'snapshot', 'plan']) {
    const said = host.lvn(command, ...(command === 'plan' ? [file] : [])).stdout
    expect(said).not.toMatch(/[^\P{Cc}\n]/u)
  }
  ip('link', 'del', 'evil0')
  host.expectLvn(0, 'apply', file, '--yes', '--prune-all')
  host.expectLvn(0, 'plan', file)
  expect(foreignFacts()).toBe(foreign)
  host.expectLvn(0, 'destroy', file, '--yes')
  expect(host.facts()).toBe(before)
})

/** Values of the forwarding switches, no two interfaces alike. */
function mixSwitches(): void {
  addForeign()
  sysctl('net.ipv4.conf.all.forwarding=0')
  sysctl('net.ipv4.conf.dmz0.forwarding=1')
  sysctl('net.ipv4.conf.eth0.send_redirects=0')
  sysctl('net.ipv4.conf.all.accept_redirects=1')
  sysctl('net.ipv6.conf.dmz1.forwarding=1')
  sysctl('net.ipv6.conf.default.forwarding=1')
  sysctl('net.ipv6.conf.all.accept_redirects=0')
}

test('switches that differed from interface to interface before do so again after destroy', () => {
  mixSwitches()
  const file = host.file('mitte.lvn', overlay('mitte', 64, 'lvn0'))
  const before = host.facts()
  host.expectLvn(0, 'apply', file, '--yes')
  expect(host.ns.run('sysctl', '-n', 'net.ipv4.conf.eth0.forwarding')).toBe('1\n')
  host.expectLvn(0, 'destroy', file, '--yes')
  expect(host.facts()).toBe(before)
})

test.each([
  ['the first goes first', [0, 1]],
  ['the second goes first', [1, 0]],
] as const)('two overlays on one host, %s', (_, order) => {
  mixSwitches()
  const files = [
    host.file('mitte.lvn', overlay('mitte', 64, 'lvn0')),
    host.file('nord.lvn', overlay('nord', 65, 'lvn1')),
  ] as const
  const before = host.facts()
  for (const file of files) host.expectLvn(0, 'apply', file, '--yes')
  for (const file of files) host.expectLvn(0, 'plan', file)
  const [first, second] = order
  host.expectLvn(0, 'destroy', files[first], '--yes')
  host.expectLvn(0, 'plan', files[second])
  expect(host.ns.run('sysctl', '-n', 'net.ipv4.conf.all.forwarding')).toBe('1\n')
  host.expectLvn(0, 'destroy', files[second], '--yes')
  expect(host.facts()).toBe(before)
})

const reserved = () => host.ns.run('sysctl', '-n', 'net.ipv4.ip_local_reserved_ports').trim()

test('ports of overlays are kept from other programs, each as long as its overlay is there', () => {
  sysctl('net.ipv4.ip_local_reserved_ports=40000,50064-50066')
  const mitte = host.file('mitte.lvn', overlay('mitte', 64, 'lvn0'))
  const nord = host.file('nord.lvn', overlay('nord', 70, 'lvn1'))
  const west = host.file('west.lvn', overlay('west', 71, 'lvn2'))
  const before = host.facts()
  for (const file of [mitte, nord, west]) host.expectLvn(0, 'apply', file, '--yes')
  expect(reserved()).toBe('40000,50064-50066,50070-50071')
  // Somebody else adds and takes away meanwhile.
  sysctl('net.ipv4.ip_local_reserved_ports=41000,50064-50066,50070-50071')
  for (const file of [mitte, nord, west]) host.expectLvn(0, 'plan', file)
  host.expectLvn(0, 'destroy', nord, '--yes')
  expect(reserved()).toBe('41000,50064-50066,50071')
  sysctl('net.ipv4.ip_local_reserved_ports=41000')
  expect(host.expectLvn(2, 'plan', west).stdout).toContain(
    'sysctl net/ipv4/ip_local_reserved_ports/50071 0 → 1',
  )
  host.expectLvn(0, 'apply', west, '--yes')
  expect(reserved()).toBe('41000,50071')
  for (const file of [mitte, west]) host.expectLvn(0, 'destroy', file, '--yes')
  expect(reserved()).toBe('41000')
  sysctl('net.ipv4.ip_local_reserved_ports=40000,50064-50066')
  expect(host.facts()).toBe(before)
})

test('a list of ports of which the kernel tells more than a page keeps all of them', () => {
  const path = '/proc/sys/net/ipv4/ip_local_reserved_ports'
  const whole = () => host.ns.run('dd', 'bs=1M', 'status=none', `if=${path}`).trim()
  const others = Array.from({ length: 2000 }, (_, i) => 10_000 + 2 * i).join(',')
  host.ns.run(
    'sh',
    '-c',
    `echo ${others} > ${host.file('ports', '')} && dd status=none bs=1M if=${host.folder}/ports of=${path}`,
  )
  const before = whole()
  expect(before.length).toBeGreaterThan(8192)
  const mitte = host.file('mitte.lvn', overlay('mitte', 64, 'lvn0'))
  host.expectLvn(0, 'apply', mitte, '--yes')
  expect(whole()).toBe(`${before},50064`)
  host.expectLvn(0, 'destroy', mitte, '--yes')
  expect(whole()).toBe(before)
})

test('a port that two overlays share is kept until the last of them goes', () => {
  const share = (text: string) => text.replace(/port \d+/, 'port 50099')
  const mitte = host.file('mitte.lvn', share(overlay('mitte', 64, 'lvn0')))
  const nord = host.file(
    'nord.lvn',
    share(overlay('nord', 70, 'lvn1'))
      .replaceAll('203.0.113.7', '203.0.113.8')
      .replaceAll('77::5', '77::6'),
  )
  for (const file of [mitte, nord]) host.expectLvn(0, 'apply', file, '--yes')
  host.expectLvn(0, 'destroy', mitte, '--yes')
  expect(reserved()).toBe('50099')
  host.expectLvn(0, 'plan', nord)
  host.expectLvn(0, 'destroy', nord, '--yes')
  expect(reserved()).toBe('')
})

test('a second destroy finds nothing and changes nothing', () => {
  const file = host.file('mitte.lvn', overlay('mitte', 64, 'lvn0'))
  const before = host.facts()
  host.expectLvn(0, 'apply', file, '--yes')
  host.expectLvn(0, 'destroy', file, '--yes')
  expect(host.expectLvn(0, 'destroy', file, '--yes').stdout).toContain('No changes')
  expect(host.facts()).toBe(before)
})

test('routes and networks of others within the net are named, before and after an apply', () => {
  const file = host.file('mitte.lvn', overlay('mitte', 64, 'lvn0'))
  addForeign()
  ip('link', 'add', 'docker0', 'type', 'veth', 'peer', 'name', 'docker1')
  ip('link', 'set', 'docker0', 'up')
  ip('addr', 'add', '10.64.17.1/24', 'dev', 'docker0')
  const named = (status: number) =>
    (
      JSON.parse(host.expectLvn(status, 'plan', file, '--json').stdout).foreign as {
        id: string
        note: string
      }[]
    )
      .filter(({ note }) => note.startsWith('leads'))
      .map(({ id, note }) => `${id}: ${note}`)
  const said = [
    'route 10.64.17.0/24: leads to docker0 what the overlay has behind lvn0',
    'route unreachable 10.64.200.0/24: leads nowhere what the overlay has behind lvn0',
  ]
  expect(named(2)).toEqual(said)
  host.expectLvn(0, 'apply', file, '--yes')
  expect(named(0)).toEqual(said)
})

test('a route of others for some packets only is named where it leads past our device, and never serves', () => {
  const exit = 'spoke exit { endpoint nat; address 10.64.9.1, fd42:64:0:9::1; routes 0.0.0.0/0, ::/0 }'
  const file = host.file('mitte.lvn', overlay('mitte', 64, 'lvn0').replace(/spoke b/, `${exit}\n  spoke b`))
  const before = host.facts()
  host.expectLvn(0, 'apply', file, '--yes')
  const whole = stateOf(host)
  const some = { '-4': ['tos', '0x10'], '-6': ['from', 'fd99::/64'] } as const
  /** For some packets only, of a larger metric than ours. */
  const route = (op: string, family: '-4' | '-6', net: string, table: string, device: string) =>
    ip(family, 'route', op, net, ...some[family], 'dev', device, 'table', table, 'metric', '4096')
  for (const [family, net, table] of [
    ['-4', '10.64.0.0/16', 'main'],
    ['-6', 'fd42:64::/48', 'main'],
    ['-4', '0.0.0.0/0', '7600'],
    ['-6', '::/0', '7600'],
  ] as const) {
    const inTable = table === 'main' ? '' : ` table ${table}`
    const name = `route ${net} ${some[family].join(' ')}${inTable}`
    route('add', family, net, table, 'eth0')
    const { stdout } = host.expectLvn(0, 'plan', file)
    expect(stdout).toContain(`  ${name}: leads to eth0 what the overlay has behind lvn0`)
    route('del', family, net, table, 'eth0')
    ip(family, 'route', 'del', net, 'dev', 'lvn0', 'table', table)
    route('add', family, net, table, 'lvn0')
    const drifted = host.expectLvn(2, 'plan', file).stdout
    expect(drifted).toContain(`  + route ${net}${inTable}`)
    expect(drifted).toContain(`  ${name}: set by someone else on our lvn0`)
    host.expectLvn(0, 'apply', file, '--yes')
    host.expectLvn(0, 'plan', file)
    route('del', family, net, table, 'lvn0')
  }
  expect(stateOf(host)).toEqual(whole)
  host.expectLvn(0, 'destroy', file, '--yes')
  expect(host.facts()).toBe(before)
})

test("another's route in the place of ours is named with a source that is none of the device's", () => {
  const file = host.file('mitte.lvn', overlay('mitte', 64, 'lvn0'))
  host.expectLvn(0, 'apply', file, '--yes')
  for (const [source, note] of [
    ['198.51.100.10', "set by someone else, and gives this host's packets the source 198.51.100.10"],
    ['10.64.0.1', 'set by someone else; it serves'],
  ] as const) {
    ip('route', 'change', '10.64.0.0/16', 'dev', 'lvn0', 'src', source)
    expect(host.expectLvn(0, 'plan', file).stdout).toContain(`  route 10.64.0.0/16: ${note}`)
  }
})

test('tables that rules of others have asked first are named where they lead past our device', () => {
  const text = overlay('mitte', 64, 'lvn0').replace(
    /spoke b/,
    'spoke c { endpoint nat; address 10.64.17.9 }\n  spoke b',
  )
  const file = host.file('mitte.lvn', text)
  addForeign()
  const before = host.facts()
  host.ns.ip(
    ...['route add 10.64.17.0/24 dev dmz0 table 100', 'route add 10.64.1.0/24 via 192.168.7.2 table 101'],
    ...['route add unreachable fd42:64:0:2::/64 table 102', 'rule add priority 500 table 100'],
    ...[
      'rule add priority 501 to 10.64.1.0/24 from 10.64.0.1 table 101',
      'rule add priority 502 to 10.64.17.9 table 103',
    ],
  )
  host.ns.run('ip', '-6', 'rule', 'add', 'priority', '503', 'table', '102')
  const ours = 'what the overlay has behind lvn0'
  const said = [
    `route 10.64.1.0/24 of table 101 (ip rule 501): leads to dmz0 ${ours}: 10.64.1.1, 10.64.1.0`,
    `route 10.64.17.0/24 of table 100 (ip rule 500): leads to dmz0 ${ours}: 10.64.17.9`,
    `table 102 (ip rule 503): leads nowhere (unreachable) ${ours}: fd42:64:0:2::1`,
  ]
  const lines = (text: string) =>
    said.filter((line) => text.includes(`  ${line}\n`) || text.endsWith(`  ${line}`))
  expect(lines(host.expectLvn(2, 'plan', file).stdout)).toEqual([])
  const applied = host.expectLvn(0, 'apply', file, '--yes').stdout
  expect(applied).toContain('foreign: packets for the overlay go past it\n')
  expect(lines(applied), applied).toEqual(said)
  const planned = host.expectLvn(0, 'plan', file).stdout
  expect(lines(planned)).toEqual(said)
  expect(planned.match(/: leads /g)).toHaveLength(said.length + 1)
  host.ns.ip('rule del priority 500', 'rule del priority 501', 'rule del priority 502')
  host.ns.run('ip', '-6', 'rule', 'del', 'priority', '503')
  // The blackhole of `addForeign` alone, which is in the main table.
  expect(host.expectLvn(0, 'plan', file).stdout.match(/: leads /g)).toHaveLength(1)
  host.ns.ip('rule add priority 500 to 10.64.0.0/16 prohibit')
  expect(host.expectLvn(0, 'plan', file).stdout).toContain(
    `  ip rule 500: leads nowhere (prohibit) ${ours}: 10.64.1.1, 10.64.1.0, 10.64.17.9`,
  )
  host.ns.ip('rule del priority 500')
  host.ns.run('ip', 'route', 'flush', 'table', '100')
  host.ns.run('ip', 'route', 'flush', 'table', '101')
  host.ns.run('ip', '-6', 'route', 'flush', 'table', '102')
  host.expectLvn(0, 'destroy', file, '--yes')
  expect(host.facts()).toBe(before)
})

test('a rule of others is named where it leads the internet past our device, and only there', () => {
  const exit = 'spoke exit { endpoint nat; address 10.64.9.1, fd42:64:0:9::1; routes 0.0.0.0/0, ::/0 }'
  const file = host.file('mitte.lvn', overlay('mitte', 64, 'lvn0').replace(/spoke b/, `${exit}\n  spoke b`))
  ip('link', 'add', 'dmz0', 'type', 'veth', 'peer', 'name', 'dmz1')
  ip('link', 'set', 'dmz0', 'up')
  for (const family of ['-4', '-6'])
    ip(family, 'rule', 'add', 'priority', '500', 'iif', 'dmz0', 'table', '100')
  expect(host.expectLvn(0, 'apply', file, '--yes').stdout).not.toContain('leads')
  expect(host.expectLvn(0, 'plan', file).stdout).not.toContain('leads')
  for (const [family, half] of [
    ['-4', '128.0.0.0/1'],
    ['-6', '8000::/1'],
  ] as const) {
    ip(family, 'route', 'add', 'default', 'dev', 'dmz0', 'table', '101')
    ip(family, 'rule', 'add', 'priority', '501', 'to', half, 'table', '101')
  }
  // The way to the spokes' endpoints has changed as well.
  const { stdout } = host.expectLvn(2, 'plan', file)
  for (const [route, address] of [
    ['0.0.0.0/0', '128.0.0.0'],
    ['::/0', '8000::'],
  ])
    expect(stdout).toMatch(
      new RegExp(
        `  route ${route} of table 101 \\(ip rule 501\\): leads to dmz0 .* behind lvn0: .*${address}`,
      ),
    )
})

test.each([
  ['the larger goes first', [0, 1]],
  ['the smaller goes first', [1, 0]],
] as const)('of two overlays that need different switches, %s, and the other sees no drift', (_, order) => {
  mixSwitches()
  const small = `lvn 1
overlay nord {
  net 10.65.0.0/16
  port 50065
  hub gw { listen 198.51.100.10; device lvn1 { address 10.65.0.1 } }
  spoke a { endpoint 203.0.113.7; address 10.65.1.1 }
}
`
  const files = [host.file('mitte.lvn', overlay('mitte', 64, 'lvn0')), host.file('nord.lvn', small)] as const
  const before = host.facts()
  for (const file of files) host.expectLvn(0, 'apply', file, '--yes')
  for (const file of files) host.expectLvn(0, 'plan', file)
  const [first, second] = order
  host.expectLvn(0, 'destroy', files[first], '--yes')
  host.expectLvn(0, 'plan', files[second])
  host.expectLvn(0, 'destroy', files[second], '--yes')
  expect(host.facts()).toBe(before)
})

test('an apply that fails over the remains of a device puts back the values that they knew', async () => {
  const switches = () =>
    host
      .facts()
      .split('\n')
      .filter((line) => line.startsWith('net.'))
  const before = host.facts()
  const untouched = switches()
  const file = host.file('remains.lvn', overlay('x', 64, 'lvn0'))
  host.expectLvn(0, 'apply', file, '--node', 'gw', '--yes')
  ip('link', 'del', 'lvn0')
  const bind = 'import socket, time; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)'
  const other = host.ns.start('python3', ['-c', `${bind}; s.bind(("", 50064)); time.sleep(1e6)`])
  await until('the port is taken', () => host.ns.run('ss', '-lunH').includes(':50064'))
  const { stderr } = host.expectLvn(4, 'apply', file, '--node', 'gw', '--yes')
  expect(stderr).toContain(
    'but for the remains of lvn0, whose interface had gone: what it had changed is put back',
  )
  expect(switches()).toEqual(untouched)
  other.kill('SIGKILL')
  await until('the port is free', () => !host.ns.run('ss', '-lunH').includes(':50064'))
  host.expectLvn(0, 'apply', file, '--node', 'gw', '--yes')
  host.expectLvn(0, 'plan', file, '--node', 'gw')
  host.expectLvn(0, 'destroy', file, '--node', 'gw', '--yes')
  expect(host.facts()).toBe(before)
})

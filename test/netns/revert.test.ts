// SPDX-License-Identifier: MIT
/**
 * What keeps a change from being taken back: a local user's socket does not, an interface that has the name of a device
 * does for as long as it is there.
 *
 *     ns: hub gw, 192.0.2.1 on eth0; far has the other end
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Host, stateOf } from '../support/host.ts'
import { type Ran, until } from '../support/netns.ts'

let hub: Host
let file: string
let before: unknown

const source = (change: { port?: number; device?: string } = {}) => `lvn 1
overlay mitte {
  net 10.64.0.0/16
  port ${change.port ?? 50_000}
  hub gw { listen 198.51.100.10; device ${change.device ?? 'lvn0'} { address 10.64.0.1 } }
  spoke a { endpoint 203.0.113.7; address 10.64.1.1 }
}
`
const env = () => ({ LVN_STATE_DIR: join(hub.folder, 'state'), NO_COLOR: '1' })
const lvn = (...args: string[]): Ran => hub.ns.lvn(env(), '--plane', 'ebpf', ...args)
const json = (...args: string[]) => JSON.parse(lvn(...args, '--json').stdout)
const expectLvn = (...args: string[]) => {
  const ran = lvn(...args)
  expect(ran).toMatchObject({ status: 0 })
  return ran.stdout
}

beforeEach(() => {
  hub = new Host('gw')
  file = hub.file('mitte.lvn', source())
  expectLvn('apply', file, '--yes')
  before = stateOf(hub)
})
afterEach(() => {
  const { stdout } = spawnSync('ip', ['netns', 'pids', hub.ns.name], { encoding: 'utf8' })
  for (const pid of stdout.split('\n').filter(Boolean)) process.kill(Number(pid), 'SIGKILL')
  hub.dispose()
})

/** A socket of nobody's on every address. */
async function nobodyBinds(port: number): Promise<void> {
  const rights = [
    '--reuid=65534',
    '--regid=65534',
    '--clear-groups',
    '--inh-caps=-all',
    '--bounding-set=-all',
  ]
  const script = `use IO::Socket::INET; $| = 1;
    my $s = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '0.0.0.0', LocalPort => ${port}) or die $!;
    print "bound"; sleep`
  const child = hub.ns.start('setpriv', [...rights, 'perl', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  await until('nobody has bound the port', () => said === 'bound')
}

const note =
  /198\.51\.100\.10:50000: another socket of process \d+ \(perl\) is bound to that port, to 0\.0\.0\.0:50000; it is given nothing/

test('a change of the port is reverted though nobody has bound the old one meanwhile', async () => {
  const moved = hub.file('moved.lvn', source({ port: 50_001 }))
  expectLvn('apply', moved, '--yes', '--confirm', '1h')
  await nobodyBinds(50_000)
  expect(expectLvn('confirm', '--revert')).toMatch(note)
  expect(stateOf(hub)).toEqual(before)
  expect(json('confirm', '--status').last).toMatchObject({ outcome: 'reverted' })
})

test('`lvn rollback` goes back to such a port, an apply does not go to one', async () => {
  const moved = hub.file('moved.lvn', source({ port: 50_001 }))
  expectLvn('apply', moved, '--yes')
  await nobodyBinds(50_000)
  const refused = lvn('apply', file, '--yes')
  expect(refused).toMatchObject({ status: 4 })
  expect(refused.stdout + refused.stderr).toContain('it cannot receive on 198.51.100.10:50000')
  expect(expectLvn('rollback', '--yes')).toMatch(note)
  expect(stateOf(hub)).toEqual(before)
})

test('a change is reverted on an interface that was renamed meanwhile', () => {
  const withSix = (name: string, port: number) =>
    hub.file(name, source({ port }).replace('10.64.0.0/16', '10.64.0.0/16, fd42:64::/48'))
  hub.ns.sysctl('net/ipv6/conf/all/forwarding', 0)
  hub.ns.sysctl('net/ipv6/conf/eth0/accept_ra', 1)
  const first = withSix('first.lvn', 50_000)
  expectLvn('apply', first, '--yes')
  expectLvn('apply', withSix('second.lvn', 50_001), '--yes', '--confirm', '1h')
  hub.ns.ip('link set eth0 down', 'link set eth0 name lan0', 'link set lan0 up')
  hub.ns.ip('route add default via 198.51.100.1')
  expectLvn('confirm', '--revert')
  const value = (key: string) => hub.ns.run('sysctl', '-n', `net.ipv6.conf.lan0.${key}`).trim()
  expect([value('forwarding'), value('accept_ra')]).toEqual(['1', '2'])
  expect(expectLvn('plan', first)).toContain('No changes')
})

/** An apply whose device gives its name to another interface before it is taken back; its process. */
async function cannotRevert(): Promise<void> {
  const renamed = hub.file('renamed.lvn', source({ device: 'lvn5' }))
  expectLvn('apply', renamed, '--yes', '--confirm', '1h')
  hub.ns.ip('link add lvn0 type veth peer name other0')
  process.kill(json('confirm', '--status').pending.pid, 'SIGTERM')
  await until('it has failed', () => log().includes('by request: failed, and tried again until it succeeds'))
}

function log(): string {
  const state = join(hub.folder, 'state')
  const files = readdirSync(state, { recursive: true, encoding: 'utf8' })
  const found = files.find((name) => name.endsWith('confirm.log'))
  return found === undefined ? '' : readFileSync(join(state, found), 'utf8')
}

test('what cannot be reverted is tried until it can, and at once where somebody asks for it', async () => {
  await cannotRevert()
  const why = /lvn0/
  await until('it has failed twice', () => json('confirm', '--status').pending.hindrance?.tries >= 2)
  const { hindrance } = json('confirm', '--status').pending
  expect(hindrance.reason).toMatch(why)
  expect(hindrance.nextMs).toBeLessThanOrEqual(30_000)
  expect(expectLvn('confirm', '--status')).toMatch(
    /renamed\.lvn is to be reverted, and cannot be: .*lvn0.*; \d+ tries failed; tried again in \d+s, or at once/,
  )
  const refused = lvn('apply', file, '--yes')
  expect(refused).toMatchObject({ status: 6 })
  expect(refused.stderr).toMatch(/renamed\.lvn is to be reverted, and cannot be yet: .*lvn0/)
  hub.ns.ip('link del lvn0')
  const asked = lvn('confirm', '--revert')
  // Its own next try may have come first.
  if (asked.status !== 0)
    expect(asked).toMatchObject({ status: 4, stderr: expect.stringContaining('has been reverted') })
  expect(stateOf(hub)).toEqual(before)
})

test('`lvn confirm` keeps what cannot be reverted', async () => {
  await cannotRevert()
  const changed = stateOf(hub)
  // A try has the lock for as long as it lasts.
  await until('it is confirmed', () => lvn('confirm').status === 0)
  expect(stateOf(hub)).toEqual(changed)
  expect(json('confirm', '--status')).toMatchObject({ pending: null, last: { outcome: 'confirmed' } })
})

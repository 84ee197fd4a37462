// SPDX-License-Identifier: MIT
/**
 * `lvn apply --confirm`: what becomes of a change when its terminal dies, when nobody confirms it, and when somebody does.
 *
 *     hub gw eth0 ─── router ─── eth0 spoke a        the change sends the hub's tunnel to where nobody is
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lvnPath } from '../support/cli.ts'
import { Host, type SpokeMachine, stateOf } from '../support/host.ts'
import { type Ran, until } from '../support/netns.ts'
import { ping } from '../support/plane-world.ts'
import { squat } from '../support/squatter.ts'
import { lvnAtTerminal } from '../support/terminal.ts'
import { allReach } from '../support/traffic.ts'

let hub: Host
let a: SpokeMachine
let file: string
let broken: string
let before: unknown

const source = (endpoint: string) => `lvn 1
overlay mitte {
  net 10.64.0.0/16
  hub gw { listen 198.51.100.10; device lvn0 { address 10.64.0.1 } }
  spoke a { endpoint ${endpoint}; address 10.64.1.1 }
}
`
const env = () => ({ LVN_STATE_DIR: join(hub.folder, 'state'), NO_COLOR: '1' })
const lvn = (...args: string[]): Ran => hub.ns.lvn(env(), ...args)
const json = (...args: string[]) => JSON.parse(lvn(...args, '--json').stdout)
const peers = () => [
  { ns: hub.ns, addresses: ['10.64.0.1'] },
  { ns: a.ns, addresses: ['10.64.1.1'] },
]
const pidsOf = (name: string) =>
  spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter(Boolean)
    .map(Number)
const reverted = () => until('the change is reverted', () => json('confirm', '--status').pending === null)

/**
 * An apply that gets a signal with a call for the data plane, so many after planning. Only the process itself is traced: the
 * one that reverts is not to be signalled with it. What planning does comes first, then the old device goes, and then the
 * calls that make the new one.
 */
function signalled(signal: string, behindPlanning: number, renamed: string, ...more: string[]): Ran {
  const trace = (...options: string[]) => ['-qq', '-e', 'trace=bpf', ...options, process.execPath, lvnPath]
  const counted = hub.ns.tryWith(env(), 'strace', ...trace('-c', '-U', 'calls,name'), 'plan', renamed)
  const planning = Number(/^\s*(\d+)\s+total/m.exec(counted.stderr)?.[1])
  const inject = `inject=bpf:signal=${signal}:when=${planning + behindPlanning}`
  const words = ['apply', renamed, '--yes', ...more]
  return hub.ns.tryWith(env(), 'strace', ...trace('-o', '/dev/null', '-e', inject), ...words)
}

beforeEach(async () => {
  hub = new Host('gw')
  a = hub.addSpoke('a')
  file = hub.file('mitte.lvn', source(a.v4))
  broken = hub.file('broken.lvn', source('203.0.113.250'))
  expect(lvn('apply', file, '--yes').status).toBe(0)
  a.expectLvn(0, 'apply', file, '--yes')
  await allReach(peers())
  before = stateOf(hub)
})
afterEach(() => {
  for (const pid of pidsOf(hub.ns.name)) process.kill(pid, 'SIGKILL')
  hub.dispose()
})

describe('a change that nobody confirms', () => {
  test.each(['SIGHUP', 'SIGKILL'] as const)(
    'is reverted after %s to all of the session that made it, and traffic flows again',
    async (signal) => {
      const terminal = lvnAtTerminal(hub.ns, ['apply', broken, '--yes', '--confirm', '20s'], {
        env: env(),
        after: 'cat',
      })
      await terminal.shows('not confirmed yet: reverted in 20s unless you call `lvn confirm`')
      expect(terminal.signalSession(signal)).toBeGreaterThan(0)
      await terminal.ended()
      expect(stateOf(hub)).not.toEqual(before)
      expect(ping(a.ns, '10.64.0.1', '-W1')).toBe(false)
      expect(json('confirm', '--status').pending).toMatchObject({ source: broken })
      await allReach(peers())
      await reverted()
      expect(stateOf(hub)).toEqual(before)
      expect(lvn('plan', file).stdout).toContain('No changes')
      expect(
        json('history').map(({ number, outcome }: Record<string, unknown>) => [number, outcome]),
      ).toEqual([
        [null, 'reverted'],
        [0, 'done'],
      ])
      const late = lvn('confirm')
      expect(late.status).toBe(4)
      expect(late.stderr).toContain('has been reverted (not confirmed within 20s). Apply it again to have it')
      expect(pidsOf(hub.ns.name)).toEqual([])
    },
  )

  test('is reverted at once where the apply is killed half way', async () => {
    const renamed = hub.file('renamed.lvn', source(a.v4).replaceAll('lvn0', 'lvn5'))
    expect(signalled('SIGKILL', 10, renamed, '--confirm', '1h', '--json').stdout).toBe('')
    await reverted()
    expect(stateOf(hub)).toEqual(before)
    await allReach(peers())
    expect(json('confirm', '--status').last).toMatchObject({
      ...{ source: renamed, outcome: 'reverted', reason: 'the apply died' },
      report: expect.stringContaining('taken back: '),
    })
  })

  test('keeps everybody else out, with its remaining time, until it is reverted by request', async () => {
    expect(lvn('apply', broken, '--yes', '--confirm', '10m').status).toBe(0)
    for (const args of [
      ['apply', file, '--yes'],
      ['destroy', file, '--yes'],
      ['rollback', '0', '--yes'],
    ]) {
      const ran = lvn(...args)
      expect(ran).toMatchObject({ status: 6, stdout: '' })
      expect(ran.stderr).toMatch(
        /the apply of .*broken\.lvn waits for a confirmation: it is reverted in (10m|9m\d+s)/,
      )
    }
    expect(lvn('plan', broken)).toMatchObject({ status: 0, stderr: expect.stringContaining('reverted in ') })
    const { confirm } = json('plan', broken)
    expect(confirm).toMatchObject({ source: broken })
    expect(confirm.remainingMs).toBeGreaterThan(500_000)
    expect(confirm.remainingMs).toBeLessThanOrEqual(600_000)
    expect(lvn('confirm', '--revert')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('by request'),
    })
    expect(stateOf(hub)).toEqual(before)
    await allReach(peers())
  })

  test('is reverted, and all of it works, while a local user sits on every lock that he can get', async () => {
    expect(await squat(hub.ns)).not.toContainEqual(expect.stringContaining('/run/lvn'))
    expect(lvn('apply', broken, '--yes', '--confirm', '3s')).toMatchObject({ status: 0 })
    await reverted()
    expect(json('confirm', '--status').last).toMatchObject({
      ...{ outcome: 'reverted', report: expect.stringContaining('taken back: 1 change') },
    })
    expect(stateOf(hub)).toEqual(before)
    expect(lvn('apply', broken, '--yes', '--confirm', '1h').status).toBe(0)
    expect(lvn('confirm').status).toBe(0)
    expect(lvn('apply', file, '--yes').status).toBe(0)
    expect(lvn('destroy', file, '--yes').status).toBe(0)
  })

  test('is not even begun where its way back cannot be kept', () => {
    const elsewhere = { ...env(), LVN_STATE_DIR: '/proc/nowhere' }
    const args = ['apply', broken, '--yes', '--confirm', '1m']
    const ran = hub.ns.lvn(elsewhere, ...args)
    expect(ran.status).toBe(4)
    expect(ran.stderr).toContain('the process that would revert cannot be started: /proc/nowhere')
    expect(stateOf(hub)).toEqual(before)
    expect(json('confirm', '--status').pending).toBeNull()
    expect(pidsOf(hub.ns.name)).toEqual([])
  })
})

describe('a change that is confirmed', () => {
  test('stays, and leaves no process behind', async () => {
    expect(lvn('apply', broken, '--yes', '--confirm', '1m').status).toBe(0)
    const changed = stateOf(hub)
    expect(changed).not.toEqual(before)
    expect(pidsOf(hub.ns.name)).toHaveLength(1)
    expect(lvn('confirm')).toMatchObject({ status: 0, stdout: `confirmed: ${broken} stays\n` })
    expect(pidsOf(hub.ns.name)).toEqual([])
    expect(stateOf(hub)).toEqual(changed)
    expect(json('confirm', '--status')).toMatchObject({
      pending: null,
      last: { source: broken, outcome: 'confirmed', reason: null, report: null },
    })
    expect(lvn('confirm').status).toBe(0)
    expect(lvn('confirm', '--revert').status).toBe(64)
    expect(lvn('apply', file, '--yes').status).toBe(0)
    await allReach(peers())
  })

  test('is confirmed, and seen, by the very commands that are printed where --netns was given', () => {
    const options = { encoding: 'utf8', env: { ...process.env, ...env() } } as const
    const outside = (...args: string[]) =>
      spawnSync(process.execPath, [lvnPath, '--netns', hub.ns.name, ...args], options)
    const typed = (text: string, command: string) => {
      const words = new RegExp(`\`lvn ([^\`]*\\b${command})\``).exec(text)?.[1]?.split(' ') ?? []
      return spawnSync(process.execPath, [lvnPath, ...words], options)
    }
    const plan = join(hub.folder, 'change.plan')
    const saved = outside('plan', broken, '--out', plan)
    expect(saved.stderr).toContain(`saved: \`lvn --netns ${hub.ns.name} apply ${plan}\` carries out`)
    const applied = outside('apply', plan, '--yes', '--confirm', '1m')
    expect(outside('plan', broken).stderr).toContain(`\`lvn --netns ${hub.ns.name} confirm\` keeps it`)
    const refused = outside('apply', file, '--yes')
    expect(refused.status).toBe(6)
    expect(typed(refused.stderr, 'confirm --revert').status).toBe(0)
    expect(typed(applied.stderr, 'confirm').status).toBe(4)
    const again = outside('apply', plan, '--yes', '--confirm', '1m')
    expect(typed(again.stderr, 'confirm')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(' stays'),
    })
  })

  test('is known where the folder of the state is given relative to the current one', async () => {
    const here = (...args: string[]) =>
      hub.ns.tryWith(
        { LVN_STATE_DIR: 'kept', NO_COLOR: '1' },
        ...(['env', '-C', hub.folder, process.execPath, lvnPath, ...args] as [string, ...string[]]),
      )
    expect(here('apply', broken, '--yes', '--confirm', '1m').status).toBe(0)
    expect(here('confirm', '--status').stdout).toMatch(/broken\.lvn is reverted in (1m|\d+s) unless/)
    expect(here('confirm', '--revert')).toMatchObject({ status: 0 })
    expect(stateOf(hub)).toEqual(before)
  })

  test('that changed nothing waits for nobody, whatever became of the one before', () => {
    expect(lvn('apply', broken, '--yes', '--confirm', '1m').status).toBe(0)
    expect(lvn('confirm', '--revert').status).toBe(0)
    const late = lvn('confirm')
    expect(late.status).toBe(4)
    expect(late.stderr).toMatch(
      /help: \S+, applied at [-\dT:.Z]+, has been reverted( \([^:]*\))?\. Apply it again to have it\n$/,
    )
    expect(lvn('apply', file, '--yes', '--confirm', '1m')).toMatchObject({ status: 0, stderr: '' })
    expect(json('confirm', '--status')).toMatchObject({
      pending: null,
      last: { source: file, outcome: 'not-needed' },
    })
    const { status, stdout } = lvn('confirm')
    expect(status).toBe(0)
    expect(stdout).toContain(`nothing waits for a confirmation; ${file}, applied at `)
  })
})

describe('an apply that failed', () => {
  const confirmIsRefused = (source: string, why: RegExp) => {
    expect(json('confirm', '--status')).toMatchObject({ pending: null, last: { source, outcome: 'failed' } })
    const ran = lvn('confirm')
    expect(ran).toMatchObject({ status: 4, stdout: '' })
    expect(ran.stderr).toMatch(why)
    expect(ran.stderr).toContain(`${source}, applied at `)
    expect(lvn('confirm', '--revert').status).toBe(4)
  }
  const stays = (why = '') =>
    new RegExp(`has failed, and nothing of it stays${why}. Mend what it said, then apply it again`)

  test.each([
    ['with', ['--confirm', '1m']],
    ['without', []],
  ])('and was taken back is none that could be confirmed, made %s --confirm', (_, more) => {
    const moved = hub.file('moved.lvn', source(a.v4).replace('mitte {', 'mitte { port 51000'))
    const whilePortIsTaken = `use IO::Socket::INET;
      my $s = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '198.51.100.10', LocalPort => 51000) or die $!;
      system(@ARGV); exit($? >> 8)`
    const words = [process.execPath, lvnPath, 'apply', moved, '--yes', ...more]
    const ran = hub.ns.tryWith(env(), 'perl', '-e', whilePortIsTaken, ...words)
    expect(ran.status).toBe(4)
    confirmIsRefused(moved, stays())
    expect(stateOf(hub)).toEqual(before)
  })

  test('before anything was changed says why', () => {
    hub.ns.run('nft', 'add', 'table', 'inet', 'lvn_lvn0')
    const policies = hub.file('policies.lvn', source(a.v4).replace('spoke a', 'deny a -> any\n  spoke a'))
    expect(lvn('apply', policies, '--yes', '--confirm', '1m').status).toBe(4)
    confirmIsRefused(policies, stays(' \\(the policies cannot be enforced: .*\\)'))
  })
})

test.each([
  ['SIGINT', 130, [], '`lvn rollback` takes it back, or `lvn destroy` where nothing was here before'],
  ['SIGTERM', 143, ['--confirm', '1h'], '`lvn confirm --revert` takes it back'],
])('%s half way is told of, and what has begun is finished', (signal, status, more, back) => {
  const renamed = hub.file('renamed.lvn', source(a.v4).replaceAll('lvn0', 'lvn5'))
  const { stdout, stderr, ...ran } = signalled(signal, 10, renamed, ...more)
  expect({ stdout, stderr, ...ran }).toMatchObject({ status })
  expect(stdout).toMatch(/^applied: \d+ changes, verified$/m)
  expect(stderr).toContain(`${signal} came meanwhile: what has begun is carried to its end; ${back}\n`)
  expect(json('history')).toHaveLength(2)
  expect(lvn('plan', renamed).status).toBe(0)
})

test('SIGINT while it is planned ends it before anything is changed', () => {
  const renamed = hub.file('renamed.lvn', source(a.v4).replaceAll('lvn0', 'lvn5'))
  const { status, stdout, stderr } = signalled('SIGINT', -1, renamed)
  expect({ status, stderr }).toEqual({ status: 130, stderr: 'Nothing was changed.\n' })
  expect(stdout).toContain('device lvn5')
  expect(stateOf(hub)).toEqual(before)
})

test('a change whose process is killed stays, and is not taken for an earlier one', async () => {
  expect(lvn('apply', broken, '--yes', '--confirm', '1m').status).toBe(0)
  expect(lvn('confirm', '--revert').status).toBe(0)
  const again = hub.file('again.lvn', source('203.0.113.251'))
  expect(lvn('apply', again, '--yes', '--confirm', '1m').status).toBe(0)
  process.kill(json('confirm', '--status').pending.pid, 'SIGKILL')
  await reverted()
  expect(json('confirm', '--status').last).toMatchObject({ source: again, outcome: 'lost' })
  const { status, stderr } = lvn('confirm')
  expect(status).toBe(64)
  expect(stderr).toContain(`${again}, applied at `)
})

// SPDX-License-Identifier: MIT
/**
 * What makes an apply one to dare: plans saved and refused after drift, the history and the way back in it, pruning.
 *
 *     hub gw eth0 198.51.100.10 ─── router
 */
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lvnPath } from '../support/cli.ts'
import { edited } from '../support/edited.ts'
import { Host, stateOf } from '../support/host.ts'
import type { Ran } from '../support/netns.ts'

let hub: Host
let file: string

const source = (spokes: number, name = 'mitte', second = 64) => `lvn 1
overlay ${name} {
  net 10.${second}.0.0/16
  port ${50_000 + second}
  hub gw { listen 198.51.100.10; device lvn${second} { address 10.${second}.0.1 } }
${Array.from({ length: spokes }, (_, i) => `  spoke s${i} { endpoint 203.0.113.${i + 1}; address 10.${second}.1.${i + 1} }`).join('\n')}
}
`
const env = () => ({ LVN_STATE_DIR: join(hub.folder, 'state'), NO_COLOR: '1' })
const lvn = (...args: string[]): Ran => hub.ns.lvn(env(), ...args)
const json = (...args: string[]) => JSON.parse(lvn(...args, '--json').stdout)
function ok(...args: string[]): Ran {
  const ran = lvn(...args)
  if (ran.status !== 0)
    throw new Error(`lvn ${args.join(' ')} exited ${ran.status}\n${ran.stdout}${ran.stderr}`)
  return ran
}

beforeEach(() => {
  hub = new Host('gw')
  file = hub.file('mitte.lvn', source(2))
})
afterEach(() => hub.dispose())

describe('a saved plan', () => {
  let plan: string
  beforeEach(() => {
    plan = join(hub.folder, 'change.plan')
  })

  test('is carried out as it was shown, whatever the file says by now', () => {
    const shown = lvn('plan', file, '--out', plan)
    expect(shown.status).toBe(2)
    expect(shown.stderr).toContain(`\`lvn apply ${plan}\` carries out exactly this`)
    writeFileSync(file, 'lvn 1\noverlay {')
    const applied = ok('apply', plan, '--yes')
    expect(applied.stdout.startsWith(shown.stdout.trimEnd())).toBe(true)
    hub.file('mitte.lvn', source(2))
    expect(lvn('plan', file)).toMatchObject({ status: 0 })
    expect(json('history')).toMatchObject([{ number: 0, files: [file], nodes: ['mitte/gw'] }])
  })

  test('is refused when the live state has moved, says what has, and changes nothing', () => {
    ok('apply', file, '--yes')
    lvn('plan', hub.file('three.lvn', source(3)), '--out', plan)
    hub.ns.run('sysctl', '-qw', 'net.ipv4.conf.lvn64.forwarding=0')
    const drifted = stateOf(hub)
    const ran = lvn('apply', plan, '--yes')
    expect(ran).toMatchObject({ status: 4, stdout: '' })
    expect(ran.stderr).toContain(`the live state has moved since ${plan} was made`)
    expect(ran.stderr).toContain('sysctl net/ipv4/conf/lvn64/forwarding')
    expect(stateOf(hub)).toEqual(drifted)
    expect(lvn('apply', plan, '--yes', '--json')).toMatchObject({ status: 4 })
    hub.ns.run('sysctl', '-qw', 'net.ipv4.conf.lvn64.forwarding=1')
    ok('apply', plan, '--yes')
    expect(lvn('apply', plan, '--yes').status).toBe(4)
  })

  test('made elsewhere against a snapshot fits the node that it came from', () => {
    ok('apply', file, '--yes')
    const snapshot = hub.file('gw.json', ok('snapshot').stdout)
    const three = hub.file('three.lvn', source(3))
    const env = { NO_COLOR: '1' }
    const made = hub.router.tryWith(
      env,
      process.execPath,
      lvnPath,
      'plan',
      three,
      '--against',
      snapshot,
      '--out',
      plan,
    )
    expect(made.status).toBe(2)
    expect(made.stdout).toBe(lvn('plan', three).stdout)
    ok('apply', plan, '--yes')
    expect(lvn('plan', three).status).toBe(0)
  })

  test('is refused when it was edited after somebody has read it, and changes nothing', () => {
    lvn('plan', file, '--out', plan)
    const made = JSON.parse(readFileSync(plan, 'utf8'))
    const before = stateOf(hub)
    const applied = (change: Record<string, unknown>): Ran => {
      writeFileSync(plan, JSON.stringify(edited(made, change)))
      const ran = lvn('apply', plan, '--yes')
      expect(stateOf(hub)).toEqual(before)
      expect(ran.stdout).toBe('')
      return ran
    }
    const evil = source(2).replace('endpoint 203.0.113.2', 'endpoint 203.0.113.66')
    const other = applied({ 'sources/0/text': evil })
    expect(other.status).toBe(3)
    expect(other.stderr).toContain(`LVN6110]: ${plan} is no saved plan: plan.sourceHash: `)
    const digest = createHash('sha256').update(evil).digest('hex')
    const hashed = applied({ 'sources/0/text': evil, 'plan/sourceHash': digest })
    expect(hashed.status).toBe(4)
    expect(hashed.stderr).toMatch(
      /LVN6117.*does not say what its sources come to here: plan\.operations\[\d+\]\.after\n/,
    )
    const named = applied({ names: { 'foo.invalid': ['1.2.3.4\u001b[31m'] } })
    expect(named.status).toBe(3)
    expect(named.stderr).toContain('names["foo.invalid"][0]: expected an IP address')
    writeFileSync(plan, JSON.stringify(made))
    ok('apply', plan, '--yes')
  })

  test('is known by what it holds, and takes no other node', () => {
    lvn('plan', file, '--out', plan)
    expect(lvn('apply', plan, '--yes', '--node', 'gw')).toMatchObject({ status: 64 })
    writeFileSync(plan, readFileSync(plan, 'utf8').replace('"lvnPlan": 1', '"lvnPlan": 9'))
    const other = lvn('apply', plan, '--yes')
    expect(other).toMatchObject({ status: 3, stdout: '' })
    expect(other.stderr).toContain(
      `${plan} is no saved plan: lvnPlan: expected 1, as \`lvn plan --out\` writes it, found 9`,
    )
    writeFileSync(plan, '{ "lvnPlan": 1, ')
    expect(lvn('apply', plan, '--yes').stderr).toContain('is no saved plan: it is not JSON')
  })
})

describe('the history', () => {
  test('leads back to what was applied before, and forth again', () => {
    const states = [2, 3, 1].map((spokes) => {
      ok('apply', hub.file('mitte.lvn', source(spokes)), '--yes')
      return stateOf(hub)
    })
    expect(json('rollback', '--list')).toMatchObject([{ number: 0 }, { number: 1 }, { number: 2 }])
    expect(ok('rollback', '--yes').stderr).toContain(`back to ${file} as applied at `)
    expect(stateOf(hub)).toEqual(states[1])
    ok('rollback', '--yes')
    expect(stateOf(hub)).toEqual(states[2])
    ok('rollback', '4', '--yes')
    expect(stateOf(hub)).toEqual(states[0])
    expect(lvn('history').stdout.split('\n').slice(0, 3)).toEqual([
      expect.stringMatching(/^N +TIME +NODE +FILE +DIGEST +WHAT$/),
      expect.stringMatching(/^0 .* mitte\/gw .*mitte\.lvn .* rolled back to, \d+ changes$/),
      expect.stringMatching(/^1 .* rolled back to, \d+ changes$/),
    ])
  })

  test('takes back the last change that stayed, whatever failed, changed nothing or was done again since', () => {
    ok('apply', file, '--yes')
    const first = stateOf(hub)
    ok('apply', hub.file('mitte.lvn', source(3)), '--yes')
    const second = stateOf(hub)
    const entries = json('history')
    // Found to be too much by the data plane, half way.
    const prefixes = Array.from({ length: 8_200 }, (_, i) => `10.64.${128 + (i >> 8)}.${i & 255}/32`)
    const spoke = `spoke z { endpoint 203.0.113.99; address 10.64.9.1; routes ${prefixes.join(', ')} }`
    const large = hub.file('large.lvn', source(3).replace(/\}\s*$/, `${spoke}\n}\n`))
    const failed = lvn('apply', large, '--yes')
    expect([failed.status, failed.stderr]).toEqual([4, expect.stringContaining('rolled back: ')])
    ok('apply', file, '--yes')
    expect([json('history'), stateOf(hub)]).toEqual([entries, second])
    // Mended, an entry of its own: going back to the same source would do nothing.
    hub.ns.run('ip', 'link', 'set', 'lvn64', 'down')
    ok('apply', file, '--yes')
    expect(json('history')).toHaveLength(3)
    const [{ time: last }, , { time }] = json('history')
    expect(ok('rollback', '--yes').stderr).toContain(
      `back to ${file} as applied at ${time}; takes back what was applied at ${last}\n`,
    )
    expect(stateOf(hub)).toEqual(first)
  })

  test('brings back what a destroy took away, and takes it away again', () => {
    // Which of two devices keeps the value of a switch that both need does not matter.
    const held = () => {
      const { saved, ...rest } = stateOf(hub) as { readonly saved: readonly string[] }
      return { ...rest, saved: saved.map((each) => each.replace(/"device":"\w+",/, '')).sort() }
    }
    const bare = stateOf(hub)
    ok('apply', file, '--yes')
    const mitte = held()
    ok('apply', hub.file('nord.lvn', source(1, 'nord', 65)), '--yes')
    const both = held()
    ok('destroy', file, '--yes')
    const nord = held()
    expect(json('history')).toMatchObject([
      { number: 0, command: 'destroy', destroys: true, nodes: ['mitte/gw'], files: [file], outcome: 'done' },
      { number: 1, command: 'apply', destroys: false, nodes: ['nord/gw'] },
      { number: 2, command: 'apply', destroys: false, nodes: ['mitte/gw'] },
    ])
    // Number 1 is another overlay's.
    expect(ok('rollback', '--yes').stderr).toContain(`back to ${file} as applied at `)
    expect(held()).toEqual(both)
    const again = ok('rollback', '--yes')
    expect(again.stderr).toContain(`back to ${file} as destroyed at `)
    expect(again.stdout).toContain('destroyed: ')
    expect(held()).toEqual(nord)
    expect(lvn('history').stdout).toMatch(
      /^0 .* rolled back to its destroy, \d+ changes\n1 .* rolled back to, \d+ changes\n2 .* destroyed, \d+ changes$/m,
    )
    ok('rollback', '--yes')
    expect(held()).toEqual(both)
    ok('destroy', join(hub.folder, 'nord.lvn'), '--yes')
    expect(held()).toEqual(mitte)
    ok('destroy', file, '--yes')
    expect(stateOf(hub)).toEqual(bare)
    ok('destroy', file, '--yes')
    expect(json('history')[0]).toMatchObject({ number: 0, files: [file], command: 'destroy' })
    expect(json('history')[1]).toMatchObject({ files: [join(hub.folder, 'nord.lvn')] })
  })

  test('is asked about what it has not', () => {
    expect(lvn('rollback', '--yes')).toMatchObject({
      status: 64,
      stderr: expect.stringContaining('nothing has been applied here'),
    })
    ok('apply', file, '--yes')
    expect(lvn('rollback', '--yes')).toMatchObject({
      status: 64,
      stderr: expect.stringContaining('nothing was applied here before the last'),
    })
    for (const wanted of ['1', '7', 'x']) {
      expect(lvn('rollback', wanted, '--yes')).toMatchObject({
        status: 64,
        stderr: expect.stringContaining(`the history has no entry ${wanted}`),
      })
    }
    ok('destroy', file, '--yes')
    expect(lvn('rollback')).toMatchObject({
      status: 64,
      stdout: expect.stringContaining('+ device lvn64'),
      stderr: expect.stringContaining('not a terminal'),
    })
  })

  test('has no part in what is planned, and stops nothing where it cannot be kept', () => {
    ok('apply', file, '--yes')
    const env = { LVN_STATE_DIR: '/proc/nowhere', NO_COLOR: '1' }
    const ran = hub.ns.lvn(env, 'apply', hub.file('b.lvn', source(3)), '--yes')
    expect(ran).toMatchObject({ status: 0 })
    expect(ran.stderr).toContain('not kept in the history: ')
    expect(lvn('plan', join(hub.folder, 'b.lvn')).status).toBe(0)
  })

  test('is kept by namespace', () => {
    ok('apply', file, '--yes')
    expect(statSync(join(hub.folder, 'state', `netns-${hub.ns.name}`, 'journal')).isDirectory()).toBe(true)
    const other = { LVN_STATE_DIR: join(hub.folder, 'state'), NO_COLOR: '1' }
    expect(hub.router.lvn(other, 'history').stdout).toBe('nothing has been applied here\n')
    const named = hub.router.tryWith(
      other,
      process.execPath,
      lvnPath,
      '--netns',
      hub.ns.name,
      'history',
      '--json',
    )
    expect(JSON.parse(named.stdout)).toHaveLength(1)
  })
})

describe('pruning', () => {
  test('asks for another word where more than a fifth would go, and leaves what is not ours', () => {
    ok('apply', hub.file('old.lvn', source(1, 'old', 65)), '--yes')
    ok('apply', file, '--yes')
    hub.ns.run('ip', 'link', 'add', 'foreign0', 'type', 'veth', 'peer', 'name', 'foreign1')
    hub.ns.run('ip', 'link', 'set', 'foreign0', 'alias', 'not lvn:old/gw')
    const before = stateOf(hub)
    const shown = lvn('plan', file, '--prune')
    expect(shown.status).toBe(2)
    expect(shown.stdout).toContain(
      'prune: takes away overlay old: 5 of the 12 objects that L-VN owns here go',
    )
    const refused = lvn('apply', file, '--prune', '--yes')
    expect(refused).toMatchObject({ status: 4, stdout: '' })
    expect(refused.stderr).toContain(
      '--prune would remove 5 of the 12 objects that L-VN owns here, those of overlay old',
    )
    expect(stateOf(hub)).toEqual(before)
    ok('apply', file, '--prune-all', '--yes')
    expect(lvn('show', 'devices').stdout).not.toContain('lvn65')
    expect(lvn('plan', file, '--prune').status).toBe(0)
    expect(hub.ns.run('ip', 'link', 'show', 'foreign0')).toContain('alias not lvn:old/gw')
  })
})

test('what does not fit on a full disk leaves no file behind, and the one that was there whole', () => {
  const disk = mkdtempSync(join(hub.folder, 'disk-'))
  const old = '{"lvnPlan": 1}'
  const script = `mount -t tmpfs -o size=16k tmpfs ${disk} && cd ${disk} && head -c 12k /dev/zero > filler
    printf '%s' '${old}' > old.plan
    for out in new.plan old.plan; do "$@" plan ${file} --out $out; echo "exit $?"; done
    "$@" graph ${file} --out picture.svg; echo "exit $?"
    LVN_STATE_DIR=${disk}/state "$@" apply ${file} --yes; echo "exit $?"
    cat old.plan; echo; find . -type f | sort`
  const { stdout, stderr } = hub.ns.tryWith(
    { ...env(), LC_ALL: 'C' },
    ...(['unshare', '--mount', 'sh', '-c', script, 'sh', process.execPath, lvnPath] as const),
  )
  expect(stderr).toContain('new.plan cannot be written: no space is left')
  expect(stderr).toContain('old.plan cannot be written: no space is left')
  expect(stderr).toContain('picture.svg cannot be written: no space is left')
  expect(stderr).toContain('not kept in the history')
  expect(stdout.match(/^exit \d+$/gm)).toEqual(['exit 74', 'exit 74', 'exit 74', 'exit 0'])
  expect(stdout.trimEnd().split('\n').slice(-3)).toEqual([old, './filler', './old.plan'])
})

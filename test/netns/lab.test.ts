// SPDX-License-Identifier: MIT
/**
 * Labs: NATs, two side by side, one whose builder was killed, one that is refused.
 *
 *     underlay ─┬─ gw1
 *               ├─ NAT with static ports ─┬─ first
 *               │                         └─ second ── a host in the subnet behind it
 *               ├─ NAT that moves a port ─── moved
 *               ├─ NAT ─── hidden
 *               └─ lost
 */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { acquireLock } from '../../native/lock.ts'
import { createNetns, deleteNetns } from '../../native/netns.ts'
import { lvnPath } from '../support/cli.ts'
import { LabRun, lvn, lvnIn, lvnWith, sourceFile } from '../support/lab.ts'
import { until } from '../support/netns.ts'
import { isRunning } from '../support/terminal.ts'

const source = `lvn 1
overlay mix {
  net 10.64.0.0/16, fd42:64::/48
  hub gw1 { listen 198.51.100.10, [2001:db8:1::10]; address 10.64.0.1, fd42:64::1 }
  spoke first { endpoint 203.0.113.7:50001; address 10.64.1.1, fd42:64:0:1::1 }
  spoke second {
    endpoint 203.0.113.7:50002
    address 10.64.2.1, fd42:64:0:2::1
    routes 10.64.2.0/24, fd42:64:0:2::/64
  }
  spoke moved { endpoint [2001:db8:9::9]:50009; port 4000; address 10.64.5.1; routes 10.64.5.9/32 }
  spoke hidden { endpoint nat; address 10.64.3.1 }
  spoke lost { endpoint nowhere.invalid; address 10.64.4.1 }
}
`

describe('a lab', () => {
  let file: ReturnType<typeof sourceFile>
  let labs: LabRun[] = []
  const lab = (label: string, path = file.path) => {
    const made = new LabRun(path, label)
    labs.push(made)
    return made
  }

  beforeAll(() => {
    file = sourceFile(source)
  })
  afterEach(() => {
    for (const made of labs) made.down()
    labs = []
  })
  afterAll(() => file.remove())

  test('has the NATs that the file implies, and reports what is pending', () => {
    const mix = lab('mix')
    const report = mix.up()
    expect(report.nats).toHaveLength(3)
    expect(report.nodes.map(({ node, error }) => ({ node, error }))).toEqual(
      ['gw1', 'first', 'second', 'moved', 'hidden', 'lost'].map((node) => ({ node, error: null })),
    )
    const pendingAtHub = report.nodes[0]?.pending.map(({ tunnel }) => tunnel).sort()
    expect(pendingAtHub).toEqual(['hidden', 'lost'])

    const pings = mix.test()
    const waiting = (name: string) => name === 'hidden' || name === 'lost'
    expect(pings.filter((ping) => ping.pending !== (waiting(ping.from) || waiting(ping.to)))).toEqual([])
    expect(pings.filter((ping) => !ping.pending && !ping.ok)).toEqual([])
    const subnets = pings.filter((ping) => ping.from === 'first').map((ping) => ping.subnet)
    expect(subnets.filter((subnet) => subnet !== null).sort()).toEqual([
      '10.64.2.0/24',
      '10.64.5.9/32',
      'fd42:64:0:2::/64',
    ])
  })

  test('runs beside another of the same file, and goes without it', () => {
    const [one, two] = [lab('side'), lab('side_b')]
    one.up()
    two.up()
    expect(one.test().filter((ping) => !ping.ok && !ping.pending)).toEqual([])
    const ofTwo = two.namespaces()
    expect(one.down().removed).toEqual(expect.arrayContaining([`lvn-${one.name}--underlay`]))
    expect(one.namespaces()).toEqual([])
    expect(two.namespaces()).toEqual(ofTwo)
    expect(two.test().filter((ping) => !ping.ok && !ping.pending)).toEqual([])
  })

  test.each(['build', 'apply'])('that died during its %s is listed, and removed by down', async (phase) => {
    const dying = lab(`dying_${phase}`)
    const child = spawn(process.execPath, [lvnPath, 'lab', 'up', file.path, '--name', dying.name], {
      stdio: 'ignore',
    })
    const ended = new Promise((resolve) => child.once('exit', resolve))
    // Router, NATs, nodes, hosts behind nodes.
    const whole = 1 + 3 + 6 + 2
    await until(
      `the lab is in its ${phase}`,
      () => dying.namespaces().length >= (phase === 'build' ? 3 : whole),
    )
    child.kill('SIGKILL')
    await ended
    expect(dying.listed()?.namespaces.length).toBeGreaterThanOrEqual(3)
    expect(dying.down().removed.length).toBeGreaterThanOrEqual(3)
    expect(dying.namespaces()).toEqual([])
    expect(dying.listed()).toBeUndefined()
    dying.up()
    expect(dying.test().filter((ping) => !ping.ok && !ping.pending)).toEqual([])
  })

  test('that is being built is not built a second time, nor taken away', () => {
    const built = lab('built')
    const lock = acquireLock(`lab.${built.name}`)
    try {
      const ran = lvn('lab', 'up', file.path, '--name', built.name)
      expect([ran.status, ran.stdout]).toEqual([6, ''])
      expect(ran.stderr).toContain('is at work')
      expect(built.namespaces()).toEqual([])
    } finally {
      lock.release()
    }
    built.up('--no-apply')
  })

  test('is built without an apply where that is wanted, and then nobody reaches anybody', () => {
    const pair = fileURLToPath(new URL('../../examples/pair.lvn', import.meta.url))
    const bare = lab('bare', pair)
    const report = bare.up('--no-apply')
    expect(report.nodes.map((node) => node.exitCode)).toEqual([null, null])
    const hub = report.nodes[0]?.namespace as string
    expect(lvn('--netns', hub, 'plan', pair, '--node', 'left').status).toBe(2)
    expect(lvn('lab', 'test', pair, '--name', bare.name)).toMatchObject({
      status: 1,
      stderr: `not applied on pair/left, pair/right\nhelp: \`lvn --netns ${hub} apply ${pair} --node pair/left\`, and so for each of them\n`,
    })
    expect(lvn('--netns', hub, 'apply', pair, '--node', 'left', '--yes').status).toBe(0)
    expect(bare.json(1, 'lab', 'test', pair, '--name', bare.name)).toMatchObject({
      unapplied: [{ overlay: 'pair', node: 'right', namespace: report.nodes[1]?.namespace }],
    })
    expect(bare.test(1).map(({ ok, ms, pending }) => ({ ok, ms, pending }))).toEqual(
      Array.from({ length: 4 }, () => ({ ok: false, ms: null, pending: false })),
    )
  })

  test('applies what it was built from: imports from elsewhere, a name like an option, standard input', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lvn-lab-import-'))
    try {
      const own = join(folder, 'own')
      mkdirSync(join(folder, 'common'))
      mkdirSync(own)
      writeFileSync(join(folder, 'common', 'spokes.lvn'), 'lvn 1\nlet inner = 10.64.1.1\n')
      const text = `lvn 1
import "../common/spokes.lvn"
overlay pair {
  net 10.64.0.0/16
  hub gw1 { listen 198.51.100.10; address 10.64.0.1 }
  spoke first { endpoint 203.0.113.7; address inner }
}
`
      writeFileSync(join(own, '-own.lvn'), text)
      const allow = ['--allow-import', join(folder, 'none'), '--allow-import', '../common', '--json']
      for (const [label, name] of [
        ['file', '-own.lvn'],
        ['stdin', '-'],
      ] as const) {
        const made = lab(label)
        const ran = lvnIn(own, text, ...allow, 'lab', 'up', '--name', made.name, '--', name)
        expect(JSON.parse(ran.stdout).nodes).toMatchObject([
          { node: 'gw1', exitCode: 0, error: null },
          { node: 'first', exitCode: 0, error: null },
        ])
        expect(ran.status).toBe(0)
        made.down()
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('of another file is said to be that, and how it is made anew', () => {
    const pair = fileURLToPath(new URL('../../examples/pair.lvn', import.meta.url))
    const other = lab('other', pair)
    other.up('--no-apply')
    const { status, stderr } = lvn('lab', 'test', file.path, '--name', other.name)
    expect(status).toBe(64)
    expect(stderr).toMatch(/ is another file's, or broken: \S+\/\S+ has no namespace in it \(lvn-/)
    expect(stderr).toContain(`\`lvn lab down --name ${other.name}\`, then \`lvn lab up\``)
    const again = lvn('lab', 'up', file.path, '--name', other.name)
    expect(again).toMatchObject({ status: 64 })
    expect(again.stderr).toContain(`take it away with \`lvn lab down --name ${other.name}\``)
  })

  test('takes the history of what was applied in it by hand along, and no other', () => {
    const state = mkdtempSync(join(tmpdir(), 'lvn-lab-state-'))
    const env = { LVN_STATE_DIR: state }
    try {
      const pair = fileURLToPath(new URL('../../examples/pair.lvn', import.meta.url))
      const manual = lab('manual', pair)
      const hub = manual.up('--no-apply').nodes[0]?.namespace as string
      const kept = ['host', 'netns-others', `netns-lvn-${manual.name}_b--underlay`]
      for (const folder of kept) mkdirSync(join(state, folder, 'journal'), { recursive: true })
      const apply = ['--netns', hub, 'apply', pair, '--node', 'left', '--yes']
      expect(lvnWith(env, ...apply)).toMatchObject({ status: 0, stderr: '' })
      expect(readdirSync(state).sort()).toEqual([...kept, `netns-${hub}`].sort())
      const again = ['--netns', hub, 'destroy', pair, '--node', 'left', '--yes']
      expect(lvnWith(env, ...again).status).toBe(0)
      expect(lvnWith(env, ...apply, '--confirm', '1h').status).toBe(0)
      const waits = JSON.parse(lvnWith(env, '--netns', hub, 'confirm', '--status', '--json').stdout).pending
      expect(isRunning(waits.pid)).toBe(true)
      expect(lvnWith(env, 'lab', 'down', '--name', manual.name)).toMatchObject({ status: 0, stderr: '' })
      expect(readdirSync(state).sort()).toEqual(kept.sort())
      expect(isRunning(waits.pid)).toBe(false)
    } finally {
      rmSync(state, { recursive: true })
    }
  })

  test('that is interrupted says how it is taken away', async () => {
    const half = lab('half')
    const child = spawn(process.execPath, [lvnPath, 'lab', 'up', file.path, '--name', half.name], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    const ended = new Promise((resolve) => child.once('close', resolve))
    await until('the lab is being built', () => half.namespaces().length > 0)
    child.kill('SIGINT')
    expect(await ended).toBe(130)
    expect(said).toContain(`interrupted: \`lvn lab down --name ${half.name}\` takes away`)
  })

  test('leaves alone what only has a name like its own', () => {
    const mine = lab('mine')
    const foreign = `lvn-${mine.name}-other`
    const clash = `lvn-${mine.name}-gw1`
    createNetns(foreign)
    try {
      createNetns(clash)
      try {
        const { status, stderr } = lvn('lab', 'up', file.path, '--name', mine.name)
        expect(status).toBe(64)
        expect(stderr).toContain(`there is a network namespace ${clash}, which no lab has made`)
        expect(stderr).toContain(`\`ip netns pids ${clash}\` tells whether somebody uses it`)
        expect(mine.listed()).toBeUndefined()
      } finally {
        deleteNetns(clash)
      }
      mine.up('--no-apply')
      expect(mine.listed()?.namespaces).not.toContain(foreign)
      expect(mine.down().left).toEqual([foreign])
      expect(mine.namespaces()).toEqual([foreign])
      expect(mine.listed()).toBeUndefined()
      expect(mine.down()).toMatchObject({ removed: [], left: [foreign] })
      const { stdout } = lvn('lab', 'down', '--name', mine.name)
      expect(stdout).toContain(`left alone ${foreign}: `)
      expect(stdout).toContain(`before \`ip netns del ${foreign}\` takes it away`)
      expect(mine.namespaces()).toEqual([foreign])
    } finally {
      deleteNetns(foreign)
    }
  })

  test('is not built twice, not tested where there is none, and down finds nothing to remove', () => {
    const twice = lab('twice')
    twice.up('--no-apply')
    expect(lvn('lab', 'up', file.path, '--name', twice.name)).toMatchObject({
      status: 64,
      stderr: expect.stringContaining(`the lab ${twice.name} is there already`),
    })
    const none = lab('none')
    expect(lvn('lab', 'test', file.path, '--name', none.name)).toMatchObject({
      status: 64,
      stderr: expect.stringContaining(`there is no lab ${none.name}`),
    })
    expect(none.down().removed).toEqual([])
  })
})

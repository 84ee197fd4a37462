// SPDX-License-Identifier: MIT
/**
 * The built command against this machine's kernel, as a user meets it.
 *
 *   [ node: eth0 198.51.100.10 ] ---- veth ---- [ net: wan 198.51.100.1 ]
 *                                               [      wan 203.0.113.1  ]
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { acquireLock } from '../../native/lock.ts'
import { withNetns } from '../../native/netns.ts'
import { cliPath } from '../../native/paths.ts'
import { connect, Netns, type Ran, until } from '../support/netns.ts'
import { lvnAtTerminal } from '../support/terminal.ts'

const source = `lvn 1
overlay mitte {
  net 10.64.0.0/16
  hub gw1 {
    listen 198.51.100.10
    device lvn0 { address 10.64.0.1 }
  }
  spoke kirche { endpoint 203.0.113.7:50000; address 10.64.1.1; routes 10.64.1.0/24 }
  spoke rathaus { endpoint 203.0.113.9; address 10.64.3.1 }
}
`

let node: Netns
let net: Netns
let folder: string
let file: string
const lvn = (...args: string[]): Ran => node.tryWith(clean, process.execPath, cliPath(), ...args)
const clean = { NO_COLOR: '', FORCE_COLOR: '0', LVN_DEBUG: '' }

/** Everything of the node that a command could have changed. */
function state(): string {
  const parts = [
    ['ip', '-details', 'link'],
    ['ip', 'addr'],
    ['ip', 'route', 'show', 'table', 'all'],
    ['ip', '-6', 'route', 'show', 'table', 'all'],
    ['tc', 'qdisc'],
    ['sysctl', '-a', '--pattern', '^net\\.ipv[46]\\.conf\\..*(forwarding|redirects)'],
  ] as const
  return parts.map(([command, ...args]) => node.run(command, ...args)).join('\n')
}

beforeAll(() => {
  node = new Netns('node')
  net = new Netns('net')
  connect(
    { ns: node, dev: 'eth0', addresses: ['198.51.100.10/24'] },
    { ns: net, dev: 'wan', addresses: ['198.51.100.1/24', '203.0.113.1/24'] },
  )
  node.run('ip', 'route', 'add', 'default', 'via', '198.51.100.1')
  folder = mkdtempSync(join(tmpdir(), 'lvn-cli-'))
  file = join(folder, 'mitte.lvn')
  writeFileSync(file, source)
})
afterAll(() => {
  node.dispose()
  net.dispose()
  rmSync(folder, { recursive: true })
})

describe('plan, apply, show, destroy', () => {
  it('goes from nothing to an overlay and back to nothing', () => {
    const before = state()
    const plan = lvn('plan', file)
    expect(plan).toMatchObject({ status: 2, stderr: '' })
    expect(plan.stdout).toMatch(
      /^gw1, hub of mitte \(ebpf plane\)\n\n\+ device lvn0 multi mtu 1472 over eth0\n/,
    )
    expect(plan.stdout).toContain(
      '  + tunnel lvn0/kirche local 198.51.100.10:50000 remote 203.0.113.7:50000\n',
    )
    expect(state()).toBe(before)

    const applied = lvn('apply', file, '--yes')
    expect(applied).toMatchObject({ status: 0, stderr: '' })
    expect(applied.stdout).toMatch(/\napplied: \d+ changes, verified\n$/)

    const again = lvn('plan', file)
    expect(again).toMatchObject({ status: 0, stderr: '' })
    expect(again.stdout).toContain('No changes: the kernel already holds what the file says.')

    const shown = lvn('show', 'tunnels')
    expect(shown.stdout).toMatch(/^lvn0\/kirche +unheard +203\.0\.113\.7:50000 /m)

    const destroyed = lvn('destroy', file, '--yes')
    expect(destroyed).toMatchObject({ status: 0, stderr: '' })
    expect(destroyed.stdout).toMatch(/\ndestroyed: \d+ changes, verified\n$/)
    expect(lvn('destroy', file, '--yes').stdout).toContain(
      'No changes: the kernel holds nothing of this file.',
    )
    expect(lvn('show').stdout).toBe('No devices of L-VN in this network namespace.\n')
  })

  it('speaks JSON on standard output alone', () => {
    const json = (...args: string[]) => {
      const ran = lvn(...args, '--json')
      return { status: ran.status, stderr: ran.stderr, answer: JSON.parse(ran.stdout) }
    }
    expect(json('plan', file)).toMatchObject({
      status: 2,
      stderr: '',
      answer: { formatVersion: 1, plane: 'ebpf' },
    })
    expect(json('apply', file, '--yes')).toMatchObject({
      status: 0,
      stderr: '',
      answer: { plan: { formatVersion: 1 }, report: { outcome: 'done', residue: [] } },
    })
    expect(json('show')).toMatchObject({
      status: 0,
      answer: { devices: [{ name: 'lvn0' }], tunnels: [{ name: 'kirche' }, { name: 'rathaus' }] },
    })
    expect(Object.keys(json('show', 'rules').answer)).toEqual(['formatVersion', 'rules'])
    expect(json('snapshot')).toMatchObject({
      status: 0,
      answer: { plane: 'ebpf', devices: [{ name: 'lvn0' }] },
    })
    expect(json('destroy', file, '--yes')).toMatchObject({
      status: 0,
      answer: { report: { outcome: 'done' } },
    })
    expect(json('destroy', file, '--yes')).toMatchObject({ status: 0, answer: { report: null } })
  })

  it('enters a network namespace by name and by path', () => {
    const outside = (...args: string[]) => net.try(process.execPath, cliPath(), ...args)
    for (const netns of [node.name, node.path]) {
      expect(outside('--netns', netns, 'plan', file)).toMatchObject({ status: 2, stderr: '' })
    }
    expect(outside('--netns', 'lvnt-no-such', 'show')).toMatchObject({
      status: 64,
      stderr: expect.stringContaining('there is no network namespace lvnt-no-such'),
    })
  })
})

describe('refusals: a sentence, an exit code, nothing changed', () => {
  const variant = (name: string, change: (text: string) => string) => {
    const path = join(folder, name)
    writeFileSync(path, change(source))
    return path
  }
  const refused = (args: string[], status: number, sentence: string) => {
    const before = state()
    const ran = lvn(...args)
    expect({ status: ran.status, stdout: ran.stdout }).toEqual({ status, stdout: '' })
    expect(ran.stderr).toContain(sentence)
    expect(state()).toBe(before)
  }

  it('an invalid source', () =>
    refused(['apply', '--yes', variant('invalid.lvn', (t) => t.replace('listen', 'lisen'))], 3, 'help: '))
  it('a missing file', () => refused(['apply', '--yes', 'none.lvn'], 3, 'none.lvn: no such file'))
  it('an unknown node', () =>
    refused(['apply', '--yes', file, '--node', 'kirhce'], 64, 'did you mean `kirche`?'))
  it('a host that is no node', () =>
    refused(
      ['plan', variant('other.lvn', (t) => t.replace('100.10', '100.11'))],
      64,
      'is no node of the file',
    ))
  it('a data plane that is not there', () =>
    refused(['apply', '--yes', '--plane', 'kmod', file], 7, 'error[LVN7004]'))

  it('no permission', () => {
    const before = state()
    const powerless = ['--bounding-set=-all', '--inh-caps=-all', process.execPath, cliPath()]
    for (const args of [['plan', file], ['apply', '--yes', file], ['destroy', '--yes', file], ['show']]) {
      const ran = node.tryWith(clean, 'setpriv', ...powerless, ...args)
      expect({ status: ran.status, stdout: ran.stdout }).toEqual({ status: 7, stdout: '' })
      expect(ran.stderr).toMatch(/^error\[LVN7\d+\]: no permission .*CAP_NET_ADMIN/)
    }
    expect(state()).toBe(before)
  })

  it('a device name that is taken', () => {
    node.run('ip', 'tuntap', 'add', 'dev', 'lvn0', 'mode', 'tun')
    refused(['apply', '--yes', file], 4, 'the device name lvn0 is taken by a foreign device')
    node.run('ip', 'link', 'del', 'lvn0')
  })

  it('but a peer whose name has no address only stays pending', () => {
    const path = variant('pending.lvn', (t) => t.replace('203.0.113.9', 'rathaus.invalid'))
    const ran = lvn('apply', '--yes', path)
    expect(ran.status).toBe(0)
    expect(ran.stdout).toContain('pending: 1 tunnel cannot carry packets yet\n  tunnel lvn0/rathaus: ')
    expect(lvn('show', 'tunnels').stdout).toMatch(/^lvn0\/rathaus +pending /m)
    expect(lvn('destroy', '--yes', path).status).toBe(0)
  })
})

describe('on a terminal that is closed', () => {
  let kept: string
  const env = () => ({ LVN_STATE_DIR: kept })
  const statusFile = () => join(kept, 'status')
  /** The exit code of `lvn`, from a shell that outlives the terminal. */
  const status = () =>
    until('lvn has ended', () => existsSync(statusFile()) && readFileSync(statusFile(), 'utf8').trim())
  const open = (before: string, ...args: string[]) =>
    lvnAtTerminal(node, args, {
      env: env(),
      before: `trap : HUP; ${before}`,
      after: `echo $? > '${statusFile()}.new'; mv '${statusFile()}.new' '${statusFile()}'`,
    })

  beforeEach(() => {
    kept = mkdtempSync(join(folder, 'state-'))
  })

  it('changes nothing where it asks', async () => {
    const before = state()
    const terminal = open('true', 'apply', file)
    await terminal.shows('[y/N] ')
    terminal.close()
    // 128 and the number of SIGHUP, or declined where the end of input is seen first.
    expect(['129', '130']).toContain(await status())
    expect(state()).toBe(before)
  })

  it('carries on with what it was told to do, and keeps it in the history', async () => {
    const terminal = open('echo ready; while stty -a > /dev/null 2>&1; do :; done', 'apply', file, '--yes')
    await terminal.shows('ready')
    terminal.close()
    expect(await status()).toBe('0')
    const history = node.tryWith({ ...clean, ...env() }, process.execPath, cliPath(), 'history')
    expect(history.stdout).toMatch(/mitte\.lvn .* applied, \d+ changes/)
    expect(lvn('destroy', '--yes', file).status).toBe(0)
  })
})

describe('on a terminal', () => {
  const terminal = (...args: string[]) => lvnAtTerminal(node, args)

  it.each([
    ['no', 'n\n', 'Nothing was changed.'],
    ['a mere Return', '\n', 'Nothing was changed.'],
    ['the end of input', '\x04', 'Nothing was changed.'],
    ['Ctrl-C', '\x03', '^C'],
  ])('changes nothing after %s, exit code 130', async (_name, keys, shown) => {
    const before = state()
    const { seen, type, shows, ended } = terminal('apply', file)
    await shows('[y/N] ')
    type(keys)
    expect(await ended()).toBe(130)
    expect(seen.text).toContain(shown)
    expect(state()).toBe(before)
  })

  it('applies after yes', async () => {
    const { seen, type, shows, ended } = terminal('apply', file)
    await shows('[y/N] ')
    expect(seen.text).toMatch(/Apply \d+ changes\? \[y\/N\] $/)
    expect(lvn('plan', file).status).toBe(2)
    type('y\n')
    expect(await ended()).toBe(0)
    expect(seen.text).toMatch(/applied: \d+ changes, verified/)
    expect(seen.text.match(/\[y\/N\]/g)).toHaveLength(1)
    expect(lvn('destroy', '--yes', file).status).toBe(0)
  })

  it('lets others work while it asks, and asks again where the plan has become another one', async () => {
    const before = state()
    const moved = join(folder, 'moved.lvn')
    writeFileSync(moved, source.replace('203.0.113.7', '203.0.113.8'))
    const { seen, type, shows, ended } = terminal('apply', file)
    await shows('[y/N] ')
    expect(lvn('apply', '--yes', moved).status).toBe(0)
    type('y\n')
    await shows('this node was changed while you were asked, and the plan is another one:')
    await shows('Apply 1 change? [y/N] ')
    expect(seen.text).toContain('~ tunnel lvn0/kirche remote 203.0.113.8:50000 → 203.0.113.7:50000')
    expect(lvn('apply', '--yes', file).status).toBe(0)
    type('y\n')
    expect(await ended()).toBe(0)
    expect(seen.text.trimEnd()).toContain('No changes: ')
    expect(lvn('destroy', '--yes', file).status).toBe(0)
    expect(state()).toBe(before)
  })

  it('is kept out after yes by one that is at work then', async () => {
    const { seen, type, shows, ended } = terminal('apply', file)
    await shows('[y/N] ')
    const before = state()
    const lock = withNetns(node.path, () => acquireLock())
    try {
      type('y\n')
      expect(await ended()).toBe(6)
    } finally {
      lock.release()
    }
    expect(seen.text).toMatch(
      new RegExp(`process ${process.pid} \\(.*\\) is at work in this network namespace`),
    )
    expect(state()).toBe(before)
  })
})

// SPDX-License-Identifier: MIT
/**
 * What is on a host and in no file any more: `lvn destroy` removes it by its name, and with a file of another name says
 * what it leaves and how to remove it. A device is told by its alias, and by what the plane holds for it.
 */
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lvnPath } from '../support/cli.ts'
import { Host } from '../support/host.ts'
import { until } from '../support/netns.ts'

const file = (overlay: string, hub: string, device = 'lvn0', net = '10.64') => `lvn 1
overlay ${overlay} {
  net ${net}.0.0/16
  hub ${hub} { listen 198.51.100.10; device ${device} { address ${net}.0.1 }; routes ${net}.9.0/24 }
  spoke kirche { endpoint 203.0.113.7; address ${net}.1.1 }
}
`

let host: Host
beforeEach(() => {
  host = new Host('byname')
})
afterEach(() => host?.dispose())

test('an overlay or a node is destroyed by its name, and the host is as it was', () => {
  const before = host.facts()
  const env = { LVN_STATE_DIR: join(host.folder, 'state'), NO_COLOR: '1' }
  const lvn = (status: number, ...args: string[]) => {
    const ran = host.ns.tryWith(env, process.execPath, lvnPath, ...args)
    expect(ran, ran.stderr).toMatchObject({ status })
    return ran
  }
  const [old, other] = [file('mitte', 'gw1'), file('city', 'core', 'lvn5', '10.65')]
  lvn(0, 'apply', '--yes', host.file('a.lvn', old))
  lvn(0, 'apply', '--yes', host.file('b.lvn', other))
  const none = lvn(64, 'destroy', '--yes', 'mitte/gw2')
  expect(none.stderr).toMatch(/LVN6404[\s\S]*here: city\/core, mitte\/gw1/)
  expect(lvn(64, 'destroy', '--yes', 'mitte/gw1', '--node', 'gw1').stderr).toContain('OVERLAY/NODE')
  const { stdout } = lvn(0, 'destroy', '--yes', 'mitte/gw1')
  expect(stdout).toMatch(/^node gw1, of mitte \(/)
  expect(stdout).toContain('- route unreachable 10.64.9.0/24')
  expect(stdout).not.toContain('10.65')
  expect(lvn(0, 'plan', host.file('b.lvn', other)).stdout).not.toContain('lvn0')
  expect(lvn(0, 'history').stdout).toMatch(/0 .* mitte\/gw1 +- +- +destroyed/)
  lvn(0, 'rollback', '--yes')
  expect(lvn(0, 'show', 'devices').stdout).toContain('lvn0')
  lvn(0, 'rollback', '1', '--yes')
  expect(lvn(0, 'show', 'devices').stdout).not.toContain('lvn0')
  lvn(0, 'destroy', '--yes', 'city')
  expect(host.facts()).toBe(before)
})

test('destroy with a file of another name touches nothing, and says what is there and how to remove it', async () => {
  host.expectLvn(0, 'apply', '--yes', host.file('a.lvn', file('mitte', 'gw1')))
  // A TUN device loses its carrier a moment after the program that made it has gone.
  await until('the device is without a carrier', () =>
    host.ns.run('ip', 'link', 'show', 'lvn0').includes('NO-CARRIER'),
  )
  const before = host.facts()
  for (const renamed of [file('mitte', 'core'), file('nord', 'gw1')]) {
    const { stdout } = host.expectLvn(0, 'destroy', '--yes', host.file('b.lvn', renamed))
    expect(stdout).toContain(
      'device lvn0: belongs to mitte/gw1, which is left alone: `lvn destroy mitte/gw1` takes it away',
    )
    expect(stdout).toContain('No changes: the kernel holds nothing of this file.')
    expect(host.facts()).toBe(before)
  }
})

test('a device with another alias, or none, is still ours: a plan mends it, a destroy takes it away', () => {
  const before = host.facts()
  const text = host.file('a.lvn', file('mitte', 'gw1'))
  const setAlias = (alias: string) => host.ns.run('ip', 'link', 'set', 'lvn0', 'alias', alias)
  const alias = () => /alias (.*)/.exec(host.ns.run('ip', 'link', 'show', 'lvn0'))?.[1]
  host.expectLvn(0, 'apply', '--yes', text)
  for (const other of ['office', 'lvn:', '']) {
    setAlias(other)
    const { stdout } = host.expectLvn(2, 'plan', text)
    expect(stdout).toContain('~ device lvn0 damaged → whole')
    expect(stdout).not.toMatch(/^foreign|^ +[+-] /m)
    host.expectLvn(0, 'apply', '--yes', text)
    expect(alias()).toBe('lvn:mitte/gw1')
    host.expectLvn(0, 'plan', text)
  }
  setAlias('office')
  host.expectLvn(0, 'destroy', '--yes', text)
  expect(host.facts()).toBe(before)
  host.expectLvn(0, 'apply', '--yes', text)
  setAlias('office')
  host.expectLvn(0, 'destroy', '--yes', 'mitte/gw1')
  expect(host.facts()).toBe(before)
})

test('an interface of that name that no plane knows is left alone, whatever its alias', () => {
  const text = host.file('a.lvn', file('mitte', 'gw1'))
  for (const args of [
    ['tuntap', 'add', 'lvn0', 'mode', 'tun'],
    ['link', 'add', 'lvn0', 'type', 'veth'],
  ]) {
    host.ns.run('ip', ...args)
    host.ns.run('ip', 'link', 'set', 'lvn0', 'alias', 'office')
    const before = host.facts()
    expect(host.expectLvn(4, 'apply', '--yes', text).stderr).toContain('LVN4001')
    expect(host.expectLvn(0, 'destroy', '--yes', text).stdout).toContain('No changes')
    expect(host.facts()).toBe(before)
    host.ns.run('ip', 'link', 'del', 'lvn0')
  }
})

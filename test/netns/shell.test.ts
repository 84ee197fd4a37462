// SPDX-License-Identifier: MIT
/**
 * `lvnsh` at a terminal: keys reach the command that runs, and then the prompt again; what becomes of both when the
 * terminal goes away.
 *
 *     host eth0 198.51.100.10 ─── router
 */
import { cpSync, readFileSync, rmSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lvnshPath } from '../support/cli.ts'
import { Host } from '../support/host.ts'
import { until } from '../support/netns.ts'
import { isRunning, lvnshAtTerminal, type Terminal } from '../support/terminal.ts'

const source = `lvn 1
overlay first {
  net 10.64.0.0/16
  hub gw { listen 198.51.100.10; address 10.64.0.1 }
  spoke a { endpoint 203.0.113.6; address 10.64.1.1 }
}
`
let host: Host
let shell: Terminal

beforeEach(async () => {
  host = new Host()
  const env = { XDG_STATE_HOME: join(host.folder, 'home'), LVN_STATE_DIR: join(host.folder, 'state') }
  shell = lvnshAtTerminal(host.ns, { env })
  await prompted(1)
})

afterEach(() => host.dispose())

const prompted = (times: number) =>
  until(`prompt ${times}`, () => shell.seen.text.split(' lvn> ').length > times)

test('Ctrl-C ends a command that runs, and no more than that', async () => {
  shell.type('monitor\r')
  await shell.shows('Ctrl-C ends it')
  const before = shell.seen.text.split(' lvn> ').length
  shell.type('\x03')
  await prompted(before)
  shell.type('show devices\r')
  await shell.shows('No devices of L-VN')
  shell.type('exit\r')
  expect(await shell.ended()).toBe(0)
})

test('Ctrl-C at the question of an apply changes nothing, and the next line is a command', async () => {
  const before = host.facts()
  shell.type(`apply ${host.file('first.lvn', source)}\r`)
  await shell.shows('[y/N] ')
  const prompts = shell.seen.text.split(' lvn> ').length
  shell.type('\x03')
  await prompted(prompts)
  expect(shell.seen.text).toContain('Nothing was changed.')
  shell.type('y\r')
  await shell.shows('unknown command `y`')
  expect(host.facts()).toBe(before)
  shell.type('exit\r')
  expect(await shell.ended()).toBe(0)
})

test('a namespace that is not there is refused at once, and the prompt stays', async () => {
  shell.type(`netns ${host.ns.name}\r`)
  await shell.shows(`${host.ns.name} lvn> `)
  shell.type('netns nowhere\r')
  await shell.shows('there is no network namespace nowhere')
  await until('the prompt', () => shell.seen.text.split(`${host.ns.name} lvn> `).length > 2)
  shell.type('lvn show devices\r')
  await shell.shows('No devices of L-VN')
  expect(shell.seen.text).not.toContain('nowhere lvn> ')
  shell.type('exit\r')
  expect(await shell.ended()).toBe(0)
})

test('Ctrl-Z and back at the prompt goes on, also with a line half typed', async () => {
  shell.type('netns')
  await shell.shows('netns')
  shell.type('\x1a')
  const prompts = shell.seen.text.split(' lvn> ').length
  await until('it is back', () => {
    shell.signalSession('SIGCONT')
    return shell.seen.text.split(' lvn> ').length > prompts
  })
  shell.type(` ${host.ns.name}\r`)
  await shell.shows(`${host.ns.name} lvn> `)
  shell.type('exit\r')
  expect(await shell.ended()).toBe(0)
})

test('goes on where the program that it asks and runs is gone', async () => {
  const copy = join(host.folder, 'dist')
  cpSync(dirname(lvnshPath), copy, { recursive: true })
  rmSync(join(copy, 'lvn.js'))
  const lonely = lvnshAtTerminal(host.ns, { program: join(copy, 'lvnsh.js') })
  await lonely.shows(' lvn> ')
  lonely.type('show dev\t')
  // A Tab with keys behind it would be text that was pasted.
  await lonely.shows('show dev')
  lonely.type('ices\r')
  await lonely.shows('lvnsh: dist/lvn.js has not been built')
  lonely.type(`netns ${host.ns.name}\r`)
  await lonely.shows(`${host.ns.name} lvn> `)
  lonely.type('exit\r')
  expect(await lonely.ended()).toBe(0)
})

const historyOf = () => readFileSync(join(host.folder, 'home/lvn/history'), 'utf8')

test.each([
  ['at the prompt', '', ''],
  ['while a command runs', 'monitor\r', 'monitor\n'],
])('a terminal that closes %s leaves the history and nothing else', async (_, command, line) => {
  shell.type('netns\r')
  await prompted(2)
  shell.type(command)
  if (command !== '') await shell.shows('Ctrl-C ends it')
  const before = shell.processes()
  expect(before).toHaveLength(command === '' ? 1 : 2)
  shell.close()
  await until('nothing runs any more', () => before.every((pid) => !isRunning(pid)))
  expect(historyOf()).toBe(`${line}netns\n`)
})

test('asked to end, it ends its command first', async () => {
  shell.type('monitor\r')
  await shell.shows('Ctrl-C ends it')
  const [leader, monitor] = shell.processes() as [number, number]
  process.kill(leader, 'SIGTERM')
  expect(await shell.ended()).toBe(128 + constants.signals.SIGTERM)
  expect(isRunning(monitor)).toBe(false)
})

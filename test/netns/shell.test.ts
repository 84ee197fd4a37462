// SPDX-License-Identifier: MIT
/**
 * `lvnsh` at a terminal: keys reach the command that runs, and then the prompt again.
 *
 *     host eth0 198.51.100.10 ─── router
 */
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Host } from '../support/host.ts'
import { until } from '../support/netns.ts'
import { lvnshAtTerminal, type Terminal } from '../support/terminal.ts'

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
  shell.type('y\r')
  await shell.shows('unknown command `y`')
  expect(host.facts()).toBe(before)
  shell.type('exit\r')
  expect(await shell.ended()).toBe(0)
})

// SPDX-License-Identifier: MIT
/**
 * The process behind `lvn apply --confirm`, spoken to as the apply does.
 *
 *     hub gw: no peers, only the namespace for the lock
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lvnPath } from '../support/cli.ts'
import { Host } from '../support/host.ts'

let hub: Host
let child: ChildProcess | undefined

beforeEach(() => {
  hub = new Host('gw')
})
afterEach(() => {
  child?.kill('SIGKILL')
  hub.dispose()
})

test('it counts, and can be confirmed, although its record can no longer be written', async () => {
  const state = join(hub.folder, 'guarded')
  mkdirSync(state)
  const words = ['netns', 'exec', hub.ns.name, process.execPath, lvnPath, '--plane', 'ebpf', 'guard']
  const guard = spawn('ip', words, { stdio: ['pipe', 'pipe', 'ignore'] })
  child = guard
  const answers = createInterface({ input: guard.stdout })[Symbol.asyncIterator]()
  const ended = once(guard, 'exit')
  const order = { back: {}, source: 'a.lvn', time: new Date().toISOString(), confirmMs: 3_600_000, state }
  guard.stdin.write(`${JSON.stringify(order)}\n`)
  expect((await answers.next()).value).toBe('ready')
  rmSync(state, { recursive: true })
  writeFileSync(state, '')
  guard.stdin.write('applied\n')
  expect((await answers.next()).value).toBe('counting')
  guard.kill('SIGUSR2')
  expect(await ended).toEqual([0, null])
})

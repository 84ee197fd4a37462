// SPDX-License-Identifier: MIT
/**
 * A signal ends a command that only computes at once: no turn of the event loop is waited for.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lvnPath } from '../../support/cli.ts'
import { until } from '../../support/netns.ts'

let folder: string
let file: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lvn-signals-'))
  file = join(folder, 'long.lvn')
  // 100,000 turns with 3,000 statements each: minutes.
  const statements = new Array(3000).fill('assert i > 0').join('\n')
  writeFileSync(
    file,
    `lvn 1
overlay mitte {
  net 10.64.0.0/16
  hub gw { listen 198.51.100.10; address 10.64.0.1 }
  for i in 1..100000 {
${statements}
  }
}
`,
  )
})

afterAll(() => rmSync(folder, { recursive: true }))

/** Time that its main thread has computed, in ticks of the kernel. */
function ticks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return Number(stat.slice(stat.lastIndexOf(')')).split(' ')[12])
}

describe('lvn check, while it computes,', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    'ends with %s',
    async (signal) => {
      const child = spawn(process.execPath, [lvnPath, 'check', file], { stdio: 'ignore' })
      const ended = once(child, 'exit')
      try {
        // Far more than loading takes: by then it computes.
        await until('it computes', () => ticks(child.pid as number) > 400)
        child.kill(signal)
        expect(await ended).toEqual([null, signal])
      } finally {
        child.kill('SIGKILL')
      }
    },
    180_000,
  )
})

// SPDX-License-Identifier: MIT
import { spawnSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { expect, it } from 'vitest'
import { lvnPath } from '../../support/cli.ts'

it.each([['check', 'examples/first.lvn'], ['--json', 'check', 'examples/first.lvn'], ['--version']])(
  'lvn %s %s: output that goes to a full disk is one sentence and an exit code',
  (...args) => {
    const full = openSync('/dev/full', 'w')
    try {
      const ran = spawnSync(process.execPath, [lvnPath, ...args], {
        stdio: ['ignore', full, 'pipe'],
        encoding: 'utf8',
        env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
      })
      expect(ran.stderr).toBe('error[LVN0107]: standard output cannot be written: no space is left\n')
      expect(ran.status).toBe(74)
    } finally {
      closeSync(full)
    }
  },
)

it('a reader that went away is no failure', () => {
  const words = [process.execPath, lvnPath, 'man'].map((word) => `'${word}'`).join(' ')
  const ran = spawnSync('bash', ['-c', `set -o pipefail; ${words} | true`], { encoding: 'utf8' })
  expect(ran).toMatchObject({ status: 0, stderr: '' })
})

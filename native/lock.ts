// SPDX-License-Identifier: MIT
/**
 * One changing `lvn` at a time in a network namespace. The kernel frees the lock with its process.
 */
import { readFileSync } from 'node:fs'
import { ExitCode, LvnError } from '../src/diag/error.ts'
import { addon } from './addon/index.ts'
import { systemFailure } from './errors.ts'

export interface Lock {
  release(): void
}

/** Throws an LvnError (exit 6) that names the holder when another process has it. */
export function acquireLock(name = 'lvn'): Lock {
  const result = tryLock(name)
  if ('holder' in result) {
    const { pid } = result.holder
    throw new LvnError(
      'LVN7031',
      ExitCode.locked,
      `${describeProcess(pid)} is at work in this network namespace`,
      {
        hint: 'try again when it has ended',
      },
    )
  }
  let held = true
  return {
    release: () => {
      if (held) addon().close(result.fd)
      held = false
    },
  }
}

function tryLock(name: string): ReturnType<ReturnType<typeof addon>['lock']> {
  try {
    return addon().lock(name)
  } catch (error) {
    throw systemFailure(`take the lock ${name}`, error)
  }
}

/** `process 123 (lvn apply first.lvn)`; pid 0 is a process of another PID namespace. */
function describeProcess(pid: number): string {
  if (pid === 0) return 'a process of another container'
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim()
    return command === '' ? `process ${pid}` : `process ${pid} (${command})`
  } catch {
    return `process ${pid}`
  }
}

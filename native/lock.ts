// SPDX-License-Identifier: MIT
/**
 * One changing `lvn` at a time in a network namespace. The kernel frees the lock with its process.
 */
import { ExitCode, LvnError } from '../src/diag/error.ts'
import { addon } from './addon/index.ts'
import { systemFailure } from './errors.ts'
import { describeProcess } from './holder.ts'

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
        hint: 'nothing was changed; try again when it has ended (it may be waiting for an answer at its terminal)',
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

/** The process that holds a lock; null: nobody does. 0: one of another PID namespace. */
export function lockHolder(name: string): number | null {
  const result = tryLock(name)
  if ('holder' in result) return result.holder.pid
  addon().close(result.fd)
  return null
}

function tryLock(name: string): ReturnType<ReturnType<typeof addon>['lock']> {
  try {
    return addon().lock(name)
  } catch (error) {
    throw systemFailure(`take the lock ${name}`, error)
  }
}

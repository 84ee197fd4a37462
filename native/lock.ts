// SPDX-License-Identifier: MIT
/**
 * One changing `lvn` at a time in a network namespace. The lock is a file that only root can open, one for each
 * namespace, so that no other user can keep root from working; the kernel frees it with its process, and tells whose it is.
 *
 * Root of a user namespace may have a network of its own but no /run to write to. There the lock is an abstract socket
 * of that network: whoever could take it is in the namespace already.
 */
import { readFileSync } from 'node:fs'
import { ExitCode, LvnError } from '../src/diag/error.ts'
import { addon, type Fd } from './addon/index.ts'
import { attempt } from './errors.ts'
import { describeProcess } from './holder.ts'
import { netnsInode } from './netns.ts'
import { runFolder } from './run-folder.ts'

export interface Lock {
  release(): void
}

/** @throws LvnError (exit 6) that names the holder where another has it; LVN7032, LVN7002: there can be no lock here. */
export function acquireLock(name = 'change'): Lock {
  const place = placeOf(name)
  const taken = attempt(`take the lock ${name}`, () => place.take())
  if ('holder' in taken) {
    throw new LvnError(
      'LVN7031',
      ExitCode.locked,
      `${describeProcess(taken.holder)} is at work in this network namespace`,
      { hint: 'nothing was changed; try again when it has ended' },
    )
  }
  let held = true
  return {
    release: () => {
      if (held) place.free(taken.fd)
      held = false
    },
  }
}

/** Does some work, which must be synchronous, with the lock held. @throws as acquireLock. */
export function locked<T>(work: () => T): T {
  const lock = acquireLock()
  try {
    return work()
  } finally {
    lock.release()
  }
}

/**
 * The process that holds a lock, which is not taken for that; null: nobody does, as where there can be no lock. 0: one
 * of another PID namespace.
 */
export function lockHolder(name: string): number | null {
  try {
    const place = placeOf(name)
    return attempt(`look at the lock ${name}`, () => place.holder())
  } catch (error) {
    if (error instanceof LvnError && error.code === 'LVN7032') return null
    throw error
  }
}

/** Where a lock is kept. */
interface Place {
  take(): { readonly fd: Fd } | { readonly holder: number }
  free(fd: Fd): void
  holder(): number | null
}

function placeOf(name: string): Place {
  try {
    return fileIn(runFolder('locks'), name)
  } catch (error) {
    if (isWithoutRun(error)) return socketOf(name)
    throw error
  }
}

function fileIn(folder: string, name: string): Place {
  const path = `${folder}/${netnsInode()}.${name}`
  return {
    take: () => addon().lockFile(path),
    free: (fd) => addon().unlockFile(path, fd),
    holder: () => addon().fileHolder(path),
  }
}

function socketOf(name: string): Place {
  const address = `lvn-${name}`
  return {
    take: () => addon().lockSocket(address),
    free: (fd) => addon().close(fd),
    holder: () => addon().socketHolder(address),
  }
}

/** Is /run another's, as the host's is to the root of a user namespace? */
function isWithoutRun(error: unknown): boolean {
  return error instanceof LvnError && ['LVN7002', 'LVN7032'].includes(error.code) && inUserNamespace()
}

/** False in the first of all, and in one that maps every user. */
function inUserNamespace(): boolean {
  const [inside, outside, count] = readFileSync('/proc/self/uid_map', 'utf8').trim().split(/\s+/)
  return !(inside === '0' && outside === '0' && count === '4294967295')
}

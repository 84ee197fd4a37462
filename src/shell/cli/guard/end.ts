// SPDX-License-Identifier: MIT
/**
 * Ends the guards that wait for a confirmation in namespaces that are about to go: nothing is left to revert there, and
 * what is kept of the namespaces goes, too.
 */
import { setTimeout } from 'node:timers/promises'
import { LvnError } from '../../../diag/error.ts'
import { guardUnresponsive } from '../refusals.ts'
import { confirmLock } from './pending.ts'

const withinMs = 10_000
const lookEveryMs = 10

/**
 * Returns when they have ended. `namespaces`: names of `ip netns`.
 * @throws LvnError LVN6108: one of them does not end.
 */
export async function endGuards(namespaces: readonly string[]): Promise<void> {
  for (const name of namespaces) {
    const pid = await guardIn(name)
    if (pid === null) continue
    // Any softer signal would have it revert first, or keep what it was told to revert.
    if (pid > 0) kill(pid)
    const deadline = performance.now() + withinMs
    while ((await guardIn(name)) === pid) {
      if (performance.now() > deadline) throw guardUnresponsive(pid)
      await setTimeout(lookEveryMs)
    }
  }
}

/** Process id of the guard. Null if none waits there, as where a name has lost its namespace. */
async function guardIn(name: string): Promise<number | null> {
  const { lockHolder } = await import('../../../../native/lock.ts')
  const { withNetns } = await import('../../../../native/netns.ts')
  try {
    return withNetns(name, () => lockHolder(confirmLock))
  } catch (error) {
    if (error instanceof LvnError) return null
    throw error
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

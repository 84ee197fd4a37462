// SPDX-License-Identifier: MIT
/**
 * Who waits for a confirmation in this network namespace. That somebody does is the kernel's word (a lock that ends with
 * its process); the record beside it only says for what and how long. Times are of the monotonic clock.
 */
import { confirmationPending } from '../refusals.ts'
import { stateFolderHere } from '../state/folder.ts'
import { type Hindrance, readRecord } from './record.ts'
import type { Pending, Waiting } from './waiting.ts'

/** Held by the process that would revert, for as long as it would. */
export const confirmLock = 'confirm'

/** Null: nobody does. The thread is in the namespace. */
export async function pendingHere(): Promise<Pending | null> {
  const { lockHolder } = await import('../../../../native/lock.ts')
  return pendingOf(lockHolder(confirmLock))
}

/** The same where it is known who holds the lock. */
export function pendingOf(pid: number | null): Pending | null {
  if (pid === null) return null
  const state = stateFolderHere()
  const file = state === null ? null : readRecord(state)
  if (file === null || file.pid !== pid) return { pid, source: 'a file', remainingMs: null, hindrance: null }
  const { source, deadlineNs, hindrance } = file
  return {
    pid,
    source,
    remainingMs: msLeft(deadlineNs),
    hindrance: hindrance === undefined ? null : waiting(hindrance),
  }
}

function waiting({ reason, tries, nextNs }: Hindrance): Waiting {
  return { reason, tries, nextMs: msLeft(nextNs) }
}

function msLeft(instantNs: string | null): number | null {
  return instantNs === null ? null : Math.max(0, msUntil(BigInt(instantNs)))
}

/** @throws LvnError LVN6104 */
export async function refuseWhilePending(): Promise<void> {
  const pending = await pendingHere()
  if (pending !== null) throw confirmationPending(pending)
}

export function msUntil(deadlineNs: bigint): number {
  return Number((deadlineNs - process.hrtime.bigint()) / 1_000_000n)
}

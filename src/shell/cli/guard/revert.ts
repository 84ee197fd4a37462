// SPDX-License-Identifier: MIT
/**
 * Takes an unconfirmed apply back: under the lock, with the ordinary plan and apply, from whatever the kernel holds by
 * now to what it held before. What fails is tried again until it succeeds, or is called off: whoever is cut off by the
 * apply cannot start it once more. The lock is free between two tries, so that `lvn confirm` can call it off.
 */
import { setTimeout } from 'node:timers/promises'
import { LvnError } from '../../../diag/error.ts'
import { applyPlan, planRestore, reportExitCode, type WayBack } from '../../../interp/index.ts'
import { formatReport } from '../format-report.ts'
import type { GlobalOptions } from '../globals.ts'
import { withKernel } from '../node.ts'
import { plain } from '../output.ts'
import type { Waiting } from './waiting.ts'

const shortestPauseMs = 1000
const longestPauseMs = 30_000
const lockEveryMs = 100

export interface Tried {
  readonly well: boolean
  /** What was done, or why it was not. */
  readonly text: string
}

export interface Reverting {
  /** Is told what keeps it waiting: once, however often it comes. */
  readonly say: (text: string) => void
  /** Is told the same each time. */
  readonly waits: (waiting: Waiting) => void
  /** Has the confirmation come after all, from somebody who holds the lock? */
  readonly calledOff: () => boolean
  /** Waits so long, or until somebody wants it tried at once. */
  readonly pause: (ms: number) => Promise<void>
}

/** Never throws. What was done; null: called off, and nothing was done. */
export function revert(options: GlobalOptions, back: WayBack, reverting: Reverting): Promise<string | null> {
  return untilWell(async (tries) => {
    const lock = await lockWhenFree(reverting, tries)
    if (lock === null) return null
    try {
      return await once(options, back)
    } finally {
      lock.release()
    }
  }, reverting)
}

/** `attempt` is told how many have failed, and gives null when it was called off. */
export async function untilWell(
  attempt: (tries: number) => Promise<Tried | null>,
  { say, waits, calledOff, pause }: Reverting,
): Promise<string | null> {
  let told = ''
  let tries = 0
  for (let pauseMs = shortestPauseMs; !calledOff(); pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    const tried = await attempt(tries)
    if (tried === null) return null
    if (tried.well) return tried.text
    if (tried.text !== told) say(`failed, and tried again until it succeeds: ${tried.text}`)
    told = tried.text
    tries++
    waits({ reason: tried.text, tries, nextMs: pauseMs })
    await pause(pauseMs)
  }
  return null
}

async function once(options: GlobalOptions, back: WayBack): Promise<Tried> {
  try {
    return await withKernel(options, (kernel) => {
      const plan = planRestore(kernel, back)
      if (plan.steps.length === 0) return { well: true, text: 'nothing had to be taken back' }
      const report = applyPlan(kernel, plan)
      return { well: reportExitCode(report) === 0, text: formatReport(report, 'taken back', plain) }
    })
  } catch (error) {
    return { well: false, text: error instanceof Error ? error.message : String(error) }
  }
}

async function lockWhenFree(
  { say, waits, calledOff }: Reverting,
  tries: number,
): Promise<{ release(): void } | null> {
  const { acquireLock } = await import('../../../../native/lock.ts')
  for (let told = false; ; ) {
    if (calledOff()) return null
    try {
      return acquireLock()
    } catch (error) {
      const reason = error instanceof LvnError ? error.message : String(error)
      if (!told) {
        say(`waiting: ${reason}`)
        waits({ reason, tries, nextMs: null })
      }
      told = true
      await setTimeout(lockEveryMs)
    }
  }
}

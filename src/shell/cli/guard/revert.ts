// SPDX-License-Identifier: MIT
/**
 * Takes an unconfirmed apply back: under the lock, with the ordinary plan and apply, from whatever the kernel holds by
 * now to what it held before. What fails is tried again a few times.
 */
import { setTimeout } from 'node:timers/promises'
import { LvnError } from '../../../diag/error.ts'
import { applyPlan, planRestore, type WayBack } from '../../../interp/index.ts'
import { formatReport, reportExitCode } from '../format-report.ts'
import type { GlobalOptions } from '../globals.ts'
import { withKernel } from '../node.ts'
import { plain } from '../output.ts'

const tries = 5
const betweenTriesMs = 2000
const lockEveryMs = 100

export interface Reverted {
  readonly well: boolean
  /** What was done, or why it was not. */
  readonly text: string
}

export interface Reverting {
  /** Is told what keeps it waiting. */
  readonly say: (text: string) => void
  /** Has the confirmation come after all, from somebody who holds the lock? */
  readonly calledOff: () => boolean
}

/** Never throws. Null: called off, and nothing was done. */
export async function revert(
  options: GlobalOptions,
  back: WayBack,
  { say, calledOff }: Reverting,
): Promise<Reverted | null> {
  const lock = await lockWhenFree(say, calledOff)
  if (lock === null) return null
  try {
    for (let attempt = 1; ; attempt++) {
      const result = await once(options, back)
      if (result.well || attempt === tries) return result
      say(`trying again: ${result.text}`)
      await setTimeout(betweenTriesMs)
    }
  } finally {
    lock.release()
  }
}

async function once(options: GlobalOptions, back: WayBack): Promise<Reverted> {
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
  say: (text: string) => void,
  calledOff: () => boolean,
): Promise<{ release(): void } | null> {
  const { acquireLock } = await import('../../../../native/lock.ts')
  for (let told = false; ; ) {
    if (calledOff()) return null
    try {
      return acquireLock()
    } catch (error) {
      if (!told) say(`waiting: ${error instanceof LvnError ? error.message : String(error)}`)
      told = true
      await setTimeout(lockEveryMs)
    }
  }
}

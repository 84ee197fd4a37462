// SPDX-License-Identifier: MIT
/**
 * What became of the last apply that nobody waits for any more, in fields and as a sentence.
 */
import { ExitCode } from '../../../diag/error.ts'
import { stateFolderHere } from '../state/folder.ts'
import { type Outcome, readRecord } from './record.ts'

export interface Last {
  /** What was applied: a file's name. */
  readonly source: string
  /** When. */
  readonly time: string
  /** `lost`: who waited is gone without a word. */
  readonly outcome: Outcome | 'lost'
  readonly reason: string | null
  readonly report: string | null
}

/** Of the namespace that the thread is in, where nobody waits; null: nothing is known of one. */
export function lastHere(): Last | null {
  const state = stateFolderHere()
  const found = state === null ? null : readRecord(state)
  if (found === null) return null
  const { source, time, fate } = found
  return { source, time, ...(fate ?? { outcome: 'lost', reason: null, report: null }) }
}

const words: Readonly<Record<Last['outcome'], string>> = {
  confirmed: 'confirmed',
  reverted: 'reverted',
  'partly-reverted': 'NOT wholly reverted',
  'not-needed': 'needs no confirmation',
  failed: 'failed, and nothing of it stays',
  lost: 'the process that waited is gone, and has not told what became of it; look with `lvn plan`',
}

/** What became of it, and what can be done now. */
const advice: Readonly<Record<Last['outcome'], readonly [fate: string, next: string]>> = {
  confirmed: ['has been confirmed', '`lvn rollback` goes back to what was before'],
  reverted: ['has been reverted', 'Apply it again to have it'],
  'partly-reverted': ['has NOT been wholly reverted', '`lvn plan` shows what differs from the file'],
  'not-needed': ['needs no confirmation', '`lvn rollback` goes back to what was before'],
  failed: ['has failed, and nothing of it stays', 'Mend what it said, then apply it again'],
  lost: [
    'may have been reverted, or stay: the process that waited is gone, and has not told',
    '`lvn plan` shows what differs from the file',
  ],
}

/** Two sentences, for whoever wanted to confirm or to revert it; `lvn confirm --status` has the report. */
export function lastAdvice({ source, time, outcome, reason }: Last): string {
  const [fate, next] = advice[outcome]
  return `${source}, applied at ${time}, ${fate}${reason === null ? '' : ` (${reason})`}. ${next}`
}

export function lastSentence({ source, time, outcome, reason, report }: Last): string {
  const why = reason === null ? '' : ` (${reason})`
  return `${source}, applied at ${time}: ${words[outcome]}${why}${report === null ? '' : `: ${report}`}`
}

/** What `lvn confirm` exits with when nothing waits. */
export const lastExitCode: Readonly<Record<Last['outcome'], ExitCode>> = {
  confirmed: ExitCode.done,
  reverted: ExitCode.rolledBack,
  'partly-reverted': ExitCode.partlyApplied,
  'not-needed': ExitCode.done,
  failed: ExitCode.rolledBack,
  lost: ExitCode.usage,
}

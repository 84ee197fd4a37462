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
  lost: 'who waited for it is gone, and what was changed stays; look with `lvn plan`',
}

export function lastSentence({ source, time, outcome, reason, report }: Last): string {
  const why = reason === null ? '' : `, ${reason}`
  return `${source}, applied at ${time}: ${words[outcome]}${why}${report === null ? '' : `: ${report}`}`
}

/** What `lvn confirm` exits with when nothing waits. */
export const lastExitCode: Readonly<Record<Last['outcome'], ExitCode>> = {
  confirmed: ExitCode.done,
  reverted: ExitCode.rolledBack,
  'partly-reverted': ExitCode.partlyApplied,
  'not-needed': ExitCode.done,
  lost: ExitCode.usage,
}

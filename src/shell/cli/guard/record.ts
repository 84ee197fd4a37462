// SPDX-License-Identifier: MIT
/**
 * The last apply of a network namespace as far as its confirmation goes: what it was, who waits, what became of it. That
 * somebody still waits is not said here: that is the kernel's word (`pending.ts`).
 */
import { join } from 'node:path'
import { count, oneOf, orAbsent, orNull, record, text } from '../../../model/shape.ts'
import { putFile, readIfThere } from '../state/put-file.ts'

/** `failed`: nothing of it is in force. `partly-reverted`: in records of older versions. */
export type Outcome = 'confirmed' | 'reverted' | 'partly-reverted' | 'not-needed' | 'failed'

export interface Fate {
  readonly outcome: Outcome
  /** Why it was taken back, or why it failed where one sentence says so; null: neither. */
  readonly reason: string | null
  /** What was done to take it back. */
  readonly report: string | null
}

/** Why it is not taken back yet, though it should be. */
export interface Hindrance {
  /** What the last try failed with, or what keeps it from trying. */
  readonly reason: string
  /** That have failed. */
  readonly tries: number
  /** Of the next try: CLOCK_MONOTONIC, in decimal; null: as soon as it can. */
  readonly nextNs: string | null
}

export interface ConfirmRecord {
  /** Who waits, or has waited; null: nobody had to. */
  readonly pid: number | null
  /** What was applied: a file's name. */
  readonly source: string
  /** When it was applied: ISO 8601, by the wall clock. */
  readonly time: string
  /** CLOCK_MONOTONIC, in decimal; null: the apply is still going on, or nobody waits. */
  readonly deadlineNs: string | null
  /** Absent: nothing keeps it from being taken back, as far as is known. */
  readonly hindrance?: Hindrance | undefined
  /** Null: nothing has become of it yet. */
  readonly fate: Fate | null
}

const shape = record<ConfirmRecord>({
  pid: orNull(count),
  source: text,
  time: text,
  deadlineNs: orNull(text),
  hindrance: orAbsent(record<Hindrance>({ reason: text, tries: count, nextNs: orNull(text) })),
  fate: orNull(
    record<Fate>({
      outcome: oneOf<Outcome>('confirmed', 'reverted', 'partly-reverted', 'not-needed', 'failed'),
      reason: orNull(text),
      report: orNull(text),
    }),
  ),
})

/** @param state folder of the network namespace. @throws LvnError LVN6121 */
export function writeRecord(state: string, entry: ConfirmRecord): void {
  putFile(pathIn(state), `${JSON.stringify(entry)}\n`)
}

/**
 * Nobody has to wait for an apply, which has failed or needs no confirmation: what became of an earlier one is no longer
 * the last word. A record that cannot be written stops nothing.
 */
export function recordEnded(
  state: string,
  source: string,
  outcome: 'not-needed' | 'failed',
  reason: string | null = null,
): void {
  const fate: Fate = { outcome, reason, report: null }
  try {
    writeRecord(state, { pid: null, source, time: new Date().toISOString(), deadlineNs: null, fate })
  } catch {
    // The kernel's state is what counts.
  }
}

/** Null: there is none, or it cannot be understood. */
export function readRecord(state: string): ConfirmRecord | null {
  try {
    return shape(JSON.parse(readIfThere(pathIn(state)) ?? 'null'), '')
  } catch {
    return null
  }
}

function pathIn(state: string): string {
  return join(state, 'confirm.json')
}

// SPDX-License-Identifier: MIT
/**
 * An apply that waits for its confirmation, and a revert that waits until it can be done: what is said of them.
 */

export interface Pending {
  readonly pid: number
  /** What was applied: a file's name. */
  readonly source: string
  /** Null: the apply is still going on, or nothing is known of it. */
  readonly remainingMs: number | null
  /** Why it is not reverted yet, though it should be; null: nothing is known to keep it from that. */
  readonly hindrance: Waiting | null
}

/** Why it is not taken back yet. */
export interface Waiting {
  /** What the last try failed with, or why none can be made. */
  readonly reason: string
  /** That have failed. */
  readonly tries: number
  /** Until the next; null: as soon as it can be made. */
  readonly nextMs: number | null
}

// SPDX-License-Identifier: MIT
/**
 * A test case and what came of it, whatever was tested. Times are given, never taken here.
 */

export type Outcome =
  | { readonly kind: 'passed' }
  /** `detail`: what was expected and what came instead; lines. */
  | { readonly kind: 'failed'; readonly message: string; readonly detail?: string }
  | { readonly kind: 'skipped'; readonly reason: string }

export interface TestCase {
  /** A line, unique in its group: `ping kirche -> rathaus 10.64.3.1`. */
  readonly name: string
  /** What it belongs to: `mitte.ipv4`. */
  readonly group: string
  readonly outcome: Outcome
  /** Null: not measured. */
  readonly durationMs: number | null
  /** The source line that asks for it, where one does: `overlay.lvn:12:1`. */
  readonly place?: string
}

export interface TestRun {
  /** What was tested: `overlay.lvn`. */
  readonly name: string
  readonly cases: readonly TestCase[]
}

export function countOutcomes(cases: readonly TestCase[], kind: Outcome['kind']): number {
  return cases.filter(({ outcome }) => outcome.kind === kind).length
}

// SPDX-License-Identifier: MIT
/**
 * Where an expression or a statement is worked out: the names that it can use, for which value of a `for` and
 * used from where, and how much may still be done. Part of phase 1.
 */
import { tooManyTurns } from '../../diag/catalogue.ts'
import type { Related, Span } from '../../diag/source.ts'
import type { Names } from './names.ts'
import type { Report } from './values.ts'

export interface Env {
  readonly names: Names
  /** From the inside to the outside. */
  readonly notes: readonly Related[]
  readonly report: Report
  readonly budget: Budget
}

/** The place, with what has led to it. */
export function placed(span: Span, env: Env): Span {
  const { source, start, end } = span
  return env.notes.length === 0 ? span : { source, start, end, notes: env.notes }
}

/** More turns than any overlay has nodes. */
export const mostTurns = 100_000

/** Turns of all `for` together: nested ones multiply. */
export class Budget {
  private turns = 0

  /** False: enough; reported the first time. `span` is the `for`'s. */
  spend(span: Span, report: Report): boolean {
    if (++this.turns === mostTurns + 1) report(tooManyTurns(span, mostTurns))
    return this.turns <= mostTurns
  }
}

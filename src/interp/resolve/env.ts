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
  /** Only looked at, see `unused.ts`: what may or may not come about is looked at, too. Absent: carried out. */
  readonly trial?: true
}

/** Of a trial, within something that may not come about: only names and functions count, which mean nothing anyway. */
export function maybe(env: Env): Env {
  return { ...env, report: (diagnostic) => alwaysWrong.has(diagnostic.code) && env.report(diagnostic) }
}

/** LVN2100: unknown name, 2101: known at the end only, 2102: name given twice, 2103: function, 2106: its arguments. */
const alwaysWrong = new Set(['LVN2100', 'LVN2101', 'LVN2102', 'LVN2103', 'LVN2106'])

/** The place, with what has led to it. */
export function placed(span: Span, env: Env): Span {
  const { source, start, end } = span
  return env.notes.length === 0 ? span : { source, start, end, notes: env.notes }
}

/** More turns than any overlay has nodes. */
export const mostTurns = 100_000

/** Mistakes made again, in the same place for another value: by then the user knows. */
const mostRepeats = 1000

/** Turns of all `for` together: nested ones multiply. */
export class Budget {
  private turns = 0
  private repeats = 0
  private readonly most: number

  constructor(most = mostTurns) {
    this.most = most
  }

  /** False: enough; too many turns are reported the first time. `span` is the `for`'s. */
  spend(span: Span, report: Report): boolean {
    if (this.repeats > mostRepeats) return false
    if (++this.turns === this.most + 1) report(tooManyTurns(span, this.most))
    return this.turns <= this.most
  }

  /** A mistake that has been reported was made again. */
  repeated(): void {
    this.repeats++
  }
}

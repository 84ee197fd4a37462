// SPDX-License-Identifier: MIT
/**
 * Where an expression or a statement is worked out: the names that it can use, for which value of a `for` and
 * used from where, how much may still be done, and what was passed over. Part of phase 1.
 */
import { tooManyTurns, tooMuchListWork } from '../../diag/catalogue.ts'
import type { Related, Span } from '../../diag/source.ts'
import type { Branches } from './branches.ts'
import { Names } from './names.ts'
import type { Report } from './values.ts'

export interface Env {
  readonly names: Names
  /** From the inside to the outside. */
  readonly notes: readonly Related[]
  readonly report: Report
  readonly budget: Budget
  readonly branches: Branches<Env>
  /** Only looked at, see `unused.ts`: what may or may not come about is looked at, too. Absent: carried out. */
  readonly trial?: true
}

/**
 * Within something that may not come about: the names around it are known, but whatever asks whether it comes about
 * may ask for their values, so those are not. Only what is wrong for every value counts.
 */
export function maybe(env: Env): Env {
  return {
    ...env,
    names: new Names(env.names, 'values are unknown'),
    report: (diagnostic) => alwaysWrong.has(diagnostic.code) && env.report(diagnostic),
  }
}

/** Texts that are no value; names, functions, templates and their arguments; kinds of values. */
const alwaysWrong = new Set([
  ...['LVN2001', 'LVN2002', 'LVN2003', 'LVN2009', 'LVN2010', 'LVN2011', 'LVN2100', 'LVN2101', 'LVN2102'],
  ...['LVN2103', 'LVN2104', 'LVN2105', 'LVN2106', 'LVN2107', 'LVN2108', 'LVN2118', 'LVN2119', 'LVN2120'],
])

/** The place, with what has led to it. */
export function placed(span: Span, env: Env): Span {
  const { source, start, end } = span
  return env.notes.length === 0 ? span : { source, start, end, notes: env.notes }
}

/** More turns than any overlay has nodes. */
export const mostTurns = 100_000

/** Mistakes made again, in the same place for another value: by then the user knows. */
const mostRepeats = 1000

/** Values of lists that are gone through besides: a second's work or two. */
const mostListWork = 10_000_000
/** How many of them a value counts for that becomes part of a node, or is worked out as a range of addresses. */
export const heavyValue = 10

/** Turns of all `for` together, since nested ones multiply, and what is done with lists in them. */
export class Budget {
  private turns = 0
  private listWork = 0
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

  /** False: enough; the first time it is reported. `values` of a list are gone through at `span`. */
  spendOnList(values: number, span: Span, report: Report): boolean {
    if (this.listWork > mostListWork) return false
    this.listWork += values
    if (this.listWork > mostListWork) report(tooMuchListWork(span, mostListWork))
    return this.listWork <= mostListWork
  }

  /** A mistake that has been reported was made again. */
  repeated(): void {
    this.repeats++
  }
}

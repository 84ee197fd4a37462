// SPDX-License-Identifier: MIT
/**
 * What an expression comes to, and what is said about it, in a file that holds nothing else.
 */
import { parse } from '../../grammar/parser.ts'
import { spanText } from '../../src/diag/message.ts'
import { Source } from '../../src/diag/source.ts'
import { Branches } from '../../src/interp/resolve/branches.ts'
import { Budget, type Env } from '../../src/interp/resolve/env.ts'
import { Files } from '../../src/interp/resolve/files.ts'
import type { Value } from '../../src/interp/resolve/value.ts'
import type { Report } from '../../src/interp/resolve/values.ts'

export interface WorkedOut {
  /** Undefined: something about it is wrong. */
  readonly value: Value | undefined
  /** `CODE at PLACE: MESSAGE`, the place as it is written. */
  readonly said: readonly string[]
  /** The help of each. */
  readonly hints: readonly (string | undefined)[]
}

/** `lines` stand above it; `budget`: what may still be done. Throws where the text cannot be read. */
export function workedOut(
  expression: string,
  lines: readonly string[] = [],
  budget = new Budget(),
): WorkedOut {
  const source = new Source('main.lvn', `lvn 1\n${lines.join('\n')}\nlet it = ${expression}\n`)
  const { file, diagnostics } = parse(source)
  if (diagnostics.length > 0) throw new Error(`${expression}: ${diagnostics[0]?.message}`)
  const said: string[] = []
  const hints: (string | undefined)[] = []
  const report: Report = ({ code, message, span, hint }) => {
    hints.push(hint)
    said.push(`${code} at ${span === undefined ? 'no place' : spanText(span)}: ${message}`)
  }
  const names = new Files(new Map(), report, budget, new Branches<Env>()).add(file)
  return { value: names.find('it')?.value, said, hints }
}

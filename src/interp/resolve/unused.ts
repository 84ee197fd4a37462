// SPDX-License-Identifier: MIT
/**
 * A template that no node is made after, looked at as if one were: its parameters have values, but nobody knows
 * which. What would be wrong for every value is reported. Part of phase 1, after all overlays.
 */
import type * as ast from '../../../grammar/ast.ts'
import { Budget, type Env, maybe } from './env.ts'
import { evaluate, textValue } from './evaluate.ts'
import { expandBody } from './expand-node.ts'
import { type KnownTemplate, Names } from './names.ts'
import { addressOf, hostNameOf, prefixOfLiteral, type Report } from './values.ts'
import type { Visitor } from './walk.ts'

/** Turns of `for` in all such templates together. What comes later is not looked at; that is no mistake. */
const mostTurns = 10_000

/** `files` are the names of each, once everything that uses their templates has been worked out. */
export function checkUnused(files: Iterable<Names>, report: Report): void {
  const budget = new Budget(mostTurns)
  const found: Report = (diagnostic) => diagnostic.code !== 'LVN2112' && report(diagnostic)
  for (const names of files) {
    for (const known of names.ownTemplates()) if (!known.used) checkTemplate(known, budget, found)
  }
}

function checkTemplate({ template, names: outer }: KnownTemplate, budget: Budget, report: Report): void {
  const names = new Names(outer)
  for (const { text, span } of template.parameters ?? []) names.define(text, undefined, span, report)
  const env: Env = { names, notes: [], report, budget, trial: true }
  expandBody(template.body, env, assertion)
  for (const statement of template.body.statements) checkLiterals(statement, report)
}

/** Whether it holds is not asked: a template may be there to say that it is not to be used. */
const assertion: Visitor['assertion'] = ({ condition, message }, env) => {
  evaluate(condition, maybe(env))
  if (message !== null) textValue(message, maybe(env))
}

/** What a node could not take back with statements of its own: those add up. */
function checkLiterals(statement: ast.Statement, report: Report): void {
  if (statement.kind === 'address') {
    for (const each of statement.addresses) if (each.kind === 'address') addressOf(each, report)
  } else if (statement.kind === 'routes') {
    for (const each of statement.prefixes) if (each.kind === 'prefix') prefixOfLiteral(each, report)
  } else if (statement.kind === 'match') {
    for (const each of statement.hostnames) if (each.kind === 'name') hostNameOf(each.text, each.span, report)
  }
}

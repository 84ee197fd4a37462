// SPDX-License-Identifier: MIT
/**
 * What nothing has come through, looked at as if something had: templates that no node is made after, whose parameters
 * have values that nobody knows, and bodies of `if` and `for` that were always passed over. What would be wrong for
 * every value is reported. Part of phase 1, after all overlays.
 */
import type * as ast from '../../../grammar/ast.ts'
import type { Branches } from './branches.ts'
import { Budget, type Env, maybe } from './env.ts'
import { evaluate, textValue } from './evaluate.ts'
import { lookUpTemplate } from './expand-node.ts'
import { flatten } from './flatten.ts'
import { type KnownTemplate, Names } from './names.ts'
import { fillName } from './slots.ts'
import { addressOf, checkDeviceName, checkName, hostNameOf, prefixOfLiteral, type Report } from './values.ts'
import { type Visitor, walk } from './walk.ts'

/** Turns of `for` in all of it together. What comes later is not looked at; that is no mistake. */
const mostTurns = 10_000

/** `files` are the names of each, once everything that uses their templates has been worked out. */
export function checkUnused(files: Iterable<Names>, branches: Branches<Env>, report: Report): void {
  const trial = {
    notes: [],
    report: (diagnostic: Parameters<Report>[0]) => diagnostic.code !== 'LVN2112' && report(diagnostic),
    budget: new Budget(mostTurns),
    branches,
    trial: true,
  } as const
  for (const names of files) {
    for (const known of names.ownTemplates()) if (!known.used) checkTemplate(known, trial)
  }
  for (const { body, condition, env } of branches.never()) {
    const inside = maybe({ ...trial, names: env.names })
    if (condition !== null) evaluate(condition, inside)
    look(body, inside)
  }
}

function checkTemplate({ template, names: outer }: KnownTemplate, trial: Omit<Env, 'names'>): void {
  const names = new Names(outer)
  for (const { text, span } of template.parameters ?? []) names.define(text, undefined, span, trial.report)
  look(template.body, { ...trial, names })
}

function look(body: ast.Body<ast.Statement>, env: Env): void {
  walk(body, { ...env, names: new Names(env.names) }, { statement, assertion, damaged: () => {} })
}

/** Whether it holds is not asked: it may be there to say that something is not to be used. */
const assertion: Visitor['assertion'] = ({ condition, message }, env) => {
  evaluate(condition, maybe(env))
  if (message !== null) textValue(message, maybe(env))
}

const statement: Visitor['statement'] = (written, env) => {
  switch (written.kind) {
    case 'hub':
    case 'spoke':
      nameOf(written.name, env, (name) => checkName(name, `a ${written.kind}`, env.report))
      if (written.from !== null) lookUpTemplate(written.from, env)
      if (written.body !== null) look(written.body, env)
      break
    case 'overlay':
      nameOf(written.name, env, (name) => checkName(name, 'an overlay', env.report))
      look(written.body, env)
      break
    case 'on':
      fillName(written.name, env)
      look(written.body, env)
      break
    case 'device':
      nameOf(written.name, env, (name) => checkDeviceName(name, env.report))
      if (written.body !== null) look(written.body, env)
      break
    case 'signalling':
      if (written.body !== null) look(written.body, env)
      break
    default:
      flatten(written, env)
      checkLiterals(written, env.report)
  }
}

function nameOf(written: ast.Naming, env: Env, check: (name: ast.NameLiteral) => void): void {
  const name = fillName(written, env)
  if (name !== undefined) check(name)
}

/** What a node could not take back with statements of its own: those add up. */
function checkLiterals(statement: ast.Statement, report: Report): void {
  if (statement.kind === 'address') {
    for (const each of statement.addresses) if (each.kind === 'address') addressOf(each, report)
  } else if (statement.kind === 'routes' || statement.kind === 'net') {
    for (const each of statement.prefixes) if (each.kind === 'prefix') prefixOfLiteral(each, report)
  } else if (statement.kind === 'match') {
    for (const each of statement.hostnames) if (each.kind === 'name') hostNameOf(each.text, each.span, report)
  }
}

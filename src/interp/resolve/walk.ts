// SPDX-License-Identifier: MIT
/**
 * `let`, `for`, `if` and `assert`: which statements of a body are there, each how often and with which names. Part
 * of phase 1; what the other statements mean is the caller's to say.
 */
import type * as ast from '../../../grammar/ast.ts'
import { assertionFailed, emptyRange, notIterable } from '../../diag/catalogue.ts'
import { type Env, placed } from './env.ts'
import { condition, evaluate, textValue } from './evaluate.ts'
import { countOf } from './functions.ts'
import { Names } from './names.ts'
import { describe, textOf, type Value } from './value.ts'

export interface Visitor {
  /** Every statement that is none of the four. */
  statement(statement: Exclude<ast.Statement, ast.Control>, env: Env): void
  /** Later, when all is known, or at once. */
  assertion(assertion: ast.Assert, env: Env): void
  /** A part could not be read or worked out: what seems to be missing may be in it. */
  damaged(): void
}

/** Names that the body defines are those of `env` afterwards. */
export function walk(body: ast.Body<ast.Statement>, env: Env, visitor: Visitor): void {
  if (body.damaged) {
    visitor.damaged()
    env.names.damage()
  }
  for (const statement of body.statements) {
    switch (statement.kind) {
      case 'let': {
        const value = evaluate(statement.value, env)
        env.names.define(statement.name.text, value, placed(statement.name.span, env), env.report)
        break
      }
      case 'for':
        walkFor(statement, env, visitor)
        break
      case 'if':
        walkIf(statement, env, visitor)
        break
      case 'assert':
        visitor.assertion(statement, env)
        break
      default:
        visitor.statement(statement, env)
    }
  }
}

function walkFor(statement: ast.For, env: Env, visitor: Visitor): void {
  const values = evaluate(statement.values, env)
  if (values === undefined) {
    visitor.damaged()
    passTurns(statement, env)
  } else if (values.kind === 'text' || values.kind === 'number' || values.kind === 'boolean') {
    env.report(notIterable(placed(statement.values.span, env), describe(values)))
    visitor.damaged()
    passTurns(statement, env)
  } else {
    if ((values.kind === 'list' || values.kind === 'range') && countOf(values) === 0)
      passTurns(statement, env)
    else env.branches.take(statement.body)
    if (values.kind === 'range' && countOf(values) === 0 && isWritten(statement.values))
      env.report(emptyRange(placed(statement.values.span, env), values.from, values.to))
    for (const value of turns(values)) {
      if (!env.budget.spend(placed(statement.span, env), env.report)) {
        visitor.damaged()
        return
      }
      turn(statement, value, env, visitor)
    }
  }
}

/** Is it a range of two numbers? One that is worked out may well be empty. */
function isWritten(values: ast.Expression): boolean {
  return values.kind === 'binary' && values.left.kind === 'integer' && values.right.kind === 'integer'
}

/** No turn is made, or nobody knows which. */
function passTurns(statement: ast.For, env: Env): void {
  env.branches.pass(statement.body, null, { ...env, names: namesOfTurn(statement, undefined, env) })
}

function namesOfTurn({ name }: ast.For, value: Value | undefined, env: Env): Names {
  const names = new Names(env.names)
  names.define(name.text, value, name.span, env.report)
  return names
}

function turn(statement: ast.For, value: Value, env: Env, visitor: Visitor): void {
  const { text, span } = statement.name
  const names = namesOfTurn(statement, value, env)
  const note = { message: `where ${text} = ${textOf(value)}`, span }
  walk(statement.body, { ...env, names, notes: [note, ...env.notes] }, visitor)
}

/** Anything that is no list is a list of one. */
function* turns(values: Value): Generator<Value> {
  if (values.kind === 'list') yield* values.items
  else if (values.kind !== 'range') yield values
  else for (let i = 0; i < countOf(values); i++) yield { kind: 'number', value: values.from + i }
}

function walkIf({ branches, otherwise }: ast.If, env: Env, visitor: Visitor): void {
  let holds: boolean | undefined = false
  for (const { condition: written, body } of branches) {
    const asked = holds === false
    if (asked) holds = condition(written, 'if', env)
    if (asked && holds) walkBranch(body, env, visitor)
    else env.branches.pass(body, asked ? null : written, env)
  }
  if (holds === undefined) visitor.damaged()
  if (otherwise === null) return
  if (holds === false) walkBranch(otherwise, env, visitor)
  else env.branches.pass(otherwise, null, env)
}

function walkBranch(body: ast.Body<ast.Statement>, env: Env, visitor: Visitor): void {
  env.branches.take(body)
  walk(body, { ...env, names: new Names(env.names) }, visitor)
}

export function checkAssertion({ condition: written, message }: ast.Assert, env: Env): void {
  if (condition(written, 'assert', env) !== false) return
  const text = message === null ? undefined : textValue(message, env)
  env.report(assertionFailed(placed(written.span, env), text, sides(written, env)))
}

/** What the two sides of a comparison are: what the user needs to know first. */
function sides(written: ast.Expression, env: Env): string | undefined {
  if (written.kind !== 'binary' || written.operator === 'and' || written.operator === 'or') return undefined
  const parts = [written.left, written.right].flatMap((side) => {
    const value = evaluate(side, env)
    if (value === undefined || 'value' in side) return []
    const { source, start, end } = side.span
    return [`\`${source.text.slice(start, end)}\` is ${describe(value).replace(/^the /, '')}`]
  })
  return parts.length === 0 ? undefined : parts.join(', ').replace(/\bis number /g, 'is ')
}

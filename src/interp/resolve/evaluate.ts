// SPDX-License-Identifier: MIT
/**
 * Expressions to values. Part of phase 1. Undefined always means: reported, go on without it.
 */
import type * as ast from '../../../grammar/ast.ts'
import {
  knownAtEndOnly,
  listTooLarge,
  notComparable,
  numberTooLarge,
  paddedText,
  textTooLong,
  unknownName,
  wrongOperand,
} from '../../diag/catalogue.ts'
import type { Span } from '../../diag/source.ts'
import { suggest } from '../../diag/suggest.ts'
import { type Env, maybe, placed } from './env.ts'
import { call } from './functions.ts'
import {
  allKnown,
  describe,
  largestList,
  listOf,
  sizeOf,
  textOf,
  type Value,
  type ValueKind,
  type ValueOf,
} from './value.ts'
import { addressOf, prefixOfLiteral } from './values.ts'

/** Longer than anything that a name or a message can hold. */
const longestText = 1000

export function evaluate(expression: ast.Expression, env: Env): Value | undefined {
  const { span } = expression
  switch (expression.kind) {
    case 'reference':
      return reference(expression.text, span, env)
    case 'text': {
      const text = textValue(expression, env)
      return text === undefined ? undefined : { kind: 'text', text }
    }
    case 'group':
      return evaluate(expression.inner, env)
    case 'list': {
      if (!env.budget.spendOnList(expression.items.length, placed(span, env), env.report)) return undefined
      const items = expression.items.map((item) => evaluate(item, env))
      if (!allKnown(items)) return undefined
      const list = listOf(items)
      if (list.size <= largestList) return list
      env.report(listTooLarge(placed(span, env), largestList))
      return undefined
    }
    case 'call': {
      const values = expression.arguments.map((argument) => evaluate(argument, env))
      return call(expression, values, env)
    }
    case 'not': {
      const value = evaluate(expression.operand, env)
      if (value === undefined) return undefined
      if (value.kind === 'boolean') return { kind: 'boolean', value: !value.value }
      env.report(wrongOperand(placed(expression.operand.span, env), 'not', 'a condition', describe(value)))
      return undefined
    }
    case 'binary':
      return binary(expression, env)
    case 'integer':
      return number(expression.value, span, env)
    case 'address': {
      const address = addressOf(at(expression, env), env.report)
      return address && { kind: 'address', address }
    }
    case 'prefix': {
      const prefix = prefixOfLiteral(at(expression, env), env.report)
      return prefix && { kind: 'prefix', prefix }
    }
    case 'length':
      return { kind: 'length', value: expression.value }
    case 'duration':
      return { kind: 'duration', ms: expression.ms, text: expression.text }
    case 'rate':
      return { kind: 'rate', bitsPerSecond: expression.bitsPerSecond, text: expression.text }
    case 'endpoint':
      return { kind: 'endpoint', literal: expression }
  }
}

/** `word` is what wants it. */
export function condition(expression: ast.Expression, word: string, env: Env): boolean | undefined {
  const value = evaluate(expression, env)
  if (value === undefined) return undefined
  if (value.kind === 'boolean') return value.value
  env.report(wrongOperand(placed(expression.span, env), word, 'a condition', describe(value)))
  return undefined
}

function at<L extends ast.Literal>(literal: L, env: Env): L {
  return { ...literal, span: placed(literal.span, env) }
}

function reference(text: string, span: Span, env: Env): Value | undefined {
  const known = env.names.find(text)
  if (known !== undefined) return known.value
  if (text === 'true' || text === 'false') return { kind: 'boolean', value: text === 'true' }
  if (!env.names.misses(text)) return undefined
  if (text === 'spokes' || text === 'hubs') env.report(knownAtEndOnly(placed(span, env), text))
  else env.report(unknownName(placed(span, env), text, suggest(text, env.names.all())))
  return undefined
}

/** The text with the values in it. */
export function textValue({ parts, span }: ast.Text, env: Env): string | undefined {
  const texts = parts.map((part) => (typeof part === 'string' ? part : interpolated(part, env)))
  if (texts.includes(undefined)) return undefined
  const text = texts.join('')
  if (text.length <= longestText) return text
  env.report(textTooLong(placed(span, env), longestText))
  return undefined
}

function interpolated({ name, width, span }: ast.Interpolation, env: Env): string | undefined {
  const value = reference(name, span, env)
  if (value === undefined) return undefined
  if (width === null) return textOf(value)
  if (value.kind === 'number' && value.value >= 0) return String(value.value).padStart(width, '0')
  env.report(paddedText(placed(span, env), name, describe(value)))
  return undefined
}

function number(value: number, span: Span, env: Env): Value | undefined {
  if (Number.isSafeInteger(value)) return { kind: 'number', value }
  env.report(numberTooLarge(placed(span, env)))
  return undefined
}

function binary(expression: ast.Binary, env: Env): Value | undefined {
  const { operator, span } = expression
  if (operator === 'and' || operator === 'or') return logical(expression, env)
  const left = evaluate(expression.left, env)
  const right = evaluate(expression.right, env)
  if (left === undefined || right === undefined) return undefined
  if (operator === '==' || operator === '!=') return equality(operator === '==', left, right, span, env)
  if (operator === '<' || operator === '<=' || operator === '>' || operator === '>=')
    return order(operator, left, right, span, env)
  const side = left.kind === 'number' ? expression.right : expression.left
  if (left.kind !== 'number' || right.kind !== 'number') {
    const wrong = left.kind === 'number' ? right : left
    env.report(wrongOperand(placed(side.span, env), operator, 'numbers', describe(wrong)))
    return undefined
  }
  if (operator === '..') return { kind: 'range', from: left.value, to: right.value }
  const results = {
    '+': left.value + right.value,
    '-': left.value - right.value,
    '*': left.value * right.value,
  }
  return number(results[operator], span, env)
}

/** The right side counts only where the left one leaves it open. */
function logical({ operator, left, right }: ast.Binary, env: Env): Value | undefined {
  const first = condition(left, operator, env)
  if (first === undefined) {
    if (env.trial) evaluate(right, maybe(env))
    return undefined
  }
  if (first === (operator === 'or')) return { kind: 'boolean', value: first }
  const second = condition(right, operator, env)
  return second === undefined ? undefined : { kind: 'boolean', value: second }
}

function equality(wanted: boolean, left: Value, right: Value, span: Span, env: Env): Value | undefined {
  if (kindOf(left) !== kindOf(right)) {
    env.report(notComparable(placed(span, env), describe(left), describe(right)))
    return undefined
  }
  const size = sizeOf(left)
  if (size !== sizeOf(right)) return { kind: 'boolean', value: !wanted }
  if (left.kind === 'list' && !env.budget.spendOnList(size, placed(span, env), env.report)) return undefined
  return { kind: 'boolean', value: areEqual(left, right) === wanted }
}

/** Lists are gone through without recursion: they may be as deep as the file is long. */
function areEqual(left: Value, right: Value): boolean {
  const rest: (readonly [Value, Value])[] = [[left, right]]
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const [a, b] = next
    if (a === b) continue
    if (kindOf(a) !== kindOf(b)) return false
    if (a.kind === 'list') {
      const { items } = b as ValueOf<'list'>
      if (a.items.length !== items.length) return false
      for (const [i, item] of a.items.entries()) rest.push([item, items[i] as Value])
    } else if (keyOf(a) !== keyOf(b)) return false
  }
  return true
}

/** Values of one kind may be compared: `/24` with 24. */
function kindOf({ kind }: Value): ValueKind {
  return kind === 'length' ? 'number' : kind
}

const ordered: ReadonlySet<ValueKind> = new Set(['number', 'duration', 'rate'])

/** Equal keys of one kind are equal values: `60s` is `1m`. Those of lists say nothing. */
function keyOf(value: Value): string | number {
  if (value.kind === 'duration') return value.ms
  if (value.kind === 'rate') return value.bitsPerSecond
  if (value.kind === 'number' || value.kind === 'length') return value.value
  return textOf(value)
}

function order(
  operator: '<' | '<=' | '>' | '>=',
  left: Value,
  right: Value,
  span: Span,
  env: Env,
): Value | undefined {
  if (kindOf(left) !== kindOf(right) || !ordered.has(kindOf(left))) {
    env.report(notComparable(placed(span, env), describe(left), describe(right)))
    return undefined
  }
  const [a, b] = [keyOf(left), keyOf(right)]
  const results = { '<': a < b, '<=': a <= b, '>': a > b, '>=': a >= b }
  return { kind: 'boolean', value: results[operator] }
}

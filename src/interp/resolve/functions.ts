// SPDX-License-Identifier: MIT
/**
 * The functions of the language: one entry for each, with what it takes. Part of phase 1.
 */
import type * as ast from '../../../grammar/ast.ts'
import {
  argumentOfOtherFamily,
  hostOutOfRange,
  subnetLengthOutOfRange,
  subnetOutOfRange,
  unknownFunction,
  wrongArgument,
  wrongArgumentCount,
} from '../../diag/catalogue.ts'
import type { Span } from '../../diag/source.ts'
import { suggest } from '../../diag/suggest.ts'
import {
  type Address,
  addressBytes,
  bitsOf,
  familyOf,
  formatAddress,
  type Prefix,
  prefixAddress,
  prefixContains,
  prefixLength,
  prefixOf,
} from '../../model/address.ts'
import { type Env, heavyValue, placed } from './env.ts'
import { rangeOf } from './ranges.ts'
import { describe, kindNames, textOf, type Value, type ValueKind, type ValueOf } from './value.ts'

interface Given<A> {
  readonly values: A
  /** Places of the arguments. */
  readonly spans: readonly Span[]
  readonly env: Env
}

interface Fn {
  /** As the reference shows it. */
  readonly usage: string
  readonly takes: readonly (readonly ValueKind[])[]
  run(given: Given<readonly Value[]>): Value | undefined
}

/** Ties the kinds that a function takes to the types that it sees. */
function fn<const K extends readonly (readonly ValueKind[])[]>(
  usage: string,
  takes: K,
  run: (
    values: { readonly [I in keyof K]: ValueOf<K[I][number]> },
    given: Given<readonly Value[]>,
  ) => Value | undefined,
): Fn {
  return {
    usage,
    takes,
    run: (given) => run(given.values as { readonly [I in keyof K]: ValueOf<K[I][number]> }, given),
  }
}

const addressed = ['address', 'prefix'] as const
const listed = ['list', 'range'] as const

export const functions: Readonly<Record<string, Fn>> = {
  host: fn('host(PREFIX, N)', [['prefix'], ['number']], ([{ prefix }, { value }], { spans, env }) => {
    const size = sizeOf(prefix)
    const n = value < 0 ? size + BigInt(value) : BigInt(value)
    if (n >= 0n && n < size) return { kind: 'address', address: nth(prefix, n) }
    env.report(hostOutOfRange(placed(spans[1] as Span, env), value, prefix, size))
    return undefined
  }),
  subnet: fn(
    'subnet(PREFIX, /LENGTH, N)',
    [['prefix'], ['length', 'number'], ['number']],
    ([{ prefix }, { value: length }, { value: n }], { spans, env }) => {
      const own = prefixLength(prefix)
      const bits = bitsOf(familyOf(prefix))
      if (length < own || length > bits) {
        env.report(subnetLengthOutOfRange(placed(spans[1] as Span, env), length, prefix, bits))
        return undefined
      }
      const count = 1n << BigInt(length - own)
      if (n >= 0 && BigInt(n) < count) {
        const first = nth(prefix, BigInt(n) << BigInt(bits - length))
        return { kind: 'prefix', prefix: prefixOf(first, length) }
      }
      env.report(subnetOutOfRange(placed(spans[2] as Span, env), n, prefix, length, count))
      return undefined
    },
  ),
  network: fn(
    'network(ADDRESS, /LENGTH)',
    [addressed, ['length', 'number']],
    ([inner, { value }], { spans, env }) => {
      const address = inner.kind === 'address' ? inner.address : prefixAddress(inner.prefix)
      const bits = bitsOf(familyOf(address))
      const most = inner.kind === 'address' ? bits : prefixLength(inner.prefix)
      if (value >= 0 && value <= most) return { kind: 'prefix', prefix: prefixOf(address, value) }
      env.report(subnetLengthOutOfRange(placed(spans[1] as Span, env), value, `${address}/0` as Prefix, most))
      return undefined
    },
  ),
  first: fn('first(PREFIX)', [['prefix']], ([{ prefix }]) => ({
    kind: 'address',
    address: prefixAddress(prefix),
  })),
  last: fn('last(PREFIX)', [['prefix']], ([{ prefix }]) => ({
    kind: 'address',
    address: nth(prefix, sizeOf(prefix) - 1n),
  })),
  length: fn('length(PREFIX)', [['prefix']], ([{ prefix }]) => ({
    kind: 'length',
    value: prefixLength(prefix),
  })),
  family: fn('family(ADDRESS)', [addressed], ([value]) => ({
    kind: 'number',
    value: familyOf(value.kind === 'address' ? value.address : value.prefix),
  })),
  count: fn('count(LIST)', [listed], ([value]) => ({ kind: 'number', value: countOf(value) })),
  contains: fn(
    'contains(PREFIX, ADDRESS)',
    [['prefix'], addressed],
    ([{ prefix }, inner], { spans, env }) => {
      const text = inner.kind === 'address' ? inner.address : inner.prefix
      if (familyOf(prefix) === familyOf(text)) return { kind: 'boolean', value: prefixContains(prefix, text) }
      env.report(argumentOfOtherFamily(placed(spans[1] as Span, env), text, prefix))
      return undefined
    },
  ),
  disjoint: fn('disjoint(LIST)', [['list']], ([{ items }], { spans, env }) => {
    if (!env.budget.spendOnList(heavyValue * items.length, placed(spans[0] as Span, env), env.report))
      return undefined
    const wrong = items.find(({ kind }) => kind !== 'address' && kind !== 'prefix')
    if (wrong === undefined) return { kind: 'boolean', value: areDisjoint(items) }
    const span = placed(spans[0] as Span, env)
    env.report(wrongArgument(span, 'disjoint(LIST)', 'addresses and prefixes in the list', describe(wrong)))
    return undefined
  }),
}

/** `values` are the arguments'; undefined among them: reported. */
export function call(
  expression: ast.Call,
  values: readonly (Value | undefined)[],
  env: Env,
): Value | undefined {
  const { name } = expression
  const known = Object.hasOwn(functions, name.text) ? functions[name.text] : undefined
  if (known === undefined) {
    const all = Object.keys(functions)
    env.report(unknownFunction(placed(name.span, env), name.text, suggest(name.text, all), all))
    return undefined
  }
  if (values.length !== known.takes.length) {
    env.report(
      wrongArgumentCount(placed(expression.span, env), known.usage, known.takes.length, values.length),
    )
    return undefined
  }
  for (const [i, value] of values.entries()) {
    if (value === undefined) return undefined
    const kinds = known.takes[i] as readonly ValueKind[]
    if (kinds.includes(value.kind)) continue
    const span = placed((expression.arguments[i] as ast.Expression).span, env)
    const wanted = kinds.map((kind) => kindNames[kind]).join(' or ')
    env.report(wrongArgument(span, known.usage, wanted, describe(value)))
    return undefined
  }
  const spans = expression.arguments.map(({ span }) => span)
  return known.run({ values: values as Value[], spans, env })
}

export function countOf(value: ValueOf<'list' | 'range'>): number {
  return value.kind === 'list' ? value.items.length : Math.max(0, value.to - value.from + 1)
}

function sizeOf(prefix: Prefix): bigint {
  return 1n << BigInt(bitsOf(familyOf(prefix)) - prefixLength(prefix))
}

/** Precondition: `n` is within the prefix. */
function nth(prefix: Prefix, n: bigint): Address {
  const bytes = addressBytes(prefixAddress(prefix))
  let rest = n
  for (let i = bytes.length - 1; rest > 0n; i--) {
    bytes[i] = (bytes[i] as number) | Number(rest & 0xffn)
    rest >>= 8n
  }
  return formatAddress(bytes)
}

/** Sorted and swept once. */
function areDisjoint(items: readonly Value[]): boolean {
  const ranges = items.map((item) => rangeOf(textOf(item) as Address | Prefix))
  ranges.sort((a, b) => (a.start < b.start ? -1 : 1))
  return ranges.every((range, i) => i === 0 || (ranges[i - 1] as typeof range).end < range.start)
}

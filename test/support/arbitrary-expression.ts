// SPDX-License-Identifier: MIT
/**
 * Arbitrary names, literals and expressions, as the parser could have made them. Spans are empty.
 */
import fc from 'fast-check'
import type * as ast from '../../grammar/ast.ts'
import { Source } from '../../src/diag/source.ts'

export const source = new Source('arbitrary', '')
export const span = { source, start: 0, end: 0 }

const address4 = fc.tuple(...new Array(4).fill(fc.nat(299))).map((parts) => parts.join('.'))
const address6 = fc.constantFrom('::', '::1', 'fd42:64::1', 'dead:beef::', '::ffff:10.0.0.1', '2001:DB8::10')
const addressText = fc.oneof(address4, address6)
const digits = fc.nat(99999).map(String)
const plainText = fc.string({ maxLength: 8 }).filter((text) => !/[\n\r]/.test(text))
const anyName = fc.oneof(
  fc.constantFrom(
    ...[
      'gw1',
      'dach-2',
      'a.b-c.d',
      'xn--p1',
      'dead',
      'hub',
      'every',
      'nat',
      'auto',
      'any',
      'for',
      '4you',
      '',
    ],
  ),
  plainText,
)

export const name = anyName.map((text): ast.NameLiteral => ({ kind: 'name', text, span }))
export const address = addressText.map((text): ast.AddressLiteral => ({ kind: 'address', text, span }))
export const prefix = fc
  .tuple(addressText, fc.nat(140))
  .map(([text, length]): ast.PrefixLiteral => ({ kind: 'prefix', text: `${text}/${length}`, span }))
export const integer = digits.map(
  (text): ast.IntegerLiteral => ({ kind: 'integer', text, value: Number(text), span }),
)
const negative = integer.map(({ text, value }): ast.IntegerLiteral => {
  return { kind: 'integer', text: `-${text}`, value: -value, span }
})
export const duration = fc
  .tuple(
    fc.nat(9),
    fc.integer({ min: 1, max: 99 }),
    fc.constantFrom(['h', 3_600_000], ['m', 60_000], ['s', 1000], ['ms', 1]),
  )
  .map(([hours, n, [unit, factor]]): ast.DurationLiteral => {
    const long = hours > 0 && unit !== 'h'
    const ms = n * (factor as number) + (long ? hours * 3_600_000 : 0)
    return { kind: 'duration', text: `${long ? `${hours}h` : ''}${n}${unit}`, ms, span }
  })
export const rate = fc
  .tuple(fc.nat(999), fc.constantFrom(['k', 1e3], ['m', 1e6], ['g', 1e9]))
  .map(([n, [unit, factor]]): ast.RateLiteral => {
    return { kind: 'rate', text: `${n}${unit}bit`, bitsPerSecond: n * (factor as number), span }
  })
const length = fc
  .nat(140)
  .map((value): ast.LengthLiteral => ({ kind: 'length', text: `/${value}`, value, span }))
const port = fc.option(integer)
const endpointOf = (
  host: fc.Arbitrary<ast.EndpointLiteral['host']>,
  port: fc.Arbitrary<ast.IntegerLiteral | null>,
) => fc.tuple(host, port).map(([host, port]): ast.EndpointLiteral => ({ kind: 'endpoint', host, port, span }))
export const addressEndpoint = endpointOf(address, port)
export const nameEndpoint = endpointOf(
  name.filter(({ text }) => !/[:[\]]/.test(text)),
  port,
)

export function word<W extends string>(...words: W[]): fc.Arbitrary<ast.WordLiteral<W>> {
  return fc.constantFrom(...words).map((text) => ({ kind: 'word', text, span }))
}

/** Of a value. */
export const variable = fc
  .constantFrom('pool', 'lan', 'i', 'core-2', '_x', 'every', 'routes', 'net')
  .map((text): ast.NameLiteral => ({ kind: 'name', text, span }))

const reference = variable.map(({ text }): ast.Reference => ({ kind: 'reference', text, span }))
const interpolation = fc
  .tuple(variable, fc.option(fc.integer({ min: 1, max: 12 })))
  .map(([{ text }, width]): ast.Interpolation => ({ kind: 'interpolation', name: text, width, span }))
/** With one value in it at least: otherwise it would be a name. */
export const interpolated = fc
  .tuple(plainText, interpolation, plainText, fc.option(interpolation))
  .map(([before, first, between, second]): ast.Text => {
    const parts = [before, first, between, ...(second === null ? [] : [second])]
    return { kind: 'text', parts: parts.filter((part) => part !== ''), span }
  })
export const text = fc.oneof(
  interpolated,
  plainText.map((part): ast.Text => ({ kind: 'text', parts: part === '' ? [] : [part], span })),
)
export const naming: fc.Arbitrary<ast.Naming> = fc.oneof({ weight: 3, arbitrary: name }, interpolated)

const joined = fc.constantFrom<ast.Operator[]>(
  'or',
  'and',
  '==',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  '..',
  '+',
  '-',
  '*',
)

interface Tied {
  expression: ast.Expression
  operand: ast.Expression
  call: ast.Call
  list: ast.List
  group: ast.Group
  not: ast.Not
  binary: ast.Binary
}

const tied = fc.letrec<Tied>((tie: fc.LetrecTypedTie<Tied>) => ({
  expression: fc.oneof({ maxDepth: 3 }, tie('operand'), tie('binary'), tie('not')),
  operand: fc.oneof(
    { maxDepth: 3 },
    fc.oneof(
      integer,
      negative,
      address,
      prefix,
      length,
      duration,
      rate,
      endpointOf(address, integer),
      text,
      reference,
    ),
    tie('call'),
    tie('list'),
    tie('group'),
  ),
  call: fc
    .tuple(variable, fc.array(tie('expression'), { maxLength: 3 }))
    .map(([name, items]): ast.Call => ({ kind: 'call', name, arguments: items, span })),
  list: fc
    .oneof(
      { weight: 3, arbitrary: fc.array(tie('expression'), { maxLength: 3 }) },
      { weight: 1, arbitrary: fc.tuple(address) },
    )
    .map((items): ast.List => ({ kind: 'list', items, span })),
  group: tie('expression').map((inner): ast.Group => ({ kind: 'group', inner, span })),
  not: tie('operand').map((operand): ast.Not => ({ kind: 'not', operand, span })),
  // What joins more or less tightly stands in parentheses here.
  binary: fc
    .tuple(tie('operand'), joined, tie('operand'))
    .map(([left, operator, right]): ast.Binary => ({ kind: 'binary', operator, left, right, span })),
}))

export const expression = tied.expression
const operand = fc.oneof(reference, interpolated, tied.call, tied.list, tied.group)
const computed = fc.oneof(operand, tied.binary, tied.not)

/** Mostly the literal. */
export function slot<L>(literal: fc.Arbitrary<L>): fc.Arbitrary<ast.Slot<L>> {
  return fc.oneof({ weight: 4, arbitrary: literal }, { weight: 1, arbitrary: computed }) as fc.Arbitrary<
    ast.Slot<L>
  >
}

/** Where a list of one IPv6 address is that address in brackets. */
export function endpointSlot<L>(literal: fc.Arbitrary<L>): fc.Arbitrary<ast.Slot<L>> {
  return slot(literal).filter((value) => {
    const written = value as ast.Expression
    const only = written.kind === 'list' && written.items.length === 1 ? written.items[0] : undefined
    return only?.kind !== 'address' || !only.text.includes(':')
  })
}

/** As `slot`, where no operators may stand. */
export function narrowSlot<L>(literal: fc.Arbitrary<L>): fc.Arbitrary<ast.Slot<L>> {
  return fc.oneof({ weight: 4, arbitrary: literal }, { weight: 1, arbitrary: operand }) as fc.Arbitrary<
    ast.Slot<L>
  >
}

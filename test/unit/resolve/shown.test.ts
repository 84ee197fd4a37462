// SPDX-License-Identifier: MIT
/**
 * How messages and texts show a value.
 */
import { describe, expect, it } from 'vitest'
import { describe as described, leaves, textOf, type Value } from '../../../src/interp/resolve/value.ts'
import { workedOut } from '../../support/worked-out.ts'

const worked = (expression: string, ...lines: string[]) => workedOut(expression, lines).value as Value

describe('a message names', () => {
  it.each([
    ['7', 'the number 7'],
    ['"a b"', 'the text "a b"'],
    ['true', '`true`'],
    ['10.0.0.1', 'the address 10.0.0.1'],
    ['FD42::0:1', 'the address fd42::1'],
    ['10.0.0.0/24', 'the prefix 10.0.0.0/24'],
    ['/24', 'the prefix length /24'],
    ['90s', 'the duration 90s'],
    ['100mbit', 'the rate 100mbit'],
    ['192.0.2.1:7', 'the endpoint 192.0.2.1:7'],
    ['[2001:db8::1]:7', 'the endpoint [2001:db8::1]:7'],
    ['gw.example.org:7', 'the endpoint gw.example.org:7'],
    ['[1, "a"]', 'the list [1, a]'],
    ['1..5', 'the range 1..5'],
    ['"a\tb"', 'the text "a·b"'],
  ])('%s as %s', (expression, text) => {
    expect(described(worked(expression))).toBe(text)
  })

  it('of a long value the first 37 characters', () => {
    expect(described(worked(`"${'x'.repeat(40)}"`))).toBe(`the text "${'x'.repeat(40)}"`)
    expect(described(worked(`"${'x'.repeat(37)}abcd"`))).toBe(`the text "${'x'.repeat(37)}..."`)
  })

  it('what a list wants by the kinds that belong there', () => {
    expect(workedOut('count(7)').said).toEqual([
      'LVN2105 at 7: this argument should be a list or a range, and is the number 7',
    ])
    expect(workedOut('family("a")').said).toEqual([
      'LVN2105 at "a": this argument should be an address or a prefix, and is the text "a"',
    ])
    expect(workedOut('subnet(10.0.0.0/8, 1m, 0)').said).toEqual([
      'LVN2105 at 1m: this argument should be a prefix length or a number, and is the duration 1m',
    ])
  })
})

describe('a text shows', () => {
  it.each([
    ['[1, 2, 3, 4]', '[1, 2, 3, 4]'],
    ['[1, 2, 3, 4, 5]', '[1, 2, 3, 4, ...]'],
    ['[[1, 2, 3, 4, 5], [], 6]', '[[1, 2, 3, 4, ...], [], 6]'],
    ['[]', '[]'],
  ])('of each list the first four: %s', (value, shown) => {
    expect(textOf(worked('"{it-is}"', `let it-is = ${value}`))).toBe(shown)
  })

  const [long, longer] = ['x'.repeat(96), 'x'.repeat(97)]

  it('of a list what it has room for, and as much of the last one as it takes', () => {
    expect(textOf(worked(`["${long}", "${long}", "${long}", 1]`))).toBe(`[${long}, ${long}, ${long}, ...]`)
    expect(textOf(worked(`["${longer}", "${longer}", 1]`))).toBe(`[${longer}, ${longer}, ...]`)
  })

  it('of a list in a list what there is still room for', () => {
    expect(textOf(worked(`["${long}", "${long}", 1]`))).toBe(`[${long}, ${long}, 1]`)
    expect(textOf(worked(`["${long}", ["${long}", 1]]`))).toBe(`[${long}, [${long}, ...]]`)
  })
})

describe('the values in a list', () => {
  it.each([
    ['7', ['7']],
    ['[]', []],
    ['[1, 2, 3]', ['1', '2', '3']],
    ['[1, [2, [], [3, 4]], 5]', ['1', '2', '3', '4', '5']],
  ])('%s are in order, without lists', (expression, texts) => {
    expect(leaves(worked(expression)).map(textOf)).toEqual(texts)
  })
})

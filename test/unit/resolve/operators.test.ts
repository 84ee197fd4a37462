// SPDX-License-Identifier: MIT
/**
 * What operators, texts and lists come to, and what is said where they come to nothing.
 */
import { describe, expect, it } from 'vitest'
import { Budget } from '../../../src/interp/resolve/env.ts'
import { describe as described } from '../../../src/interp/resolve/value.ts'
import { workedOut } from '../../support/worked-out.ts'

/** As a message shows it. */
function worth(expression: string, ...lines: string[]): string | undefined {
  const { value, said } = workedOut(expression, lines)
  expect(said).toEqual([])
  return value && described(value)
}

/** What is said about it, and that it has no value. */
function mistakes(expression: string, ...lines: string[]): readonly string[] {
  const { value, said } = workedOut(expression, lines)
  expect(value).toBeUndefined()
  return said
}

describe('an expression', () => {
  it.each([
    ['1 + 2', 'the number 3'],
    ['5 - 7', 'the number -2'],
    ['3 * -4', 'the number -12'],
    ['1 + 2 * 3', 'the number 7'],
    ['(1 + 2) * 3', 'the number 9'],
    ['10 - 2 - 3', 'the number 5'],
    ['-1 - -2', 'the number 1'],
    ['2..1 + 4', 'the range 2..5'],
    ['-1..1', 'the range -1..1'],
    ['[1, 2,]', 'the list [1, 2]'],
    ['[\n1,\n2,\n]', 'the list [1, 2]'],
    ['[[1,],]', 'the list [[1]]'],
    ['[0 - 1, -1]', 'the list [-1, -1]'],
    ['9007199254740990 + 1', 'the number 9007199254740991'],
    ['not true', '`false`'],
    ['not 1 == 2', '`true`'],
    ['true and true', '`true`'],
    ['true and false', '`false`'],
    ['false or true', '`true`'],
    ['false or false', '`false`'],
    ['false or 2 <= 2', '`true`'],
    ['not 1 == 2 and -3 * 2 < -5', '`true`'],
  ])('%s is %s', (expression, value) => {
    expect(worth(expression)).toBe(value)
  })

  it('is decided by the left side of `and` and `or` alone where that is enough', () => {
    expect(worth('false and nothing')).toBe('`false`')
    expect(worth('true or nothing')).toBe('`true`')
    expect(worth('false and 7')).toBe('`false`')
    expect(worth('false and nothing or true')).toBe('`true`')
  })

  it.each([
    ['1', '2', 'less'],
    ['2', '2', 'equal'],
    ['3', '2', 'more'],
    ['59s', '1m', 'less'],
    ['60s', '1m', 'equal'],
    ['61s', '1m', 'more'],
    ['999kbit', '1mbit', 'less'],
    ['1000kbit', '1mbit', 'equal'],
    ['1001kbit', '1mbit', 'more'],
    ['/23', '24', 'less'],
    ['24', '/24', 'equal'],
    ['/25', '/24', 'more'],
  ])('%s compared with %s is %s', (a, b, how) => {
    const holding = ['==', '!=', '<', '<=', '>', '>='].filter((is) => worth(`${a} ${is} ${b}`) === '`true`')
    expect(holding).toEqual(
      { less: ['!=', '<', '<='], equal: ['==', '<=', '>='], more: ['!=', '>', '>='] }[how],
    )
  })

  it.each([
    ['"a"', '"a"', '"b"'],
    ['true', 'not false', 'false'],
    ['10.0.0.1', 'host(10.0.0.0/24, 1)', '10.0.0.2'],
    ['10.0.0.0/24', 'network(10.0.0.1, /24)', '10.0.0.0/25'],
    ['192.0.2.1:7', '192.0.2.1:7', '192.0.2.1:8'],
    ['1..3', '1..1 + 2', '1..4'],
    ['[]', '[]', '[1]'],
    ['[1, "a"]', '[1, "a"]', '[1, "b"]'],
    ['[60s, [/24]]', '[1m, [24]]', '[1m, [25]]'],
    ['[1, [2]]', '[1, [2]]', '[[1], 2]'],
    ['[[9]]', '[[9]]', '[2, 3]'],
    ['[2, 3]', '[2, 3]', '[[9]]'],
    ['[1]', '[1]', '["1"]'],
  ])('%s is equal to %s and not to %s', (value, same, other) => {
    expect([worth(`${value} == ${same}`), worth(`${value} == ${other}`)]).toEqual(['`true`', '`false`'])
    expect([worth(`${value} != ${same}`), worth(`${value} != ${other}`)]).toEqual(['`false`', '`true`'])
  })
})

describe('no value has', () => {
  it.each([
    ['1 == "1"', 'LVN2108 at 1 == "1": the number 1 cannot be compared with the text "1"'],
    ['[1] != 1', 'LVN2108 at [1] != 1: the list [1] cannot be compared with the number 1'],
    ['1 == [1]', 'LVN2108 at 1 == [1]: the number 1 cannot be compared with the list [1]'],
    ['60 < 1m', 'LVN2108 at 60 < 1m: the number 60 cannot be compared with the duration 1m'],
    ['"a" < "b"', 'LVN2108 at "a" < "b": the text "a" cannot be compared with the text "b"'],
    ['[1] >= [1]', 'LVN2108 at [1] >= [1]: the list [1] cannot be compared with the list [1]'],
    ['1 + "a"', 'LVN2107 at "a": `+` wants numbers, and this is the text "a"'],
    ['"a" - 1', 'LVN2107 at "a": `-` wants numbers, and this is the text "a"'],
    ['"a" * "b"', 'LVN2107 at "a": `*` wants numbers, and this is the text "a"'],
    ['1..2m', 'LVN2107 at 2m: `..` wants numbers, and this is the duration 2m'],
    ['not 1', 'LVN2107 at 1: `not` wants a condition, and this is the number 1'],
    ['1 and true', 'LVN2107 at 1: `and` wants a condition, and this is the number 1'],
    ['false or "x"', 'LVN2107 at "x": `or` wants a condition, and this is the text "x"'],
    ['9007199254740992', 'LVN2109 at 9007199254740992: this number is too large to be counted with'],
    [
      '-9007199254740991 - 1',
      'LVN2109 at -9007199254740991 - 1: this number is too large to be counted with',
    ],
    ['10.0.0.256', 'LVN2001 at 10.0.0.256: `10.0.0.256` is not an IPv4 address'],
    ['10.0.0.300/8', 'LVN2001 at 10.0.0.300/8: `10.0.0.300` is not an IPv4 address'],
    ['10.0.0.0/33', 'LVN2002 at 10.0.0.0/33: `10.0.0.0/33` has no valid prefix length'],
    ['10.0.0.1/24', 'LVN2003 at 10.0.0.1/24: `10.0.0.1/24` is an address inside a network, not a network'],
    ['spokes', 'LVN2101 at spokes: `spokes` is not known here yet'],
    ['hubs', 'LVN2101 at hubs: `hubs` is not known here yet'],
  ])('%s', (expression, said) => {
    expect(mistakes(expression)).toEqual([said])
  })

  it.each([
    'nothing + 1',
    '1 + nothing',
    'nothing == 1',
    '1 < nothing',
    'not nothing',
    '(nothing)',
    'nothing and neither',
    'true and nothing',
    '[1, nothing]',
    '[nothing, nothing]',
    'count([nothing])',
    '"{nothing}"',
    '"a{nothing}b{nothing}"',
  ])('%s, and an unknown name is all that is wrong with it', (expression) => {
    expect(mistakes(expression).map((each) => each.replace(/^(\w+).*: /, '$1: '))).toEqual([
      'LVN2100: nothing here is named `nothing`',
    ])
  })

  it('a name whose value was wrong, and that is said once', () => {
    const { value, said } = workedOut('[before, before]', ['let before = 10.0.0.1/24'])
    expect(value).toBeUndefined()
    expect(said.map((each) => each.slice(0, 7))).toEqual(['LVN2003'])
  })
})

describe('a text', () => {
  it.each([
    ['"ap{n}"', 'the text "ap7"'],
    ['"ap{n:03}"', 'the text "ap007"'],
    ['"ap{zero:02}"', 'the text "ap00"'],
    ['"ap{large:02}"', 'the text "ap1234"'],
    ['"{below}"', 'the text "-1"'],
    ['"{name}-{yes}"', 'the text "gw-true"'],
  ])('%s is %s', (expression, value) => {
    const lines = [
      'let n = 7',
      'let zero = 0',
      'let large = 1234',
      'let below = -1',
      'let name = "gw"',
      'let yes = true',
    ]
    expect(worth(expression, ...lines)).toBe(value)
  })

  it('fills up only numbers, and none below 0', () => {
    const only = 'only whole numbers are filled up with zeros, and this is'
    expect(mistakes('"ap{x:03}"', 'let x = -1')).toEqual([`LVN2111 at {x:03}: ${only} the number -1`])
    expect(mistakes('"ap{x:03}"', 'let x = "7"')).toEqual([`LVN2111 at {x:03}: ${only} the text "7"`])
    expect(mistakes('"ap{x:03}"', 'let x = /24')).toEqual([
      `LVN2111 at {x:03}: ${only} the prefix length /24`,
    ])
  })

  it('has at most 1000 characters', () => {
    const half = `let half = "${'x'.repeat(500)}"`
    expect(workedOut('"{half}{half}"', [half]).value).toEqual({ kind: 'text', text: 'x'.repeat(1000) })
    expect(mistakes('"{half}{half}."', half)).toEqual([
      'LVN2110 at "{half}{half}.": this text becomes longer than 1000 characters',
    ])
  })
})

describe('a list', () => {
  it('holds at most 100,000 values, with the lists in it', () => {
    const lines = [
      `let a = [${Array.from({ length: 103 }, (_, i) => i).join(', ')}]`,
      `let b = [${new Array(10).fill('a').join(', ')}]`,
      'let c = [b, b]',
      'let d = [c, c, c, c]',
      'let e = [d, d, d, d]',
    ]
    expect(workedOut('[e, e, e]', lines)).toMatchObject({ value: { kind: 'list', size: 100_000 }, said: [] })
    expect(mistakes('[e, e, e, 1]', ...lines)).toEqual([
      'LVN2128 at [e, e, e, 1]: this list becomes larger than 100000 values, with those of the lists in it',
    ])
  })

  /** What is said where so many values of lists may still be gone through. */
  function withLeft(left: number, expression: string, ...lines: string[]) {
    const budget = new Budget()
    budget.spendOnList(10_000_000 - left, { source: { name: '' } } as never, () => expect.fail('too early'))
    const { value, said } = workedOut(expression, lines, budget)
    return { value: value && described(value), said: said.map((each) => each.replace(/: .*/, '')) }
  }

  it('costs its own values where it is written, not those of lists in it', () => {
    expect(withLeft(3, '[1, 2, 3]')).toEqual({ value: 'the list [1, 2, 3]', said: [] })
    expect(withLeft(2, '[1, 2, 3]')).toEqual({ value: undefined, said: ['LVN2150 at [1, 2, 3]'] })
    expect(withLeft(3, '[a]', 'let a = [1, 2]')).toEqual({ value: 'the list [[1, 2]]', said: [] })
  })

  it('costs all of its values where it is compared with one that may be equal', () => {
    const lines = ['let a = [1, [2]]', 'let b = [1, [3]]', 'let c = [1, 2, 3, 4]']
    expect(withLeft(10 + 4, 'a == b', ...lines)).toEqual({ value: '`false`', said: [] })
    expect(withLeft(10 + 3, 'a == b', ...lines)).toEqual({ value: undefined, said: ['LVN2150 at a == b'] })
    expect(withLeft(10, 'a == c', ...lines)).toEqual({ value: '`false`', said: [] })
  })

  it('is asked for at a cost of ten for each value whether it is disjoint', () => {
    const lines = ['let a = [10.0.0.0/24, 10.0.1.0/24]']
    expect(withLeft(2 + 20, 'disjoint(a)', ...lines)).toEqual({ value: '`true`', said: [] })
    expect(withLeft(2 + 19, 'disjoint(a)', ...lines)).toEqual({ value: undefined, said: ['LVN2150 at a'] })
  })

  it('that is too much leaves everything else as it is', () => {
    const { said, value } = withLeft(1, '1 == 1 and "a" != "b"', 'let a = [1, 2]', 'let b = [3]')
    expect(value).toBe('`true`')
    expect(said).toEqual(['LVN2150 at [1, 2]'])
  })
})

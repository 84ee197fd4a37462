// SPDX-License-Identifier: MIT
/** Shapes: what each takes, and how it says what it found instead. */
import { describe, expect, it, test } from 'vitest'
import {
  anObject,
  count,
  dictionary,
  list,
  oneOf,
  orAbsent,
  orElse,
  orNull,
  record,
  type Shape,
  ShapeError,
  text,
  truth,
} from '../../../src/model/shape.ts'

function complaint(shape: Shape<unknown>, found: unknown, path = 'at'): string {
  try {
    shape(found, path)
  } catch (error) {
    if (error instanceof ShapeError) return error.message
    throw error
  }
  return 'none'
}

const three = { kind: 'dot', size: 3 } as const
const shapes: [what: string, shape: Shape<unknown>, taken: unknown[], refused: unknown[]][] = [
  ['text', text, ['', 'a'], [1, null, undefined, true, {}, []]],
  ['true or false', truth, [true, false], ['true', 0, null, undefined]],
  ['a whole number, 0 or more', count, [0, 1, 2 ** 53 - 1], [-1, 1.5, 2 ** 53, '1', null, Number.NaN]],
  ['an object', anObject, [{}, three], [null, [], 'a', 1, undefined]],
  ['"a" or "b" or 7', oneOf<string | number>('a', 'b', 7), ['a', 'b', 7], ['c', '7', null, undefined]],
]

describe.each(shapes)('%s', (what, shape, taken, refused) => {
  it('is taken as it is', () => {
    for (const each of taken) expect(shape(each, '')).toBe(each)
  })

  it('is asked for by name in place of anything else', () => {
    for (const each of refused) expect(complaint(shape, each)).toContain(`at: expected ${what}, found `)
  })
})

test.each([
  [undefined, 'nothing'],
  [[], 'a list'],
  [[1, 2], 'a list'],
  [{}, 'an object'],
  [null, 'null'],
  [7, '7'],
  [true, 'true'],
  ['x'.repeat(58), `"${'x'.repeat(58)}"`],
  ['x'.repeat(59), `"${'x'.repeat(56)}...`],
])('%j is told as %s', (found, told) => {
  // Nothing of these is taken, whatever it is.
  const none: Shape<unknown> = list(text)
  const shape = Array.isArray(found) ? text : none
  expect(complaint(shape, found)).toMatch(new RegExp(`, found ${told.replace(/\./g, '\\.')}$`))
})

describe('a value that may be missing', () => {
  it('is null, absent or another value, and only then', () => {
    expect([orNull(count)(null, ''), orNull(count)(1, '')]).toEqual([null, 1])
    expect(complaint(orNull(count), undefined)).toBe('at: expected a whole number, 0 or more, found nothing')
    expect([orAbsent(count)(undefined, ''), orAbsent(count)(1, '')]).toEqual([undefined, 1])
    expect(complaint(orAbsent(count), null)).toBe('at: expected a whole number, 0 or more, found null')
    expect([orElse(count, 5)(undefined, ''), orElse(count, 5)(1, '')]).toEqual([5, 1])
    expect(complaint(orElse(count, 5), null)).toBe('at: expected a whole number, 0 or more, found null')
  })
})

describe('what holds others', () => {
  const point = record<{ x: number; label: string | undefined }>({ x: count, label: orAbsent(text) })

  it('says where in it the wrong value stands', () => {
    expect(complaint(list(point), [{ x: 1 }, { x: '2' }])).toBe(
      'at[1].x: expected a whole number, 0 or more, found "2"',
    )
    expect(complaint(point, { x: -1 }, '')).toBe('x: expected a whole number, 0 or more, found -1')
    expect(complaint(dictionary(count), { 'a b': 1, c: 'd' })).toBe(
      'at["c"]: expected a whole number, 0 or more, found "d"',
    )
    expect(complaint(point, 7, '')).toBe('expected an object, found 7')
    expect(complaint(list(count), { length: 1 })).toBe('at: expected a list, found an object')
    expect(complaint(dictionary(count), [1])).toBe('at: expected an object, found a list')
  })

  it('keeps the path of the error apart from its words', () => {
    expect(() => point({}, 'tunnels[3]')).toThrow(
      expect.objectContaining({ name: 'ShapeError', path: 'tunnels[3].x' }),
    )
  })

  it('is read field by field: what is not named and what is absent are left out', () => {
    expect(Object.entries(point({ x: 1, y: 2 }, ''))).toEqual([['x', 1]])
    expect(point({ x: 1, label: 'a' }, '')).toEqual({ x: 1, label: 'a' })
    expect(list(point)([{ x: 1 }, { x: 2 }], '')).toEqual([{ x: 1 }, { x: 2 }])
    expect(dictionary(count)({ a: 1, b: 2 }, '')).toEqual({ a: 1, b: 2 })
  })

  it('takes no field from the prototype', () => {
    const shape = record<{ toString: string }>({ toString: text as never })
    expect(complaint(shape, {}, '')).toBe('toString: expected text, found nothing')
  })
})

// SPDX-License-Identifier: MIT
/**
 * Lists longer than a stack, and the check that keeps them from being made into arguments.
 */
import { expect, test } from 'vitest'
import { spreadArguments } from '../../../scripts/spread-arguments.mjs'
import { append, largest, least } from '../../../src/model/lists.ts'

const long = Array.from({ length: 500_000 }, (_, i) => i)

test('a long list is appended to another, and its ends are found', () => {
  const list = [-1]
  append(list, long)
  expect([list.length, list[1], list.at(-1)]).toEqual([500_001, 0, 499_999])
  expect([least(list), largest(list)]).toEqual([-1, 499_999])
  expect([least([3, 1, 2]), largest([2, 3, 1])]).toEqual([1, 3])
  expect([least([]), largest([])]).toEqual([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
})

test.each([
  ['lines.push(...more)', 'push'],
  ['lines.push(first,\n  ...more)', 'push'],
  ['this.parts.lines.unshift(...more(1))', 'unshift'],
  ['const most = Math.max(0, ...sizes.map((size) => size + 1))', 'max'],
  ['const text = String.fromCharCode(4, ...bytes)', 'fromCharCode'],
])('%s is found', (text, name) => {
  expect(spreadArguments('a.ts', `\n${text}`)).toEqual([expect.stringMatching(`^a\\.ts:2: ${name}\\(`)])
})

test.each([
  ['lines.push({ ...more })'],
  ['lines.push([...more].length)'],
  ['const both = [...lines, ...more]'],
  ['call(...given)'],
  ['new Set(...given)'],
])('%s is not', (text) => expect(spreadArguments('a.ts', text)).toEqual([]))

// SPDX-License-Identifier: MIT
/**
 * How much a file may have worked out, at the border: too much is said once, and ends it.
 */
import { describe, expect, it } from 'vitest'
import { Source } from '../../../src/diag/source.ts'
import { Budget } from '../../../src/interp/resolve/env.ts'

const span = { source: new Source('main.lvn', 'for'), start: 0, end: 3 }

/** What is said, and what the last of so many steps answers. */
function spent(times: number, step: (report: (diagnostic: { code: string }) => void) => boolean) {
  const said: string[] = []
  let may = true
  for (let i = 0; i < times; i++) may = step(({ code }) => said.push(code))
  return [may, said]
}

describe('turns', () => {
  it.each([
    [2, true, []],
    [3, true, []],
    [4, false, ['LVN2112']],
    [6, false, ['LVN2112']],
  ])('of three that may be made: %i', (times, may, said) => {
    const budget = new Budget(3)
    expect(spent(times, (report) => budget.spend(span, report))).toEqual([may, said])
  })

  it('are 100,000 where nothing else is said', () => {
    const budget = new Budget()
    expect(spent(100_000, (report) => budget.spend(span, report))).toEqual([true, []])
    expect(spent(1, (report) => budget.spend(span, report))).toEqual([false, ['LVN2112']])
  })

  it.each([
    [1000, true],
    [1001, false],
  ])('may still be made after a mistake that was made %i times again: %s', (times, may) => {
    const budget = new Budget()
    for (let i = 0; i < times; i++) budget.repeated()
    expect(spent(1, (report) => budget.spend(span, report))).toEqual([may, []])
  })
})

describe('values of lists', () => {
  it('are ten million', () => {
    const budget = new Budget()
    expect(spent(1, (report) => budget.spendOnList(9_999_999, span, report))).toEqual([true, []])
    expect(spent(1, (report) => budget.spendOnList(1, span, report))).toEqual([true, []])
    expect(spent(2, (report) => budget.spendOnList(1, span, report))).toEqual([false, ['LVN2150']])
    expect(spent(1, (report) => budget.spend(span, report))).toEqual([true, []])
  })
})

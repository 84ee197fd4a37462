// SPDX-License-Identifier: MIT
/** How long an apply that nobody confirmed is tried to be taken back. */
import { expect, test } from 'vitest'
import { type Tried, untilWell } from '../../../src/shell/cli/guard/revert.ts'
import type { Waiting } from '../../../src/shell/cli/guard/waiting.ts'

/** Tries whose last is well; `calledOffAfter`: so many pauses. */
async function tried(tries: readonly Tried[], calledOffAfter = Number.POSITIVE_INFINITY) {
  const pauses: number[] = []
  const said: string[] = []
  const waiting: Waiting[] = []
  let next = 0
  const result = await untilWell(async () => tries[next++] ?? null, {
    say: (text) => said.push(text),
    waits: (each) => waiting.push(each),
    calledOff: () => pauses.length >= calledOffAfter,
    pause: async (ms) => void pauses.push(ms),
  })
  return { result, pauses, said, waiting, made: next }
}

const failed = (text: string): Tried => ({ well: false, text })
const well: Tried = { well: true, text: 'taken back' }

test('it is tried until it succeeds, ever more seldom, but once in half a minute', async () => {
  const { result, pauses, made } = await tried([...Array.from({ length: 20 }, () => failed('no')), well])
  expect(result).toBe('taken back')
  expect(made).toBe(21)
  expect(pauses.slice(0, 6)).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000])
  expect(new Set(pauses.slice(5))).toEqual(new Set([30_000]))
})

test('why it failed is said once, until it is something else', async () => {
  const { said } = await tried([failed('a'), failed('a'), failed('b'), failed('b'), well])
  expect(said).toEqual(['a', 'b'].map((why) => `failed, and tried again until it succeeds: ${why}`))
})

test('each failure is told with their number and the time until the next try', async () => {
  const { waiting } = await tried([failed('a'), failed('a'), failed('b'), well])
  expect(waiting).toEqual([
    { reason: 'a', tries: 1, nextMs: 1000 },
    { reason: 'a', tries: 2, nextMs: 2000 },
    { reason: 'b', tries: 3, nextMs: 4000 },
  ])
})

test('it is called off between two tries', async () => {
  expect(await tried([failed('a'), failed('a'), well], 2)).toMatchObject({ result: null, made: 2 })
})

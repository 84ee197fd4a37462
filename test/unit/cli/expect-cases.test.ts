// SPDX-License-Identifier: MIT
/** Expectations and their outcomes as text, JSON and cases for reports. */
import { expect, test } from 'vitest'
import type { LabExpect } from '../../../src/lab/index.ts'
import type { Address } from '../../../src/model/address.ts'
import type { Expect } from '../../../src/model/topology.ts'
import { expectCases, expectsToJson, expectText, formatExpects } from '../../../src/shell/cli/expect-cases.ts'
import { plain } from '../../../src/shell/cli/output.ts'
import { lineOf } from '../../support/topologies.ts'

const base = {
  overlay: 'mitte',
  from: { node: 'a', address: null },
  to: { node: 'b', address: '10.64.2.9' as Address },
  span: lineOf(12),
}
const ping: Expect = { ...base, kind: 'ping', withinMs: 1500 }
const silence: Expect = { ...base, kind: 'no-ping' }
const throughput: Expect = { ...base, kind: 'throughput', leastBitsPerSecond: 100e6 }

const results: LabExpect[] = [
  { expect: ping, outcome: { kind: 'passed', said: '0.2 ms' }, measured: { ms: 0.2 }, durationMs: 12 },
  { expect: silence, outcome: { kind: 'skipped', reason: 'b is away' }, measured: {}, durationMs: 0 },
  {
    expect: throughput,
    outcome: { kind: 'failed', said: '90.1 Mbit/s' },
    measured: { bitsPerSecond: 90_100_000 },
    durationMs: 3100,
  },
]

test('an expectation reads as it was written', () => {
  expect([ping, { ...ping, withinMs: null }, silence, throughput].map(expectText)).toEqual([
    'ping a -> 10.64.2.9 within 1500ms',
    'ping a -> 10.64.2.9',
    'no ping a -> 10.64.2.9',
    'throughput a -> 10.64.2.9 >= 100mbit',
  ])
})

test.each([
  [1_000_000_000, '1gbit'],
  [1_500_000_000, '1500mbit'],
  [64_000, '64kbit'],
])('%i bits a second are %s', (leastBitsPerSecond, text) => {
  expect(expectText({ ...throughput, leastBitsPerSecond })).toBe(`throughput a -> 10.64.2.9 >= ${text}`)
})

test('a line each and a verdict, which counts what was skipped as nothing', () => {
  expect(formatExpects(results, plain).split('\n')).toEqual([
    'passed   ping a -> 10.64.2.9 within 1500ms: 0.2 ms',
    'skipped  no ping a -> 10.64.2.9: b is away',
    'failed   throughput a -> 10.64.2.9 >= 100mbit: 90.1 Mbit/s',
    '1 of 2 expectations met, 1 skipped',
  ])
})

test('none that could be tried is none that was met', () => {
  expect(formatExpects(results.slice(1, 2), plain)).toMatch(/\nno expectation could be tried, 1 skipped$/)
})

test('reports have a case each, with the line that asks for it', () => {
  const group = 'mitte.expect'
  const place = 'test.lvn:12:1'
  expect(expectCases(results)).toEqual([
    { name: expectText(ping), group, place, outcome: { kind: 'passed' }, durationMs: 12 },
    {
      name: expectText(silence),
      group,
      place,
      outcome: { kind: 'skipped', reason: 'b is away' },
      durationMs: 0,
    },
    {
      name: expectText(throughput),
      group,
      place,
      outcome: { kind: 'failed', message: '90.1 Mbit/s' },
      durationMs: 3100,
    },
  ])
})

test('JSON has what was measured beside the outcome', () => {
  expect(expectsToJson(results)[2]).toEqual({
    overlay: 'mitte',
    expect: 'throughput a -> 10.64.2.9 >= 100mbit',
    place: 'test.lvn:12:1',
    outcome: 'failed',
    detail: '90.1 Mbit/s',
    bitsPerSecond: 90_100_000,
    durationMs: 3100,
  })
})

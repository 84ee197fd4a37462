// SPDX-License-Identifier: MIT
/**
 * Expectations of a file and what came of them, as cases for reports and as text. Pure.
 */
import type { LabExpect } from '../../lab/index.ts'
import type { Expect, ExpectEnd } from '../../model/topology.ts'
import type { Outcome, TestCase } from '../../report/index.ts'
import type { Paint } from './output.ts'
import { count, duration, rate } from './text.ts'

export function expectCases(expects: readonly LabExpect[]): TestCase[] {
  return expects.map(({ expect, outcome, durationMs }) => ({
    name: expectText(expect),
    group: `${expect.overlay}.expect`,
    outcome: outcomeOf(outcome),
    durationMs,
    place: placeText(expect),
  }))
}

/** For `--json`: the case with what was measured. */
export function expectsToJson(expects: readonly LabExpect[]) {
  return expects.map(({ expect, outcome, measured, durationMs }) => ({
    overlay: expect.overlay,
    expect: expectText(expect),
    place: placeText(expect),
    outcome: outcome.kind,
    detail: outcome.kind === 'skipped' ? outcome.reason : outcome.said,
    ...measured,
    durationMs,
  }))
}

/** A line each, then how many hold. */
export function formatExpects(expects: readonly LabExpect[], paint: Paint): string {
  const words = {
    passed: paint.good('passed '),
    failed: paint.bad('failed '),
    skipped: paint.faint('skipped'),
  }
  const lines = expects.map(({ expect, outcome }) => {
    const said = outcome.kind === 'skipped' ? outcome.reason : outcome.said
    return `${words[outcome.kind]}  ${expectText(expect)}: ${said}`
  })
  const kinds = (kind: Outcome['kind']) => expects.filter(({ outcome }) => outcome.kind === kind).length
  const tried = expects.length - kinds('skipped')
  const met = `${kinds('passed')} of ${count(tried, 'expectation')} met`
  const painted = kinds('failed') > 0 ? paint.bad(met) : paint.good(met)
  const verdict = tried === 0 ? paint.warning('no expectation could be tried') : painted
  const skipped = kinds('skipped') === 0 ? '' : `, ${kinds('skipped')} skipped`
  return [...lines, `${verdict}${skipped}`].join('\n')
}

/** As the language writes it. */
export function expectText(expect: Expect): string {
  const flow = `${endText(expect.from)} -> ${endText(expect.to)}`
  switch (expect.kind) {
    case 'ping':
      return `ping ${flow}${expect.withinMs === null ? '' : ` within ${duration(expect.withinMs)}`}`
    case 'no-ping':
      return `no ping ${flow}`
    case 'throughput':
      return `throughput ${flow} >= ${rate(expect.leastBitsPerSecond)}`
  }
}

function endText({ node, address }: ExpectEnd): string {
  return address ?? node
}

function placeText({ span }: Expect): string {
  const { line, column } = span.source.position(span.start)
  return `${span.source.name}:${line}:${column}`
}

function outcomeOf(outcome: LabExpect['outcome']): Outcome {
  if (outcome.kind === 'skipped') return outcome
  return outcome.kind === 'passed' ? { kind: 'passed' } : { kind: 'failed', message: outcome.said }
}

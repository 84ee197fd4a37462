// SPDX-License-Identifier: MIT
/**
 * A test run as TAP version 14 (testanything.org), the form that `prove` and most pipelines read.
 */
import type { TestCase, TestRun } from './case.ts'

/** With a final line break. */
export function renderTap({ name, cases }: TestRun): string {
  const plan = cases.length === 0 ? `1..0 # SKIP nothing to test in ${oneLine(name)}` : `1..${cases.length}`
  return ['TAP version 14', plan, ...cases.flatMap(caseLines), ''].join('\n')
}

function caseLines({ name, group, outcome, durationMs, place }: TestCase, index: number): string[] {
  const point = outcome.kind === 'failed' ? 'not ok' : 'ok'
  const skip = outcome.kind === 'skipped' ? ` # SKIP ${oneLine(outcome.reason)}` : ''
  const line = `${point} ${index + 1} - ${escapeTap(`${group}: ${name}`)}${skip}`
  const fields: [string, string | number][] = []
  if (outcome.kind === 'failed') {
    fields.push(['message', outcome.message])
    if (outcome.detail !== undefined) fields.push(['detail', outcome.detail])
    if (place !== undefined) fields.push(['at', place])
  }
  if (durationMs !== null) fields.push(['duration_ms', durationMs])
  if (fields.length === 0) return [line]
  // YAML holds JSON: a string in its quotes is a string in YAML, whatever is in it.
  return [line, '  ---', ...fields.map(([key, value]) => `  ${key}: ${JSON.stringify(value)}`), '  ...']
}

/** A number sign would start a directive, a line break a line of its own. */
function escapeTap(text: string): string {
  return oneLine(text).replace(/[\\#]/g, '\\$&')
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
}

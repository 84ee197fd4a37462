// SPDX-License-Identifier: MIT
/**
 * A test run as JUnit XML, in the form that GitLab, Jenkins and the usual GitHub actions read: a suite for each
 * group, in the order of the cases.
 */
import { escapeXml } from '../text/xml.ts'
import { countOutcomes, type TestCase, type TestRun } from './case.ts'

/** With a final line break. */
export function renderJunit({ name, cases }: TestRun): string {
  const groups = new Map<string, TestCase[]>()
  for (const one of cases) {
    const group = groups.get(one.group)
    if (group === undefined) groups.set(one.group, [one])
    else group.push(one)
  }
  return `${[
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${attributes({ name, ...figures(cases) })}>`,
    ...[...groups].flatMap(([group, members]) => suiteLines(group, members)),
    '</testsuites>',
  ].join('\n')}\n`
}

function suiteLines(group: string, cases: readonly TestCase[]): string[] {
  return [
    `  <testsuite ${attributes({ name: group, ...figures(cases) })}>`,
    ...cases.flatMap(caseLines),
    '  </testsuite>',
  ]
}

function caseLines({ name, group, outcome, durationMs, place }: TestCase): string[] {
  const [file, line] = place === undefined ? [] : (/^(.*):(\d+):\d+$/.exec(place)?.slice(1) ?? [])
  const tag = `<testcase ${attributes({ name, classname: group, time: seconds(durationMs), file, line })}`
  if (outcome.kind === 'passed') return [`    ${tag}/>`]
  return [`    ${tag}>`, `      ${outcomeElement(outcome)}`, '    </testcase>']
}

function outcomeElement(outcome: Exclude<TestCase['outcome'], { kind: 'passed' }>): string {
  if (outcome.kind === 'skipped') return `<skipped ${attributes({ message: outcome.reason })}/>`
  const { message, detail = message } = outcome
  return `<failure ${attributes({ message })}>${escapeXml(detail)}</failure>`
}

function figures(cases: readonly TestCase[]) {
  const measured = cases.flatMap(({ durationMs }) => durationMs ?? [])
  return {
    tests: String(cases.length),
    failures: String(countOutcomes(cases, 'failed')),
    skipped: String(countOutcomes(cases, 'skipped')),
    errors: '0',
    time: seconds(measured.reduce((sum, ms) => sum + ms, 0)),
  }
}

function seconds(ms: number | null): string | undefined {
  return ms === null ? undefined : (ms / 1000).toFixed(6)
}

/** Those that have a value. A line break in an attribute would be read as a blank. */
function attributes(values: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(values)
    .flatMap(([key, value]) =>
      value === undefined ? [] : [`${key}="${escapeXml(value).replace(/\n/g, '&#10;')}"`],
    )
    .join(' ')
}

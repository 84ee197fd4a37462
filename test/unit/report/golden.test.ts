// SPDX-License-Identifier: MIT
/**
 * One folder per test run: `run.json`, and its reports. What must hold of all of them is asked of arbitrary ones.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { renderJunit, renderTap, type TestRun } from '../../../src/report/index.ts'
import { expectGolden, goldenCases } from '../../support/golden.ts'
import { elementsOf, parseXml } from '../../support/xml.ts'

const anyText = fc.oneof(
  fc.constantFrom('# SKIP', 'a\n...\nb', '1..3', '<&>"\'', '\u0000', '\\', 'not ok 1'),
  fc.string({ unit: 'binary', maxLength: 20 }),
)
const anyRun: fc.Arbitrary<TestRun> = fc.record({
  name: anyText,
  cases: fc.array(
    fc.record({
      name: anyText,
      group: fc.oneof(fc.constantFrom('a', 'b'), anyText),
      outcome: fc.oneof(
        fc.record({ kind: fc.constant('passed' as const) }),
        fc.record({ kind: fc.constant('failed' as const), message: anyText, detail: anyText }),
        fc.record({ kind: fc.constant('skipped' as const), reason: anyText }),
      ),
      durationMs: fc.option(fc.integer({ min: 0, max: 100_000 })),
      place: anyText,
    }),
    { maxLength: 12 },
  ),
})
const countOf = ({ cases }: TestRun, kind: string) =>
  cases.filter(({ outcome }) => outcome.kind === kind).length

describe('reports', () => {
  it.each(goldenCases('report'))('$description', ({ folder }) => {
    const run: TestRun = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))
    expectGolden(folder, 'report.tap', renderTap(run))
    expectGolden(folder, 'report.xml', renderJunit(run))
  })

  it('as JUnit are well-formed and count right, whatever the texts', () => {
    fc.assert(
      fc.property(anyRun, (run) => {
        const root = parseXml(renderJunit(run))
        const named = (name: string) => elementsOf(root).filter((element) => element.name === name)
        const total = String(run.cases.length)
        expect(root.attributes).toMatchObject({ tests: total, failures: String(countOf(run, 'failed')) })
        expect(named('testcase').length).toBe(run.cases.length)
        expect(named('failure').length).toBe(countOf(run, 'failed'))
        expect(named('skipped').length).toBe(countOf(run, 'skipped'))
        expect(named('testsuite').length).toBe(new Set(run.cases.map(({ group }) => group)).size)
      }),
    )
  })

  it('as TAP have a point for each case and nothing else that looks like one', () => {
    fc.assert(
      fc.property(anyRun, (run) => {
        const lines = renderTap(run).split('\n')
        expect(lines[0]).toBe('TAP version 14')
        expect(lines[1]).toMatch(run.cases.length === 0 ? /^1\.\.0 # SKIP / : `1..${run.cases.length}`)
        const points = lines.filter((line) => /^(not )?ok /.test(line))
        expect(points.map((line) => Number(/\d+/.exec(line)?.[0]))).toEqual(run.cases.map((_, i) => i + 1))
        expect(points.filter((line) => line.startsWith('not ok')).length).toBe(countOf(run, 'failed'))
        expect(points.filter((line) => /(?<!\\)# SKIP/.test(line)).length).toBe(countOf(run, 'skipped'))
        expect(lines.slice(2).every((line) => line === '' || /^(not ok|ok| {2})/.test(line))).toBe(true)
      }),
    )
  })
})

// SPDX-License-Identifier: MIT
/**
 * Reports of a test run to where the user wants them: files, or standard output, which takes one document only.
 */
import { ExitCode, LvnError } from '../../diag/error.ts'
import type { Source } from '../../diag/source.ts'
import { renderJunit, renderTap, type TestRun } from '../../report/index.ts'
import type { Output } from './output.ts'
import { requireNoSource, requireWritable, writeResult } from './write-file.ts'

/** As the options come: a path, `-` for standard output; TAP without a path goes there, too. */
export interface ReportOptions {
  readonly junit?: string
  readonly tap?: string | true
}

const toStdout = (target: string | true | undefined) => target === true || target === '-'

/** Before the work: false where standard output is taken by a report. @throws LvnError: wanted twice. */
export function stdoutIsFree({ junit, tap }: ReportOptions, output: Output): boolean {
  const wanted = [
    ...(toStdout(tap) ? ['--tap'] : []),
    ...(toStdout(junit) ? ['--junit'] : []),
    ...(output.json ? ['--json'] : []),
  ]
  if (wanted.length > 1) {
    throw new LvnError('LVN6421', ExitCode.usage, `${wanted.join(' and ')} all want standard output`, {
      hint: 'give all but one a file: `--tap result.tap`, `--junit result.xml`',
    })
  }
  return !toStdout(tap) && !toStdout(junit)
}

/** Before the work, too. @throws LvnError LVN0107 */
export async function requireWritableReports(options: ReportOptions): Promise<void> {
  for (const file of filesOf(options)) await requireWritable(file)
}

/** `sources` are what is tested. @throws LvnError LVN0108 */
export async function requireReportsBeside(
  sources: readonly Source[],
  options: ReportOptions,
): Promise<void> {
  for (const file of filesOf(options)) await requireNoSource(file, sources)
}

function filesOf({ junit, tap }: ReportOptions): string[] {
  return [junit, tap].filter((target) => typeof target === 'string' && target !== '-') as string[]
}

export async function writeReports(
  run: TestRun,
  { junit, tap }: ReportOptions,
  output: Output,
): Promise<void> {
  const reports = [
    { target: junit, render: renderJunit },
    { target: tap, render: renderTap },
  ]
  for (const { target, render } of reports) {
    if (target === undefined) continue
    if (target === true || target === '-') output.result(render(run))
    else {
      await writeResult(target, render(run))
      output.note(`written: ${target}`)
    }
  }
}

// SPDX-License-Identifier: MIT
/**
 * The options of commands that test: which reports to write, and where.
 */
import type { Command } from 'commander'
import { ExitCode, LvnError } from '../../../diag/error.ts'

export function addReportOptions(command: Command): void {
  command
    .option('--junit <file>', 'write a report as JUnit XML', reportFile('--junit'))
    .option('--tap [file]', 'write a report as TAP; to standard output without a file', reportFile('--tap'))
}

/** An optional value takes the word behind it, which may have been meant as the command's own file. */
function reportFile(option: string): (path: string) => string {
  return (path) => {
    if (!path.endsWith('.lvn')) return path
    throw new LvnError('LVN6410', ExitCode.usage, `${option} would write its report over ${path}`, {
      hint: `write ${option} behind the overlay file, or name the report: \`${option}=result\``,
    })
  }
}

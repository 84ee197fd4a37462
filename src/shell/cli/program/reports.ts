// SPDX-License-Identifier: MIT
/**
 * The options of commands that test: which reports to write, and where.
 */
import type { Command } from 'commander'

export function addReportOptions(command: Command): void {
  command
    .option('--junit <file>', 'write a report as JUnit XML')
    .option('--tap [file]', 'write a report as TAP; to standard output without a file')
}

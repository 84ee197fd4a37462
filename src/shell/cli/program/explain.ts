// SPDX-License-Identifier: MIT
/**
 * Registers `lvn explain`.
 */
import type { Command } from 'commander'
import type { Run } from './run.ts'

const help = `
Every error and warning has a code. Without one, all codes are listed.

Examples:
  $ lvn explain LVN2022
  $ lvn explain`

export function registerExplain(program: Command, run: Run): void {
  program
    .command('explain')
    .summary('what a code means, an example, how to mend it')
    .description('Explains an error: what its code means, an example of it, and how to mend it.')
    .argument('[code]', 'as in error[LVN2022]; all of them without it')
    .addHelpText('after', help)
    .action((code) => run(async (session) => (await import('../commands/explain.ts')).explain(session, code)))
}

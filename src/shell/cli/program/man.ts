// SPDX-License-Identifier: MIT
/**
 * `lvn man` in the command table.
 */
import type { Command } from 'commander'
import { entryOf } from '../table.ts'
import type { Run } from './run.ts'

const examples = `
Examples:
  $ lvn man --out /usr/local/share/man/man1
  $ lvn man lab up | man -l -`

export function registerMan(program: Command, run: Run): void {
  program
    .command('man')
    .summary('manual pages')
    .description('Writes the manual page of a command to standard output, or all of them into a folder.')
    .argument('[command...]', 'command, lvn itself without it')
    .option('--out <folder>', 'write all pages into this folder')
    .addHelpText('after', examples)
    .action((words, options) =>
      run(async (session) =>
        (await import('../commands/man.ts')).man(session, entryOf(program), words, options),
      ),
    )
}

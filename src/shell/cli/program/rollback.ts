// SPDX-License-Identifier: MIT
/**
 * Command table: `lvn rollback` and `lvn history`.
 */
import type { Command } from 'commander'
import type { Run } from './run.ts'

export function registerRollback(program: Command, run: Run): void {
  program
    .command('rollback')
    .summary('apply an earlier source again')
    .description(
      'Does again what was applied or destroyed N changes ago; without N, the one before the last here.',
    )
    .argument('[N]', 'its number in `lvn history`: 0 is what was done last')
    .option('--list', 'list what there is, as `lvn history`')
    .option('--node <node>', 'be this node of the file; without it, the one it was then')
    .option('-y, --yes', 'do not ask')
    .option('--all', 'print every line of a long plan')
    .option('--confirm <time>', 'revert after this time unless `lvn confirm` comes before')
    .addHelpText('after', rollbackHelp)
    .action((number, options) =>
      run(async (session) => (await import('../commands/rollback.ts')).rollback(session, number, options)),
    )

  program
    .command('history')
    .summary('what was applied and destroyed here, newest first')
    .description('Lists the last 50 sources that were applied or destroyed in this network namespace.')
    .addHelpText('after', historyHelp)
    .action(() => run(async (session) => (await import('../commands/history.ts')).history(session)))
}

const kept = `
The history is kept in /var/lib/lvn, or where LVN_STATE_DIR says (none: nowhere), for each network namespace. It
is history only: what the kernel holds is always read from the kernel.`

const rollbackHelp = `
A rollback becomes the newest entry itself: \`lvn rollback\` twice is back where it began. After a destroy it brings
back what was there. Without N, entries of other overlays are passed over.
${kept}

Examples:
  $ lvn rollback
  $ lvn rollback 3 --confirm 90s
  $ lvn rollback --list`

const historyHelp = `${kept}

Examples:
  $ lvn history
  $ lvn history --json`

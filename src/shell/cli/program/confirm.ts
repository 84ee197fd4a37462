// SPDX-License-Identifier: MIT
/**
 * Command table: `lvn confirm`, and the process that waits for it.
 */
import type { Command } from 'commander'
import type { Run } from './run.ts'

export function registerConfirm(program: Command, run: Run): void {
  program
    .command('confirm')
    .summary('keep what `apply --confirm` has changed')
    .description('Keeps what an apply with --confirm has changed: without it, the state before is restored.')
    .option('--status', 'only say what waits, and for how long')
    .option('--revert', 'do not wait for the time to be out: restore the state before now')
    .addHelpText('after', help)
    .action((options) =>
      run(async (session) => (await import('../commands/confirm.ts')).confirm(session, options)),
    )

  program
    .command('guard', { hidden: true })
    .description('Started by `apply --confirm`: reverts unless confirmed.')
    .action(() => run(async (session) => (await import('../commands/guard.ts')).guard(session)))
}

const help = `
Exit code 4 when it came too late: the state before is restored, or is being restored; and when the last apply has
failed: nothing of it stays. Exit code 0 when the last apply needs no confirmation: it changed nothing, was made without
--confirm, or has been confirmed. Exit code 5 when --revert cannot take it back yet: the message says why, and the guard
tries again until it can.

Examples:
  $ lvn apply overlay.lvn --confirm 90s    then, when the node is still reached:
  $ lvn confirm
  $ lvn confirm --status --json`

// SPDX-License-Identifier: MIT
/**
 * `lvn lsp` in the command table.
 */
import { type Command, Option } from 'commander'
import type { ExitCode } from '../../../diag/error.ts'
import type { Session } from '../globals.ts'

const help = `
An editor starts it and speaks the Language Server Protocol with it over standard input and output.
docs/editors.md shows how for VS Code, Neovim, Helix and Emacs.

Examples:
  $ hx overlay.lvn                Helix starts \`lvn lsp\` by itself, once told to
  $ lvn lsp < session.lsp            what it answers to a recorded session`

export function registerLsp(
  program: Command,
  run: (work: (session: Session) => Promise<ExitCode>) => Promise<void>,
): void {
  program
    .command('lsp')
    .summary('help an editor with overlay files')
    .description('Language server: findings, completion, hovers, definitions, renaming, layout.')
    .addOption(new Option('--stdio', 'the only transport there is; some editors say it').hideHelp())
    .addHelpText('after', help)
    .action(() => run(async (session) => (await import('../commands/lsp.ts')).lsp(session)))
}

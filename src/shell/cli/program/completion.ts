// SPDX-License-Identifier: MIT
/**
 * `lvn completion` in the command table, and the hidden command that completions ask for the nodes of a file.
 */
import { Argument, type Command } from 'commander'
import { entryOf } from '../table.ts'
import type { Run } from './run.ts'

const examples = `
Put it where your shell looks for completions, or load it at the start of a session:

Examples:
  $ lvn completion bash > /etc/bash_completion.d/lvn
  $ lvn completion zsh > /usr/local/share/zsh/site-functions/_lvn
  $ lvn completion fish > ~/.config/fish/completions/lvn.fish
  $ source <(lvn completion bash)`

export function registerCompletion(program: Command, run: Run): void {
  const load = () => import('../commands/completion.ts')
  program
    .command('completion')
    .summary('completions for your shell')
    .description('Prints completions of commands, options, files and nodes for a shell.')
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', examples)
    .action((shell) => run(async (session) => (await load()).completion(session, entryOf(program), shell)))

  program
    .command('complete-nodes', { hidden: true })
    .description('Prints the nodes of a file, one a line; nothing where it cannot be read.')
    .argument('<file>', 'overlay file')
    .action((file) => run(async (session) => (await load()).nodes(session, file)))
}

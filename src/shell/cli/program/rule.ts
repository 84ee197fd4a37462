// SPDX-License-Identifier: MIT
/**
 * `lvn rule` in the command table.
 */
import type { Command } from 'commander'
import { forceOption, type Run, subCommand } from './run.ts'

const examples = {
  group: `
The longest prefix counts. Packets that come out of a tunnel must have their source in one of its rules.

Examples:
  $ lvn rule add lvn6 10.99.7.0/24 berlin
  $ lvn rule list lvn6
  $ lvn rule del lvn6 10.99.7.0/24`,
  add: `
Examples:
  $ lvn rule add lvn6 10.99.7.0/24 berlin
  $ lvn rule add lvn6 fd42:99::/64 --id 7`,
  set: `
Example:
  $ lvn rule set lvn6 10.99.7.0/24 dach`,
  del: `
Example:
  $ lvn rule del lvn6 10.99.7.0/24`,
  list: `
Example:
  $ lvn rule list lvn6 --json`,
}

export function registerRule(program: Command, run: Run): void {
  const load = () => import('../commands/rule.ts')
  const rule = program
    .command('rule')
    .summary('make, change and delete rules by hand')
    .description('Makes, changes and deletes single rules of a device of mode multi, without a file.')
    .addHelpText('after', examples.group)

  for (const [verb, summary] of [
    ['add', 'send an inner destination into a tunnel'],
    ['set', 'point a rule to another tunnel'],
  ] as const) {
    subCommand(rule, verb, summary)
      .argument('<device>', 'device')
      .argument('<prefix>', 'inner destination: prefix or address')
      .argument('[tunnel]', 'name of the tunnel')
      .option('--id <number>', 'the tunnel by its id')
      .addOption(forceOption())
      .addHelpText('after', examples[verb])
      .action((device, prefix, tunnel, options) =>
        run(async (session) => (await load())[verb](session, { device, prefix, tunnel }, options)),
      )
  }

  subCommand(rule, 'del', 'delete a rule')
    .argument('<device>', 'device')
    .argument('<prefix>', 'inner destination: prefix or address')
    .addOption(forceOption())
    .addHelpText('after', examples.del)
    .action((device, prefix, options) =>
      run(async (session) => (await load()).del(session, { device, prefix }, options)),
    )

  subCommand(rule, 'list', 'list the rules of all devices, or of one')
    .argument('[device]', 'device')
    .addHelpText('after', examples.list)
    .action((device) => run(async (session) => (await load()).list(session, device)))
}

// SPDX-License-Identifier: MIT
/**
 * Registers `lvn monitor`.
 */
import type { Command } from 'commander'
import { type Run, subjectArgument } from './run.ts'

const help = `
A line for each thing that came (+), changed (~) or went (-), with the time in UTC: devices, tunnels with their
state, rules, and what the nftables table of a hub enforces, whoever changed it. Counters are no news. Devices,
policies and, on the kmod plane, tunnels are told of at once; the rest is looked at every --interval.

With --json the first line says what is watched, and each one that follows is an object in the form of the
operations of \`lvn plan --json\`, with \`time\`. It ends with Ctrl-C, or when nobody reads its output any more.

Examples:
  $ lvn monitor
  $ lvn monitor policies
  $ lvn monitor tunnels --interval 10s --json |
      jq 'select(.after.state == "silent")'`

export function registerMonitor(program: Command, run: Run): void {
  program
    .command('monitor')
    .summary('what changes in the kernel, as it happens')
    .description('Prints what changes in the kernel, as it happens.')
    .addArgument(subjectArgument('what to watch; all without it'))
    .option('--interval <time>', 'how often to look at what the kernel does not tell of', '1s')
    .addHelpText('after', help)
    .action((what, options) =>
      run(async (session) => (await import('../commands/monitor.ts')).monitor(session, what, options)),
    )
}

// SPDX-License-Identifier: MIT
/**
 * Registers `lvn graph`.
 */
import { type Command, Option } from 'commander'
import type { Run } from './run.ts'

const help = `
A picture of hubs, spokes, addresses and the networks behind them. With --live the tunnels have the state
that this node's kernel gives them, as in \`lvn show tunnels\`; tunnels of other nodes are \`unseen\`, and
\`missing\` is one that the file wants and the kernel does not have. Nothing else needs a kernel or root.
With --json the picture's content is printed.

Policies are arrows, numbered in the order of the file: an allow ends in a point, a deny in a bar. More than 30 in
an overlay are counted in the legend, by what they have in common.

Examples:
  $ lvn graph overlay.lvn > overlay.svg
  $ lvn graph overlay.lvn --out overlay.svg
  $ lvn graph overlay.lvn --live --out now.svg
  $ lvn graph overlay.lvn --format mermaid
  $ lvn graph overlay.lvn --format dot | dot -Tpdf > overlay.pdf`

export function registerGraph(program: Command, run: Run): void {
  program
    .command('graph')
    .summary('draw what a file says')
    .description('Draws what a file says, as SVG, Mermaid or Graphviz.')
    .argument('<file>', 'overlay file, - for standard input')
    .addOption(
      new Option('--format <format>', 'form of the picture')
        .choices(['svg', 'mermaid', 'dot'])
        .default('svg'),
    )
    .option('--out <file>', 'write to this file; standard output without it')
    .option('--live', "the tunnels' state from this node's kernel, too")
    .addHelpText('after', help)
    .action((file, options) =>
      run(async (session) => (await import('../commands/graph.ts')).graph(session, file, options)),
    )
}

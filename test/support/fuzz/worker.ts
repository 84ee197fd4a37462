// SPDX-License-Identifier: MIT
/**
 * A process of `scripts/fuzz.mjs`: judges the mutants of a range of seeds, and says which one it is at before it
 * begins with it, so that its parent knows where it got stuck.
 *
 * Arguments: first seed, how many, step. Messages: see `scripts/fuzz.mjs`.
 */
import { parse } from '../../../grammar/parser.ts'
import { Source } from '../../../src/diag/source.ts'
import { resolve } from '../../../src/interp/1-resolve.ts'
import { corpus } from './corpus.ts'
import { judge } from './judge.ts'
import { mutant } from './mutate-text.ts'
import { shrink } from './shrink.ts'

const [first, count, step] = process.argv.slice(2).map(Number) as [number, number, number]

/** A `for` may make tens of thousands of nodes of one line: those take their time. */
function mostMs(text: string): number {
  const { overlays } = resolve([parse(new Source('slow.lvn', text)).file]).topology
  const nodes = overlays.reduce((sum, { hubs, spokes }) => sum + hubs.length + spokes.length, 0)
  return Math.max(1000, nodes / 10)
}

const specimens = corpus()
const slowest = { ms: 0, seed: first }

/** CPU time: another process on this machine does not make a file slow. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

function timed(text: string): { readonly problem: string | undefined; readonly ms: number } {
  const begun = cpuMs()
  const problem = judge(text)
  const ms = cpuMs() - begun
  return { problem: problem ?? (ms > 1000 && ms > mostMs(text) ? 'takes too long' : undefined), ms }
}

// What is compiled while the first files are read is not the files' time.
for (const { text } of specimens) judge(text)

for (let i = 0; i < count; i++) {
  const seed = first + i * step
  process.send?.({ at: seed })
  const text = mutant(specimens, seed)
  const { problem, ms } = timed(text)
  if (ms > slowest.ms) Object.assign(slowest, { ms, seed })
  if (problem === undefined) continue
  const small = problem.startsWith('takes') ? text : shrink(text, (each) => judge(each) === problem)
  process.send?.({ finding: { seed, problem, text: small } })
}
process.send?.({ done: { cpuS: cpuMs() / 1000, slowest } }, () => process.disconnect())

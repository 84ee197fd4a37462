// SPDX-License-Identifier: MIT
/**
 * `lvn apply`: an overlay file, or a plan saved before, carried out on this node.
 */
import type { ExitCode } from '../../../diag/error.ts'
import { isSavedPlan } from '../../../interp/saved-plan.ts'
import type { Prune } from '../../../interp/types.ts'
import { type ApplyWork, applySource, type ApplyOptions as CommonOptions } from '../apply-source.ts'
import { loadSource, loadStored } from '../compile.ts'
import type { Session } from '../globals.ts'
import { planIsFixed } from '../refusals.ts'
import { parseSavedPlan } from '../saved-plan-file.ts'
import { readSource } from '../source.ts'

export interface PruneOptions {
  readonly prune?: boolean
  readonly pruneAll?: boolean
}
export type ApplyOptions = CommonOptions & PruneOptions

export async function apply(session: Session, file: string, given: ApplyOptions): Promise<ExitCode> {
  const { output } = session
  const fromStdin = file === '-'
  const source = await readSource(file)
  const work: ApplyWork = isSavedPlan(source.text)
    ? savedWork()
    : {
        ...{ command: 'apply', destroys: false, node: given.node, prune: pruneOf(given), fromStdin },
        compiled: loadSource(source, session),
      }
  return applySource(session, work, given)

  function savedWork(): ApplyWork {
    const plan = parseSavedPlan(source)
    if (given.node !== undefined) throw planIsFixed('--node')
    if (pruneOf(given) !== 'none') throw planIsFixed('--prune')
    return {
      ...{
        command: 'apply',
        destroys: false,
        prune: plan.prune,
        saved: { name: source.name, plan },
        fromStdin,
      },
      // One node has a name; several are one of each overlay, found again by what the host is.
      node: plan.nodes.length === 1 ? plan.nodes[0] : undefined,
      compiled: loadStored(plan.sources, output),
    }
  }
}

export function pruneOf({ prune = false, pruneAll = false }: PruneOptions): Prune {
  return pruneAll ? 'all' : prune ? 'guarded' : 'none'
}

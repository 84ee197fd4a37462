// SPDX-License-Identifier: MIT
/**
 * Enters what was done with a source into the history of the network namespace that the thread is in.
 */
import type { Source } from '../../../diag/source.ts'
import { sourceHash } from '../../../interp/index.ts'
import { storeSources } from '../../../interp/saved-plan.ts'
import type { ApplyReport, Plan } from '../../../interp/types.ts'
import { stateFolderHere } from './folder.ts'
import { Journal, type JournalEntry } from './journal.ts'

export interface Done extends Required<Pick<JournalEntry, 'command'>> {
  readonly destroys: boolean
  /** The source and all that it imports. */
  readonly sources: readonly Source[]
  /** As the user gave it; undefined: nobody did. */
  readonly node: string | undefined
}

/**
 * Its serial; null: no history is kept here, or nothing was changed. @throws LvnError LVN6121: it cannot be written.
 */
export function remember(
  { command, destroys, sources, node }: Done,
  { nodes, summary }: Plan,
  { outcome }: Pick<ApplyReport, 'outcome'>,
): number | null {
  const state = stateFolderHere()
  if (state === null || outcome === 'rolled-back') return null
  return new Journal(state).add({
    ...{ formatVersion: 1, time: new Date().toISOString(), command, destroys, outcome, summary },
    node: node ?? null,
    nodes: nodes.map(({ overlay, name }) => `${overlay}/${name}`),
    sourceHash: sourceHash(sources),
    sources: storeSources(sources),
  })
}

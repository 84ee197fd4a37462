// SPDX-License-Identifier: MIT
/**
 * `lvn rollback`: an earlier source out of the history, planned and applied as if its file were at hand; or destroyed,
 * where it was that which had been done with it.
 */
import type { ExitCode } from '../../../diag/error.ts'
import { type ApplyOptions, applySource } from '../apply-source.ts'
import { loadStored, withoutFile } from '../compile.ts'
import type { Session } from '../globals.ts'
import { enterNamespace } from '../node.ts'
import { noSuchEntry } from '../refusals.ts'
import { beforeLast, inForce, type JournalEntry } from '../state/journal.ts'
import { history, journalHere } from './history.ts'

export interface RollbackOptions extends ApplyOptions {
  readonly list?: boolean
}

/** `wanted`: how many changes back; absent: to the one before on the same node. */
export async function rollback(
  session: Session,
  wanted: string | undefined,
  given: RollbackOptions,
): Promise<ExitCode> {
  const { options, output } = session
  if (given.list) return history(session)
  await enterNamespace(options)
  const entries = inForce(journalHere())
  const number =
    wanted === undefined ? beforeLast(entries) : /^\d{1,3}$/.test(wanted) ? Number(wanted) : Number.NaN
  const entry = entries[number]?.entry
  if (entry === undefined) throw noSuchEntry(wanted, entries.length)
  const { destroys = false } = entry
  const [source] = entry.sources
  const what = source?.name ?? entry.nodes.join(', ')
  const last = wanted === undefined ? entries[0]?.entry : undefined
  const undone = last === undefined ? '' : `; takes back what was ${pastOf(last)}`
  output.note(`back to ${what} as ${pastOf(entry)}${undone}`)
  return applySource(
    { options: { ...options, netns: undefined }, output },
    {
      ...{ command: 'rollback', destroys, prune: 'none' },
      node: given.node ?? entry.node ?? undefined,
      ...(source === undefined
        ? { owned: ownedOf(entry), compiled: withoutFile(what) }
        : { compiled: loadStored(entry.sources, output) }),
    },
    given,
  )
}

function pastOf({ destroys = false, time }: JournalEntry): string {
  return `${destroys ? 'destroyed' : 'applied'} at ${time}`
}

/** What was destroyed by name: a node, or an overlay that was several here. */
function ownedOf({ nodes: [first = '', ...others] }: JournalEntry): string {
  return others.length === 0 ? first : (first.split('/')[0] ?? '')
}

// SPDX-License-Identifier: MIT
/**
 * `lvn history`: what was applied and destroyed in this network namespace, newest first, with the numbers that `lvn rollback` takes.
 */
import { ExitCode } from '../../../diag/error.ts'
import type { Session } from '../globals.ts'
import { enterNamespace } from '../node.ts'
import { stateFolderHere, stateVariable } from '../state/folder.ts'
import { inForce, Journal, type JournalEntry, type Numbered } from '../state/journal.ts'
import { count, table } from '../text.ts'

export async function history({ options, output }: Session): Promise<ExitCode> {
  await enterNamespace(options)
  const entries = journalHere()
  const numbers = new Map(inForce(entries).map(({ serial }, number) => [serial, number]))
  const rows = entries.map(({ serial, entry }) => ({ number: numbers.get(serial) ?? null, entry }))
  if (output.json) {
    output.resultJson(
      rows.map(({ number, entry: { sources, destroys = false, ...rest } }) => ({
        number,
        destroys,
        ...rest,
        files: sources.map(({ name }) => name),
      })),
    )
  } else if (rows.length === 0) {
    output.result(stateFolderHere() === null ? noHistory : 'nothing has been applied here')
  } else {
    output.result(table(columns, rows, output.paint.strong).join('\n'))
  }
  return ExitCode.done
}

/** Newest first; the thread is in the namespace. */
export function journalHere(): Numbered[] {
  const state = stateFolderHere()
  return state === null ? [] : new Journal(state).entries()
}

const noHistory = `no history is kept: ${stateVariable} is none`

interface Row {
  /** What `lvn rollback` calls it; null: it was reverted. */
  readonly number: number | null
  readonly entry: JournalEntry
}

const outcomes = {
  done: '',
  'partly-applied': ', partly applied',
  reverted: ', reverted: not confirmed',
} as const

const columns = [
  { title: 'N', cell: ({ number }: Row) => (number === null ? '-' : String(number)), align: 'right' },
  { title: 'TIME', cell: ({ entry }: Row) => entry.time.replace(/\.\d+Z$/, 'Z') },
  { title: 'NODE', cell: ({ entry }: Row) => entry.nodes.join(', ') },
  { title: 'FILE', cell: ({ entry }: Row) => entry.sources.map(({ name }) => name).join(', ') || '-' },
  {
    title: 'DIGEST',
    cell: ({ entry }: Row) => (entry.sources.length > 0 ? entry.sourceHash.slice(0, 8) : '-'),
  },
  { title: 'WHAT', cell: ({ entry }: Row) => what(entry) },
] as const

const verbs = { apply: 'applied', rollback: 'rolled back to', destroy: 'destroyed' } as const

function what({ command, destroys, summary, outcome }: JournalEntry): string {
  const { add, change, remove } = summary
  const then = command === 'rollback' && destroys ? ' its destroy' : ''
  return `${verbs[command]}${then}, ${count(add + change + remove, 'change')}${outcomes[outcome]}`
}

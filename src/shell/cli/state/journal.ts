// SPDX-License-Identifier: MIT
/**
 * The journal: the last 50 sources that were applied in a network namespace, or destroyed, each in a file of its own. It
 * is history for people and for `lvn rollback`, which does with an earlier source what was done then; nothing is ever
 * compared with it.
 */
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type StoredSource, storedSource } from '../../../interp/saved-plan.ts'
import type { Plan } from '../../../interp/types.ts'
import {
  count,
  list,
  oneOf,
  orAbsent,
  orNull,
  record,
  type Shape,
  text,
  truth,
} from '../../../model/shape.ts'
import { stateFolder } from '../refusals.ts'
import { putFile, readIfThere, reason } from './put-file.ts'

const kept = 50

export interface JournalEntry {
  readonly formatVersion: 1
  /** ISO 8601, by the wall clock. */
  readonly time: string
  readonly command: 'apply' | 'rollback' | 'destroy'
  /** What the sources own was taken away, by a destroy or by going back to one. Absent: they were applied. */
  readonly destroys?: boolean | undefined
  /** As the user gave it: `NODE` or `OVERLAY/NODE`. */
  readonly node: string | null
  readonly nodes: readonly string[]
  readonly summary: Plan['summary']
  /** `reverted`: nobody confirmed it. */
  readonly outcome: 'done' | 'partly-applied' | 'reverted'
  /** SHA-256 of the sources. */
  readonly sourceHash: string
  readonly sources: readonly StoredSource[]
}

/** An entry and its number in the folder, which grows with time. */
export interface Numbered {
  readonly serial: number
  readonly entry: JournalEntry
}

export class Journal {
  private readonly folder: string

  /** @param stateFolder of the network namespace; it need not exist */
  constructor(state: string) {
    this.folder = join(state, 'journal')
  }

  /** Newest first. Files that cannot be understood are passed over: they are a later version's, or torn by hand. */
  entries(): Numbered[] {
    return this.serials().flatMap((serial) => {
      const entry = parse(readIfThere(this.path(serial)))
      return entry === undefined ? [] : [{ serial, entry }]
    })
  }

  /** Adds the newest and drops what is too old; its serial. @throws LvnError LVN6121 */
  add(entry: JournalEntry): number {
    const serials = this.serials()
    const serial = (serials[0] ?? 0) + 1
    putFile(this.path(serial), `${JSON.stringify(entry)}\n`)
    for (const old of serials.slice(kept - 1)) rmSync(this.path(old), { force: true })
    return serial
  }

  markReverted(serial: number): void {
    const entry = parse(readIfThere(this.path(serial)))
    if (entry !== undefined)
      putFile(this.path(serial), `${JSON.stringify({ ...entry, outcome: 'reverted' })}\n`)
  }

  private path(serial: number): string {
    return join(this.folder, `${String(serial).padStart(8, '0')}.json`)
  }

  private serials(): number[] {
    try {
      return readdirSync(this.folder)
        .flatMap((name) => /^(\d+)\.json$/.exec(name)?.[1] ?? [])
        .map(Number)
        .sort((a, b) => b - a)
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw stateFolder(this.folder, reason(cause), cause)
    }
  }
}

/** What is in force or was, newest first, without what nobody confirmed: number 0 is the last change that stayed. */
export function inForce(entries: readonly Numbered[]): Numbered[] {
  return entries.filter(({ entry }) => entry.outcome !== 'reverted')
}

/**
 * The number of what was in force before number 0 on one of its nodes, and was another source: one that was applied again
 * has only mended what others had changed. The number of entries where nothing was.
 */
export function beforeLast(entries: readonly Numbered[]): number {
  const last = entries[0]?.entry
  const nodes = new Set(last?.nodes)
  const isAnother = (entry: JournalEntry) =>
    entry.sourceHash !== last?.sourceHash || isDestroy(entry) !== isDestroy(last)
  const number = entries.findIndex(
    ({ entry }) => entry.nodes.some((node) => nodes.has(node)) && isAnother(entry),
  )
  return number < 0 ? entries.length : number
}

function isDestroy({ destroys = false }: JournalEntry): boolean {
  return destroys
}

const shape: Shape<JournalEntry> = record<JournalEntry>({
  formatVersion: oneOf<1>(1),
  time: text,
  command: oneOf<JournalEntry['command']>('apply', 'rollback', 'destroy'),
  destroys: orAbsent(truth),
  node: orNull(text),
  nodes: list(text),
  summary: record<Plan['summary']>({ add: count, change: count, remove: count }),
  outcome: oneOf<JournalEntry['outcome']>('done', 'partly-applied', 'reverted'),
  sourceHash: text,
  sources: list(storedSource),
})

function parse(json: string | undefined): JournalEntry | undefined {
  if (json === undefined) return undefined
  try {
    return shape(JSON.parse(json), '')
  } catch {
    return undefined
  }
}

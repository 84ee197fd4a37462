// SPDX-License-Identifier: MIT
/**
 * What a rule does, in a form that is the same for what encode.ts writes and what any nft prints of it: its verdict,
 * and what it asks before. How nft prints sets of values, reasons of a reject and counters differs from one to the
 * next: they are no part of it.
 */
import type { NftObject } from './nft.ts'

/** `["ct state","accept"]`; of statements that encode.ts does not write, their names. */
export function effectOf(expr: unknown): string {
  const statements = Array.isArray(expr) ? (expr as readonly NftObject[]) : []
  const ofHeader = statements.some(asksHeader)
  return JSON.stringify(statements.flatMap((statement) => partOf(statement, ofHeader) ?? []))
}

/** Null: it changes nothing. `ofHeader`: a statement of the rule asks a header's field. */
function partOf(statement: NftObject, ofHeader: boolean): unknown {
  const [[kind, value] = ['', null]] = Object.entries(statement)
  const of = (value ?? {}) as NftObject
  switch (kind) {
    case 'counter':
      return null
    case 'goto':
    case 'jump':
      return { [kind]: of.target }
    case 'vmap':
      return { vmap: of.data, key: of.key }
    case 'match': {
      const meta = metaKey(of.left)
      // Some print what a header's field asks by itself: that the packet has such a header.
      if (ofHeader && ['nfproto', 'protocol', 'l4proto'].includes(meta)) return null
      const name = meta === 'iifname' || meta === 'oifname' ? of.right : null
      return { match: of.left, not: of.op === '!=', name }
    }
    default:
      return kind
  }
}

function asksHeader({ match, vmap }: NftObject): boolean {
  const asked = (match as NftObject | undefined)?.left ?? (vmap as NftObject | undefined)?.key
  return typeof asked === 'object' && asked !== null && 'payload' in asked
}

function metaKey(left: unknown): string {
  return String(((left as NftObject | null)?.meta as NftObject | undefined)?.key)
}

// SPDX-License-Identifier: MIT
/**
 * Which addresses are a node's: its own, and what it routes without what lies in there and is another's. The longest prefix
 * decides, as in a data plane. From the file alone; pure.
 */
import { type Family, familyOf } from '../model/address.ts'
import { nodesOf, type Overlay } from '../model/topology.ts'
import { prefixesOf } from './desire-routes.ts'
import { ascending, type NumberRange, numberRange } from './number-ranges.ts'

/** A range of one family. */
export interface Territory extends NumberRange {
  readonly family: Family
}

interface Claim extends NumberRange {
  readonly node: string
}

/** Of every node of the overlay that has any, by name. One sweep: prefixes lie in each other or apart. */
export function territoriesOf(overlay: Overlay, family: Family): ReadonlyMap<string, readonly Territory[]> {
  const claims = nodesOf(overlay)
    .flatMap((node) =>
      prefixesOf(node)
        .filter((prefix) => familyOf(prefix) === family)
        .map((prefix): Claim => ({ node: node.name, ...numberRange(prefix) })),
    )
    .sort((a, b) => ascending(a.first, b.first) || ascending(b.last, a.last))
  const found = new Map<string, Territory[]>()
  const around: Claim[] = []
  let since = 0n
  /** What lies from `since` to before `end` is the innermost one's. */
  const give = (end: bigint) => {
    const claim = around.at(-1)
    if (claim !== undefined && since < end) {
      const list = found.get(claim.node) ?? []
      list.push({ family, first: since, last: end - 1n })
      found.set(claim.node, list)
    }
    since = end
  }
  const closeBefore = (start: bigint | null) => {
    for (let inner = around.at(-1); inner !== undefined; inner = around.at(-1)) {
      if (start !== null && inner.last >= start) return
      give(inner.last + 1n)
      around.pop()
    }
  }
  for (const claim of claims) {
    closeBefore(claim.first)
    give(claim.first)
    around.push(claim)
  }
  closeBefore(null)
  return found
}

// SPDX-License-Identifier: MIT
/**
 * Which addresses and routes are given twice: sorted once, so that 65,536 spokes take no longer than their number. What
 * lies within another's route is no mistake: the longest prefix counts. Part of phase 1.
 */
import { duplicateAddress, listedTwice, overlap } from '../../diag/catalogue.ts'
import type { Diagnostic } from '../../diag/error.ts'
import type { Span } from '../../diag/source.ts'
import type { Address, Prefix } from '../../model/address.ts'
import type { DraftNode, Placed } from './node.ts'
import { type AddressRange, rangeOf } from './ranges.ts'
import type { Report } from './values.ts'

/** A range that a node lays claim to. */
export interface Claim extends AddressRange {
  readonly text: Address | Prefix
  readonly isAddress: boolean
  readonly owner: DraftNode
  readonly span: Span
}

export function claimsOf(nodes: readonly DraftNode[]): Claim[] {
  const claims: Claim[] = []
  const claim = (owner: DraftNode, isAddress: boolean, { value, span }: Placed<Address | Prefix>) => {
    const { start, end } = rangeOf(value)
    claims.push({ start, end, text: value, isAddress, owner, span })
  }
  for (const node of nodes) {
    for (const address of node.addresses) claim(node, true, address)
    for (const route of node.routes) claim(node, false, route)
  }
  return claims
}

/** At most one report for each claim as the first one, and one for each place. */
export function checkOverlaps(claims: readonly Claim[], report: Report): void {
  const sorted = [...claims].sort(
    (a, b) => compare(a.start, b.start) || compare(b.end, a.end) || a.span.start - b.span.start,
  )
  let outer: Claim | undefined
  const reported = new Set<Claim>()
  const places = new Set<Span>()
  for (const claim of sorted) {
    const problem = outer && !reported.has(outer) ? compareClaims(outer, claim) : undefined
    if (outer !== undefined && problem?.span !== undefined) {
      reported.add(outer)
      if (!places.has(problem.span)) report(problem)
      places.add(problem.span)
    }
    outer = claim
  }
}

/** `first` stands before `second` where both are the same. */
function compareClaims(first: Claim, second: Claim): Diagnostic | undefined {
  if (first.start !== second.start || first.end !== second.end) return undefined
  const owner = first.owner.node.name
  if (first.owner === second.owner) return listedTwice(second.span, second.text, first.span)
  if (first.isAddress && second.isAddress) {
    return duplicateAddress(second.span, second.text, owner, first.span)
  }
  return overlap(second.span, second.text, first.text, owner, first.span)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

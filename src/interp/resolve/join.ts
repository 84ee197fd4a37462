// SPDX-License-Identifier: MIT
/**
 * Which hubs each spoke joins: those of `via`, or the first one. Part of phase 1.
 */
import { preferNotVia, unknownNode } from '../../diag/catalogue.ts'
import { suggest } from '../../diag/suggest.ts'
import type { Node } from '../../model/topology.ts'
import type { DraftNode } from './node.ts'
import type { Report } from './values.ts'

/** `whole`: no hub is missing because it could not be read. */
export function joinHubs(
  hubs: readonly DraftNode[],
  spokes: readonly DraftNode[],
  whole: boolean,
  report: Report,
): Node[] {
  const names = hubs.map(({ node }) => node.name)
  const first = names.slice(0, 1)
  return spokes.map(({ node, via, prefer }) => {
    const known = via.filter(({ value, span }) => {
      const is = names.includes(value)
      if (!is && whole) report(unknownNode(span, value, 'hub', suggest(value, names)))
      return is
    })
    const joined = known.length > 0 ? known.map(({ value }) => value) : first
    if (prefer !== null && !joined.includes(prefer.value) && whole && known.length === via.length) {
      if (names.includes(prefer.value)) report(preferNotVia(prefer.span, prefer.value, joined, via[0]?.span))
      else report(unknownNode(prefer.span, prefer.value, 'hub', suggest(prefer.value, names)))
    }
    return { ...node, via: joined, prefer: prefer?.value ?? joined[0] ?? null }
  })
}

// SPDX-License-Identifier: MIT
/**
 * Devices in mode `fixed` have one tunnel: which nodes say `fixed` and need more. Part of phase 1.
 */
import { fixedAmongHubs, fixedHub, fixedOfSeveralHubs } from '../../diag/catalogue.ts'
import type { Span } from '../../diag/source.ts'
import type { DraftNode } from './node.ts'
import type { Report } from './values.ts'

/**
 * Only what was written counts, not what a node is without `mode`. `whole`: no node is missing because it could not be
 * read.
 */
export function checkFixed(
  hubs: readonly DraftNode[],
  spokes: readonly DraftNode[],
  whole: boolean,
  report: Report,
): void {
  for (const { node, modeSpan } of hubs.filter(isFixed)) {
    const other = hubs.find((hub) => hub.node.name !== node.name)
    if (other !== undefined) report(fixedAmongHubs(modeSpan, other.node.span))
    else if (whole) {
      // All of them join the only hub.
      if (spokes.length !== 1) report(fixedHub(modeSpan, spokes.length))
    }
  }
  for (const { modeSpan, via } of spokes.filter(isFixed)) {
    const known = via.filter(({ value }) => hubs.some((hub) => hub.node.name === value))
    const second = known[1]
    if (second !== undefined) report(fixedOfSeveralHubs(modeSpan, known.length, second.span))
  }
}

function isFixed(draft: DraftNode): draft is DraftNode & { readonly modeSpan: Span } {
  return draft.modeSpan !== null && draft.node.device.mode === 'fixed'
}

// SPDX-License-Identifier: MIT
/**
 * Objects that were made by hand, one by one, and belong to no overlay's file. Their owner is a name that no
 * overlay can have, so that no plan ever takes them for its own.
 */
import type { Owner } from './state.ts'

/** The owner of what was made by hand: its interface alias is `lvn:+/hand`. */
export const hand: Owner = { overlay: '+', node: 'hand' }

export function isByHand(owner: Owner): boolean {
  return owner.overlay === hand.overlay
}

/** `mitte/gw1`, or `by hand`. */
export function ownerText(owner: Owner): string {
  return isByHand(owner) ? 'by hand' : `${owner.overlay}/${owner.node}`
}

// SPDX-License-Identifier: MIT
/**
 * Whose objects a node holds, read from the kernel's marks alone: for taking away what no file tells of any more. Pure.
 */
import { isByHand } from '../model/hand.ts'
import type { LiveState, Owner } from '../model/state.ts'
import { ownerKey } from './ids.ts'
import { noSuchOwner } from './refusals.ts'
import type { Note, Scope } from './types.ts'

/** Each once, by name. What was made by hand is no overlay's. */
export function ownersHere(live: Pick<LiveState, 'links' | 'devices' | 'filters'>): readonly Owner[] {
  const found = new Map<string, Owner>()
  for (const { owner } of [...live.links, ...live.devices, ...live.filters]) {
    if (owner !== null && !isByHand(owner)) found.set(ownerKey(owner), owner)
  }
  return [...found.values()].sort((a, b) => (ownerKey(a) < ownerKey(b) ? -1 : 1))
}

/** The owners that `OVERLAY` or `OVERLAY/NODE` means. @throws LvnError LVN6404: there are none here. */
export function ownersNamed(live: LiveState, wanted: string): readonly Owner[] {
  const here = ownersHere(live)
  const meant = here.filter((owner) => owner.overlay === wanted || ownerKey(owner) === wanted)
  if (meant.length === 0) throw noSuchOwner(wanted, here.map(ownerKey))
  return meant
}

/** What a destroy leaves here that is no node's of its file, though it may have been meant: each with what removes it. */
export function notesOnOthers(live: LiveState, { owners }: Scope, isEmpty: boolean): readonly Note[] {
  const ours = new Set(owners.map(ownerKey))
  const overlays = new Set(owners.map(({ overlay }) => overlay))
  return ownersHere(live)
    .filter((owner) => !ours.has(ownerKey(owner)) && (isEmpty || overlays.has(owner.overlay)))
    .map((owner) => {
      const key = ownerKey(owner)
      const device = live.links.find((link) => link.owner !== null && ownerKey(link.owner) === key)
      const id = device === undefined ? key : `device ${device.name}`
      return { id, note: `belongs to ${key}, which is left alone: \`lvn destroy ${key}\` takes it away` }
    })
}

// SPDX-License-Identifier: MIT
/**
 * Pruning: a plan that also takes away what overlays outside the file have left on this node. Who owns what is read from
 * the kernel's marks, so that nothing foreign can come into it. Pure.
 */
import { isByHand } from '../model/hand.ts'
import type { LiveState, Owner } from '../model/state.ts'
import type { Topology } from '../model/topology.ts'
import { ownerKey } from './ids.ts'
import { ownersHere } from './owned.ts'
import type { Note, Prune, PruneSummary, Step } from './types.ts'

/** Pruning more than one object in so many needs to be asked for by name. */
const guardedShare = 5

/**
 * Owners on this node whose overlay is none of the file's, and no former name of one. What was made by hand is nobody's
 * to prune.
 */
export function strangers(live: LiveState, topology: Topology, formers: readonly Owner[]): Owner[] {
  const passed = new Set(formers.map(ownerKey))
  const overlays = new Set(topology.overlays.map(({ name }) => name))
  return ownersHere(live).filter((owner) => !overlays.has(owner.overlay) && !passed.has(ownerKey(owner)))
}

export function pruneSummary(
  live: LiveState,
  owners: readonly Owner[],
  steps: readonly Step[],
): PruneSummary {
  const made = new Set(steps.filter(({ change }) => change.op === 'add').map(({ change }) => change.id))
  const removed = steps.filter(
    ({ change: { op, kind, id } }) => op === 'remove' && kind !== 'sysctl' && !made.has(id),
  )
  const marked = (list: readonly { readonly owned: boolean }[]) => list.filter(({ owned }) => owned).length
  const owned =
    [...live.links, ...live.filters].filter(({ owner }) => owner !== null && !isByHand(owner)).length +
    marked(live.addresses) +
    live.tunnels.length +
    live.rules.length +
    marked(live.routes) +
    marked(live.ipRules)
  return {
    overlays: [...new Set(owners.map(({ overlay }) => overlay))],
    removed: removed.length,
    owned,
    guarded: owners.length > 0 && removed.length * guardedShare > owned,
  }
}

/** What pruning does to the plan, in a sentence. */
export function pruneNote({ overlays, removed, owned, guarded }: PruneSummary, asked: Prune): Note {
  if (overlays.length === 0) return { id: 'prune', note: 'every overlay on this node is in the file' }
  const names = `overlay${overlays.length === 1 ? '' : 's'} ${overlays.join(', ')}`
  const much = guarded && asked !== 'all' ? '; that is more than a fifth: apply wants --prune-all for it' : ''
  return {
    id: 'prune',
    note: `takes away ${names}: ${removed} of the ${owned} objects that L-VN owns here go${much}`,
  }
}

// SPDX-License-Identifier: MIT
/**
 * Who owns what: which live devices this plan may touch, and which belong to other overlays. Ownership is
 * read from the kernel (alias and plane), never from a file of state.
 */
import { isByHand } from '../model/hand.ts'
import type { LiveState, Owner } from '../model/state.ts'
import type { Node, Topology } from '../model/topology.ts'
import { ownerKey } from './ids.ts'
import type { Scope } from './types.ts'

export function scopeOf(topology: Topology, nodes: readonly Node[]): Scope {
  const names = new Set(nodes.map((node) => node.overlay))
  return {
    owners: nodes.map((node) => ({ overlay: node.overlay, node: node.name })),
    nets: topology.overlays.filter((overlay) => names.has(overlay.name)).flatMap((overlay) => overlay.nets),
  }
}

/** Owners by device name, split into those of the scope and those of other overlays or nodes. */
export interface Ownership {
  readonly ours: ReadonlyMap<string, Owner>
  readonly others: ReadonlyMap<string, Owner>
  /** Devices made by hand, which no overlay owns: foreign, whatever they are named. */
  readonly byHand: ReadonlySet<string>
}

/** A link that carries our alias counts even when the plane does not know it: it is what a death left. */
export function ownership(live: LiveState, scope: Scope): Ownership {
  const keys = new Set(scope.owners.map(ownerKey))
  const ours = new Map<string, Owner>()
  const others = new Map<string, Owner>()
  const byHand = new Set<string>()
  for (const { name, owner } of [...live.links, ...live.devices]) {
    if (owner === null) continue
    if (isByHand(owner)) byHand.add(name)
    else (keys.has(ownerKey(owner)) ? ours : others).set(name, owner)
  }
  return { ours, others, byHand }
}

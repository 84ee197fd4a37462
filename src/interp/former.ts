// SPDX-License-Identifier: MIT
/**
 * Whom a node of the file was before: owners in the kernel's marks whose devices, filters and values here pass to a
 * node of the file, so that it can be renamed while traffic goes on. A host is one node of an overlay, and a device of
 * another overlay is not taken over because it happens to have the same name. Pure.
 *
 *   of the same overlay    a node that is no longer in the file; or one that is, where the device has the same name and
 *                          the host knows itself by host name or address to be the new one (two that swap names)
 *   of another overlay     one that is not in the file, where the device has the same name and an inner address of ours
 */
import { isByHand } from '../model/hand.ts'
import type { LiveState, Owner } from '../model/state.ts'
import { type Node, nodesOf, type Overlay, type Topology } from '../model/topology.ts'
import { ownerKey } from './ids.ts'
import { isKnownHere, whoamiOf } from './select-node.ts'
import type { Note } from './types.ts'

/** What was owned by `owner` passes to the node `heir`. */
export interface Former {
  readonly owner: Owner
  readonly heir: Node
}

export function formersOf(live: LiveState, topology: Topology, nodes: readonly Node[]): readonly Former[] {
  const overlays = new Map(topology.overlays.map((overlay) => [overlay.name, overlay]))
  const found = new Map<string, Former>()
  for (const { kind, device, owner } of marks(live)) {
    if (isByHand(owner)) continue
    const heir = nodes.find((node) =>
      node.overlay === owner.overlay
        ? wasNode(live, overlays.get(owner.overlay), node, owner, device)
        : kind === 'device' && !overlays.has(owner.overlay) && wasOverlay(live, node, device),
    )
    if (heir !== undefined) found.set(ownerKey(owner), { owner, heir })
  }
  return [...found.values()]
}

/** What is to be looked at twice before it is agreed to. */
export function formerNotes(formers: readonly Former[], topology: Topology): readonly Note[] {
  const overlays = new Map(topology.overlays.map((overlay) => [overlay.name, overlay]))
  return formers.flatMap(({ owner, heir }) => {
    const id = `device ${heir.device.name}`
    const overlay = overlays.get(owner.overlay)
    if (overlay === undefined) {
      const why =
        'has the same inner address and is not in the file: it is taken for the same under another name'
      return { id, note: `${ownerKey(owner)}, to which it belongs, ${why}` }
    }
    const stays = nodesOf(overlay).some(({ name }) => name === owner.node)
    return stays ? { id, note: `${owner.node}, which it was, is another node of the file now` } : []
  })
}

interface Mark {
  /** Of what: a filter is known by its owner also where the device is another's, or gone. */
  readonly kind: 'device' | 'filter'
  readonly device: string
  readonly owner: Owner
}

function* marks(live: LiveState): Generator<Mark> {
  for (const { name, owner } of [...live.links, ...live.devices])
    if (owner !== null) yield { kind: 'device', device: name, owner }
  for (const { device, owner } of live.filters) if (owner !== null) yield { kind: 'filter', device, owner }
}

function wasNode(
  live: LiveState,
  overlay: Overlay | undefined,
  node: Node,
  owner: Owner,
  device: string,
): boolean {
  if (overlay === undefined || owner.node === node.name) return false
  if (!nodesOf(overlay).some(({ name }) => name === owner.node)) return true
  return device === node.device.name && isKnownHere(node, whoamiOf(live, undefined))
}

function wasOverlay({ addresses }: LiveState, { device }: Node, name: string): boolean {
  return (
    device.name === name &&
    addresses.some((each) => each.owned && each.device === name && device.addresses.includes(each.address))
  )
}

// SPDX-License-Identifier: MIT
/**
 * Local endpoints on an interface of a VRF. Outer packets are routed by the tables of the host itself, and no socket or
 * program of a device takes part in a VRF: the note says so, since `no route` alone would not. Pure.
 */
import type { LiveState } from '../model/state.ts'
import type { Node } from '../model/topology.ts'
import type { Note } from './types.ts'
import type { Underlay } from './underlay.ts'

/** A note for each address that the file gives these nodes in the underlay, and that a VRF has. */
export function vrfNotes(live: LiveState, underlay: Underlay, nodes: readonly Node[]): Note[] {
  const vrfs = new Map(
    live.links.filter(({ kind }) => kind === 'vrf').map(({ ifindex, name }) => [ifindex, name]),
  )
  const links = new Map(live.links.map((link) => [link.name, link]))
  return nodes.flatMap((node) =>
    localsOf(node).flatMap((address) => {
      const holder = links.get(underlay.holder(address) ?? '')
      if (holder === undefined) return []
      const vrf = vrfs.get(holder.ifindex) ?? vrfs.get(holder.master ?? 0)
      if (vrf === undefined) return []
      const note = `${address} belongs to the VRF ${vrf}, and packets of tunnels are routed outside of every VRF; take ${holder.name} out of it, or listen on another address`
      return [{ id: `device ${node.device.name}`, note }]
    }),
  )
}

function localsOf({ listens, endpoint }: Node) {
  const own = endpoint?.kind === 'address' ? [endpoint.address] : []
  return [...listens.map(({ local }) => local.address), ...own]
}

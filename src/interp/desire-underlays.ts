// SPDX-License-Identifier: MIT
/**
 * Where a node's device receives outer packets. Part of desire. Pure.
 */
import { familyOf } from '../model/address.ts'
import type { LiveState, TunnelSpec } from '../model/state.ts'
import type { Node } from '../model/topology.ts'
import { underlayOnModule } from './refusals.ts'
import type { Note } from './types.ts'
import type { Underlay } from './underlay.ts'
import { uplinks } from './uplinks.ts'

/**
 * What the file names, or else every interface that can carry outer packets. The sockets of the kmod plane hear all that
 * is sent to them: there, what leads out and what is listened on is for show.
 */
export function underlaysOf(
  node: Node,
  tunnels: readonly TunnelSpec[],
  live: LiveState,
  underlay: Underlay,
): string[] {
  const named = node.underlay?.interfaces ?? null
  if (named !== null && live.plane === 'kmod') throw underlayOnModule(node.name, node.underlay?.span)
  const outers = new Set(tunnels.map(({ local }) => familyOf(local.address)))
  const names = new Set(named ?? (live.plane === 'ebpf' ? uplinks(live, node.device.name, outers) : []))
  if (named === null) {
    for (const tunnel of tunnels) if (tunnel.underlay !== null) names.add(tunnel.underlay)
    for (const listen of node.listens) {
      const holder = underlay.holder(listen.local.address)
      if (holder !== null) names.add(holder)
    }
  }
  // What has vanished cannot be listened on; its tunnels keep its name until it is back.
  return [...names].filter((name) => name !== node.device.name && underlay.mtu(name) !== null).sort()
}

/** The interfaces that the file names, and that this host does not have now. */
export function underlayNotes({ device, underlay }: Node, { links }: LiveState): Note[] {
  const there = new Set(links.map(({ name }) => name))
  const missing = (underlay?.interfaces ?? []).filter((name) => !there.has(name))
  return missing.map((name) => {
    const note = `there is no interface ${name} to receive on: apply again once it is there`
    return { id: `device ${device.name}`, note }
  })
}

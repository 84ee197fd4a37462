// SPDX-License-Identifier: MIT
/**
 * Where a node's device receives outer packets. Part of desire. Pure.
 */
import { familyOf } from '../model/address.ts'
import type { LiveLink, LiveState, TunnelSpec } from '../model/state.ts'
import type { Node } from '../model/topology.ts'
import { underlayOnModule } from './refusals.ts'
import type { Note } from './types.ts'
import type { Underlay } from './underlay.ts'
import { comesIn, uplinks } from './uplinks.ts'

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
  if (node.underlay !== null && live.plane === 'kmod') throw underlayOnModule(node.name, node.underlay.span)
  const named = node.underlay?.interfaces ?? null
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

/** Where the file names interfaces: those that this host does not have now, and local addresses that are on others. */
export function underlayNotes(
  node: Node,
  tunnels: readonly TunnelSpec[],
  { links, addresses }: LiveState,
): Note[] {
  if (node.underlay === null) return []
  const { device, underlay, listens } = node
  const there = new Map(links.map((link) => [link.name, link]))
  const missing = underlay.interfaces
    .filter((name) => !there.has(name))
    .map((name) => `there is no interface ${name} to receive on: apply again once it is there`)
  const locals = new Set([...listens, ...tunnels].map(({ local }) => local.address))
  const named = `${underlay.interfaces.join(', ')}${underlay.interfaces.length === 1 ? ' alone' : ''}`
  const receiving = links.filter(({ name }) => underlay.interfaces.includes(name))
  const elsewhere = addresses
    .filter(({ address, device: holder }) => locals.has(address) && isPassedOver(there.get(holder)))
    .map(
      ({ address, device: holder }) =>
        `packets to ${address} that arrive on ${holder} are not received by ${device.name}: its \`underlay\` names ${named}`,
    )
  return [...missing, ...elsewhere].map((note) => ({ id: `device ${device.name}`, note }))

  /** Packets come in by it, and the file names neither it nor a port of it. */
  function isPassedOver(holder: LiveLink | undefined): boolean {
    if (holder === undefined || holder.name === device.name || !comesIn(holder)) return false
    return receiving.every(({ name, master }) => name !== holder.name && master !== holder.ifindex)
  }
}

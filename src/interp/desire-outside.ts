// SPDX-License-Identifier: MIT
/**
 * Routes outside the overlay's nets: the internet through a hub, or any summary. They may hold the remote endpoints of the
 * device's own tunnels, so that they lie in a table of our own, where `throw` routes send back to the main table what must
 * not go in (docs/decisions/0020). Part of desire; src/model/own-tables.ts has the numbers.
 */
import {
  type Address,
  type Family,
  familyOf,
  hostPrefix,
  type Prefix,
  prefixAddress,
  prefixContains,
  prefixLength,
  prefixOf,
} from '../model/address.ts'
import {
  keepOutPriority,
  mainTable,
  ownTables,
  pathMark,
  rulesTo,
  tableDevices,
} from '../model/own-tables.ts'
import type { IpRuleSpec, LiveState, RouteSpec, TunnelSpec } from '../model/state.ts'
import { hasFamily, type Node, nodesOf, type Overlay } from '../model/topology.ts'
import { metricOf, narrowRoutes } from './desire-routes.ts'
import { noTable } from './refusals.ts'
import { isLinkLocal } from './underlay.ts'

/** What a node routes that lies in none of the nets. */
export function outsideRoutes(node: Node, { nets }: Overlay): Prefix[] {
  return node.routes.filter((route) => !nets.some((net) => prefixContains(net, route)))
}

/** Routes outside the nets that this node reaches through its device, each with the node that they are of. */
export function outsideOf(node: Node, overlay: Overlay): { readonly prefix: Prefix; readonly owner: Node }[] {
  return nodesOf(overlay)
    .filter(({ name }) => name !== node.name)
    .flatMap((owner) => outsideRoutes(owner, overlay).map((prefix) => ({ prefix, owner })))
    .filter(({ prefix }) => node.role === 'hub' || hasFamily(node, familyOf(prefix)))
}

export interface OutsideDesire {
  readonly routes: readonly RouteSpec[]
  readonly ipRules: readonly IpRuleSpec[]
}

/** What desire knows of the node's device. */
export interface Inside {
  /** Bytes of the largest packet that it takes. */
  readonly mtu: number
  readonly tunnels: readonly TunnelSpec[]
}

/** `tables`: those given to other nodes of this host; the one for this node is added. */
export function outsideDesire(
  node: Node,
  overlay: Overlay,
  live: LiveState,
  { mtu, tunnels }: Inside,
  tables: Set<number>,
): OutsideDesire {
  const into = outsideOf(node, overlay)
  if (into.length === 0) return { routes: [], ipRules: [] }
  const device = node.device.name
  const table = tableFor(node, live, tables)
  tables.add(table)
  const held = holderOf(into.map(({ prefix }) => prefix))
  const out = new Set(
    [...lastingRemotes(node, overlay, tunnels).map(hostPrefix), ...outsideRoutes(node, overlay)].filter(held),
  )
  const mtuTo = narrowRoutes(node, overlay, mtu)
  const place = (destination: Prefix) => ({ destination, metric: metricOf[familyOf(destination)], table })
  const routes: RouteSpec[] = [
    ...[...out].map((prefix) => ({ ...place(prefix), device: null, type: 'throw' as const, mtu: null })),
    ...into
      .filter(({ prefix }) => !out.has(prefix))
      .map(({ prefix, owner }) => ({
        ...place(prefix),
        ...{ device, type: 'unicast' as const, mtu: mtuTo(owner) },
      })),
  ]
  const lasting = sourcesOf(live, tunnels)
  const ipRules = ([4, 6] as const).flatMap((family) => {
    const lengths = into.flatMap(({ prefix }) => (familyOf(prefix) === family ? [prefixLength(prefix)] : []))
    return lengths.length === 0
      ? []
      : [...keptOut(table, family, lasting), ...rulesTo(table, family, lengths)]
  })
  return { routes, ipRules }
}

/** Does one of these prefixes contain it? Asked by the few lengths that they have, for both lists may be long. */
function holderOf(prefixes: readonly Prefix[]): (inner: Prefix) => boolean {
  const known = new Set(prefixes)
  const lengths = [...new Set(prefixes.map(prefixLength))]
  return (inner) =>
    lengths.some(
      (length) => length <= prefixLength(inner) && known.has(prefixOf(prefixAddress(inner), length)),
    )
}

function keptOut(table: number, family: Family, sources: readonly Address[]): IpRuleSpec[] {
  const any = { family, priority: keepOutPriority(table), table: mainTable, suppressedLength: null }
  return [
    { ...any, from: null, mark: pathMark },
    ...sources
      .filter((address) => familyOf(address) === family)
      .map((address) => ({ ...any, from: hostPrefix(address), mark: null })),
  ]
}

/**
 * Endpoints that the file gives, by address or name. Those learned from a peer come and go without an apply; outer packets
 * to them are kept out by their source.
 */
function lastingRemotes(node: Node, overlay: Overlay, tunnels: readonly TunnelSpec[]): Address[] {
  const learning = new Set(
    nodesOf(overlay).flatMap(({ name, endpoint }) => (endpoint?.kind === 'nat' ? [name] : [])),
  )
  return tunnels.flatMap(({ name, remote }) =>
    remote === null || (node.role === 'hub' && learning.has(name)) ? [] : [remote.address],
  )
}

/**
 * The host's own addresses in the underlay: those of local endpoints, and those of the interfaces that tunnels, or default
 * routes of others, leave by. A LAN behind the node is none: what answers from there answers into the tunnel.
 */
function sourcesOf(live: LiveState, tunnels: readonly TunnelSpec[]): readonly Address[] {
  const uplinks = new Set(tunnels.map(({ underlay }) => underlay))
  for (const { destination, device, owned, table } of live.routes) {
    if (!owned && table === undefined && prefixLength(destination) === 0) uplinks.add(device)
  }
  const held = live.addresses.filter(
    ({ device, address, flaw }) => uplinks.has(device) && !isLinkLocal(address) && flaw !== 'duplicate',
  )
  const local = tunnels.map(({ local: { address } }) => address).filter((address) => !isUnspecified(address))
  return [...new Set([...held.map(({ address }) => address), ...local])].sort()
}

function isUnspecified(address: Address): boolean {
  return address === '0.0.0.0' || address === '::'
}

/** The one that the device has; else the first that no other device here has, nor a rule of others leads to. */
function tableFor(node: Node, live: LiveState, taken: ReadonlySet<number>): number {
  const devices = tableDevices(live.routes)
  const foreign = new Set(live.ipRules.filter(({ owned }) => !owned).map(({ table }) => table))
  const own = ownTables.find((table) => devices.get(table) === node.device.name && !taken.has(table))
  const free = ownTables.find((table) => !devices.has(table) && !taken.has(table) && !foreign.has(table))
  const table = own ?? free
  if (table === undefined) throw noTable(node.device.name, ownTables.length, node.device.span)
  return table
}

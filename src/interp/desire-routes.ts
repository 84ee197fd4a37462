// SPDX-License-Identifier: MIT
/**
 * The routes of the main table that a node should have: into its device to all that is behind other nodes in the overlay's
 * nets, and none back into it for what is behind itself. Part of desire; from the file and the device's MTU alone.
 * What lies outside the nets is the business of desire-outside.
 */
import { familyOf, hostPrefix, type Prefix, prefixContains } from '../model/address.ts'
import { homeOf, pathBetween } from '../model/hubs.ts'
import type { RouteSpec } from '../model/state.ts'
import { hasFamily, type Node, nodesOf, type Overlay } from '../model/topology.ts'
import { type AddressRange, rangeOf } from './resolve/ranges.ts'
import type { Note } from './types.ts'

/**
 * Metric of our unreachable routes: behind every route that anybody sets, and the value that the kernel's own
 * document on VRFs recommends for that purpose (Documentation/networking/vrf.rst).
 */
export const unreachableMetric = 4278198272

/** The kernel's default metrics (IP6_RT_PRIO_USER of <net/ip6_route.h> for IPv6), so that they read back alike. */
export const metricOf = { 4: 0, 6: 1024 } as const

/** More nodes than this are not named in a note. */
const namedAtMost = 3

/** A node's addresses and what it routes. */
export function prefixesOf(node: Node): Prefix[] {
  return [...new Set([...node.device.addresses.map(hostPrefix), ...node.routes])]
}

/** `mtu`: bytes of the largest packet that the node's device takes. */
export function routesOf(node: Node, overlay: Overlay, mtu: number): RouteSpec[] {
  const into = intoDevice(node, overlay, mtu)
  return [
    ...into.map(({ prefix, mtu }) => ({
      destination: prefix,
      device: node.device.name,
      type: 'unicast' as const,
      metric: metricOf[familyOf(prefix)],
      mtu,
    })),
    ...node.routes.filter(inNets(overlay)).map((destination) => ({
      destination,
      device: null,
      type: 'unreachable' as const,
      metric: unreachableMetric,
      mtu: null,
    })),
  ]
}

function inNets({ nets }: Overlay): (prefix: Prefix) => boolean {
  return (prefix) => nets.some((net) => prefixContains(net, prefix))
}

/** Says which nodes take smaller packets than the device. */
export function mtuNotes(node: Node, overlay: Overlay, mtu: number): Note[] {
  const narrow = [...limits(node, overlay, mtu)]
  if (narrow.length === 0) return []
  const named = narrow.slice(0, namedAtMost).map(([name, bytes]) => `${name} (${bytes} bytes)`)
  const more = narrow.length > namedAtMost ? ` and ${narrow.length - namedAtMost} more` : ''
  const take = narrow.length === 1 ? 'takes' : 'take'
  const note = `${named.join(', ')}${more} ${take} smaller packets than its ${mtu} bytes: the routes there say so`
  return [{ id: `device ${node.device.name}`, note }]
}

/**
 * What the file says the devices behind this one take, by peer, where it is less than this one sends. A hub knows every
 * node's; a spoke keeps to what its home takes, which answers for what is narrower behind it.
 */
function limits(node: Node, overlay: Overlay, own: number): Map<string, number> {
  const found = new Map<string, number>()
  for (const other of nodesOf(overlay)) {
    if (node.role === 'spoke' && other.name !== homeOf(node)) continue
    const way = pathBetween(overlay, node, other).slice(1)
    const said = way.flatMap(({ device }) => (device.mtu === 'auto' ? [] : device.mtu))
    const least = said.reduce((a, b) => Math.min(a, b), own)
    if (least < own) found.set(other.name, least)
  }
  return found
}

/** Bytes of the largest packet that a route to what is behind a node takes; null: as many as the device. */
export function narrowRoutes(node: Node, overlay: Overlay, own: number): (owner: Node) => number | null {
  const narrow = limits(node, overlay, own)
  const home = node.role === 'spoke' ? homeOf(node) : null
  return ({ name }) => narrow.get(home ?? name) ?? null
}

interface Claim extends AddressRange {
  readonly prefix: Prefix
  /** Of two that are the same, the one of the higher rank counts: nets, what is behind others, what is behind us. */
  readonly rank: 0 | 1 | 2
  readonly mtu: number | null
}

/**
 * The nets, and each prefix of another node that would take another way, or be too large there, by the longest route that
 * holds it. Prefixes lie in each other or apart, so that one sweep finds the innermost.
 */
function intoDevice(node: Node, overlay: Overlay, own: number): Pick<Claim, 'prefix' | 'mtu'>[] {
  const mtuTo = narrowRoutes(node, overlay, own)
  const others = nodesOf(overlay).filter(({ name }) => name !== node.name)
  // A spoke goes by its home, whose word counts for all; a hub goes by itself.
  const whole = mtuTo(node)
  const claim = (prefix: Prefix, rank: Claim['rank'], mtu: number | null): Claim => ({
    ...rangeOf(prefix),
    ...{ prefix, rank, mtu },
  })
  const carried = (prefix: Prefix) => node.role === 'hub' || hasFamily(node, familyOf(prefix))
  const inside = inNets(overlay)
  const nets = overlay.nets.filter(carried).map((net) => claim(net, 0, whole))
  const differ =
    node.routes.length > 0 || (node.role === 'hub' && others.some((other) => mtuTo(other) !== null))
  if (!differ) return nets
  const behind = [
    ...node.routes.map((prefix) => claim(prefix, 2, null)),
    ...others.flatMap((other) =>
      prefixesOf(other)
        .filter((prefix) => inside(prefix) && carried(prefix))
        .map((prefix) => claim(prefix, 1, mtuTo(other))),
    ),
  ]
  const wanted: Claim[] = []
  const around: Claim[] = []
  for (const each of [...nets, ...behind].sort(outermostFirst)) {
    while (around.length > 0 && (around.at(-1) as Claim).end < each.start) around.pop()
    const outer = around.at(-1)
    const served = outer !== undefined && outer.rank !== 2 && outer.mtu === each.mtu
    if (each.rank === 1 && served) continue
    around.push(each)
    if (each.rank === 1) wanted.push(each)
  }
  return [...nets, ...wanted]
}

function outermostFirst(a: Claim, b: Claim): number {
  if (a.start !== b.start) return a.start < b.start ? -1 : 1
  if (a.end !== b.end) return a.end > b.end ? -1 : 1
  return a.rank - b.rank
}

// SPDX-License-Identifier: MIT
/**
 * Who is joined to whom in an overlay of one or more hubs, and which way packets go. Every spoke has one home, the
 * hub that carries its traffic; hubs are joined to each other, each to each:
 *
 *     spoke ── home ── the other's home ── the other spoke
 *
 * The way from a node to another is the way back turned round, so that every node finds the source of a packet
 * behind the tunnel that it came out of. Between the resolved topology and whoever needs neighbours; pure.
 */
import type { Node, Overlay } from './topology.ts'

/** The hub that carries a spoke's traffic: the preferred one, else the first that it joins. */
export function homeOf(spoke: Node): string {
  return spoke.prefer ?? (spoke.via[0] as string)
}

/** Nodes that a node has a tunnel to: hubs first, then spokes, each in source order. */
export function peersOf(overlay: Overlay, node: Node): readonly Node[] {
  if (node.role === 'spoke') return overlay.hubs.filter(({ name }) => node.via.includes(name))
  return [
    ...overlay.hubs.filter(({ name }) => name !== node.name),
    ...overlay.spokes.filter(({ via }) => via.includes(node.name)),
  ]
}

/** The name of the peer that packets from `at` to `to` go to next. Precondition: two nodes of one overlay. */
export function nextHop(at: Node, to: Node): string {
  if (at.role === 'spoke') return homeOf(at)
  return to.role === 'hub' || homeOf(to) === at.name ? to.name : homeOf(to)
}

/** The nodes on the way from one to another, both included; a node reaches itself alone. */
export function pathBetween(overlay: Overlay, from: Node, to: Node): readonly Node[] {
  if (from.name === to.name) return [from]
  const homes = [from, to].map((node) => (node.role === 'hub' ? node.name : homeOf(node)))
  const hubs = [...new Set(homes)].flatMap((home) => overlay.hubs.filter(({ name }) => name === home))
  const middle = hubs.filter(({ name }) => name !== from.name && name !== to.name)
  return [from, ...middle, to]
}

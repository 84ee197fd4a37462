// SPDX-License-Identifier: MIT
/**
 * Which endpoints a tunnel uses where there is a choice: of a hub's listens, between two hubs, among the addresses of
 * a name. Part of desire; it makes no tunnel.
 */
import type { Span } from '../diag/source.ts'
import { type Address, type Endpoint, type Family, familyOf } from '../model/address.ts'
import type { LiveTunnel } from '../model/state.ts'
import type { Keepalive, Listen, Node, NodeEndpoint, Overlay } from '../model/topology.ts'
import type { Underlay } from './underlay.ts'

export function listenFor(hub: Node, family: Family): Listen | undefined {
  return hub.listens.find((listen) => familyOf(listen.address) === family)
}

/** Endpoints that the file itself gives claim their place before those looked up or learned. */
export function certainty(endpoint: NodeEndpoint | null): number {
  return endpoint?.kind === 'address' ? 0 : endpoint?.kind === 'name' ? 1 : 2
}

/** The address in use stays while the name still has it: rotating answers are no drift. */
export function choose(
  addresses: readonly Address[],
  hub: Node,
  underlay: Underlay,
  before: LiveTunnel | undefined,
): Address | undefined {
  const usable = addresses.filter((address) => listenFor(hub, familyOf(address)) !== undefined)
  return (
    usable.find((address) => address === before?.remote?.address) ??
    usable.find((address) => underlay.path(address) !== null) ??
    usable[0]
  )
}

/**
 * Ends of the tunnel from `own` to `other`, by the first family of the listens of the earlier one that the other has
 * too. That comes from the file alone: each hub reckons for itself, and both must find the same.
 */
export function endsBetween(
  overlay: Overlay,
  own: Node,
  other: Node,
): { readonly local: Endpoint; readonly remote: Endpoint; readonly span: Span } | undefined {
  const earlier = overlay.hubs.find(({ name }) => name === own.name || name === other.name) ?? own
  for (const { address } of earlier.listens) {
    const family = familyOf(address)
    const [local, remote] = [listenFor(own, family), listenFor(other, family)]
    if (local === undefined || remote === undefined) continue
    return { local: local.local, remote: { address: remote.address, port: remote.port }, span: remote.span }
  }
  return undefined
}

/** The keepalive of a tunnel between two hubs, the same at both ends. */
export function quicker(a: Keepalive, b: Keepalive): Keepalive {
  if (a.intervalMs !== b.intervalMs) return a.intervalMs < b.intervalMs ? a : b
  return a.deadMs <= b.deadMs ? a : b
}

// SPDX-License-Identifier: MIT
/**
 * The resolved topology: what one source says of all nodes, every default filled in, every address typed.
 * `interp/1-resolve` makes it; it knows nothing of any live kernel. Spans lead back to the source.
 */
import type { Span } from '../diag/source.ts'
import {
  type Address,
  type Endpoint,
  type Family,
  formatEndpoint,
  type Prefix,
  sameEndpoint,
} from './address.ts'

export type Role = 'hub' | 'spoke'
/** `fixed`: one tunnel that takes everything. `multi`: many tunnels, chosen by rules. */
export type DeviceMode = 'fixed' | 'multi'

export interface Keepalive {
  readonly intervalMs: number
  /** Silence after which the peer counts as dead. */
  readonly deadMs: number
}

/**
 * Where a node is reached in the underlay. `name` is a host name still to be looked up; `nat` has no
 * endpoint until the node signals one.
 */
export type NodeEndpoint =
  | { readonly kind: 'address'; readonly address: Address; readonly port: number; readonly span: Span }
  | { readonly kind: 'name'; readonly host: string; readonly port: number; readonly span: Span }
  | { readonly kind: 'nat'; readonly span: Span }

/** Where others reach a hub. */
export interface Listen extends Endpoint {
  /** What the hub itself has: the same, unless a NAT in front of it translates. Of the same family. */
  readonly local: Endpoint
  readonly span: Span
  /** Where `local` was written. */
  readonly localSpan: Span
}

export interface NodeDevice {
  readonly name: string
  readonly mode: DeviceMode
  /** Bytes of the largest inner packet; `auto` derives it from the underlay. */
  readonly mtu: number | 'auto'
  readonly addresses: readonly Address[]
  readonly span: Span
}

/** Where a node's outer packets may come in, if not by every interface. */
export interface NodeUnderlay {
  /** Names, in source order; there need not be such an interface. */
  readonly interfaces: readonly string[]
  /** The first statement. */
  readonly span: Span
}

export interface Node {
  readonly overlay: string
  readonly name: string
  readonly role: Role
  /** Host names that make `lvn apply` take itself to be this node; may be empty. */
  readonly hostnames: readonly string[]
  /** Hub: every endpoint that it is reached at, in source order. Spoke: empty. */
  readonly listens: readonly Listen[]
  /** Spoke: its endpoint. Hub: null. */
  readonly endpoint: NodeEndpoint | null
  readonly device: NodeDevice
  /** Prefixes behind this node, besides its own addresses. */
  readonly routes: readonly Prefix[]
  /** UDP port of this node's own socket: a hub's default listen port, a spoke's local port. */
  readonly port: number
  readonly keepalive: Keepalive
  /** Null: its outer packets may come in by every interface that can carry them. */
  readonly underlay: NodeUnderlay | null
  /** Spoke: names of the hubs that it joins, never empty, in source order. Hub: empty. */
  readonly via: readonly string[]
  /** Spoke: the one of `via` that it uses while it can. Hub: null. */
  readonly prefer: string | null
  /** Hub: where its signalling agent listens; null: nothing written. Spoke: null. */
  readonly signalling: Signalling | null
  /** Who proves its identity to whom when a spoke signs on. */
  readonly auth: Auth
  readonly span: Span
}

/** `mutual`: hub and spoke both; `server`: the hub only; `none`: nobody. */
export type Auth = 'mutual' | 'server' | 'none'

/** TCP port and PEM files of a hub's signalling agent. Paths as written; null: not written. */
export interface Signalling {
  readonly port: number
  readonly cert: string | null
  readonly key: string | null
  readonly ca: string | null
  /** Paths that are not absolute start from the folder of this source. */
  readonly span: Span
}

export interface Overlay {
  readonly name: string
  readonly nets: readonly Prefix[]
  /** The first of `hubs`. */
  readonly hub: Node
  /** In source order, never empty. */
  readonly hubs: readonly Node[]
  readonly spokes: readonly Node[]
  readonly span: Span
}

export type PolicyEnd =
  | { readonly kind: 'any' }
  /** A node with its addresses and routes. */
  | { readonly kind: 'node'; readonly node: string }
  /** An address is a prefix of full length. */
  | { readonly kind: 'prefix'; readonly prefix: Prefix }

/** Who may open flows to whom; answers pass. Of those that match a new flow the last in source order counts. */
export interface Policy {
  readonly overlay: string
  readonly action: 'allow' | 'deny'
  readonly from: PolicyEnd
  readonly to: PolicyEnd
  readonly span: Span
}

/** One end of an expectation. */
export interface ExpectEnd {
  /** The node it is, or whose address or route it is. */
  readonly node: string
  /** The address that was written; null: a node was, any of its addresses will do. */
  readonly address: Address | null
}

interface ExpectBase {
  readonly overlay: string
  readonly from: ExpectEnd
  readonly to: ExpectEnd
  readonly span: Span
}

/** What shall be true once the topology is up. */
export type Expect =
  /** `withinMs` null: the tester's own patience. */
  | (ExpectBase & { readonly kind: 'ping'; readonly withinMs: number | null })
  | (ExpectBase & { readonly kind: 'no-ping' })
  | (ExpectBase & { readonly kind: 'throughput'; readonly leastBitsPerSecond: number })

export interface Topology {
  readonly overlays: readonly Overlay[]
  /** Of all overlays, in source order. */
  readonly policies: readonly Policy[]
  readonly expects: readonly Expect[]
}

/** Hubs first, then spokes, each in source order. */
export function nodesOf(overlay: Overlay): readonly Node[] {
  return [...overlay.hubs, ...overlay.spokes]
}

/** Does the node own an address or a routed prefix of this family? */
export function hasFamily(node: Node, family: Family): boolean {
  const is = (text: string) => text.includes(':') === (family === 6)
  return node.device.addresses.some(is) || node.routes.some(is)
}

/** `198.51.100.10:50000`, behind a NAT `198.51.100.10:50000 at 10.0.0.5:50000`. */
export function formatListen(listen: Listen): string {
  const outside = formatEndpoint(listen)
  return sameEndpoint(listen, listen.local) ? outside : `${outside} at ${formatEndpoint(listen.local)}`
}

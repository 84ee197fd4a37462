// SPDX-License-Identifier: MIT
/**
 * The resolved topology: what one source says of all nodes, every default filled in, every address typed.
 * `interp/1-resolve` makes it; it knows nothing of any live kernel. Spans lead back to the source.
 */
import type { Span } from '../diag/source.ts'
import type { Address, Endpoint, Family, Prefix } from './address.ts'

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

export interface NodeDevice {
  readonly name: string
  readonly mode: DeviceMode
  /** Bytes of the largest inner packet; `auto` derives it from the underlay. */
  readonly mtu: number | 'auto'
  readonly addresses: readonly Address[]
  readonly span: Span
}

export interface Node {
  readonly overlay: string
  readonly name: string
  readonly role: Role
  /** Host names that make `lvn apply` take itself to be this node; may be empty. */
  readonly hostnames: readonly string[]
  /** Hub: every local endpoint it listens on, in source order. Spoke: empty. */
  readonly listens: readonly (Endpoint & { readonly span: Span })[]
  /** Spoke: its endpoint. Hub: null. */
  readonly endpoint: NodeEndpoint | null
  readonly device: NodeDevice
  /** Prefixes behind this node, besides its own addresses. */
  readonly routes: readonly Prefix[]
  /** UDP port of this node's own socket: a hub's default listen port, a spoke's local port. */
  readonly port: number
  readonly keepalive: Keepalive
  readonly span: Span
}

export interface Overlay {
  readonly name: string
  readonly nets: readonly Prefix[]
  /** Exactly one hub in this version of the language. */
  readonly hub: Node
  readonly spokes: readonly Node[]
  readonly span: Span
}

export interface Topology {
  readonly overlays: readonly Overlay[]
}

/** Hub first, then spokes in source order. */
export function nodesOf(overlay: Overlay): readonly Node[] {
  return [overlay.hub, ...overlay.spokes]
}

/** Does the node own an address or a routed prefix of this family? */
export function hasFamily(node: Node, family: Family): boolean {
  const is = (text: string) => text.includes(':') === (family === 6)
  return node.device.addresses.some(is) || node.routes.some(is)
}

// SPDX-License-Identifier: MIT
/**
 * How a node takes part in the underlay, from what the file says of it. Pure.
 */
import type { Address, Endpoint, Family } from '../model/address.ts'
import type { Node } from '../model/topology.ts'
import type { AddressPool } from './address-pool.ts'

/** Addresses of each host name that an endpoint gives; a name that is missing has none. */
export type Names = ReadonlyMap<string, readonly Address[]>

export interface Presence {
  readonly namespace: string
  /** Addresses that are to be its own, unless it shares them. */
  readonly own: readonly Address[]
  /** Where others reach it, at which port its socket really is, and at which address: null, none that the file gives. */
  readonly reached: readonly (Endpoint & { readonly socket: number; readonly inside: Address | null })[]
  /** Behind a NAT that nobody told about it. */
  readonly masqueraded: boolean
}

export function presenceOf(node: Node, namespace: string, hostNames: Names, pool: AddressPool): Presence {
  const { endpoint } = node
  const listens = node.listens.map(({ address, port, local }) => ({
    ...{ address, port, socket: local.port },
    inside: local.address === address ? null : local.address,
  }))
  const unknown = { namespace, reached: [], own: [], masqueraded: false }
  if (endpoint === null) return { ...unknown, reached: listens, own: unique(listens.map((l) => l.address)) }
  if (endpoint.kind === 'nat') return { ...unknown, masqueraded: true }
  const found = endpoint.kind === 'address' ? [endpoint.address] : (hostNames.get(endpoint.host) ?? [])
  if (found.length === 0) return { ...unknown, own: ([4, 6] as Family[]).map((family) => pool.take(family)) }
  const reached = found.map((address) => ({ address, port: endpoint.port, socket: node.port, inside: null }))
  return { ...unknown, reached, own: unique(found) }
}

function unique(addresses: readonly Address[]): Address[] {
  return [...new Set(addresses)]
}

// SPDX-License-Identifier: MIT
/**
 * Where the ends of an expectation are in a lab: the node itself, or the host behind it. Pure.
 */
import { type Address, familyOf } from '../model/address.ts'
import type { ExpectEnd } from '../model/topology.ts'
import type { LabNode } from './layout.ts'

export interface Place {
  readonly labNode: LabNode
  /** Where commands of this end run. */
  readonly namespace: string
  /** The address that was written, else those of the node. */
  readonly addresses: readonly Address[]
  /** To send from: the one that was written; null: the kernel chooses. */
  readonly source: Address | null
}

/** A flow that the two ends can have: addresses of one family. */
export interface Flow {
  readonly from: Place
  readonly to: Place
  readonly target: Address
}

/** Undefined: the lab has no such node. */
export function placeOf(members: readonly LabNode[], { node: name, address }: ExpectEnd): Place | undefined {
  const labNode = members.find(({ node }) => node.name === name)
  if (labNode === undefined) return undefined
  const { node, namespace, lanNamespace, subnets } = labNode
  if (address === null) return { labNode, namespace, addresses: node.device.addresses, source: null }
  const behind = subnets.some(({ hostAddress, moreHosts }) => [hostAddress, ...moreHosts].includes(address))
  const where = behind && lanNamespace !== null ? lanNamespace : namespace
  return { labNode, namespace: where, addresses: [address], source: address }
}

/** A flow to each address of `to` that is of a family that `from` has. */
export function flowsBetween(from: Place, to: Place): Flow[] {
  const families = new Set(from.addresses.map(familyOf))
  return to.addresses
    .filter((address) => families.has(familyOf(address)))
    .map((target) => ({ from, to, target }))
}

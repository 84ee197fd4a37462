// SPDX-License-Identifier: MIT
/**
 * What a file says is not to be answered: by its policies, or because it expects no ping. Nobody counts on such a
 * ping. Pure.
 */
import { type Address, prefixContains } from '../model/address.ts'
import type { ExpectEnd, Node, PolicyEnd, Topology } from '../model/topology.ts'

/** One end of a ping. */
export interface PingEnd {
  readonly node: Node
  readonly address: Address
}

export function isDenied({ policies, expects }: Topology, from: PingEnd, to: PingEnd): boolean {
  const { overlay } = from.node
  const last = policies.findLast(
    (policy) => policy.overlay === overlay && matches(policy.from, from) && matches(policy.to, to),
  )
  if (last?.action === 'deny') return true
  return expects.some(
    (expect) =>
      expect.kind === 'no-ping' && expect.overlay === overlay && is(expect.from, from) && is(expect.to, to),
  )
}

function matches(end: PolicyEnd, { node, address }: PingEnd): boolean {
  if (end.kind === 'node') return end.node === node.name
  return end.kind === 'any' || prefixContains(end.prefix, address)
}

function is(end: ExpectEnd, { node, address }: PingEnd): boolean {
  return end.node === node.name && (end.address === null || end.address === address)
}

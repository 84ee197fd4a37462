// SPDX-License-Identifier: MIT
/**
 * What a lab puts behind a node for each prefix that it routes: a link to one host, with addresses of the prefix. Pure.
 */
import {
  type Address,
  bitsOf,
  familyOf,
  hostPrefix,
  type Prefix,
  prefixContains,
  prefixesOverlap,
  prefixLength,
  prefixOf,
} from '../model/address.ts'
import { type Node, nodesOf, type Topology } from '../model/topology.ts'
import { addressAt, hostAddresses } from './address-pool.ts'

/** A prefix behind a node. */
export interface Subnet {
  readonly prefix: Prefix
  /** What lies on the link: all of the prefix, or a part of one that also holds what is elsewhere. */
  readonly link: Prefix
  /** Null where the link has no room for two: then the one address is the host's. */
  readonly nodeAddress: Address | null
  readonly hostAddress: Address
  /** Of the same host, where the file's expectations speak of them. */
  readonly moreHosts: readonly Address[]
}

/** For documentation (RFC 5737, RFC 3849) and benchmarks (RFC 2544): what the internet behind a node has in a lab. */
const examples = ['192.0.2.0/24', '198.18.0.0/24', '203.0.113.0/24', '2001:db8:ffff::/64'] as Prefix[]
/** Host bits of a part, and how many are looked at. */
const partBits = { 4: 8, 6: 16 } as const
const mostParts = 4096

/** `inUse`: addresses that are taken; those that are given here are added. `written`: those that must be there. */
export function subnetsOf(
  topology: Topology,
  node: Node,
  inUse: Set<Address>,
  written: ReadonlySet<Address> = new Set(),
): Subnet[] {
  const elsewhere = prefixesElsewhere(topology, node)
  return node.routes.flatMap((prefix) => {
    const nested = node.routes.filter((other) => other !== prefix && prefixContains(prefix, other))
    const wanted = [...written].filter(
      (address) =>
        prefixContains(prefix, address) &&
        !inUse.has(address) &&
        !nested.some((other) => prefixContains(other, address)),
    )
    for (const address of wanted) inUse.add(address)
    const others = [...elsewhere, ...nested]
    if (!others.some((other) => prefixContains(prefix, other)))
      return subnetOn(prefix, prefix, wanted, inUse) ?? []
    if (wanted.length > 0) return wanted.map((address) => alone(prefix, address))
    const link = partOf(prefix, others)
    return (link && subnetOn(prefix, link, [], inUse)) ?? []
  })
}

/** The host behind has the addresses that were written, else the first that is free. */
function subnetOn(
  prefix: Prefix,
  link: Prefix,
  wanted: readonly Address[],
  inUse: ReadonlySet<Address>,
): Subnet | undefined {
  const [first, second] = hostAddresses(link, 2, inUse)
  const [host, ...moreHosts] = wanted
  const on = { prefix, link, moreHosts }
  if (host !== undefined) return { ...on, nodeAddress: first ?? null, hostAddress: host }
  if (first === undefined) return undefined
  return second === undefined
    ? { ...on, nodeAddress: null, hostAddress: first }
    : { ...on, nodeAddress: first, hostAddress: second }
}

function alone(prefix: Prefix, address: Address): Subnet {
  return { prefix, link: hostPrefix(address), nodeAddress: null, hostAddress: address, moreHosts: [] }
}

/** A part in which nothing else of the file lies; undefined: none was found. */
function partOf(prefix: Prefix, others: readonly Prefix[]): Prefix | undefined {
  const free = (part: Prefix) =>
    !others.some((other) => prefixesOverlap(part, other) && !prefixContains(other, prefix))
  const known = examples.find((part) => prefixContains(prefix, part) && free(part))
  if (known !== undefined) return known
  const family = familyOf(prefix)
  const length = Math.max(prefixLength(prefix), bitsOf(family) - partBits[family])
  const parts = Math.min(mostParts, 2 ** (length - prefixLength(prefix)))
  for (let i = 0; i < parts; i++) {
    const offset = i * 2 ** partBits[family]
    const part = prefixOf(addressAt(prefix, offset), length)
    if (free(part)) return part
  }
  return undefined
}

/** All that the file says of other places: nets, what other nodes have, and the underlay. */
function prefixesElsewhere({ overlays }: Topology, own: Node): Prefix[] {
  return overlays.flatMap((overlay) => [
    ...overlay.nets,
    ...nodesOf(overlay).flatMap((node) => [
      ...(node === own ? [] : [...node.routes, ...node.device.addresses.map(hostPrefix)]),
      ...node.listens.flatMap(({ address, local }) => [address, local.address].map(hostPrefix)),
      ...(node.endpoint?.kind === 'address' ? [hostPrefix(node.endpoint.address)] : []),
    ]),
  ])
}

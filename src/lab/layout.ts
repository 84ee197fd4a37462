// SPDX-License-Identifier: MIT
/**
 * What a lab consists of, from the topology alone: namespaces, links, NATs, subnets behind nodes.
 *
 *                        lvn-LAB--underlay
 *        (forwards; one link and one host route for each node)
 *          |                   |                    |
 *        eth0                eth0                 eth0
 *     lvn-LAB-gw1        lvn-LAB--nat-1       lvn-LAB-kirche
 *                         |         |               lan0
 *                       eth0      eth0               |
 *                lvn-LAB-dach  lvn-LAB-rathaus      eth0
 *                                            lvn-LAB-kirche-lan
 *
 * A node keeps the addresses of the file on its own `eth0`. It sits behind a NAT where the file says so, where
 * it shares its address with another node, or where its endpoint's port is not the port of its socket.
 * Pure: names and addresses only; build.ts makes them.
 */
import { type Address, type Family, familyOf } from '../model/address.ts'
import { type Expect, type Node, nodesOf, type Topology } from '../model/topology.ts'
import { AddressPool } from './address-pool.ts'
import { NamespaceNames, underlayNamespace } from './names.ts'
import { type NatBox, natBoxes } from './nat.ts'
import { type Names, presenceOf } from './presence.ts'
import { type Subnet, subnetsOf } from './subnets.ts'

/** IP and UDP headers around an inner packet. */
const outerSize = { 4: 20 + 8, 6: 40 + 8 } as const
/** RFC 8200 section 5: no IPv6 on less. */
const leastMtu6 = 1280
/** ETH_MAX_MTU of <linux/if_ether.h>. */
const largestLink = 65_535

export interface LabNode {
  readonly node: Node
  readonly namespace: string
  readonly subnets: readonly Subnet[]
  /** The host behind the node; null where it routes no prefix. */
  readonly lanNamespace: string | null
}

/** A veth pair. The lower end is `eth0`, with default routes through the upper end. */
export interface UnderlayLink {
  readonly upper: string
  readonly lower: string
  /** Of the lower end. */
  readonly addresses: readonly Address[]
  /** What lies behind the lower end: reached through it. */
  readonly beyond: readonly Address[]
  /** Bytes of the largest outer packet; null: as a veth pair comes. */
  readonly mtu: number | null
}

export interface Layout {
  readonly lab: string
  readonly underlay: string
  readonly nats: readonly (NatBox & { readonly namespace: string })[]
  readonly links: readonly UnderlayLink[]
  readonly nodes: readonly LabNode[]
}

/** Names of all namespaces that it needs. */
export function namespacesIn({ underlay, nats, nodes }: Layout): string[] {
  return [
    underlay,
    ...nats.map(({ namespace }) => namespace),
    ...nodes.flatMap(({ namespace, lanNamespace }) => [
      namespace,
      ...(lanNamespace === null ? [] : [lanNamespace]),
    ]),
  ]
}

/** The same topology and names always give the same layout. */
export function layOut(topology: Topology, lab: string, hostNames: Names): Layout {
  const names = new NamespaceNames(lab)
  const pool = new AddressPool(topology)
  const inUse = new Set(
    topology.overlays.flatMap(nodesOf).flatMap((node) => [...node.device.addresses, ...underlayOf(node)]),
  )
  const written = writtenAddresses(topology.expects)
  const nodes = topology.overlays.flatMap((overlay) =>
    nodesOf(overlay).map((node): LabNode => {
      const path = topology.overlays.length > 1 ? [overlay.name, node.name] : [node.name]
      const subnets = subnetsOf(topology, node, inUse, written.get(`${overlay.name}/${node.name}`))
      return {
        node,
        namespace: names.take(...path),
        subnets,
        lanNamespace: subnets.length > 0 ? names.take(...path, 'lan') : null,
      }
    }),
  )
  const presences = nodes.map(({ node, namespace }) => presenceOf(node, namespace, hostNames, pool))
  const nats = natBoxes(presences, pool).map((box, i) => ({ ...box, namespace: names.take(`-nat-${i + 1}`) }))
  const underlay = underlayNamespace(lab)
  const narrow = new Map(nodes.map(({ node, namespace }) => [namespace, node.device.mtu]))
  const linkTo = (upper: string, lower: string, addresses: readonly Address[]): UnderlayLink => ({
    ...{ upper, lower, addresses, beyond: [] },
    mtu: linkMtu(narrow.get(lower) ?? 'auto', addresses),
  })
  const hidden = new Set(nats.flatMap((box) => box.members.map((member) => member.namespace)))
  return {
    lab,
    underlay,
    nats,
    nodes,
    links: [
      ...presences
        .filter(({ namespace }) => !hidden.has(namespace))
        .map(({ namespace, own }) => linkTo(underlay, namespace, own)),
      ...nats.map((box) => ({
        upper: underlay,
        lower: box.namespace,
        addresses: box.outside,
        beyond: box.members.flatMap((member) => member.own),
        mtu: null,
      })),
      ...nats.flatMap((box) =>
        box.members.map((member) =>
          linkTo(box.namespace, member.namespace, [...member.own, ...member.inside]),
        ),
      ),
    ],
  }
}

/** A link that carries just what the file says of the device: one that says too much shows at once. */
function linkMtu(device: number | 'auto', addresses: readonly Address[]): number | null {
  if (device === 'auto') return null
  const six = ofFamily(addresses, 6).length > 0
  const whole = device + (six ? outerSize[6] : outerSize[4])
  return Math.min(largestLink, six ? Math.max(whole, leastMtu6) : whole)
}

/** Addresses that expectations speak of, by the node that they are of. */
function writtenAddresses(expects: readonly Expect[]): ReadonlyMap<string, ReadonlySet<Address>> {
  const written = new Map<string, Set<Address>>()
  for (const { overlay, from, to } of expects) {
    for (const { node, address } of [from, to]) {
      if (address === null) continue
      const key = `${overlay}/${node}`
      written.set(key, (written.get(key) ?? new Set<Address>()).add(address))
    }
  }
  return written
}

function underlayOf(node: Node): Address[] {
  const listens = node.listens.flatMap(({ address, local }) => [address, local.address])
  return node.endpoint?.kind === 'address' ? [...listens, node.endpoint.address] : listens
}

export function ofFamily(addresses: readonly Address[], family: Family): Address[] {
  return addresses.filter((address) => familyOf(address) === family)
}

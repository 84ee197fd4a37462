// SPDX-License-Identifier: MIT
/**
 * Which nodes of the topology this host is: by the user's word, by host name, by underlay address, by the devices that
 * it holds already (so that a host whose underlay is away still knows itself), or by the address behind its NAT.
 * It is given what the host says of itself and reads nothing.
 */
import { suggest } from '../diag/suggest.ts'
import type { Address } from '../model/address.ts'
import type { HostInterfaces, Owner } from '../model/state.ts'
import { type Node, nodesOf, type Overlay, type Topology } from '../model/topology.ts'
import { noNodeHere, severalNodesHere, unknownNode } from './refusals.ts'

export interface Whoami {
  /** `NODE` or `OVERLAY/NODE`, as the user gave it; absent: find out. */
  readonly node?: string | undefined
  readonly hostname: string
  /** Underlay addresses of this host. */
  readonly localAddresses: Iterable<Address>
  /** Whose devices this host holds. */
  readonly owners: readonly Owner[]
}

/** What a host that holds this is known by; `node`: as a user names it. */
export function whoamiOf({ hostname, addresses, links }: HostInterfaces, node: string | undefined): Whoami {
  return {
    node,
    hostname,
    localAddresses: addresses.map(({ address }) => address),
    owners: links.flatMap(({ owner }) => owner ?? []),
  }
}

/**
 * At most one node of every overlay, in source order; never empty.
 * @throws LvnError (exit 64): no node, or several of one overlay, answer to this host.
 */
export function selectNodes(topology: Topology, whoami: Whoami): Node[] {
  if (whoami.node !== undefined) return byName(topology, whoami.node)
  const local = new Set(whoami.localAddresses)
  const selected = topology.overlays.flatMap((overlay) => bySelf(overlay, whoami, local))
  if (selected.length === 0) throw noNodeHere(whoami.hostname, namesOf(topology))
  return selected
}

function byName(topology: Topology, wanted: string): Node[] {
  const found = topology.overlays
    .flatMap(nodesOf)
    .filter((node) => node.name === wanted || `${node.overlay}/${node.name}` === wanted)
  if (found.length > 0) return found
  const names = namesOf(topology)
  throw unknownNode(wanted, suggest(wanted, names), names)
}

function bySelf(overlay: Overlay, whoami: Whoami, local: ReadonlySet<Address>): Node[] {
  const { hostname, owners } = whoami
  const held = new Set(owners.filter((owner) => owner.overlay === overlay.name).map((owner) => owner.node))
  const ways: [by: string, is: (node: Node) => boolean][] = [
    [`the host name ${hostname}`, (node) => isNamed(node, hostname)],
    ['its addresses', (node) => isAt(node, local)],
    ['its devices', (node) => held.has(node.name)],
    // Last: hosts behind other NATs may have the same address.
    ['its addresses', (node) => isBehindNatAt(node, local)],
  ]
  for (const [by, is] of ways) {
    const found = nodesOf(overlay).filter(is)
    if (found.length === 1) return found
    if (found.length > 1) {
      throw severalNodesHere(
        overlay.name,
        by,
        found.map((node) => node.name),
      )
    }
  }
  return []
}

/** Does the host know by its own name or addresses that it is the node? */
export function isKnownHere(node: Node, { hostname, localAddresses }: Whoami): boolean {
  const local = new Set(localAddresses)
  return isNamed(node, hostname) || isAt(node, local) || isBehindNatAt(node, local)
}

function isNamed({ hostnames }: Node, hostname: string): boolean {
  return hostnames.some((listed) => answersTo(hostname, listed))
}

function isAt(node: Node, local: ReadonlySet<Address>): boolean {
  return underlayOf(node).some((address) => local.has(address))
}

/** Has the host an address that a NAT in front of the node leads to? */
function isBehindNatAt({ listens }: Node, local: ReadonlySet<Address>): boolean {
  return listens.some((listen) => local.has(listen.local.address))
}

/** Host names compare without case (RFC 4343); a listed name without a dot stands for the first label. */
function answersTo(hostname: string, listed: string): boolean {
  const own = hostname.toLowerCase()
  const wanted = listed.toLowerCase()
  return own === wanted || (!wanted.includes('.') && own.split('.')[0] === wanted)
}

function underlayOf(node: Node): Address[] {
  const listens = node.listens.map((listen) => listen.address)
  return node.endpoint?.kind === 'address' ? [...listens, node.endpoint.address] : listens
}

function namesOf(topology: Topology): string[] {
  return [...new Set(topology.overlays.flatMap(nodesOf).map((node) => node.name))]
}

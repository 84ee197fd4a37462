// SPDX-License-Identifier: MIT
/**
 * Which nodes share a NAT, what it maps, and the nftables rules for it. Pure: text and data.
 */
import { ExitCode, LvnError } from '../diag/error.ts'
import { type Address, type Endpoint, type Family, familyOf, formatEndpoint } from '../model/address.ts'
import type { AddressPool } from './address-pool.ts'
import type { Presence } from './presence.ts'

export interface NatMember {
  readonly namespace: string
  /** Addresses that only it has; they pass the NAT as they are. */
  readonly own: readonly Address[]
  /** Behind the NAT, one or more of each family. */
  readonly inside: readonly Address[]
}

/** A UDP port kept open: `outside` is where the world finds `inside`. */
export interface PortMapping {
  readonly outside: Endpoint
  readonly inside: Endpoint
}

export interface NatBox {
  /** Addresses that the NAT itself holds. */
  readonly outside: readonly Address[]
  readonly members: readonly NatMember[]
  readonly mappings: readonly PortMapping[]
}

/** The NATs that the nodes need, in their order. @throws LvnError: two nodes have the same endpoint. */
export function natBoxes(presences: readonly Presence[], pool: AddressPool): NatBox[] {
  return groups(presences).map((group) => {
    const mapped = new Set(mappedAddresses(group, presences))
    const mappings: PortMapping[] = []
    const members = group.map((presence): NatMember => {
      const written = presence.reached.flatMap(({ inside }) => inside ?? [])
      const open = ([4, 6] as Family[]).filter((family) => !written.some((each) => familyOf(each) === family))
      const inside = [...new Set(written), ...open.map((family) => pool.take(family))]
      for (const { address, port, socket, inside: at } of presence.reached) {
        if (!mapped.has(address)) continue
        const own = at ?? (inside.find((candidate) => familyOf(candidate) === familyOf(address)) as Address)
        mappings.push({ outside: { address, port }, inside: { address: own, port: socket } })
      }
      return { namespace: presence.namespace, own: presence.own.filter((a) => !mapped.has(a)), inside }
    })
    requireDistinct(mappings)
    const families = new Set([...mapped].map(familyOf))
    const more = ([4, 6] as Family[]).filter((family) => !families.has(family)).map((f) => pool.take(f))
    return { outside: [...mapped, ...more], members, mappings }
  })
}

/**
 * Rules for `nft -f`. Destination NAT opens the mapped ports; source NAT keeps them, and gives whatever else
 * comes from inside an outside address. Members find each other by their outside addresses too.
 */
export function nftRules(box: NatBox): string {
  const lines = ['table inet lvnlab {', '  chain dstnat {', '    type nat hook prerouting priority dstnat;']
  for (const { outside, inside } of box.mappings) {
    const ip = ipWord(outside.address)
    lines.push(
      `    ${ip} daddr ${outside.address} udp dport ${outside.port} dnat ${ip} to ${formatEndpoint(inside)}`,
    )
  }
  lines.push('  }', '  chain srcnat {', '    type nat hook postrouting priority srcnat;')
  for (const { outside, inside } of box.mappings) {
    const ip = ipWord(outside.address)
    lines.push(
      `    ${ip} saddr ${inside.address} udp sport ${inside.port} snat ${ip} to ${formatEndpoint(outside)}`,
    )
  }
  for (const inside of box.members.flatMap((member) => member.inside)) {
    const outside = box.outside.find((address) => familyOf(address) === familyOf(inside))
    if (outside !== undefined)
      lines.push(`    ${ipWord(inside)} saddr ${inside} snat ${ipWord(inside)} to ${outside}`)
  }
  return `${[...lines, '  }', '}'].join('\n')}\n`
}

function ipWord(address: Address): 'ip' | 'ip6' {
  return familyOf(address) === 4 ? 'ip' : 'ip6'
}

/** Presences that need a NAT, those with an address in common together. */
function groups(presences: readonly Presence[]): Presence[][] {
  const holders = holdersOf(presences)
  const seen = new Set<Presence>()
  const found: Presence[][] = []
  for (const start of presences) {
    if (seen.has(start)) continue
    seen.add(start)
    const group = [start]
    for (const presence of group) {
      for (const neighbour of presence.own.flatMap((address) => holders.get(address) ?? [])) {
        if (seen.has(neighbour)) continue
        seen.add(neighbour)
        group.push(neighbour)
      }
    }
    const translated = start.masqueraded || mappedAddresses(group, presences, holders).length > 0
    if (translated) found.push(group)
  }
  return found
}

/** Addresses that cannot be a node's own: it has others, several have them, or a port is not the socket's. */
function mappedAddresses(
  group: readonly Presence[],
  all: readonly Presence[],
  holders = holdersOf(all),
): Address[] {
  const moved = group.flatMap((p) =>
    p.reached.filter((r) => r.port !== r.socket || r.inside !== null).map((r) => r.address),
  )
  const shared = group.flatMap((p) => p.own.filter((address) => (holders.get(address) ?? []).length > 1))
  return [...new Set([...moved, ...shared])]
}

function holdersOf(presences: readonly Presence[]): ReadonlyMap<Address, readonly Presence[]> {
  const holders = new Map<Address, Presence[]>()
  for (const presence of presences) {
    for (const address of presence.own) {
      const of = holders.get(address)
      if (of === undefined) holders.set(address, [presence])
      else of.push(presence)
    }
  }
  return holders
}

function requireDistinct(mappings: readonly PortMapping[]): void {
  const seen = new Set<string>()
  for (const { outside } of mappings) {
    const text = formatEndpoint(outside)
    if (seen.has(text)) {
      throw new LvnError('LVN8002', ExitCode.invalidSource, `two nodes have the endpoint ${text}`, {
        hint: 'a lab can tell nodes with one address apart by their ports only',
      })
    }
    seen.add(text)
  }
}

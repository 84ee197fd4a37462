// SPDX-License-Identifier: MIT
/**
 * Addresses that a lab needs beside those of the file: behind its NATs, and for nodes whose address the file
 * does not tell. They come from ranges that the file does not use. Pure.
 */
import {
  type Address,
  addressBytes,
  bitsOf,
  type Family,
  familyOf,
  formatAddress,
  hostPrefix,
  type Prefix,
  prefixAddress,
  prefixesOverlap,
  prefixLength,
} from '../model/address.ts'
import { nodesOf, type Topology } from '../model/topology.ts'

/** RFC 6598, RFC 2544 and RFC 1918; RFC 4193. */
const candidates: Readonly<Record<Family, readonly Prefix[]>> = {
  4: ['100.64.0.0/10', '198.18.0.0/15', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'] as Prefix[],
  6: ['fd6c:766e::/32', 'fd6c:766f::/32', 'fd6c:7670::/32'] as Prefix[],
}

export class AddressPool {
  private readonly ranges: Readonly<Record<Family, Prefix>>
  private readonly taken: Record<Family, number> = { 4: 0, 6: 0 }

  constructor(topology: Topology) {
    const used = prefixesOf(topology)
    const free = (family: Family) => {
      const range = candidates[family].find((wide) => !used.some((prefix) => prefixesOverlap(wide, prefix)))
      // A file that uses all of them gets the first: its own addresses are more specific than the pool's.
      return range ?? (candidates[family][0] as Prefix)
    }
    this.ranges = { 4: free(4), 6: free(6) }
  }

  take(family: Family): Address {
    const range = this.ranges[family]
    this.taken[family] += 1
    return addressAt(range, this.taken[family])
  }
}

/** The address `offset` above the first of a prefix. Precondition: it lies in the prefix; offset < 2^31. */
export function addressAt(prefix: Prefix, offset: number): Address {
  const bytes = addressBytes(prefixAddress(prefix))
  let rest = offset
  for (let i = bytes.length - 1; i >= 0 && rest > 0; i--) {
    const sum = (bytes[i] as number) + (rest & 0xff)
    bytes[i] = sum & 0xff
    rest = Math.floor(rest / 256) + (sum >> 8)
  }
  return formatAddress(bytes)
}

/**
 * The first `count` addresses of a prefix that a host can have and that are not taken; fewer in a small one.
 * Left out: network and broadcast address (RFC 3021 keeps both in a /31), the subnet-router anycast address
 * (RFC 4291 section 2.6.1).
 */
export function hostAddresses(prefix: Prefix, count: number, taken: ReadonlySet<Address>): Address[] {
  const family = familyOf(prefix)
  const hostBits = bitsOf(family) - prefixLength(prefix)
  const size = 2 ** Math.min(hostBits, 30)
  const first = hostBits >= 2 ? 1 : 0
  const last = family === 4 && hostBits >= 2 ? size - 2 : size - 1
  const found: Address[] = []
  for (let offset = first; offset <= last && found.length < count; offset++) {
    const address = addressAt(prefix, offset)
    if (!taken.has(address)) found.push(address)
  }
  return found
}

function prefixesOf(topology: Topology): Prefix[] {
  return topology.overlays.flatMap((overlay) => [
    ...overlay.nets,
    ...nodesOf(overlay).flatMap((node) => [
      ...node.routes,
      ...node.device.addresses.map(hostPrefix),
      ...node.listens.flatMap(({ address, local }) => [address, local.address].map(hostPrefix)),
      ...(node.endpoint?.kind === 'address' ? [hostPrefix(node.endpoint.address)] : []),
    ]),
  ])
}

// SPDX-License-Identifier: MIT
/**
 * Which switches of the host another overlay's device relies on, read from the kernel alone: its file is not at hand. It
 * may not say so itself, for the switch was on already when it came. Where the kernel does not tell, it does. Pure.
 *
 *   switch                       relied on by                     known by
 *   ipv6 all/forwarding,         what forwards IPv6               destinations beyond the device's own addresses
 *     accept_ra
 *   ipv4 all/forwarding          a node with IPv4 `routes`        its unreachable routes; destinations outside
 *   ipv4 all/send_redirects      a hub that forwards IPv4         its own send_redirects, which is 0
 */
import { bitsOf, type Family, familyOf, type Prefix, prefixContains, prefixLength } from '../model/address.ts'
import type { LiveRoute, LiveState } from '../model/state.ts'

export type RelianceState = Pick<LiveState, 'devices' | 'addresses' | 'routes' | 'sysctls'>

/** @param root path of a switch, as `rootOf` gives it */
export function reliesOn(live: RelianceState, device: string, root: string): boolean {
  if (root.startsWith('net/ipv6/')) return forwards(live, device, 6)
  if (root === 'net/ipv4/conf/all/forwarding') return hasSubnets(live, device)
  if (root === 'net/ipv4/conf/all/send_redirects') {
    const own = live.sysctls.find(({ path }) => path === `net/ipv4/conf/${device}/send_redirects`)
    return own?.value !== '1' && forwards(live, device, 4)
  }
  return true
}

/** May packets out of its tunnels go to anything but addresses of its own? */
function forwards(live: RelianceState, name: string, family: Family): boolean {
  const beyond = destinationsBeyond(live, name)
  return beyond === null || beyond.some((prefix) => familyOf(prefix) === family)
}

/**
 * Within the overlay's nets, a node's subnet has an unreachable route. It is of the device that the longest route around
 * it leads into; one without is anybody's. Outside of the nets, it is a destination that no route of ours leads to.
 */
function hasSubnets(live: RelianceState, name: string): boolean {
  const beyond = destinationsBeyond(live, name)
  if (beyond === null) return true
  const owned = live.routes.filter(
    ({ owned, table, destination }) => owned && table === undefined && familyOf(destination) === 4,
  )
  const outside = (prefix: Prefix) =>
    familyOf(prefix) === 4 &&
    !owned.some(({ device, destination }) => device === name && prefixContains(destination, prefix))
  return (
    beyond.some(outside) ||
    owned.some((route) => route.type === 'unreachable' && [null, name].includes(leadsInto(route, owned)))
  )
}

/** Null: they cannot be told, or are all that there is. */
function destinationsBeyond(live: RelianceState, name: string): readonly Prefix[] | null {
  const device = live.devices.find((each) => each.name === name)
  if (device === undefined || device.capacity === 0 || device.destinations.length === 0) return null
  const own = live.addresses.filter((each) => each.device === name)
  return device.destinations.filter((prefix) => {
    const held = own.filter(({ address }) => prefixContains(prefix, address)).length
    return held < 2 ** (bitsOf(familyOf(prefix)) - prefixLength(prefix))
  })
}

function leadsInto({ destination }: LiveRoute, owned: readonly LiveRoute[]): string | null {
  const around = owned.filter((each) => each.device !== null && prefixContains(each.destination, destination))
  around.sort((a, b) => prefixLength(b.destination) - prefixLength(a.destination))
  return around[0]?.device ?? null
}

// SPDX-License-Identifier: MIT
/**
 * By which interfaces packets for a local endpoint may come in: not only by the one that leads to the peer, since the
 * way back need not be the way there. Part of desire. Pure.
 */
import type { Family } from '../model/address.ts'
import type { LiveLink, LiveState } from '../model/state.ts'
import { isLinkLocal } from './underlay.ts'

/**
 * ARPHRD_* of <linux/if_arp.h> whose frames hold IP, behind an Ethernet header or at once: Ethernet, PPP, raw IP, the
 * tunnels of IP in IP, SIT and GRE, and none (WireGuard, TUN).
 */
const carriers: ReadonlySet<number> = new Set([1, 512, 519, 768, 769, 776, 778, 823, 65534])

/** Nothing comes in there from elsewhere; a VRF's packets come in by its ports. */
const silentKinds: ReadonlySet<string | null> = new Set(['dummy', 'vrf'])

/** RFC 3704 section 2.2, of IPv4 alone. */
const strict = 1

/** What containers and virtual machines of this host hang on. */
export const guestKinds: ReadonlySet<string | null> = new Set(['veth', 'tun'])

/**
 * Names, unsorted: real network cards, and of the interfaces made of software those with an address of their own. One
 * that is down is none, unless `device` receives there already: it comes up again. Nor is one where the kernel takes
 * IPv4 only from where an answer would go.
 * @param device the overlay's own
 * @param outers families of its local endpoints
 */
export function uplinks(
  live: Pick<LiveState, 'links' | 'addresses' | 'devices' | 'sysctls'>,
  device: string,
  outers: ReadonlySet<Family>,
): string[] {
  const values = new Map(live.sysctls.map(({ path, value }) => [path, Number(value)]))
  const filterOf = (scope: string) => values.get(reversePath(scope)) ?? 0
  const isStrict = ({ name }: LiveLink) => Math.max(filterOf('all'), filterOf(name)) === strict
  const held = new Set(live.devices.find(({ name }) => name === device)?.underlays)
  const addressed = new Set<string>()
  for (const { address, device: holder } of live.addresses) if (!isLinkLocal(address)) addressed.add(holder)
  const isInUse = ({ name, kind, up }: LiveLink) =>
    up ? kind === null || addressed.has(name) : held.has(name)
  return live.links
    .filter(
      (link) => link.name !== device && isInUse(link) && carries(link) && !isForGuests(link, live.links),
    )
    .filter((link) => !outers.has(4) || !isStrict(link))
    .map(({ name }) => name)
}

/** What a plan wants to know of the host for it. */
export function sysctlsOfUplinks(links: readonly LiveLink[]): readonly string[] {
  return ['all', ...links.filter(carries).map(({ name }) => name)].map(reversePath)
}

/** The kernel goes by the larger one of the interface's and that of `all`. */
function reversePath(scope: string): string {
  return `net/ipv4/conf/${scope}/rp_filter`
}

/** What comes in by a port of a bridge or bond is seen again on that one; what belongs to a VRF no socket outside of it hears. */
function carries(link: LiveLink): boolean {
  return link.owner === null && link.master === undefined && comesIn(link)
}

/** Can packets from other hosts arrive on it, be it a port or not? */
export function comesIn({ hardwareType, kind }: LiveLink): boolean {
  return carriers.has(hardwareType) && !silentKinds.has(kind)
}

/** A bridge that leads to nothing but containers and virtual machines, or to nothing yet. */
function isForGuests({ kind, ifindex }: LiveLink, links: readonly LiveLink[]): boolean {
  return kind === 'bridge' && links.every((link) => link.master !== ifindex || guestKinds.has(link.kind))
}

// SPDX-License-Identifier: MIT
/**
 * Keeps a host that gets its IPv6 routes by router advertisements from losing them when it begins to forward. Part of
 * desire; pure.
 *
 * An interface that forwards takes advertisements only where its `accept_ra` is 2, and the moment forwarding is turned
 * on the kernel drops the default routes of all others (rt6_purge_dflt_routers in net/ipv6/route.c).
 */
import type { LiveLink, LiveState, SysctlSpec } from '../model/state.ts'
import { guestKinds } from './uplinks.ts'

export const forwarding6 = 'net/ipv6/conf/all/forwarding'

export function advertisementsPath(link: string): string {
  return `net/ipv6/conf/${link}/accept_ra`
}

export function isAdvertisementsPath(path: string): boolean {
  return path.startsWith('net/ipv6/conf/') && path.endsWith('/accept_ra')
}

/**
 * `accept_ra = 2` for each interface that takes advertisements now and would not afterwards; on account of `device`.
 * None where others have turned forwarding on: then nothing changes. A value of 2 stays wanted, whoever wrote it: what
 * was before is not always known, as in tables of another version. To be written before forwarding is.
 */
export function keptAdvertisements(live: LiveState, device: string): SysctlSpec[] {
  const values = new Map(live.sysctls.map(({ path, value }) => [path, value]))
  const saved = new Map(live.saved.map(({ path, value }) => [path, value]))
  const isOff = (value: string | undefined) => value === '0'
  const begins = isOff(saved.get(forwarding6) ?? values.get(forwarding6))
  // An interface that came after forwarding was turned on has no value from before: it would have been made with this one.
  const forLate = saved.get(forwardingOf('default'))
  const forwardsNot = ({ name, kind }: LiveLink) => {
    const path = forwardingOf(name)
    const own = saved.get(path)
    if (own !== undefined || forLate === undefined) return isOff(own ?? values.get(path))
    // One that leads to guests of this host is no uplink: whoever makes it sets its forwarding, and hears no router there.
    return isOff(forLate) && !guestKinds.has(kind)
  }
  const kinds = new Map(live.links.map(({ ifindex, kind }) => [ifindex, kind]))
  // The bridge or bond takes advertisements in its ports' stead. A port of a VRF takes them itself.
  const isPort = ({ master }: LiveLink) => master !== undefined && kinds.get(master) !== 'vrf'
  return live.links.flatMap((link) => {
    const { name, owner } = link
    if (owner !== null || name === 'lo' || isPort(link)) return []
    const path = advertisementsPath(name)
    const value = values.get(path)
    if (value === undefined) return []
    const loses = saved.get(path) === '1' || (value === '1' && forwardsNot(link))
    return value === '2' || (begins && loses) ? [{ path, value: '2', device }] : []
  })
}

function forwardingOf(link: string): string {
  return `net/ipv6/conf/${link}/forwarding`
}

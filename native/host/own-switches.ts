// SPDX-License-Identifier: MIT
/**
 * What an interface of ours does otherwise than another. It takes no advice of packets out of a tunnel, which are not
 * authenticated: no routes, prefixes and MTU that one advertises (RFC 4861), no redirects (RFC 792), no way that one
 * prescribes (source routing, RFC 791). And its routes count without a carrier, which one of the eBPF plane has not. What
 * the interface is, it does not know.
 *
 * The switches are the interface's own, and go with it: there is nothing to put back. They come back with their defaults
 * where the interface gets IPv6 anew, as when its MTU is raised over 1280 bytes.
 */
import { canWriteSysctl, readSysctl, writeSysctl } from './proc-sys.ts'

/** All are to be 0. The redirects of IPv4 are the data planes' matter, too: of `all` and the device's switch one is enough. */
const switchesOf = (name: string) => [
  ...['accept_redirects', 'accept_source_route', 'ignore_routes_with_linkdown'].flatMap((each) => [
    `net/ipv4/conf/${name}/${each}`,
    `net/ipv6/conf/${name}/${each}`,
  ]),
  `net/ipv6/conf/${name}/accept_ra`,
]

/** Those that are on, without what cannot be written, as in a container. */
function on(name: string): string[] {
  return switchesOf(name).filter((path) => (readSysctl(path) ?? '0') !== '0' && canWriteSysctl(path))
}

/** True too where the interface is not there (any more). */
export function hasOwnSwitches(name: string): boolean {
  return on(name).length === 0
}

export function setOwnSwitches(name: string): void {
  for (const path of on(name)) writeSysctl(path, '0')
}

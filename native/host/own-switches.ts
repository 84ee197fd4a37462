// SPDX-License-Identifier: MIT
/**
 * What an interface of ours takes from nobody: routes, prefixes and an MTU that a packet out of a tunnel advertises
 * (RFC 4861), and redirects (RFC 792). Data packets are not authenticated. What the interface is, it does not know.
 *
 * The switches are the interface's own, and go with it: there is nothing to put back. They come back with their defaults
 * where the interface gets IPv6 anew, as when its MTU is raised over 1280 bytes.
 */
import { canWriteSysctl, readSysctl, writeSysctl } from './proc-sys.ts'

const switchesOf = (name: string) => [
  `net/ipv4/conf/${name}/accept_redirects`,
  `net/ipv6/conf/${name}/accept_redirects`,
  `net/ipv6/conf/${name}/accept_ra`,
]

/** Those that are on, without what cannot be written, as in a container. */
function on(name: string): string[] {
  return switchesOf(name).filter((path) => (readSysctl(path) ?? '0') !== '0' && canWriteSysctl(path))
}

/** True too where the interface is not there (any more). */
export function refusesAdvice(name: string): boolean {
  return on(name).length === 0
}

export function refuseAdvice(name: string): void {
  for (const path of on(name)) writeSysctl(path, '0')
}

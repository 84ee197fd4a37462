// SPDX-License-Identifier: MIT
/**
 * Keeps an interface of ours from giving itself an IPv6 link-local address. What the interface is, it does not know.
 */
import { NetlinkError } from '../netlink/error.ts'
import type { LinkChange } from '../netlink/link.ts'

/**
 * Nothing to do, and refused by the kernel, where the interface has no IPv6: with an MTU below 1280 bytes
 * (`addrconf_notify` of net/ipv6/addrconf.c), or in a kernel without it.
 */
export function withoutLinkLocal(set: (change: LinkChange) => void): void {
  try {
    set({ addrGenMode: 'none' })
  } catch (error) {
    if (!(error instanceof NetlinkError && error.errno === 'EAFNOSUPPORT')) throw error
  }
}

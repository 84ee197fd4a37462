// SPDX-License-Identifier: MIT
/**
 * Turns IPv6 on for a device of ours where the host has turned it off (`disable_ipv6`), and tells a kernel without it
 * before anything is changed. Part of desire; pure.
 *
 * A new interface takes `disable_ipv6` from `default`. With 1, it takes no IPv6 address and no route
 * (inet6_addr_add of net/ipv6/addrconf.c, fib6_nh_init of net/ipv6/route.c). `all` only sets the others.
 */
import { familyOf, type Prefix } from '../model/address.ts'
import type { LiveState, SysctlSpec } from '../model/state.ts'
import type { Node } from '../model/topology.ts'
import { noSuchSysctl } from './refusals.ts'

export function disabledPath(link: string): string {
  return `net/ipv6/conf/${link}/disable_ipv6`
}

/** What an interface is made with. */
export const disabledByDefault = disabledPath('default')

/** To be written before the device gets an address. */
export function isDisabledPath(path: string): boolean {
  return path.startsWith('net/ipv6/') && path.endsWith('/disable_ipv6')
}

/**
 * Empty where nothing of IPv6 goes into the device, or it can as it is. The host's other interfaces stay as they are.
 * @param into destinations of the device's routes
 * @throws LvnError LVN4006: the kernel has no IPv6.
 */
export function enabledIpv6(node: Node, into: readonly Prefix[], live: LiveState): SysctlSpec[] {
  const { name, addresses, span } = node.device
  if (![...addresses, ...into].some((each) => familyOf(each) === 6)) return []
  const values = new Map(live.sysctls.map(({ path, value }) => [path, value]))
  if (!live.sysctls.some(({ path }) => path.startsWith('net/ipv6/')))
    throw noSuchSysctl(disabledByDefault, span)
  const path = disabledPath(name)
  const there = live.devices.some((device) => device.name === name)
  // Without IPv6, as with an MTU below 1280 bytes, an interface has no switch.
  if (there && !values.has(path)) return []
  const off = values.get(path) === '1' || values.get(disabledByDefault) === '1'
  return off ? [{ path, value: '0', device: name }] : []
}

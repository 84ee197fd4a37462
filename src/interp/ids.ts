// SPDX-License-Identifier: MIT
/**
 * Identities of objects: the text that people read in a plan, which is also the key to compare by.
 * It knows nothing of where objects come from.
 */
import type { Owner, RouteSpec } from '../model/state.ts'
import type { Specs } from './types.ts'

/** Readable and unique within its kind: `tunnel lvn0/kirche`, `route unreachable 10.64.1.0/24`. */
export const idOf: { readonly [K in keyof Specs]: (spec: Specs[K]) => string } = {
  device: (device) => `device ${device.name}`,
  address: (address) => `address ${address.device} ${address.address}`,
  tunnel: (tunnel) => `tunnel ${tunnel.device}/${tunnel.name}`,
  rule: (rule) => `rule ${rule.device} ${rule.prefix}`,
  sysctl: (sysctl) => `sysctl ${sysctl.path}`,
  route: (route) => `route ${route.type === 'unicast' ? '' : `${route.type} `}${route.destination}`,
  filter: (filter) => `filter ${filter.device}`,
}

/** The kernel's own key of a route in one table. */
export function routeKey(route: RouteSpec): string {
  return `${route.destination} ${route.metric}`
}

/** `OVERLAY/NODE`. */
export function ownerKey(owner: Owner): string {
  return `${owner.overlay}/${owner.node}`
}

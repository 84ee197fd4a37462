// SPDX-License-Identifier: MIT
/**
 * Identities of objects: the text that people read in a plan, which is also the key to compare by.
 * It knows nothing of where objects come from.
 */
import { mainTable } from '../model/own-tables.ts'
import type { IpRuleSpec, Owner, RouteSpec } from '../model/state.ts'
import type { Specs } from './types.ts'

/** Readable and unique within its kind: `tunnel lvn0/kirche`, `route unreachable 10.64.1.0/24`. */
export const idOf: { readonly [K in keyof Specs]: (spec: Specs[K]) => string } = {
  device: (device) => `device ${device.name}`,
  address: (address) => `address ${address.device} ${address.address}`,
  tunnel: (tunnel) => `tunnel ${tunnel.device}/${tunnel.name}`,
  rule: (rule) => `rule ${rule.device} ${rule.prefix}`,
  sysctl: (sysctl) => `sysctl ${sysctl.path}`,
  route: (route) => `route ${routeText(route)}`,
  filter: (filter) => `filter ${filter.device}`,
  'ip-rule': (rule) => `ip-rule ${ipRuleText(rule)}`,
}

/** As `ip route` has it: `10.64.0.0/16 tos 0x10`, `unreachable 10.64.1.0/24`, `0.0.0.0/0 table 7600`. */
function routeText({ type, destination, from, tos, table }: RouteSpec): string {
  return [
    ...(type === 'unicast' ? [] : [type]),
    destination,
    ...(from === undefined ? [] : [`from ${from}`]),
    ...(tos === undefined ? [] : [`tos 0x${tos.toString(16).padStart(2, '0')}`]),
    ...(table === undefined ? [] : [`table ${table}`]),
  ].join(' ')
}

/** As `ip rule` has it: `-4 20000 from 198.51.100.10/32 lookup main`. */
function ipRuleText({ family, priority, from, mark, table, suppressedLength }: IpRuleSpec): string {
  const mask = mark === null || mark.mask === 0xffffffff ? '' : `/${mark.mask}`
  return [
    `-${family} ${priority}`,
    ...(from === null ? [] : [`from ${from}`]),
    ...(mark === null ? [] : [`fwmark ${mark.value}${mask}`]),
    `lookup ${table === mainTable ? 'main' : table}`,
    ...(suppressedLength === null ? [] : [`suppress_prefixlength ${suppressedLength}`]),
  ].join(' ')
}

/** The kernel's own key of a route. */
export function routeKey(route: RouteSpec): string {
  const { destination, metric, table = '', tos = '', from = '' } = route
  return `${destination} ${metric} ${table} ${tos} ${from}`
}

/** `OVERLAY/NODE`. */
export function ownerKey(owner: Owner): string {
  return `${owner.overlay}/${owner.node}`
}

// SPDX-License-Identifier: MIT
/**
 * The intended part of observed objects: what a specification says, without counters, ids and marks.
 */
import type { FilterSpec } from '../model/filter.ts'
import type { DeviceSpec, IpRuleSpec, RouteSpec, RuleSpec, TunnelSpec } from '../model/state.ts'

export function deviceOf({ name, mode, owner, mtu, underlays, destinations }: DeviceSpec): DeviceSpec {
  return { name, mode, owner, mtu, underlays, destinations }
}

/** What becomes of it when its peer is dead is said where it does not just stay. */
export function tunnelOf({
  device,
  name,
  local,
  remote,
  underlay,
  keepalive,
  onDead,
}: TunnelSpec): TunnelSpec {
  const spec = { device, name, local, remote, underlay, keepalive }
  return onDead === undefined || onDead === 'keep' ? spec : { ...spec, onDead }
}

export function ruleOf({ device, prefix, tunnel }: RuleSpec): RuleSpec {
  return { device, prefix, tunnel }
}

/** What a route may leave unsaid. */
const unsaid = ['table', 'tos', 'from', 'source', 'gateway'] as const

export function routeOf(route: RouteSpec): RouteSpec {
  const { destination, device, type, metric, mtu } = route
  const said = unsaid.flatMap((field) => (route[field] === undefined ? [] : [[field, route[field]]]))
  return { destination, device, type, metric, mtu, ...Object.fromEntries(said) }
}

export function ipRuleOf({ family, priority, from, mark, table, suppressedLength }: IpRuleSpec): IpRuleSpec {
  return { family, priority, from, mark, table, suppressedLength }
}

export function filterSpecOf({ device, owner, policies, ipv4, ipv6 }: FilterSpec): FilterSpec {
  return { device, owner, policies, ipv4, ipv6 }
}

// SPDX-License-Identifier: MIT
/**
 * The way back: what a node's kernel held of ours before a plan was carried out, as a desired state of its own. The
 * ordinary diff and plan lead there from whatever the kernel holds by now. Pure.
 */
import { tableDevices, tableOfRule } from '../model/own-tables.ts'
import type { DesiredState, LiveState, SysctlSpec, TunnelSpec } from '../model/state.ts'
import { interfaceOf } from '../model/sysctl-path.ts'
import type { Wants } from './2-observe.ts'
import { idOf } from './ids.ts'
import { deviceOf, filterSpecOf, ipRuleOf, routeOf, ruleOf, tunnelOf } from './intended.ts'
import { underPresentNames } from './renamed.ts'
import { ownership } from './scope.ts'
import { rootOf } from './sysctl.ts'
import type { Plan, Scope, Step } from './types.ts'

/** What has to be remembered of an apply to be able to take it back later. Plain JSON-able data. */
export interface WayBack {
  readonly before: LiveState
  readonly scope: Scope
  readonly nodes: Plan['nodes']
  /** Ids of the tunnels whose endpoints the apply set: others may have learned new ones since. */
  readonly touched: readonly string[]
}

export function wayBack(before: LiveState, plan: Pick<Plan, 'scope' | 'nodes' | 'steps'>): WayBack {
  const { scope, nodes, steps } = plan
  return { before, scope, nodes, touched: steps.filter(setsEndpoint).map(({ change }) => change.id) }
}

/** What to ask a kernel for before `stateBefore`. */
export function wantsOfWayBack({ before }: WayBack): Wants {
  const ours = before.routes.filter(({ owned, table }) => owned && table === undefined)
  return {
    remotes: [],
    sysctls: before.sysctls.map(({ path }) => path),
    nets: ours.map(({ destination }) => destination),
  }
}

/**
 * The state before, made fit for a kernel that is now as `live` says. An interface that was renamed has its values and the
 * paths over it under its new name. One that has gone takes them along: they must not keep the rest from coming back.
 */
export function stateBefore({ before: then, scope, touched }: WayBack, live: LiveState): DesiredState {
  const before = underPresentNames(then, live)
  const { ours } = ownership(before, scope)
  const links = new Set(before.links.map((link) => link.name))
  // What a death had left half made before is left to the next apply.
  const here = new Set(live.links.map((link) => link.name))
  const devices = before.devices
    .filter(({ name }) => ours.has(name) && links.has(name))
    .map((device) => ({
      ...deviceOf(device),
      underlays: device.underlays.filter((underlay) => here.has(underlay)),
    }))
  const names = new Set(devices.map(({ name }) => name))
  const own = <T extends { readonly device: string }>(list: readonly T[]) =>
    list.filter(({ device }) => names.has(device))
  const now = new Map(live.tunnels.map((tunnel) => [idOf.tunnel(tunnel), tunnel]))
  const set = new Set(touched)
  const leadsOn = ({ underlay }: TunnelSpec) => underlay !== null && here.has(underlay)
  const endpointsOf = (tunnel: TunnelSpec): TunnelSpec => {
    const live = now.get(idOf.tunnel(tunnel))
    const fixed = set.has(idOf.tunnel(tunnel)) && (tunnel.underlay === null || leadsOn(tunnel))
    const learned = fixed ? undefined : live
    const { local, remote, underlay } = learned ?? tunnel
    const path = leadsOn(learned ?? tunnel) ? { remote, underlay } : { remote: null, underlay: null }
    return { ...tunnel, local, ...path }
  }
  const tables = tableDevices(before.routes)
  const inOwnTable = (table: number | null) => names.has(tables.get(table ?? 0) ?? '')
  return {
    devices,
    addresses: own(before.addresses)
      .filter(({ owned }) => owned)
      .map(({ device, address }) => ({ device, address })),
    tunnels: own(before.tunnels).map(tunnelOf).map(endpointsOf),
    rules: own(before.rules).map(ruleOf),
    filters: own(before.filters).flatMap(({ owner, ...filter }) =>
      owner === null ? [] : filterSpecOf({ ...filter, owner }),
    ),
    sysctls: sysctlsBefore(before, names).filter(({ path }) => {
      const on = interfaceOf(path)
      return on === undefined || here.has(on) || names.has(on)
    }),
    routes: before.routes
      .filter(({ owned, device, table }) => {
        if (!owned || device !== null) return owned && names.has(device as string)
        return table === undefined || inOwnTable(table)
      })
      .map(routeOf),
    ipRules: before.ipRules.filter((rule) => rule.owned && inOwnTable(tableOfRule(rule))).map(ipRuleOf),
  }
}

/** Values that were set on account of our devices, and those of the devices themselves. */
function sysctlsBefore(before: LiveState, ours: ReadonlySet<string>): SysctlSpec[] {
  const values = new Map(before.sysctls.map(({ path, value }) => [path, value]))
  const wanted = new Map<string, SysctlSpec>()
  for (const { device, path } of before.saved) {
    const root = rootOf(path)
    const value = values.get(root)
    if (ours.has(device) && value !== undefined) wanted.set(root, { path: root, value, device })
  }
  for (const [path, value] of values) {
    const device = interfaceOf(path)
    if (device !== undefined && ours.has(device)) wanted.set(path, { path, value, device })
  }
  return [...wanted.values()]
}

const endpointFields: ReadonlySet<string> = new Set(['local', 'remote', 'underlay'])

function setsEndpoint({ change }: Step): boolean {
  if (change.kind !== 'tunnel') return false
  return change.op !== 'change' || change.fields.some((field) => endpointFields.has(field))
}

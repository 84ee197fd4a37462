// SPDX-License-Identifier: MIT
/**
 * What a plan rests on, as digests by object: two observations with the same facts lead to the same plan. Counters,
 * order, what tunnels have learned and what others do elsewhere on the host are no part of it. Pure.
 */
import { createHash } from 'node:crypto'
import type { LiveRoute, LiveState, TunnelSpec } from '../model/state.ts'
import { interfaceOf } from '../model/sysctl-path.ts'
import { nodesOf, type Topology } from '../model/topology.ts'
import { idOf } from './ids.ts'
import { deviceOf, tunnelOf } from './intended.ts'
import type { Plan } from './types.ts'

/** Digest by readable id: `tunnel lvn0/kirche`. */
export type Facts = Readonly<Record<string, string>>

export function factsOf(live: LiveState, plan: Pick<Plan, 'desired'>, topology: Topology): Facts {
  const facts = new Map<string, string>()
  const add = (id: string, ...said: readonly unknown[]) => {
    facts.set(id, digest(`${facts.get(id) ?? ''}${JSON.stringify(said)}`))
  }
  const concerned = interfacesOf(live, plan)
  const ours = new Set(live.links.filter(({ owner }) => owner !== null).map(({ name }) => name))
  const learns = learningTunnels(topology)
  for (const link of live.links) {
    if (concerned.has(link.name)) add(`interface ${link.name}`, link.kind, link.mtu, link.owner)
  }
  for (const device of live.devices) {
    // Where packets may come in is planned anew.
    const spec = { ...deviceOf(device), underlays: [] }
    add(idOf.device(device), spec, device.up, device.intact, device.capacity)
  }
  for (const address of live.addresses) {
    if (concerned.has(address.device)) add(idOf.address(address), address.owned, address.flaw)
  }
  for (const tunnel of live.tunnels) {
    const spec = tunnelOf(tunnel)
    add(idOf.tunnel(tunnel), learns.has(idOf.tunnel(tunnel)) ? unlearned(spec) : spec)
  }
  for (const rule of live.rules) add(idOf.rule(rule), rule.tunnel)
  for (const filter of live.filters) add(`filter of ${filter.device}`, filter)
  for (const { device, path, value } of live.saved) add(`value of ${path} kept with ${device}`, value)
  for (const { path, value } of live.sysctls) {
    const on = interfaceOf(path)
    if (on === undefined || concerned.has(on)) add(`sysctl ${path}`, value)
  }
  const places = new Set(plan.desired.routes.map(({ destination }) => destination))
  for (const route of live.routes) {
    const onOurs = route.device !== null && ours.has(route.device)
    if (route.owned || onOurs || places.has(route.destination)) {
      const said = [route.device, route.metric, route.mtu, route.owned]
      add(idOf.route(route), ...said, ...(route.owned || onOurs ? unsaidOf(route) : []))
    }
  }
  for (const rule of live.ipRules) if (rule.owned) add(idOf['ip-rule'](rule))
  for (const { remote, via } of live.paths) add(`path to ${remote}`, via)
  return Object.fromEntries([...facts].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/**
 * Ids of what is not the same in both, sorted. Paths and values are known as far as they were asked for: a snapshot made
 * without the file at hand holds fewer, which is no difference.
 */
export function differingFacts(before: Facts, now: Facts): string[] {
  const ids = new Set([...Object.keys(before), ...Object.keys(now)])
  const asked = (id: string) => !/^(path to|sysctl) /.test(id) || (id in before && id in now)
  return [...ids].filter((id) => before[id] !== now[id] && asked(id)).sort()
}

/** Ours, those by which outer packets leave, those that have a local endpoint, and those whose names the plan wants. */
function interfacesOf(live: LiveState, { desired }: Pick<Plan, 'desired'>): Set<string> {
  const names = new Set<string>()
  for (const { name, owner } of live.links) if (owner !== null) names.add(name)
  for (const { name } of [...live.devices, ...desired.devices]) names.add(name)
  const locals = new Set<string>()
  for (const { local, underlay } of [...live.tunnels, ...desired.tunnels]) {
    locals.add(local.address)
    if (underlay !== null) names.add(underlay)
  }
  for (const { address, device } of live.addresses) if (locals.has(address)) names.add(device)
  for (const { via } of live.paths) if (via !== null) names.add(via.interface)
  return names
}

/** Ids of tunnels whose endpoint this host learns from the peer. */
export function learningTunnels(topology: Topology): Set<string> {
  return new Set(
    topology.overlays.flatMap((overlay) =>
      nodesOf(overlay)
        .filter(({ endpoint }) => endpoint?.kind === 'nat')
        .flatMap(({ name }) => overlay.hubs.map((hub) => `tunnel ${hub.device.name}/${name}`)),
    ),
  )
}

/** Nothing where a route says neither, so that facts of earlier versions still hold. */
function unsaidOf({ gateway, source }: LiveRoute): unknown[] {
  return gateway === undefined && source === undefined ? [] : [{ gateway, source }]
}

function unlearned({ device, name, keepalive }: TunnelSpec): unknown {
  return { device, name, keepalive }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

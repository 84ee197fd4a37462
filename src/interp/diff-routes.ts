// SPDX-License-Identifier: MIT
/**
 * The diff's part for routes. Ours are those that carry our protocol mark and lead into one of our devices, marked
 * unreachable routes, and what else is in a table of ours that leads into one. A route of the same destination and metric
 * that is another's is in our place; one for some packets only (TOS, source prefix) has a place of its own. Pure.
 */
import { prefixContains, prefixLength } from '../model/address.ts'
import type { DesiredState, LiveRoute, LiveState } from '../model/state.ts'
import type { Maker } from './change.ts'
import { ownTable } from './diff-ip-rules.ts'
import { idOf, routeKey } from './ids.ts'
import { routeOf } from './intended.ts'
import { routeTaken, routeTwice } from './refusals.ts'
import { Rivals } from './rivals.ts'
import type { Ownership } from './scope.ts'
import type { Change, Scope, Specs } from './types.ts'

/** @throws LvnError LVN4002: another's route is in the place of one of ours, or two of ours want one place. */
export function diffRoutes(
  live: LiveState,
  desired: DesiredState,
  scope: Scope,
  owners: Ownership,
  kept: (device: string) => boolean,
  make: Maker,
): Change[] {
  const changes: Change[] = []
  const leading = live.routes.filter(
    ({ owned, device, table }) => owned && device !== null && table === undefined,
  )
  const isOurs = ownTable(live.routes, owners)
  const mine = (route: LiveRoute) =>
    route.owned && route.device === null && route.table !== undefined
      ? isOurs(route.table)
      : isOurRoute(route, leading, scope, owners)
  const rivals = new Rivals(live, desired, owners)
  const there = new Map<string, LiveRoute[]>()
  for (const route of live.routes) {
    const list = there.get(routeKey(route))
    if (list === undefined) there.set(routeKey(route), [route])
    else list.push(route)
  }
  const wanted = new Map<string, Specs['route']>()
  const replaced = new Set<LiveRoute>()
  for (const after of desired.routes) {
    const span = make.span(idOf.route(after))
    const twin = wanted.get(routeKey(after))
    if (twin !== undefined) {
      if (twin.device === after.device) continue
      throw routeTwice(idOf.route(after), [twin.device ?? 'lo', after.device ?? 'lo'], span)
    }
    wanted.set(routeKey(after), after)
    const rival = rivals.device(after)
    if (rival !== undefined) throw routeTwice(idOf.route(after), [after.device ?? 'lo', rival], span)
    const taken = rivals.route(after)
    if (taken !== undefined) throw routeTaken(idOf.route(after), placeOf(taken), span)
    const holders = there.get(routeKey(after)) ?? []
    if (holders.some((route) => isSame(route, after) && (route.device === null || kept(route.device))))
      continue
    const blocked = holders.find((route) => !mine(route) && !goesWithDevice(route, owners, kept))
    if (blocked !== undefined) throw routeTaken(idOf.route(after), placeOf(blocked), span)
    const old = holders.find((route) => mine(route) && (route.device === null || kept(route.device)))
    if (old !== undefined) replaced.add(old)
    changes.push(
      old === undefined
        ? make.add('route', after)
        : make.change('route', routeOf(old), after, fields(old, after)),
    )
  }
  for (const route of live.routes) {
    if (!mine(route)) continue
    const want = wanted.get(routeKey(route))
    const goes = route.device !== null && !kept(route.device)
    const serves = want !== undefined && isSame(route, want)
    if (goes || !(serves || replaced.has(route))) changes.push(make.remove('route', routeOf(route)))
  }
  return changes
}

/**
 * An unreachable route names no owner. It keeps packets out of the device into which the net around it leads, and is
 * that one's; without such a device it is ours when in one of our nets, or when no other device of L-VN is left.
 */
function isOurRoute(
  route: LiveRoute,
  leading: readonly LiveRoute[],
  scope: Scope,
  owners: Ownership,
): boolean {
  if (!route.owned) return false
  if (route.device !== null) return owners.ours.has(route.device)
  const around = leading
    .filter((each) => prefixContains(each.destination, route.destination))
    .reduce<LiveRoute | null>(
      (best, each) =>
        best === null || prefixLength(each.destination) > prefixLength(best.destination) ? each : best,
      null,
    )
  if (around?.device != null) return owners.ours.has(around.device)
  return owners.others.size === 0 || scope.nets.some((net) => prefixContains(net, route.destination))
}

/** A foreign route on one of our devices that is taken away goes with it and is in nobody's place. */
function goesWithDevice(route: LiveRoute, owners: Ownership, kept: (device: string) => boolean): boolean {
  return route.device !== null && owners.ours.has(route.device) && !kept(route.device)
}

/** Another's route to the same device serves, however large the packets, by any gateway and from any source. */
function isSame(route: LiveRoute, wanted: Specs['route']): boolean {
  const differ = fields(route, wanted)
  return route.type === wanted.type && (differ.length === 0 || (!route.owned && !differ.includes('device')))
}

const comparedFields = ['device', 'mtu', 'gateway', 'source'] as const

function fields(a: Specs['route'], b: Specs['route']): string[] {
  return comparedFields.filter((field) => (a[field] ?? null) !== (b[field] ?? null))
}

function placeOf(route: LiveRoute): string {
  return route.device === null ? `(${route.type})` : `on ${route.device}`
}

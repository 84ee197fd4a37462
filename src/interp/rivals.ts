// SPDX-License-Identifier: MIT
/**
 * What stands against a route outside the nets though it is in another table: our tables and the main table are asked as
 * if they were one. Part of the diff's part for routes. Pure.
 */
import { type Prefix, prefixLength } from '../model/address.ts'
import type { DesiredState, LiveRoute, LiveState, RouteSpec } from '../model/state.ts'
import type { Ownership } from './scope.ts'

export class Rivals {
  private readonly inTables = new Map<Prefix, RouteSpec[]>()
  private readonly inMain = new Map<Prefix, LiveRoute>()

  constructor(live: LiveState, desired: DesiredState, owners: Ownership) {
    const others = live.routes.filter((route) => route.owned && owners.others.has(route.device ?? ''))
    for (const route of [...desired.routes, ...others]) {
      if (route.table === undefined || route.device === null) continue
      const list = this.inTables.get(route.destination)
      if (list === undefined) this.inTables.set(route.destination, [route])
      else list.push(route)
    }
    if (this.inTables.size === 0) return
    for (const route of live.routes) {
      const { owned, table, device, destination } = route
      if (!owned && table === undefined && !owners.ours.has(device ?? '')) this.inMain.set(destination, route)
    }
  }

  /** Another device with a table of its own for the same: which of the two counted would be chance. */
  device(route: RouteSpec): string | undefined {
    if (!isOutside(route)) return undefined
    const other = this.inTables.get(route.destination)?.find(({ device }) => device !== route.device)
    return other?.device ?? undefined
  }

  /**
   * A route of others in the main table for just the same, which would lose all its packets. A default route may: that of
   * the underlay is such a one.
   */
  route(route: RouteSpec): LiveRoute | undefined {
    if (!isOutside(route) || prefixLength(route.destination) === 0) return undefined
    return this.inMain.get(route.destination)
  }
}

function isOutside({ table, device }: RouteSpec): boolean {
  return table !== undefined && device !== null
}

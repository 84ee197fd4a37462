// SPDX-License-Identifier: MIT
/**
 * What of the underlay a host reaches: the remote endpoints of tunnels, and whatever a default route leads to. An apply
 * must not take any of it away. Pure.
 */
import type { Address, Prefix } from '../model/address.ts'
import { isSelective } from '../model/selective.ts'
import type { LiveRoute, LiveState } from '../model/state.ts'

/** Underlay addresses with a way to them, and the default routes that are not of an overlay. */
export interface Reach {
  readonly remotes: readonly Address[]
  readonly defaults: readonly Prefix[]
}

const defaultRoutes = ['0.0.0.0/0' as Prefix, '::/0' as Prefix]

export function reachOf(live: LiveState): Reach {
  const overlays = overlaysOf(live)
  const outside = (device: string | null) => device !== null && !overlays.has(device)
  const leadsOut = (route: LiveRoute) =>
    route.table === undefined && !isSelective(route) && outside(route.device)
  return {
    remotes: live.paths.flatMap(({ remote, via }) =>
      via !== null && outside(via.interface) ? [remote] : [],
    ),
    defaults: defaultRoutes.filter((destination) =>
      live.routes.some((route) => route.destination === destination && leadsOut(route)),
    ),
  }
}

/** What was reached before and is not now. A way that leads into an overlay is none. Precondition: all of it was asked for. */
export function lostReach(before: Reach, live: LiveState): readonly (Address | Prefix)[] {
  const now = reachOf(live)
  const there = new Set<Address | Prefix>([...now.remotes, ...now.defaults])
  return [...before.remotes, ...before.defaults].filter((each) => !there.has(each))
}

function overlaysOf({ links }: LiveState): ReadonlySet<string> {
  return new Set(links.filter(({ owner }) => owner !== null).map(({ name }) => name))
}

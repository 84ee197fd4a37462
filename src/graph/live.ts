// SPDX-License-Identifier: MIT
/**
 * What one kernel says of the tunnels of an overlay. A kernel holds the tunnels of the nodes that its
 * host is, and no others: the rest is `unseen`. Pure; it is given the state that was read.
 */
import type { Endpoint } from '../model/address.ts'
import type { LiveTunnel, PlaneState } from '../model/state.ts'

/**
 * `active`, `silent`, `unheard`, `pending`: of the tunnel, as `lvn show` has them. `missing`: this host is one of
 * the two nodes and has no such tunnel. `unseen`: this host is neither.
 */
export const linkStates = ['active', 'silent', 'unheard', 'pending', 'missing', 'unseen'] as const
export type LinkState = (typeof linkStates)[number]

export interface TunnelView {
  readonly state: LinkState
  /** Where the hub sends to now; null: not known, or not seen from here. */
  readonly spokeRemote: Endpoint | null
}

export interface TunnelViews {
  /** The nodes that the kernel has a device of, as `OVERLAY/NODE`. */
  readonly observers: readonly string[]
  /** The second may be a hub as well. */
  between(overlay: string, hub: string, spoke: string): TunnelView
}

/** `stateOf` reads the state of a tunnel off its counters. */
export function tunnelViews(
  live: Pick<PlaneState, 'devices' | 'tunnels'>,
  stateOf: (tunnel: LiveTunnel) => LinkState,
): TunnelViews {
  const owners = new Map(live.devices.map(({ name, owner }) => [name, `${owner.overlay}/${owner.node}`]))
  const tunnels = new Map(
    live.tunnels.map((tunnel) => [`${owners.get(tunnel.device)} ${tunnel.name}`, tunnel]),
  )
  const observers = new Set(owners.values())
  return {
    observers: [...observers].sort(),
    between(overlay, hub, spoke) {
      const hubs = tunnels.get(`${overlay}/${hub} ${spoke}`)
      if (hubs !== undefined) return { state: stateOf(hubs), spokeRemote: hubs.remote }
      const spokes = tunnels.get(`${overlay}/${spoke} ${hub}`)
      if (spokes !== undefined) return { state: stateOf(spokes), spokeRemote: null }
      const here = observers.has(`${overlay}/${hub}`) || observers.has(`${overlay}/${spoke}`)
      return { state: here ? 'missing' : 'unseen', spokeRemote: null }
    },
  }
}

// SPDX-License-Identifier: MIT
/**
 * The tunnels a node should have: on a hub one to each other hub and to each spoke that joins it, on a spoke one to
 * each hub that it joins. What cannot be reached, looked up or is not signalled yet is pending; the rest goes up.
 * Reads a live state, changes nothing.
 */
import type { Span } from '../diag/source.ts'
import {
  type Address,
  type Endpoint,
  type Family,
  familyOf,
  formatEndpoint,
  prefixContains,
  sameEndpoint,
} from '../model/address.ts'
import { peersOf } from '../model/hubs.ts'
import type { LiveState, LiveTunnel, TunnelSpec } from '../model/state.ts'
import type { Keepalive, Node, Overlay, Role } from '../model/topology.ts'
import { certainty, choose, endsBetween, listenFor, quicker } from './desire-endpoints.ts'
import { idOf } from './ids.ts'
import { endpointInside } from './refusals.ts'
import type { Names, Note, Pending } from './types.ts'
import { fits, type Underlay } from './underlay.ts'

export interface TunnelDesire {
  readonly tunnels: readonly TunnelSpec[]
  readonly pending: readonly Pending[]
  readonly notes: readonly Note[]
  /** The source line of each tunnel, by its name. */
  readonly spans: ReadonlyMap<string, Span>
  /** Bytes of the largest inner packet for each tunnel whose path is known. */
  readonly fits: readonly number[]
}

export function hubTunnels(
  hub: Node,
  overlay: Overlay,
  live: LiveState,
  underlay: Underlay,
  names: Names,
): TunnelDesire {
  const draft = new Draft(hub, overlay, live, underlay)
  const peers = peersOf(overlay, hub)
  for (const peer of peers) if (peer.role === 'hub') draft.toOtherHub(peer)
  const known = peers
    .filter(({ role }) => role === 'spoke')
    .sort((a, b) => certainty(a.endpoint) - certainty(b.endpoint))
  for (const spoke of known) {
    const before = draft.before(spoke.name)
    if (spoke.endpoint?.kind === 'address') {
      draft.toSpoke(spoke, { address: spoke.endpoint.address, port: spoke.endpoint.port })
    } else if (spoke.endpoint?.kind === 'name') {
      const { host, port } = spoke.endpoint
      const addresses = names.get(host) ?? []
      const free = addresses.filter((address) => draft.isFree(hub, { address, port }))
      const address = choose(free.length > 0 ? free : addresses, hub, underlay, before)
      if (address !== undefined) draft.toSpoke(spoke, { address, port })
      else if (addresses.length > 0)
        draft.wait(spoke, `${host} has no address of a family that the hub listens on`)
      else
        draft.keepLearned(
          spoke,
          `the name ${host} ${names.has(host) ? 'cannot be resolved' : 'is not looked up here'}`,
        )
    } else {
      draft.keepLearned(spoke, 'its endpoint is not known yet: the spoke is behind a NAT')
    }
  }
  return draft.finish(peers)
}

export function spokeTunnels(
  spoke: Node,
  overlay: Overlay,
  live: LiveState,
  underlay: Underlay,
): TunnelDesire {
  const draft = new Draft(spoke, overlay, live, underlay)
  const hubs = peersOf(overlay, spoke)
  for (const hub of hubs) draft.toHub(spoke, hub)
  return draft.finish(hubs)
}

class Draft {
  private readonly node: Node
  private readonly overlay: Overlay
  private readonly underlay: Underlay
  private readonly live: ReadonlyMap<string, LiveTunnel>
  private readonly ownDevices: ReadonlySet<string>
  private readonly specs = new Map<string, TunnelSpec>()
  private readonly pending: Pending[] = []
  private readonly notes: Note[] = []
  private readonly fits: number[] = []
  /** Peers by local port and remote: what comes in could not be told apart. */
  private readonly taken = new Map<string, Role>()

  constructor(node: Node, overlay: Overlay, live: LiveState, underlay: Underlay) {
    this.node = node
    this.overlay = overlay
    this.underlay = underlay
    const device = node.device.name
    this.live = new Map(live.tunnels.filter((t) => t.device === device).map((t) => [t.name, t]))
    this.ownDevices = new Set([
      ...live.links.filter((link) => link.owner !== null).map((link) => link.name),
      device,
    ])
  }

  /** Has no other peer that endpoint so far? */
  isFree(hub: Node, remote: Endpoint): boolean {
    const listen = listenFor(hub, familyOf(remote.address))
    return listen !== undefined && !this.taken.has(claimKey(listen.port, remote))
  }

  before(peer: string): LiveTunnel | undefined {
    return this.live.get(peer)
  }

  toOtherHub(other: Node): void {
    const keepalive = quicker(this.node.keepalive, other.keepalive)
    const ends = endsBetween(this.overlay, this.node, other)
    if (ends === undefined) {
      this.pend(other, keepalive, this.fallbackWish(), 'the two hubs listen on no common family')
      return
    }
    this.refuseInside(ends.remote, ends.span)
    this.claim(ends.local.port, ends.remote, 'hub')
    this.reach(other, keepalive, ends.local, ends.remote, ends.span)
  }

  toSpoke(spoke: Node, remote: Endpoint): void {
    this.refuseInside(remote, spoke.endpoint?.span)
    const listen = listenFor(this.node, familyOf(remote.address))
    if (listen === undefined) {
      this.wait(spoke, `the hub listens on no IPv${familyOf(remote.address)} address`)
      return
    }
    const holder = this.claim(listen.port, remote, 'spoke')
    if (holder !== undefined) {
      this.wait(spoke, `another ${holder} has its endpoint ${formatEndpoint(remote)}`)
      return
    }
    this.reach(spoke, spoke.keepalive, listen, remote, spoke.endpoint?.span)
  }

  toHub(spoke: Node, hub: Node): void {
    const own = spoke.endpoint?.kind === 'address' ? spoke.endpoint.address : undefined
    const listens = hub.listens.filter((l) => own === undefined || familyOf(l.address) === familyOf(own))
    const listen =
      listens.find((l) => own !== undefined || this.underlay.path(l.address) !== null) ?? listens[0]
    const family = familyOf(own ?? listen?.address ?? unspecified(4))
    const wish = { address: own ?? unspecified(family), port: spoke.port }
    if (listen === undefined) {
      this.pend(hub, spoke.keepalive, wish, `the hub listens on no IPv${family} address`)
      return
    }
    const remote = { address: listen.address, port: listen.port }
    this.refuseInside(remote, listen.span)
    this.reach(hub, spoke.keepalive, wish, remote, listen.span)
  }

  /** No endpoint is to be had: one that the tunnel has learned stays. `reason` tells why there is none. */
  keepLearned(spoke: Node, reason: string): void {
    const before = this.before(spoke.name)
    const remote = before?.remote ?? null
    const listen = remote === null ? undefined : listenFor(this.node, familyOf(remote.address))
    if (before === undefined || remote === null || listen === undefined) {
      this.wait(spoke, reason)
      return
    }
    const via = this.underlay.path(remote.address)
    const heard = this.node.listens.some((l) => l.port === before.local.port)
    const local = heard ? before.local : this.localFor(spoke, listen, via?.source)
    if (this.claim(local.port, remote, 'spoke') !== undefined) {
      this.wait(spoke, reason)
      return
    }
    this.keep({
      ...this.unset(spoke, spoke.keepalive, local),
      remote,
      underlay: via?.interface ?? before.underlay,
    })
    if (spoke.endpoint?.kind === 'name') {
      const id = idOf.tunnel(before)
      this.notes.push({ id, note: `${reason}; the endpoint it has stays` })
    }
  }

  wait(spoke: Node, reason: string): void {
    this.pend(spoke, spoke.keepalive, this.fallbackWish(), reason)
  }

  finish(peers: readonly Node[]): TunnelDesire {
    return {
      tunnels: peers.flatMap((peer) => this.specs.get(peer.name) ?? []),
      pending: this.pending,
      notes: this.notes,
      spans: new Map(peers.map((peer) => [peer.name, (peer.endpoint ?? peer).span])),
      fits: this.fits,
    }
  }

  /** What the other peer of this node is that has that endpoint; undefined: none, and now this one has. */
  private claim(port: number, remote: Endpoint, role: Role): Role | undefined {
    const key = claimKey(port, remote)
    const holder = this.taken.get(key)
    if (holder === undefined) this.taken.set(key, role)
    return holder
  }

  private reach(
    peer: Node,
    keepalive: Keepalive,
    wish: Endpoint,
    remote: Endpoint,
    span: Span | undefined,
  ): void {
    const via = this.underlay.path(remote.address)
    const before = this.before(peer.name)
    if (via === null) {
      this.pend(peer, keepalive, wish, `no route to ${remote.address} in the underlay`)
      // A route that is away for a moment takes nothing from a tunnel that is right already.
      if (before !== undefined && sameEndpoint(before.remote, remote)) {
        this.keep({ ...this.unset(peer, keepalive, before.local), remote, underlay: before.underlay })
      }
      return
    }
    if (via.interface === this.node.device.name) {
      throw endpointInside(formatEndpoint(remote), `its route leads into ${via.interface}`, span)
    }
    this.fits.push(fits(via.mtu, familyOf(remote.address)))
    const local = this.localFor(peer, wish, via.source)
    this.specs.set(peer.name, { ...this.unset(peer, keepalive, local), remote, underlay: via.interface })
  }

  private keep(spec: TunnelSpec): void {
    const mtu = spec.underlay === null ? null : this.underlay.mtu(spec.underlay)
    if (mtu !== null && spec.remote !== null) this.fits.push(fits(mtu, familyOf(spec.remote.address)))
    this.specs.set(spec.name, spec)
  }

  private pend(peer: Node, keepalive: Keepalive, wish: Endpoint, reason: string): void {
    this.pending.push({ device: this.node.device.name, tunnel: peer.name, reason })
    this.specs.set(peer.name, this.unset(peer, keepalive, this.localFor(peer, wish, undefined)))
  }

  private fallbackWish(): Endpoint {
    return this.node.listens[0] ?? { address: unspecified(4), port: this.node.port }
  }

  /** Between hub and spoke the spoke's `keepalive` rules both ends: it is its NAT that has to be held open. */
  private unset(peer: Node, keepalive: Keepalive, local: Endpoint): TunnelSpec {
    return {
      device: this.node.device.name,
      name: peer.name,
      local,
      remote: null,
      underlay: null,
      keepalive: { intervalMs: keepalive.intervalMs, deadMs: keepalive.deadMs },
    }
  }

  /**
   * The wish where it is local. An address that a NAT in front of this host translates is not: then the path's
   * source, without a path the address in use or any that this host has.
   */
  private localFor(peer: Node, wish: Endpoint, source: Address | undefined): Endpoint {
    const { address, port } = wish
    if (this.underlay.holder(address) !== null) return { address, port }
    const used = this.before(peer.name)?.local.address
    const usable = used !== undefined && familyOf(used) === familyOf(address) && this.underlay.holder(used)
    const fallback = usable ? used : this.underlay.anyAddress(familyOf(address), this.ownDevices)
    return { address: source ?? fallback ?? address, port }
  }

  private refuseInside(remote: Endpoint, span: Span | undefined): void {
    const net = this.overlay.nets.find((outer) => prefixContains(outer, remote.address))
    if (net !== undefined) throw endpointInside(formatEndpoint(remote), `it is in the net ${net}`, span)
  }
}

function claimKey(port: number, remote: Endpoint): string {
  return `${port} ${formatEndpoint(remote)}`
}

function unspecified(family: Family): Address {
  return (family === 4 ? '0.0.0.0' : '::') as Address
}

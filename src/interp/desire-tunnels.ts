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
import { unfitEndpoint } from '../model/endpoint-address.ts'
import { peersOf } from '../model/hubs.ts'
import type { LiveState, LiveTunnel, TunnelSpec } from '../model/state.ts'
import type { Keepalive, Node, NodeEndpoint, Overlay, Role } from '../model/topology.ts'
import { certainty, choose, endsBetween, listenFor, quicker } from './desire-endpoints.ts'
import { idOf } from './ids.ts'
import { endpointInside } from './refusals.ts'
import type { Names, Note, Pending } from './types.ts'
import { fits, type Underlay, type Via } from './underlay.ts'

type NamedEndpoint = Extract<NodeEndpoint, { kind: 'name' }>

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
    if (spoke.endpoint?.kind === 'address') {
      draft.toSpoke(spoke, { address: spoke.endpoint.address, port: spoke.endpoint.port })
    } else if (spoke.endpoint?.kind === 'name') {
      draft.toNamed(spoke, spoke.endpoint, names)
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

  /** To one of the addresses that the name has now; those that cannot be endpoints count as if it had none. */
  toNamed(spoke: Node, { host, port }: NamedEndpoint, names: Names): void {
    const known = names.get(host)
    const addresses = known ?? []
    const fit = addresses.filter((address) => this.unfit(address) === null)
    const free = fit.filter((address) => this.isFree(this.node, { address, port }))
    const before = this.before(spoke.name)
    const address = choose(free.length > 0 ? free : fit, this.node, this.underlay, before)
    const [first] = addresses
    if (address !== undefined) this.toSpoke(spoke, { address, port })
    else if (fit.length > 0) this.wait(spoke, `${host} has no address of a family that the hub listens on`)
    else if (first === undefined)
      this.keepLearned(
        spoke,
        `the name ${host} ${known === undefined ? 'is not looked up here' : 'cannot be resolved'}`,
      )
    else {
      const reason = `the name ${host} leads to ${first}, which is no endpoint: ${this.unfit(first)}`
      const has = before?.remote ?? null
      if (has !== null && this.unfit(has.address) === null) this.keepLearned(spoke, reason)
      else this.wait(spoke, reason)
    }
  }

  /** Why an address that a name server gives cannot be an endpoint of another node; null: it can. */
  private unfit(address: Address): string | null {
    const kind = unfitEndpoint(address)
    if (kind !== null) return `it is ${kind}`
    const net = this.overlay.nets.find((outer) => prefixContains(outer, address))
    if (net !== undefined) return `it is in the net ${net} of the overlay`
    const device = this.node.device.name
    if (this.underlay.path(address)?.interface === device) return `its route leads into ${device}`
    return this.ownAddress(address)
  }

  private ownAddress(address: Address): string | null {
    const holder = this.underlay.holder(address)
    return holder === null ? null : `it is an address of this host, on ${holder}`
  }

  /** Has no other peer that endpoint so far? */
  isFree(hub: Node, remote: Endpoint): boolean {
    const listen = listenFor(hub, familyOf(remote.address))
    return listen !== undefined && !this.taken.has(claimKey(listen.local.port, remote))
  }

  before(peer: string): LiveTunnel | undefined {
    return this.live.get(peer)
  }

  toOtherHub(other: Node): void {
    const keepalive = quicker(this.node.keepalive, other.keepalive)
    const ends = endsBetween(this.overlay, this.node, other)
    if (ends === undefined) {
      this.pend(other, keepalive, this.firstListen(), 'the two hubs listen on no common family')
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
    const holder = this.claim(listen.local.port, remote, 'spoke')
    if (holder !== undefined) {
      this.wait(spoke, `another ${holder} has its endpoint ${formatEndpoint(remote)}`)
      return
    }
    this.reach(spoke, spoke.keepalive, listen.local, remote, spoke.endpoint?.span)
  }

  toHub(spoke: Node, hub: Node): void {
    const own = spoke.endpoint?.kind === 'address' ? spoke.endpoint.address : undefined
    const listens = hub.listens.filter((l) => own === undefined || familyOf(l.address) === familyOf(own))
    const listen =
      listens.find((l) => own !== undefined || this.underlay.path(l.address) !== null) ?? listens[0]
    const family = familyOf(own ?? listen?.address ?? unspecified(4))
    const open = { address: unspecified(family), port: spoke.port }
    if (listen === undefined) {
      const local = own === undefined ? open : { ...open, address: own }
      this.pend(hub, spoke.keepalive, local, `the hub listens on no IPv${family} address`)
      return
    }
    const remote = { address: listen.address, port: listen.port }
    this.refuseInside(remote, listen.span)
    const local = own !== undefined && this.isOurs(own, hub) ? { ...open, address: own } : open
    this.reach(hub, spoke.keepalive, local, remote, listen.span)
  }

  /**
   * Is the endpoint that the file gives this node an address of this host, be it away for the moment? Else a NAT in
   * front of it has it, and packets leave from where the kernel sends them.
   */
  private isOurs(address: Address, peer: Node): boolean {
    return this.underlay.holder(address) !== null || this.before(peer.name)?.local.address === address
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
    const heard = this.node.listens.some((l) => l.local.port === before.local.port)
    const stays = heard && this.canStay(before.local, listen.local)
    const local = stays ? before.local : listen.local
    if (this.claim(local.port, remote, 'spoke') !== undefined) {
      this.wait(spoke, reason)
      return
    }
    const lack = this.lackOf(local)
    if (lack !== null) this.tell(spoke, lack)
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
    this.pend(spoke, spoke.keepalive, this.firstListen(), reason)
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

  /** `wish`: the local endpoint; an unspecified address leaves the source to the kernel. */
  private reach(
    peer: Node,
    keepalive: Keepalive,
    wish: Endpoint,
    remote: Endpoint,
    span: Span | undefined,
  ): void {
    const own = this.ownAddress(remote.address)
    if (own !== null) {
      this.pend(
        peer,
        keepalive,
        wish,
        `the endpoint ${formatEndpoint(remote)} is not of another host: ${own}`,
      )
      return
    }
    const via = this.underlay.path(remote.address)
    if (via === null) {
      // A route that is away for a moment takes nothing from a tunnel that is right already.
      const reason = `no route to ${remote.address} in the underlay`
      if (!this.stay(peer, keepalive, wish, remote, reason)) this.pend(peer, keepalive, wish, reason)
      return
    }
    if (via.interface === this.node.device.name) {
      throw endpointInside(formatEndpoint(remote), `its route leads into ${via.interface}`, span)
    }
    this.fits.push(fits(via.mtu, familyOf(remote.address)))
    const open = isUnspecified(wish.address)
    const lack = open ? this.sourceLack(via, remote) : this.lackOf(wish)
    const spec = { remote, underlay: via.interface }
    if (lack === null) {
      const local = open ? { address: via.source, port: wish.port } : wish
      this.specs.set(peer.name, { ...this.unset(peer, keepalive, local), ...spec })
      return
    }
    const used = this.before(peer.name)?.local
    if (used !== undefined && this.isUsable(used, familyOf(remote.address))) {
      // Make before break: what it has carries packets until the other one is there.
      this.specs.set(peer.name, { ...this.unset(peer, keepalive, used), ...spec })
      this.tell(peer, `${lack}; it stays on ${formatEndpoint(used)}`)
    } else if (!this.stay(peer, keepalive, wish, remote, lack)) this.pend(peer, keepalive, wish, lack)
  }

  /** Leaves a tunnel that has this remote endpoint already as it is, pending; false: there is none, or it was never right. */
  private stay(peer: Node, keepalive: Keepalive, wish: Endpoint, remote: Endpoint, reason: string): boolean {
    const before = this.before(peer.name)
    if (before === undefined || !sameEndpoint(before.remote, remote)) return false
    if (!this.canStay(before.local, wish)) return false
    this.tell(peer, reason)
    this.keep({ ...this.unset(peer, keepalive, before.local), remote, underlay: before.underlay })
    return true
  }

  private keep(spec: TunnelSpec): void {
    const mtu = spec.underlay === null ? null : this.underlay.mtu(spec.underlay)
    if (mtu !== null && spec.remote !== null) this.fits.push(fits(mtu, familyOf(spec.remote.address)))
    this.specs.set(spec.name, spec)
  }

  private pend(peer: Node, keepalive: Keepalive, wish: Endpoint, reason: string): void {
    this.tell(peer, reason)
    this.specs.set(peer.name, this.unset(peer, keepalive, this.localWhilePending(peer, wish)))
  }

  private tell(peer: Node, reason: string): void {
    this.pending.push({ device: this.node.device.name, tunnel: peer.name, reason })
  }

  private firstListen(): Endpoint {
    return this.node.listens[0]?.local ?? { address: unspecified(4), port: this.node.port }
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
   * What is written stays written, there or not. Where it is away, or nothing is written, a tunnel keeps the address
   * that it has; a new one that has nothing written takes any that this host has.
   */
  private localWhilePending(peer: Node, wish: Endpoint): Endpoint {
    const { address, port } = wish
    const open = isUnspecified(address)
    if (!open && this.lackOf(wish) === null) return wish
    const used = this.before(peer.name)?.local
    if (used !== undefined && this.isUsable(used, familyOf(address))) return { address: used.address, port }
    return open
      ? { address: this.underlay.anyAddress(familyOf(address), this.ownDevices) ?? address, port }
      : wish
  }

  private lackOf({ address }: Endpoint): string | null {
    const lack = this.underlay.lack(address, this.node.device.name)
    return lack === null ? null : `${address} cannot be used: ${lack}`
  }

  private sourceLack(via: Via, remote: Endpoint): string | null {
    const lack = this.underlay.sourceLack(via, remote.address, this.node.device.name)
    return lack === null ? null : `to ${remote.address} packets would leave from ${via.source}: ${lack}`
  }

  private isUsable({ address }: Endpoint, family: Family): boolean {
    return familyOf(address) === family && this.lackOf({ address, port: 0 }) === null
  }

  /** May a tunnel that has this local endpoint keep it, although it may be away? Not one that was never of the underlay. */
  private canStay(local: Endpoint, wish: Endpoint): boolean {
    if (sameEndpoint(local, wish) || this.isUsable(local, familyOf(local.address))) return true
    return isUnspecified(wish.address) && this.underlay.holder(local.address) === null
  }

  private refuseInside(remote: Endpoint, span: Span | undefined): void {
    const net = this.overlay.nets.find((outer) => prefixContains(outer, remote.address))
    if (net !== undefined) throw endpointInside(formatEndpoint(remote), `it is in the net ${net}`, span)
  }
}

function claimKey(port: number, remote: Endpoint): string {
  return `${port} ${formatEndpoint(remote)}`
}

function isUnspecified(address: Address): boolean {
  return address === unspecified(familyOf(address))
}

function unspecified(family: Family): Address {
  return (family === 4 ? '0.0.0.0' : '::') as Address
}

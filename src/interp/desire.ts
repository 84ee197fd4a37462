// SPDX-License-Identifier: MIT
/**
 * What this host's kernel should hold: the nodes that it is, made concrete by the underlay that it has. Between
 * the resolved topology and the diff; it reads a live state (paths, addresses, learned endpoints) and changes
 * nothing.
 */
import type { Span } from '../diag/source.ts'
import { familyOf, type Prefix } from '../model/address.ts'
import { homeOf, nextHop, peersOf } from '../model/hubs.ts'
import { reservedPort, reservedPortOf, reservedPortPath, reservedPortsPath } from '../model/reserved-ports.ts'
import type { DesiredState, DeviceSpec, LiveState, RuleSpec, SysctlSpec } from '../model/state.ts'
import {
  type DeviceMode,
  formatListen,
  type Node,
  nodesOf,
  type Overlay,
  type Topology,
} from '../model/topology.ts'
import { forwarding6, keptAdvertisements } from './advertisements.ts'
import { destinationsOf } from './desire-destinations.ts'
import { filterOf } from './desire-filter.ts'
import { outsideDesire, outsideOf } from './desire-outside.ts'
import { mtuNotes, prefixesOf, routesOf } from './desire-routes.ts'
import { hubTunnels, spokeTunnels, type TunnelDesire } from './desire-tunnels.ts'
import { underlayNotes, underlaysOf } from './desire-underlays.ts'
import { idOf } from './ids.ts'
import { enabledIpv6 } from './ipv6.ts'
import { fixedOfSeveral, mtuTooSmall } from './refusals.ts'
import type { Absent, Names, Note, Pending } from './types.ts'
import { fits, Underlay } from './underlay.ts'
import { vrfNotes } from './vrf.ts'

/** What an underlay of unknown MTU is taken to carry: Ethernet, IPv6 outside. */
const fallbackMtu = fits(1500, 6)
/** RFC 8200 section 5; RFC 791 section 3.2. */
const leastMtu = { 4: 68, 6: 1280 } as const

/** Where this is 1, IPv4 leaves out routes through devices without carrier, whatever the device itself says. */
export const linkdownPath = 'net/ipv4/conf/all/ignore_routes_with_linkdown'

export interface Desire {
  readonly desired: DesiredState
  /** The source line that asks for an object, by its id. */
  readonly spans: ReadonlyMap<string, Span>
  readonly pending: readonly Pending[]
  readonly absent: readonly Absent[]
  readonly notes: readonly Note[]
}

/** @throws LvnError: an endpoint inside the overlay, an underlay too narrow for the overlay's families. */
export function desire(topology: Topology, nodes: readonly Node[], live: LiveState, names: Names): Desire {
  const underlay = new Underlay(live)
  const spans = new Map<string, Span>()
  const tables = new Set<number>()
  const parts = nodes.map((node) => ofNode(node, topology, live, underlay, names, spans, tables))
  return {
    desired: {
      devices: parts.flatMap((part) => part.desired.devices),
      addresses: parts.flatMap((part) => part.desired.addresses),
      tunnels: parts.flatMap((part) => part.desired.tunnels),
      rules: parts.flatMap((part) => part.desired.rules),
      sysctls: parts.flatMap((part) => part.desired.sysctls),
      routes: parts.flatMap((part) => part.desired.routes),
      ipRules: parts.flatMap((part) => part.desired.ipRules),
      filters: parts.flatMap((part) => part.desired.filters),
    },
    spans,
    pending: parts.flatMap((part) => part.pending),
    absent: absentListens(underlay, nodes),
    notes: [
      ...parts.flatMap((part) => part.notes),
      ...carrierNotes(live, nodes),
      ...loopbackNotes(live, nodes),
      ...vrfNotes(live, underlay, nodes),
    ],
  }
}

/** The eBPF plane's devices are read by no process and therefore have no carrier. */
function carrierNotes(live: LiveState, nodes: readonly Node[]): Note[] {
  const ignored = live.sysctls.some(({ path, value }) => path === linkdownPath && value === '1')
  if (live.plane !== 'ebpf' || !ignored) return []
  const note = `its IPv4 routes will not be used: it has no carrier, and ${linkdownPath} is 1; set it to 0`
  return nodes.map(({ device }) => ({ id: `device ${device.name}`, note }))
}

/** What the file has a hub listen on, and this host cannot have now: the kernel does not hold what the file says. */
function absentListens(underlay: Underlay, nodes: readonly Node[]): Absent[] {
  return nodes.flatMap(({ listens, device }) =>
    listens.flatMap((listen) => {
      const reason = underlay.lack(listen.local.address, device.name)
      return reason === null ? [] : [{ device: device.name, listen: formatListen(listen), reason }]
    }),
  )
}

/** Where the eBPF plane has frames cut that arrive whole. */
function loopbackNotes(live: LiveState, nodes: readonly Node[]): Note[] {
  const down = live.links.some(({ name, up }) => name === 'lo' && !up)
  if (live.plane !== 'ebpf' || !down) return []
  const note =
    'the interface lo is down: datagrams that another node sends many at a time (UDP_SEGMENT) may be lost; set it up'
  return nodes.map(({ device }) => ({ id: `device ${device.name}`, note }))
}

export function overlayOf(topology: Topology, node: Node): Overlay {
  const overlay = topology.overlays.find(({ name }) => name === node.overlay)
  if (overlay === undefined) throw new TypeError(`node ${node.name} is of no overlay of this topology`)
  return overlay
}

/** One node's share; its source lines are added to `spans`, and its routing table, if it has one, to `tables`. */
function ofNode(
  node: Node,
  topology: Topology,
  live: LiveState,
  underlay: Underlay,
  names: Names,
  spans: Map<string, Span>,
  tables: Set<number>,
): Omit<Desire, 'spans' | 'absent'> {
  const overlay = overlayOf(topology, node)
  const tunnels =
    node.role === 'hub'
      ? hubTunnels(node, overlay, live, underlay, names)
      : spokeTunnels(node, overlay, live, underlay)
  const { mtu, notes } = mtuOf(node, tunnels, live, underlay)
  const name = node.device.name
  const mode = modeOf(node, overlay)
  const device: DeviceSpec = {
    name,
    mode,
    owner: { overlay: node.overlay, node: node.name },
    mtu,
    underlays: underlaysOf(node, tunnels.tunnels, live, underlay),
    destinations: destinationsOf(node, overlay),
  }
  const rules = mode === 'multi' ? rulesOf(node, overlay) : []
  const outside = outsideDesire(node, overlay, live, { mtu, tunnels: tunnels.tunnels }, tables)
  const routes = [...routesOf(node, overlay, mtu), ...outside.routes]
  const into = routes.flatMap(({ device, destination }) => (device === null ? [] : destination))
  const switches = [...enabledIpv6(node, into, live), ...switchesOf(node, overlay, live)]
  const sysctls = switches.filter(
    // Where the list of reserved ports is not to be had, the overlay does without.
    ({ path }) => reservedPortOf(path) === null || live.sysctls.some((known) => known.path === path),
  )
  const filter = filterOf(node, overlay, topology.policies)
  const addresses = node.device.addresses.map((address) => ({ device: name, address }))
  spans.set(idOf.device(device), node.device.span)
  for (const address of addresses) spans.set(idOf.address(address), node.device.span)
  for (const tunnel of tunnels.tunnels) {
    const span = tunnels.spans.get(tunnel.name)
    if (span !== undefined) spans.set(idOf.tunnel(tunnel), span)
  }
  const peers = new Map(nodesOf(overlay).map((peer) => [peer.name, peer.span]))
  for (const rule of rules) spans.set(idOf.rule(rule), peers.get(rule.tunnel) ?? overlay.span)
  for (const sysctl of sysctls) spans.set(idOf.sysctl(sysctl), node.span)
  for (const route of routes) spans.set(idOf.route(route), route.device === null ? node.span : overlay.span)
  for (const rule of outside.ipRules) spans.set(idOf['ip-rule'](rule), overlay.span)
  const policy = topology.policies.find((each) => each.overlay === overlay.name)
  if (filter !== null && policy !== undefined) spans.set(idOf.filter(filter), policy.span)
  return {
    desired: {
      devices: [device],
      addresses,
      tunnels: tunnels.tunnels,
      rules,
      sysctls,
      routes,
      ipRules: outside.ipRules,
      filters: filter === null ? [] : [filter],
    },
    pending: tunnels.pending,
    notes: [
      ...notes,
      ...mtuNotes(node, overlay, mtu),
      ...underlayNotes(node, tunnels.tunnels, live),
      ...tunnels.notes,
    ],
  }
}

/** A spoke's mode is what it needs. A hub is fixed only where the file says so, and then must have one peer. */
function modeOf(node: Node, overlay: Overlay): DeviceMode {
  const { device, via, role } = node
  if (role === 'spoke') return via.length > 1 ? 'multi' : device.mode
  const peers = device.mode === 'fixed' ? peersOf(overlay, node).length : 1
  if (peers > 1) throw fixedOfSeveral(node.name, peers, device.span)
  return device.mode
}

/**
 * A spoke with rules sends all of the overlay, and what others have outside the nets, to its home, and takes all of it from there; its other hubs stand by.
 * A hub has each node behind the peer that leads to it.
 */
function rulesOf(node: Node, overlay: Overlay): RuleSpec[] {
  const device = node.device.name
  if (node.role === 'spoke') {
    const outside = outsideOf(node, overlay).map(({ prefix }) => prefix)
    return [...overlay.nets, ...outside].map((prefix) => ({ device, prefix, tunnel: homeOf(node) }))
  }
  const others = nodesOf(overlay).filter(({ name }) => name !== node.name)
  return others.flatMap((other) => {
    const tunnel = nextHop(node, other)
    return prefixesOf(other).map((prefix) => ({ device, prefix, tunnel }))
  })
}

/**
 * Hub: packets come in and leave by the same device, so it forwards and never tells a spoke to go direct. IPv4
 * asks the arriving interface whether to forward, IPv6 asks `all`. Whoever has a subnet behind it forwards
 * between interfaces that the file does not name. No program of the host is given a port of the overlay by chance.
 */
export function sysctlsOf(node: Node, overlay: Overlay): SysctlSpec[] {
  const device = node.device.name
  const isHub = node.role === 'hub'
  const any = (prefixes: readonly Prefix[], family: 4 | 6) => prefixes.some((p) => familyOf(p) === family)
  const wanted: [path: string, value: string][] = []
  if (any(node.routes, 4)) wanted.push(['net/ipv4/conf/all/forwarding', '1'])
  if (any(node.routes, 6) || (isHub && any(overlay.nets, 6))) wanted.push([forwarding6, '1'])
  if (isHub && any(overlay.nets, 4)) {
    wanted.push(
      ['net/ipv4/conf/all/send_redirects', '0'],
      [`net/ipv4/conf/${device}/forwarding`, '1'],
      [`net/ipv4/conf/${device}/send_redirects`, '0'],
    )
  }
  for (const port of localPorts(node)) wanted.push([reservedPortPath(port), '1'])
  return wanted.map(([path, value]) => ({ path, value, device }))
}

function localPorts(node: Node): Set<number> {
  return new Set(node.role === 'hub' ? node.listens.map(({ local }) => local.port) : [node.port])
}

/** The same live state, with what it says of the ports that these nodes want reserved. */
export function withReservedPorts(live: LiveState, nodes: readonly Node[]): LiveState {
  const values = new Map(live.sysctls.map(({ path, value }) => [path, value]))
  const list = values.get(reservedPortsPath)
  if (list === undefined) return live
  const ports = new Set(nodes.flatMap((node) => [...localPorts(node)]))
  for (const { path } of live.saved) ports.add(reservedPortOf(path) ?? 0)
  const missing = [...ports].filter((port) => port !== 0 && !values.has(reservedPortPath(port)))
  const told = missing.map((port) => ({ path: reservedPortPath(port), value: reservedPort(list, port) }))
  return { ...live, sysctls: [...live.sysctls, ...told] }
}

/** The same with what has to be written before, so that the host keeps what it gets by router advertisements. */
function switchesOf(node: Node, overlay: Overlay, live: LiveState): SysctlSpec[] {
  const sysctls = sysctlsOf(node, overlay)
  const forwards = sysctls.some(({ path }) => path === forwarding6)
  return forwards ? [...keptAdvertisements(live, node.device.name), ...sysctls] : sysctls
}

function mtuOf(
  node: Node,
  tunnels: TunnelDesire,
  live: LiveState,
  underlay: Underlay,
): { mtu: number; notes: Note[] } {
  const { device } = node
  const known = [...tunnels.fits]
  // A tunnel still to be learned may come up on any listen: its MTU is reckoned with beforehand.
  if (known.length === 0 || tunnels.pending.length > 0) {
    for (const { address, local } of node.listens) {
      const holder = underlay.holder(local.address)
      const mtu = holder === null ? null : underlay.mtu(holder)
      if (mtu !== null) known.push(fits(mtu, familyOf(address)))
    }
  }
  const fit = known.length === 0 ? null : known.reduce((least, each) => Math.min(least, each))
  const family = device.addresses.some((address) => familyOf(address) === 6) ? 6 : 4
  if (device.mtu !== 'auto') {
    const note = `MTU ${device.mtu} is above the ${fit} bytes that the underlay carries in one packet`
    const tooLarge = fit !== null && device.mtu > fit
    return { mtu: device.mtu, notes: tooLarge ? [{ id: `device ${device.name}`, note }] : [] }
  }
  const before = live.devices.find(({ name }) => name === device.name)
  const mtu = fit ?? before?.mtu ?? fallbackMtu
  if (mtu < leastMtu[family]) {
    throw mtuTooSmall(device.name, mtu, leastMtu[family], `IPv${family}`, device.span)
  }
  return { mtu, notes: [] }
}

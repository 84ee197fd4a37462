// SPDX-License-Identifier: MIT
/**
 * One `overlay` block to an overlay: its defaults, its nodes, and what holds among them. Part of phase 1.
 */
import {
  allOutsideNets,
  duplicateNode,
  endpointInside,
  listedTwice,
  noHub,
  noListenOfFamily,
  noNet,
  outsideNets,
  tooManySpokes,
} from '../../diag/catalogue.ts'
import type { Span } from '../../diag/source.ts'
import { type Address, familyOf, type Prefix } from '../../model/address.ts'
import type { Auth, Node, Overlay } from '../../model/topology.ts'
import { checkFixed } from './fixed.ts'
import type * as flat from './flat.ts'
import type { HostChecks } from './hosts.ts'
import { joinHubs } from './join.ts'
import { type Defaults, type DraftNode, Once, type Placed, resolveNode } from './node.ts'
import { type Claim, checkOverlaps, claimsOf } from './overlaps.ts'
import { type AddressRange, rangeOf, within } from './ranges.ts'
import {
  checkName,
  defaultKeepalive,
  type KeepaliveTimes,
  keepaliveOf,
  portOf,
  prefixOfLiteral,
  type Report,
} from './values.ts'

const defaultPort = 50000
const mostSpokes = 65_536

export interface ResolvedOverlay {
  readonly overlay: Overlay
  /** Names of nodes that may have more addresses than could be read. */
  readonly partial: ReadonlySet<string>
}

/** Undefined without a hub, which is reported unless the block is damaged. */
export function resolveOverlay(
  block: flat.Overlay,
  hosts: HostChecks,
  report: Report,
): ResolvedOverlay | undefined {
  checkName(block.name, 'an overlay', report)
  const settings = gather(block, report)
  const { port, keepalive, auth } = settings
  const defaults: Defaults = { overlay: block.name.text, port, keepalive, auth }
  const hubs = settings.hubs.map((hub) => resolveNode(hub, defaults, report))
  const spokes = settings.spokes.map((spoke) => resolveNode(spoke, defaults, report))
  const nodes = [...hubs, ...spokes]
  const { text, span } = block.name
  if (!block.body.damaged) {
    if (!settings.hasNet) report(noNet(span, text))
    if (hubs.length === 0) report(noHub(span, text))
  }
  checkNames(nodes, report)
  const joined = joinHubs(hubs, spokes, !block.body.damaged, report)
  const tooMany = joined[mostSpokes]
  if (tooMany !== undefined && !block.body.damaged) report(tooManySpokes(tooMany.span, mostSpokes))
  checkFixed(hubs, spokes, !block.body.damaged, report)
  const claims = claimsOf(nodes)
  const addresses = claims.filter(({ isAddress }) => isAddress)
  const outside = settings.netsKnown ? checkInsideNets(addresses, settings.nets, report) : []
  checkEndpoints(hubs, joined, settings.nets, report)
  checkOverlaps(without(claims, outside), report)
  hosts.check(nodes)
  const hub = hubs[0]?.node
  if (hub === undefined) return undefined
  const nets = settings.nets.map(({ value }) => value)
  const overlay = { name: text, nets, hub, hubs: hubs.map(({ node }) => node), spokes: joined, span }
  const partial = nodes.filter(({ addressesKnown }) => !addressesKnown).map(({ node }) => node.name)
  return { overlay, partial: new Set(partial) }
}

interface Net extends Placed<Prefix> {
  readonly range: AddressRange
}

interface Settings {
  readonly nets: readonly Net[]
  readonly hasNet: boolean
  /** Every net was read, so that what is in none of them is outside. */
  readonly netsKnown: boolean
  readonly port: number
  readonly keepalive: KeepaliveTimes
  readonly auth: Auth
  readonly hubs: readonly flat.Hub[]
  readonly spokes: readonly flat.Spoke[]
}

function gather(block: flat.Overlay, report: Report): Settings {
  const nets = new Map<Prefix, Span>()
  const once = new Once(report)
  const hubs: flat.Hub[] = []
  const spokes: flat.Spoke[] = []
  let hasNet = false
  let netsKnown = !block.body.damaged
  let port = defaultPort
  let keepalive = defaultKeepalive
  let auth: Auth = 'mutual'
  for (const statement of block.body.statements) {
    switch (statement.kind) {
      case 'net':
        hasNet = true
        for (const literal of statement.prefixes) {
          const net = prefixOfLiteral(literal, report)
          const first = net && nets.get(net)
          if (net === undefined) netsKnown = false
          else if (first !== undefined) report(listedTwice(literal.span, net, first))
          else nets.set(net, literal.span)
        }
        break
      case 'port':
        if (once.first(statement)) port = portOf(statement.port, report) ?? port
        break
      case 'keepalive':
        if (once.first(statement)) keepalive = keepaliveOf(statement, keepalive, report)
        break
      case 'auth':
        if (once.first(statement)) auth = statement.auth.text
        break
      case 'hub':
        hubs.push(statement)
        break
      case 'spoke':
        spokes.push(statement)
        break
    }
  }
  const placed = [...nets].map(([value, span]) => ({ value, span, range: rangeOf(value) }))
  return { nets: placed, hasNet, netsKnown, port, keepalive, auth, hubs, spokes }
}

function checkNames(nodes: readonly DraftNode[], report: Report): void {
  const names = new Map<string, Span>()
  for (const { node } of nodes) {
    const first = names.get(node.name)
    if (first === undefined) names.set(node.name, node.span)
    else report(duplicateNode(node.span, node.name, first))
  }
}

function without(claims: readonly Claim[], others: readonly Claim[]): readonly Claim[] {
  if (others.length === 0) return claims
  const left = new Set(others)
  return claims.filter((claim) => !left.has(claim))
}

/** Those that were reported, one by one: what is the same as they are is no other mistake. */
function checkInsideNets(
  addresses: readonly Claim[],
  nets: readonly Net[],
  report: Report,
): readonly Claim[] {
  const first = nets[0]
  if (first === undefined) return []
  const reported: Claim[] = []
  const texts = nets.map(({ value }) => value)
  for (const family of [4, 6] as const) {
    const own = addresses.filter(({ text }) => familyOf(text) === family)
    const outside = own.filter((claim) => !nets.some(({ range }) => within(range, claim)))
    const sample = outside[0]
    // Where none of several is inside, the network is more likely wrong than all of them.
    if (sample !== undefined && outside.length === own.length && own.length > 1) {
      report(allOutsideNets(first.span, family, texts, sample.text, sample.span))
      continue
    }
    for (const { text, span } of outside) report(outsideNets(span, text, texts, first.span))
    for (const each of outside) reported.push(each)
  }
  return reported
}

function checkEndpoints(
  hubs: readonly DraftNode[],
  spokes: readonly Node[],
  nets: readonly Net[],
  report: Report,
): void {
  const inside = (address: Address, span: Span) => {
    const own = rangeOf(address)
    const net = nets.find(({ range }) => within(range, own))
    if (net !== undefined) report(endpointInside(span, address, net.value, net.span))
  }
  for (const { node } of hubs) {
    for (const { address, local, span, localSpan } of node.listens) {
      inside(address, span)
      if (local.address !== address) inside(local.address, localSpan)
    }
  }
  const reachable = new Map(
    hubs.filter(({ listensKnown }) => listensKnown).map(({ node }) => [node.name, node]),
  )
  for (const { endpoint, via } of spokes) {
    if (endpoint?.kind !== 'address') continue
    inside(endpoint.address, endpoint.span)
    const family = familyOf(endpoint.address)
    for (const name of via) {
      const listens = reachable.get(name)?.listens ?? []
      const first = listens[0]
      if (first === undefined || listens.some(({ address }) => familyOf(address) === family)) continue
      report(noListenOfFamily(endpoint.span, family, name, first.span))
      break
    }
  }
}

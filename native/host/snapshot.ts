// SPDX-License-Identifier: MIT
/**
 * What the network stack holds, in the model's terms: links, addresses, routes of the main table, filters, and the
 * paths to underlay addresses. Reads only.
 */
import { hostname } from 'node:os'
import type { Address, Prefix } from '../../src/model/address.ts'
import { ownedProtocol } from '../../src/model/kernel.ts'
import type {
  AddressFlaw,
  HostInterfaces,
  HostState,
  IpRuleAction,
  LiveAddress,
  LiveIpRule,
  LiveLink,
  LiveRoute,
  RouteSpec,
  UnderlayPath,
} from '../../src/model/state.ts'
import { IFA_F } from '../netlink/address.ts'
import { FR_ACT, type IpRule } from '../netlink/ip-rule.ts'
import { decodeRoute, lookUpRoute, type Route, RTN } from '../netlink/route.ts'
import { routesThatMatter } from '../netlink/route-filter.ts'
import type { Rtnetlink } from '../netlink/rtnetlink.ts'
import type { Outcome } from '../netlink/socket.ts'
import { readFilters } from './filter/index.ts'
import { liveLink } from './links.ts'

/** `nets`: as in `HostNetwork.snapshot`. */
export function takeSnapshot(rtnetlink: Rtnetlink, nets?: readonly Prefix[]): HostState {
  const interfaces = readInterfaces(rtnetlink)
  const { links } = interfaces
  const names = namesOf(links)
  const ours = links.filter(({ owner }) => owner !== null).map(({ ifindex }) => ifindex)
  const keep = nets && routesThatMatter({ protocol: ownedProtocol, ifindexes: new Set(ours), nets })
  const routes = [...rtnetlink.routes(4, keep), ...rtnetlink.routes(6, keep)]
  return {
    ...interfaces,
    routes: routes.flatMap((route) => liveRoute(route, names)),
    ipRules: [...rtnetlink.ipRules(4), ...rtnetlink.ipRules(6)].map(liveIpRule),
    filters: readFilters(),
  }
}

export function readInterfaces(rtnetlink: Rtnetlink): HostInterfaces {
  const links = rtnetlink.links().map(liveLink)
  return { hostname: hostname(), links, addresses: readAddresses(rtnetlink, namesOf(links)) }
}

function namesOf(links: readonly LiveLink[]): ReadonlyMap<number, string> {
  return new Map(links.map((link) => [link.ifindex, link.name]))
}

/** Addresses of interfaces that came after `names` was read are left out: the state is of one moment. */
export function readAddresses(rtnetlink: Rtnetlink, names: ReadonlyMap<number, string>): LiveAddress[] {
  return rtnetlink.addresses().flatMap(({ ifindex, address, prefixLength, protocol, flags }) => {
    const device = names.get(ifindex)
    if (device === undefined) return []
    const live = { device, address, prefixLength, owned: protocol === ownedProtocol }
    const flaw = flawOf(flags)
    return [flaw === undefined ? live : { ...live, flaw }]
  })
}

/** An optimistic address (RFC 4429) is asked about, too, but may be used meanwhile. */
function flawOf(flags: number): AddressFlaw | undefined {
  if ((flags & IFA_F.dadFailed) !== 0) return 'duplicate'
  if ((flags & IFA_F.tentative) !== 0 && (flags & IFA_F.optimistic) === 0) return 'tentative'
  return (flags & IFA_F.deprecated) !== 0 ? 'deprecated' : undefined
}

/** Empty for types of routes that the model does not have (local, multicast, throw, …). */
function liveRoute(route: Route, names: ReadonlyMap<number, string>): LiveRoute[] {
  const { destination, metric, mtu } = route
  const type = routeType(route.type)
  if (type === null) return []
  const owned = route.protocol === ownedProtocol
  if (type === 'unreachable') return [{ destination, device: null, type, metric, mtu, owned }]
  const device = route.ifindex === null ? null : (names.get(route.ifindex) ?? null)
  return [{ destination, device, type, metric, mtu, owned }]
}

/** Routes that drop, whatever they answer, are one to us: packets go nowhere. */
const dropping: readonly number[] = [RTN.blackhole, RTN.unreachable, RTN.prohibit]

function routeType(type: number): RouteSpec['type'] | null {
  return type === RTN.unicast ? 'unicast' : dropping.includes(type) ? 'unreachable' : null
}

const actions = new Map<number, IpRuleAction>([
  [FR_ACT.toTable, 'lookup'],
  [FR_ACT.goto, 'goto'],
  [FR_ACT.blackhole, 'blackhole'],
  [FR_ACT.unreachable, 'unreachable'],
  [FR_ACT.prohibit, 'prohibit'],
])

function liveIpRule({ action, protocol, ...rule }: IpRule): LiveIpRule {
  return { ...rule, action: actions.get(action) ?? 'nop', owned: protocol === ownedProtocol }
}

/** Answers that mean "no way there". */
const noPath = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'EACCES', 'EINVAL', 'EAGAIN'])

/** The kernel's routing decision for each address, in order. Throws a NetlinkError when it gives none. */
export function lookUpPaths(rtnetlink: Rtnetlink, remotes: readonly Address[]): readonly UnderlayPath[] {
  if (remotes.length === 0) return []
  const links = new Map(rtnetlink.links().map((link) => [link.ifindex, liveLink(link)]))
  const outcomes = rtnetlink.batch(remotes.map(lookUpRoute), { until: 'reply' })
  return remotes.map((remote, i) => ({ remote, via: viaOf(outcomes[i] as Outcome, links) }))
}

function viaOf({ error, replies }: Outcome, links: ReadonlyMap<number, LiveLink>): UnderlayPath['via'] {
  if (error !== null) {
    if (noPath.has(error.errno)) return null
    throw error
  }
  const [reply] = replies
  const route = reply === undefined ? null : decodeRoute(reply)
  if (route === null || route.ifindex === null || route.source === null) return null
  if (route.type !== RTN.unicast && route.type !== RTN.local) return null
  const link = links.get(route.ifindex)
  return link === undefined
    ? null
    : { interface: link.name, source: route.source, mtu: route.mtu ?? link.mtu }
}

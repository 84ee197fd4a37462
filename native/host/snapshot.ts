// SPDX-License-Identifier: MIT
/**
 * What the network stack holds, in the model's terms: links, addresses, routes of the main table and of our own, rules of
 * routing, filters, and the paths to underlay addresses. Reads only.
 */
import { hostname } from 'node:os'
import type { Address, Family, Prefix } from '../../src/model/address.ts'
import { ownedProtocol } from '../../src/model/kernel.ts'
import { mainTable, ownTables, pathMark } from '../../src/model/own-tables.ts'
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
import type { Keep } from '../netlink/message.ts'
import { decodeRoute, lookUpRoute, type Route, RTN } from '../netlink/route.ts'
import { routesThatMatter, withoutMark } from '../netlink/route-filter.ts'
import type { Rtnetlink } from '../netlink/rtnetlink.ts'
import type { Outcome } from '../netlink/socket.ts'
import { readFilters } from './filter/index.ts'
import { liveLink } from './links.ts'

/** `nets`, `exact`: as in `HostNetwork.snapshot`. */
export function takeSnapshot(
  rtnetlink: Rtnetlink,
  nets?: readonly Prefix[],
  exact: readonly Prefix[] = [],
): HostState {
  const interfaces = readInterfaces(rtnetlink)
  const { links } = interfaces
  const names = namesOf(links)
  const ours = links.filter(({ owner }) => owner !== null).map(({ ifindex }) => ifindex)
  const keep = nets && routesThatMatter({ protocol: ownedProtocol, ifindexes: new Set(ours), nets, exact })
  return {
    ...interfaces,
    routes: ([4, 6] as const).flatMap((family) => readRoutes(rtnetlink, family, names, keep)),
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

/**
 * Those of the main table that `keep` leaves, and all of the tables in which we have some: what others put there decides
 * as well.
 */
function readRoutes(
  rtnetlink: Rtnetlink,
  family: Family,
  names: ReadonlyMap<number, string>,
  keep: Keep | undefined,
): LiveRoute[] {
  const own = rtnetlink
    .routes(family, { protocol: ownedProtocol })
    .filter(({ table }) => ownTables.includes(table))
  const tables = [...new Set(own.map(({ table }) => table))]
  return [
    ...rtnetlink.routes(family, { table: mainTable }, keep),
    ...own,
    ...tables.flatMap((table) => rtnetlink.routes(family, { table }, withoutMark(ownedProtocol))),
  ].flatMap((route) => liveRoute(route, names))
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

/** Empty for types of routes that the model does not have (local, multicast, …). */
function liveRoute(route: Route, names: ReadonlyMap<number, string>): LiveRoute[] {
  const { destination, metric, mtu, table, tos, from, source, gateway } = route
  const type = routeType(route.type)
  if (type === null) return []
  const owned = route.protocol === ownedProtocol
  const index = type === 'unicast' ? route.ifindex : null
  const device = index === null ? null : (names.get(index) ?? null)
  const live: { -readonly [F in keyof LiveRoute]: LiveRoute[F] } = {
    ...{ destination, device, type, metric, mtu, owned },
  }
  if (table !== mainTable) live.table = table
  if (tos !== 0) live.tos = tos
  if (from !== null) live.from = from
  if (source !== null) live.source = source
  if (gateway !== null) live.gateway = gateway
  return [live]
}

/** Routes that drop, whatever they answer, are one to us: packets go nowhere. */
const dropping: readonly number[] = [RTN.blackhole, RTN.unreachable, RTN.prohibit]

function routeType(type: number): RouteSpec['type'] | null {
  if (type === RTN.throw) return 'throw'
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

/** Answers that mean "no way there"; the last two are those of a kernel without the family, as with `ipv6.disable=1`. */
const noPath: ReadonlySet<string> = new Set([
  'ENETUNREACH',
  'EHOSTUNREACH',
  'EACCES',
  'EINVAL',
  'EAGAIN',
  'EOPNOTSUPP',
  'EAFNOSUPPORT',
])

/**
 * The kernel's routing decision for each address, in order, as if our routes outside the nets were not there: the mark
 * has the main table asked before them, and what they answer where that has no answer is none. Throws a NetlinkError when
 * the kernel gives no decision.
 */
export function lookUpPaths(rtnetlink: Rtnetlink, remotes: readonly Address[]): readonly UnderlayPath[] {
  if (remotes.length === 0) return []
  const links = new Map(rtnetlink.links().map((link) => [link.ifindex, liveLink(link)]))
  const outcomes = rtnetlink.batch(
    remotes.map((remote) => lookUpRoute(remote, pathMark.value)),
    { until: 'reply' },
  )
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
  if ((route.type !== RTN.unicast && route.type !== RTN.local) || ownTables.includes(route.table)) return null
  const link = links.get(route.ifindex)
  return link === undefined
    ? null
    : { interface: link.name, source: route.source, mtu: route.mtu ?? link.mtu }
}

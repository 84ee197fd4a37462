// SPDX-License-Identifier: MIT
/**
 * Routes of tables and route look-ups (struct rtmsg of <linux/rtnetlink.h>): requests and answers.
 */
import {
  type Address,
  addressBytes,
  bitsOf,
  type Family,
  familyOf,
  type Prefix,
  prefixAddress,
  prefixLength,
  prefixOf,
} from '../../src/model/address.ts'
import { afOf, decodeIp, ipFamily } from './address.ts'
import { Attributes } from './attributes.ts'
import { Encoder, readI32, readU8, readU16, readU32 } from './bytes.ts'
import { malformed } from './error.ts'
import { type NetlinkMessage, NLM_F } from './message.ts'
import type { Request } from './socket.ts'

export const RTM_ROUTE = { new: 24, delete: 25, get: 26 } as const
/** rtm_type. */
export const RTN = { unicast: 1, local: 2, blackhole: 6, unreachable: 7, prohibit: 8, throw: 9 } as const

export const RTA = {
  destination: 1,
  source: 2,
  oif: 4,
  gateway: 5,
  priority: 6,
  prefsrc: 7,
  metrics: 8,
  multipath: 9,
} as const
const RTA_CACHEINFO = 12
const RTA_TABLE = 15
const RTA_MARK = 16
/** struct rtvia: a gateway of the other family. */
const RTA_VIA = 18
/** Tables that fit into the header; larger ones are told by an attribute alone. */
const largestShortTable = 255
const RTAX = { lock: 1, mtu: 2 } as const
const RT_SCOPE = { universe: 0, link: 253, nowhere: 255 } as const
const RTM_F_CLONED = 0x200
/** Answer with the table, and with the route as the table has it. */
const RTM_F_LOOKUP_TABLE = 0x1000
const RTM_F_FIB_MATCH = 0x2000
const RTNH_F_ONLINK = 4
/** struct rtnexthop: length, flags, hops, ifindex. */
export const nextHop = { ifindex: 4, size: 8 } as const
/** Offset of the address in struct rtvia, whose family has two bytes. */
const viaAddress = 2
/** Offset of rta_expires in struct rta_cacheinfo. */
const cacheExpires = 8
/** Bytes of struct rtmsg. */
export const headerSize = 12

/** A route as the kernel lists it, or its answer to a look-up. */
export interface Route {
  readonly destination: Prefix
  /** Of the packets that it takes; null: any. A look-up that names a source is answered with that. */
  readonly from: Prefix | null
  /** Of the packets that it takes; 0: any. */
  readonly tos: number
  readonly table: number
  readonly protocol: number
  /** RTN_*. */
  readonly type: number
  /** Of the first next hop, where there are several; null: none. */
  readonly ifindex: number | null
  readonly gateway: Address | null
  /** What the host's own packets have as their source; null: the kernel chooses. */
  readonly source: Address | null
  readonly metric: number
  /** Set with the route; null: none, or only learned from path MTU discovery, which comes and goes. */
  readonly mtu: number | null
  /** A cached clone: not of the table. */
  readonly cloned: boolean
}

/** A route to put in or take out. */
export interface RouteChange {
  readonly destination: Prefix
  /** Of the packets that it takes, as IPv6 can; absent: any. */
  readonly from?: Prefix
  /** Of the packets that it takes, as IPv4 can; absent: any. */
  readonly tos?: number
  readonly table: number
  readonly type: number
  readonly protocol: number
  /** Null for types other than unicast. */
  readonly ifindex: number | null
  readonly gateway: Address | null
  /** Reach the gateway on this link, whatever its addresses say. */
  readonly onlink: boolean
  /** What the host's own packets have as their source; absent: the kernel chooses. */
  readonly source?: Address
  /** 0: the kernel's default (0 for IPv4, 1024 for IPv6). */
  readonly metric: number
  /** Bytes of the largest packet, also for packets that are forwarded; null: what the link takes. */
  readonly mtu: number | null
}

/** Null for families other than IPv4 and IPv6. */
export function decodeRoute(message: Pick<NetlinkMessage, 'payload'>): Route | null {
  const { payload } = message
  const family = ipFamily(readU8(payload, 0))
  const flags = readU32(payload, 8)
  if (family === null) return null
  const attributes = new Attributes(payload, headerSize)
  const sourceLength = readU8(payload, 2)
  const hop = firstHop(attributes)
  return {
    destination: prefixIn(attributes, RTA.destination, readU8(payload, 1), family),
    from: sourceLength === 0 ? null : prefixIn(attributes, RTA.source, sourceLength, family),
    tos: readU8(payload, 3),
    table: attributes.u32(RTA_TABLE) ?? readU8(payload, 4),
    protocol: readU8(payload, 5),
    type: readU8(payload, 7),
    ifindex: attributes.u32(RTA.oif) ?? hop?.ifindex ?? null,
    gateway: gatewayIn(attributes, family) ?? (hop && gatewayIn(hop.attributes, family)) ?? null,
    source: ipOrNull(attributes.value(RTA.prefsrc), family),
    metric: attributes.u32(RTA.priority) ?? 0,
    mtu: isLearned(attributes, family, flags)
      ? null
      : (attributes.nested(RTA.metrics)?.u32(RTAX.mtu) ?? null),
    cloned: (flags & RTM_F_CLONED) !== 0,
  }
}

/**
 * The routes of one family in a table, or with a protocol mark, or both; 0: in any, with any.
 * ENOENT: the table has never been used.
 */
export function listRoutes(
  family: Family,
  { table, protocol }: { readonly table: number; readonly protocol: number },
): Request {
  const payload = header({
    af: afOf(family),
    length: 0,
    table: shortTable(table),
    protocol,
    scope: 0,
    type: 0,
  })
  describeTable(payload, table)
  return { what: `list the IPv${family} routes`, type: RTM_ROUTE.get, payload: payload.done() }
}

/** As a packet with `mark` would go, with the `table` that answers. ENETUNREACH, EHOSTUNREACH: no route; IPv6 may answer with a route of an unreachable type instead. */
export function lookUpRoute(address: Address, mark = 0): Request {
  const family = familyOf(address)
  const payload = header({
    af: afOf(family),
    length: bitsOf(family),
    table: 0,
    protocol: 0,
    scope: 0,
    type: 0,
    flags: tellTable(family),
  })
  payload.attributeBytes(RTA.destination, addressBytes(address))
  if (mark !== 0) payload.attributeU32(RTA_MARK, mark)
  return { what: `look up the route to ${address}`, type: RTM_ROUTE.get, payload: payload.done() }
}

/**
 * The same with the route that decides, `destination` and `table`, in the answer. A route of a dropping type is
 * answered by an error alone: EINVAL (blackhole), EHOSTUNREACH (unreachable), EACCES (prohibit).
 */
export function lookUpDecision(address: Address, source: Address | null): Request {
  const family = familyOf(address)
  const payload = header({
    ...{ af: afOf(family), length: bitsOf(family), table: 0, protocol: 0, scope: 0, type: 0 },
    sourceLength: source === null ? 0 : bitsOf(family),
    flags: tellTable(family) | RTM_F_FIB_MATCH,
  })
  payload.attributeBytes(RTA.destination, addressBytes(address))
  if (source !== null) payload.attributeBytes(RTA.source, addressBytes(source))
  return { what: `look up the route to ${address}`, type: RTM_ROUTE.get, payload: payload.done() }
}

/** IPv6 tells the table in any case, and refuses to be asked for it. */
function tellTable(family: Family): number {
  return family === 4 ? RTM_F_LOOKUP_TABLE : 0
}

/** EEXIST: there is one with this destination and metric. */
export function addRoute(route: RouteChange): Request {
  const onLink = route.type === RTN.unicast && route.gateway === null
  const scope = familyOf(route.destination) === 4 && onLink ? RT_SCOPE.link : RT_SCOPE.universe
  return {
    what: `add the route ${route.destination}`,
    type: RTM_ROUTE.new,
    flags: NLM_F.create | NLM_F.exclusive,
    payload: describe(route, scope),
  }
}

/** In the place of the first route of this destination and metric, in one step; where there is none, it is added. */
export function replaceRoute(route: RouteChange): Request {
  const { payload, type } = addRoute(route)
  const what = `change the route ${route.destination}`
  return { what, type, payload, flags: NLM_F.create | NLM_F.replace }
}

/** The kernel takes away only a route of the same protocol. ESRCH: there is none. */
export function deleteRoute(route: RouteChange): Request {
  const scope = familyOf(route.destination) === 4 ? RT_SCOPE.nowhere : RT_SCOPE.universe
  return {
    what: `delete the route ${route.destination}`,
    type: RTM_ROUTE.delete,
    payload: describe(route, scope),
  }
}

function describe(route: RouteChange, scope: number): Buffer {
  const { destination, from, tos, table, type, protocol, metric } = route
  const af = afOf(familyOf(destination))
  const flags = route.onlink ? RTNH_F_ONLINK : 0
  const payload = header({
    af,
    length: prefixLength(destination),
    sourceLength: from === undefined ? 0 : prefixLength(from),
    ...(tos === undefined ? {} : { tos }),
    table: shortTable(table),
    protocol,
    scope,
    type,
    flags,
  })
  payload.attributeBytes(RTA.destination, addressBytes(prefixAddress(destination)))
  if (from !== undefined) payload.attributeBytes(RTA.source, addressBytes(prefixAddress(from)))
  describeTable(payload, table)
  if (route.gateway !== null) describeGateway(payload, route.gateway, af)
  if (route.ifindex !== null) payload.attributeU32(RTA.oif, route.ifindex)
  if (metric !== 0) payload.attributeU32(RTA.priority, metric)
  if (route.source !== undefined) payload.attributeBytes(RTA.prefsrc, addressBytes(route.source))
  if (route.mtu !== null) describeMtu(payload, af, route.mtu)
  return payload.done()
}

/** Of the header. */
function shortTable(table: number): number {
  return table > largestShortTable ? 0 : table
}

function describeTable(payload: Encoder, table: number): void {
  if (table > largestShortTable) payload.attributeU32(RTA_TABLE, table)
}

function describeGateway(payload: Encoder, gateway: Address, af: number): void {
  const bytes = addressBytes(gateway)
  const family = afOf(familyOf(gateway))
  if (family === af) payload.attributeBytes(RTA.gateway, bytes)
  else payload.attributeBytes(RTA_VIA, Buffer.concat([new Encoder().u16(family).done(), bytes]))
}

/**
 * IPv6 holds packets that it forwards to a route's MTU only where that is locked (ip6_dst_mtu_maybe_forward() of
 * <net/ip6_route.h>). IPv4 always does, and where it is locked sends its own packets without DF.
 */
function describeMtu(payload: Encoder, af: number, mtu: number): void {
  payload.attribute(RTA.metrics, (metrics) => {
    if (af === afOf(6)) metrics.attributeU32(RTAX.lock, 1 << RTAX.mtu)
    metrics.attributeU32(RTAX.mtu, mtu)
  })
}

interface Header {
  readonly af: number
  readonly length: number
  readonly table: number
  readonly protocol: number
  readonly scope: number
  readonly type: number
  readonly flags?: number
  /** Bits of the source that a look-up is for, or a route. */
  readonly sourceLength?: number
  readonly tos?: number
}

function header(of: Header): Encoder {
  const { af, length, table, protocol, scope, type, flags = 0, sourceLength = 0, tos = 0 } = of
  const encoder = new Encoder().u8(af).u8(length).u8(sourceLength).u8(tos)
  return encoder.u8(table).u8(protocol).u8(scope).u8(type).u32(flags)
}

function anyAddress(family: Family): Address {
  return decodeIp(Buffer.alloc(bitsOf(family) / 8), family)
}

function ipOrNull(bytes: Buffer | undefined, family: Family): Address | null {
  return bytes === undefined ? null : decodeIp(bytes, family)
}

function prefixIn(attributes: Attributes, type: number, length: number, family: Family): Prefix {
  if (length > bitsOf(family)) throw malformed(`an IPv${family} prefix of ${length} bits`)
  return prefixOf(ipOrNull(attributes.value(type), family) ?? anyAddress(family), length)
}

function gatewayIn(attributes: Attributes, family: Family): Address | null {
  const via = attributes.value(RTA_VIA)
  const other = via === undefined ? null : ipFamily(readU16(via, 0))
  if (via !== undefined && other !== null) return decodeIp(via.subarray(viaAddress), other)
  return ipOrNull(attributes.value(RTA.gateway), family)
}

/** The first next hop of RTA_MULTIPATH. */
function firstHop(attributes: Attributes): { ifindex: number; attributes: Attributes } | undefined {
  const hops = attributes.value(RTA.multipath)
  if (hops === undefined || hops.length < nextHop.size) return undefined
  const length = readU16(hops, 0)
  if (length < nextHop.size || length > hops.length) throw malformed(`a next hop of ${length} bytes`)
  return {
    ifindex: readI32(hops, nextHop.ifindex),
    attributes: new Attributes(hops.subarray(0, length), nextHop.size),
  }
}

/**
 * Does the MTU come from path MTU discovery? IPv4 then says when it expires (net/ipv4/route.c, rt_fill_info);
 * IPv6 answers with the cached exception, marked as a clone (net/ipv6/route.c, rt6_fill_node).
 */
function isLearned(attributes: Attributes, family: Family, flags: number): boolean {
  if (family === 6) return (flags & RTM_F_CLONED) !== 0
  const cache = attributes.value(RTA_CACHEINFO)
  return cache !== undefined && readI32(cache, cacheExpires) !== 0
}

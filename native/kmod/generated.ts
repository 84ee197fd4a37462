// SPDX-License-Identifier: MIT

/**
 * The netlink interface of lvn.ko: numbers, types, and how attributes are written and read. Absent attributes
 * are absent properties. The kernel's own reference is docs/kernel-module-netlink.md. Sockets are not known
 * here.
 *
 * Written by `npm run gen` from spec/lvn.yaml: change that instead.
 */

import type { Address } from '../../src/model/address.ts'
import type { Attributes } from '../netlink/attributes.ts'
import type { Encoder } from '../netlink/bytes.ts'
import {
  getAddress,
  getBe16,
  getBytes,
  getEnum,
  getFlag,
  getNested,
  getText,
  getU8,
  getU32,
  getU64,
  present,
  putAddress,
  putBe16,
  putBytes,
  putEnum,
  putFlag,
  putNested,
  putText,
  putU8,
  putU32,
  putU64,
} from './codec.ts'

export const familyName = 'lvn'
export const familyVersion = 1

export const multicastGroup = { events: 'events' } as const

/** The most tunnels that one device holds. */
export const maxTunnels = 65536

/** The most rules that one device holds. */
export const maxRules = 1048576

/** Bytes of the longest name of a tunnel, without the final NUL. */
export const nameLen = 63

/** Bytes of a tunnel's SipHash key. */
export const keyLen = 16

/** The most bytes of user data that one device keeps. */
export const userdataLen = 4096

/** The most destinations of one device. */
export const maxDestinations = 64

/** Bytes of one destination. */
export const destinationLen = 20

/** Bytes of max-destinations of them. */
export const destinationsLen = 1280

/** The longest keepalive interval and dead time, in milliseconds; one day. */
export const maxTime = 86400000

/** Commands and notifications. */
export const command = {
  /** Adds a local endpoint. One made by hand stays until it is deleted, with or without tunnels. */
  localNew: 1,
  /** Deletes a local endpoint that no tunnel uses. */
  localDel: 2,
  /** All local endpoints of a device. */
  localGet: 3,
  /** Adds a tunnel. */
  tunnelNew: 4,
  /** Changes what is given of a tunnel, named by its id or else its name; the rest stays. */
  tunnelSet: 5,
  /** Deletes a tunnel, named by its id or else its name, and the rules that lead to it. */
  tunnelDel: 6,
  /** One tunnel, named by its id or else its name, or all of a device. */
  tunnelGet: 7,
  /** Something happened to a tunnel. */
  tunnelEvent: 8,
  /** Adds a rule. */
  ruleNew: 9,
  /** Points a rule at another tunnel; no packet is lost in between. */
  ruleSet: 10,
  /** Deletes a rule. */
  ruleDel: 11,
  /** All rules of a device. */
  ruleGet: 12,
} as const

/**
 * How a device chooses the tunnel of a packet. The place is the number.
 * `fixed`: One tunnel takes everything.
 * `multi`: Rules choose among many tunnels, longest prefix first.
 */
export const modeNames = ['fixed', 'multi'] as const
export type Mode = (typeof modeNames)[number]

/**
 * The Don't Fragment bit of the outer IPv4 header. The place is the number.
 * `inherit`: That of the inner packet; set where the inner packet is IPv6.
 * `set`: Always set.
 * `unset`: Never set.
 */
export const dfNames = ['inherit', 'set', 'unset'] as const
export type Df = (typeof dfNames)[number]

/**
 * What becomes of a tunnel whose peer is dead. The place is the number.
 * `keep`: It stays, and comes back with the peer.
 * `remove`: It goes, with its rules.
 */
export const onDeadNames = ['keep', 'remove'] as const
export type OnDead = (typeof onDeadNames)[number]

/**
 * What is known of a tunnel's peer. The place is the number.
 * `pending`: No remote endpoint yet.
 * `up`: Has a remote endpoint, and has not been found dead.
 * `dead`: Silent for longer than the dead time.
 */
export const stateNames = ['pending', 'up', 'dead'] as const
export type State = (typeof stateNames)[number]

/**
 * What happened to a tunnel. The place is the number.
 * `added`: It is new.
 * `changed`: A request changed it.
 * `removed`: It is gone, for the reason given.
 * `dead`: Nothing was heard of its peer for its dead time.
 * `back`: Its peer, dead before, is heard of again.
 * `moved`: Its peer proved a new remote endpoint.
 */
export const eventNames = ['added', 'changed', 'removed', 'dead', 'back', 'moved'] as const
export type Event = (typeof eventNames)[number]

/**
 * Why a tunnel is gone. The place is the number.
 * `deleted`: A request deleted it.
 * `dead`: Its peer is dead, and it was to be removed then.
 * `device`: Its device is gone.
 * `socket`: The socket of its local endpoint was closed.
 */
export const reasonNames = ['deleted', 'dead', 'device', 'socket'] as const
export type Reason = (typeof reasonNames)[number]

/** A device, within IFLA_INFO_DATA of an rtnetlink link message whose IFLA_INFO_KIND is "lvn". */
export interface LinkAttributes {
  /** Cannot be changed later. Left out, the device is fixed. */
  readonly mode?: Mode
  /** The most tunnels it holds. Left out, 1 for a fixed device and max-tunnels for a multi one. */
  readonly capacity?: number
  /** Left out, inherit. */
  readonly df?: Df
  /** Kept for user space, which alone knows what it means. */
  readonly userdata?: Uint8Array
  /** How many tunnels there are. Only read. */
  readonly tunnels?: number
  /** How many rules there are. Only read. */
  readonly rules?: number
  /** Packets dropped since the device was made, by reason. Only read. */
  readonly drops?: DropsAttributes
  /**
   * Inner destinations that packets out of its tunnels may have, besides those that a rule leads into
   * another tunnel. Each is destination-len bytes: the address, host bits zero, in 4 or 16 bytes of the
   * first 16, the rest zero; 4 or 6, the family; the bits of the prefix; two zeros. Empty or never set, any.
   */
  readonly destinations?: Uint8Array
}

/** Appends what is there. Throws a NetlinkError for a number that its type cannot hold. */
export function encodeLink(encoder: Encoder, value: LinkAttributes): Encoder {
  if (value.mode !== undefined) putEnum(encoder, 1, value.mode, modeNames)
  if (value.capacity !== undefined) putU32(encoder, 2, value.capacity)
  if (value.df !== undefined) putEnum(encoder, 3, value.df, dfNames)
  if (value.userdata !== undefined) putBytes(encoder, 4, value.userdata)
  if (value.tunnels !== undefined) putU32(encoder, 5, value.tunnels)
  if (value.rules !== undefined) putU32(encoder, 6, value.rules)
  if (value.drops !== undefined) putNested(encoder, 7, value.drops, encodeDrops)
  if (value.destinations !== undefined) putBytes(encoder, 8, value.destinations)
  return encoder
}

/**
 * Unknown attributes are passed over. Throws a NetlinkError for values of another form than their type
 * has.
 */
export function decodeLink(attributes: Attributes): LinkAttributes {
  return present({
    mode: getEnum(attributes, 1, modeNames),
    capacity: getU32(attributes, 2),
    df: getEnum(attributes, 3, dfNames),
    userdata: getBytes(attributes, 4),
    tunnels: getU32(attributes, 5),
    rules: getU32(attributes, 6),
    drops: getNested(attributes, 7, decodeDrops),
    destinations: getBytes(attributes, 8),
  })
}

/** Counts of dropped packets, by reason. */
export interface DropsAttributes {
  /** No rule leads the inner destination anywhere. */
  readonly noRule?: number
  /** The tunnel has no remote endpoint yet, or the underlay has no route to it. */
  readonly noRemote?: number
  /** No rule of the tunnel covers the inner source. */
  readonly badSource?: number
  /**
   * No tunnel has the outer source as its remote endpoint; or, of a control packet, nothing tells whose it
   * is.
   */
  readonly unknownPeer?: number
  /** The payload is no IP packet. */
  readonly malformed?: number
  /** Larger than the path takes. */
  readonly fragment?: number
  /** Congestion experienced outside, not capable of that inside (RFC 6040). */
  readonly ecn?: number
  /** No memory. */
  readonly noRoom?: number
  /** Neither IPv4 nor IPv6, or a loop. */
  readonly unsupported?: number
  /** The inner destination is none that packets out of the device's tunnels may have. */
  readonly badDestination?: number
}

/** Appends what is there. Throws a NetlinkError for a number that its type cannot hold. */
export function encodeDrops(encoder: Encoder, value: DropsAttributes): Encoder {
  if (value.noRule !== undefined) putU64(encoder, 2, value.noRule)
  if (value.noRemote !== undefined) putU64(encoder, 3, value.noRemote)
  if (value.badSource !== undefined) putU64(encoder, 4, value.badSource)
  if (value.unknownPeer !== undefined) putU64(encoder, 5, value.unknownPeer)
  if (value.malformed !== undefined) putU64(encoder, 6, value.malformed)
  if (value.fragment !== undefined) putU64(encoder, 7, value.fragment)
  if (value.ecn !== undefined) putU64(encoder, 8, value.ecn)
  if (value.noRoom !== undefined) putU64(encoder, 9, value.noRoom)
  if (value.unsupported !== undefined) putU64(encoder, 10, value.unsupported)
  if (value.badDestination !== undefined) putU64(encoder, 11, value.badDestination)
  return encoder
}

/**
 * Unknown attributes are passed over. Throws a NetlinkError for values of another form than their type
 * has.
 */
export function decodeDrops(attributes: Attributes): DropsAttributes {
  return present({
    noRule: getU64(attributes, 2),
    noRemote: getU64(attributes, 3),
    badSource: getU64(attributes, 4),
    unknownPeer: getU64(attributes, 5),
    malformed: getU64(attributes, 6),
    fragment: getU64(attributes, 7),
    ecn: getU64(attributes, 8),
    noRoom: getU64(attributes, 9),
    unsupported: getU64(attributes, 10),
    badDestination: getU64(attributes, 11),
  })
}

/** A local endpoint of a device, that is an address and port that tunnels send from and receive on. */
export interface LocalAttributes {
  /** The device. */
  readonly ifindex?: number
  /** 4 or 16 bytes in network order. */
  readonly address?: Address
  /** UDP port. */
  readonly port?: number
  /**
   * File descriptor of a UDP socket of the caller's, bound to this address and port (or to the port alone),
   * to be used in place of a socket of the kernel's own. What is no data packet still reaches its owner;
   * when the owner closes it, the local endpoint and its tunnels go.
   */
  readonly socket?: number
  /** The socket was handed over by user space. Only read. */
  readonly handedOver?: true
  /** How many tunnels use it. Only read. */
  readonly tunnels?: number
}

/** Appends what is there. Throws a NetlinkError for a number that its type cannot hold. */
export function encodeLocal(encoder: Encoder, value: LocalAttributes): Encoder {
  if (value.ifindex !== undefined) putU32(encoder, 1, value.ifindex)
  if (value.address !== undefined) putAddress(encoder, 2, value.address)
  if (value.port !== undefined) putBe16(encoder, 3, value.port)
  if (value.socket !== undefined) putU32(encoder, 4, value.socket)
  if (value.handedOver !== undefined) putFlag(encoder, 5, value.handedOver)
  if (value.tunnels !== undefined) putU32(encoder, 6, value.tunnels)
  return encoder
}

/**
 * Unknown attributes are passed over. Throws a NetlinkError for values of another form than their type
 * has.
 */
export function decodeLocal(attributes: Attributes): LocalAttributes {
  return present({
    ifindex: getU32(attributes, 1),
    address: getAddress(attributes, 2),
    port: getBe16(attributes, 3),
    socket: getU32(attributes, 4),
    handedOver: getFlag(attributes, 5),
    tunnels: getU32(attributes, 6),
  })
}

/** A tunnel. */
export interface TunnelAttributes {
  /** The device. */
  readonly ifindex?: number
  /** Of the tunnel within its device; the kernel chooses one where it is left out. */
  readonly id?: number
  /** Unique within the device. */
  readonly name?: string
  /**
   * Outer source, 4 or 16 bytes in network order. A local endpoint that the device does not have yet is made
   * with a socket of the kernel's own, and goes with its last tunnel.
   */
  readonly localAddress?: Address
  /** UDP port of the local endpoint. */
  readonly localPort?: number
  /** Of the family of the local address. Left out where there is no remote endpoint (yet). */
  readonly remoteAddress?: Address
  /** UDP port of the remote endpoint; left out exactly where its address is. */
  readonly remotePort?: number
  /** Index of the interface that outer packets leave by; 0 or left out, the one the route leads to. */
  readonly underlay?: number
  /** SipHash key of control packets. Never read back. */
  readonly key?: Uint8Array
  /** Milliseconds from one keepalive to the next; 0 sends none. */
  readonly keepaliveInterval?: number
  /** Milliseconds of silence after which the peer is dead; 0 is never. */
  readonly deadTime?: number
  /** Left out, keep. */
  readonly onDead?: OnDead
  /** Only read. */
  readonly state?: State
  /** Only read. */
  readonly stats?: StatsAttributes
  /** In notifications. */
  readonly event?: Event
  /** In notifications of removal. */
  readonly reason?: Reason
  /** Takes the remote endpoint away; the tunnel is pending then. */
  readonly forgetRemote?: true
}

/** Appends what is there. Throws a NetlinkError for a number that its type cannot hold. */
export function encodeTunnel(encoder: Encoder, value: TunnelAttributes): Encoder {
  if (value.ifindex !== undefined) putU32(encoder, 1, value.ifindex)
  if (value.id !== undefined) putU32(encoder, 2, value.id)
  if (value.name !== undefined) putText(encoder, 3, value.name)
  if (value.localAddress !== undefined) putAddress(encoder, 4, value.localAddress)
  if (value.localPort !== undefined) putBe16(encoder, 5, value.localPort)
  if (value.remoteAddress !== undefined) putAddress(encoder, 6, value.remoteAddress)
  if (value.remotePort !== undefined) putBe16(encoder, 7, value.remotePort)
  if (value.underlay !== undefined) putU32(encoder, 8, value.underlay)
  if (value.key !== undefined) putBytes(encoder, 9, value.key)
  if (value.keepaliveInterval !== undefined) putU32(encoder, 10, value.keepaliveInterval)
  if (value.deadTime !== undefined) putU32(encoder, 11, value.deadTime)
  if (value.onDead !== undefined) putEnum(encoder, 12, value.onDead, onDeadNames)
  if (value.state !== undefined) putEnum(encoder, 13, value.state, stateNames)
  if (value.stats !== undefined) putNested(encoder, 14, value.stats, encodeStats)
  if (value.event !== undefined) putEnum(encoder, 15, value.event, eventNames)
  if (value.reason !== undefined) putEnum(encoder, 16, value.reason, reasonNames)
  if (value.forgetRemote !== undefined) putFlag(encoder, 17, value.forgetRemote)
  return encoder
}

/**
 * Unknown attributes are passed over. Throws a NetlinkError for values of another form than their type
 * has.
 */
export function decodeTunnel(attributes: Attributes): TunnelAttributes {
  return present({
    ifindex: getU32(attributes, 1),
    id: getU32(attributes, 2),
    name: getText(attributes, 3),
    localAddress: getAddress(attributes, 4),
    localPort: getBe16(attributes, 5),
    remoteAddress: getAddress(attributes, 6),
    remotePort: getBe16(attributes, 7),
    underlay: getU32(attributes, 8),
    key: getBytes(attributes, 9),
    keepaliveInterval: getU32(attributes, 10),
    deadTime: getU32(attributes, 11),
    onDead: getEnum(attributes, 12, onDeadNames),
    state: getEnum(attributes, 13, stateNames),
    stats: getNested(attributes, 14, decodeStats),
    event: getEnum(attributes, 15, eventNames),
    reason: getEnum(attributes, 16, reasonNames),
    forgetRemote: getFlag(attributes, 17),
  })
}

/** Counters of a tunnel. */
export interface StatsAttributes {
  /** Inner packets received. */
  readonly rxPackets?: number
  /** Of inner packets. */
  readonly rxBytes?: number
  /** Inner packets sent. */
  readonly txPackets?: number
  /** Of inner packets. */
  readonly txBytes?: number
  /** Packets of this tunnel that were dropped, either way. */
  readonly dropped?: number
  /** Milliseconds since the last packet came in; left out where none did. */
  readonly sinceRx?: number
  /** Milliseconds since the last packet went out; left out where none did. */
  readonly sinceTx?: number
  /** Control packets with a wrong tag, an old counter or a wrong source. */
  readonly controlRejected?: number
}

/** Appends what is there. Throws a NetlinkError for a number that its type cannot hold. */
export function encodeStats(encoder: Encoder, value: StatsAttributes): Encoder {
  if (value.rxPackets !== undefined) putU64(encoder, 2, value.rxPackets)
  if (value.rxBytes !== undefined) putU64(encoder, 3, value.rxBytes)
  if (value.txPackets !== undefined) putU64(encoder, 4, value.txPackets)
  if (value.txBytes !== undefined) putU64(encoder, 5, value.txBytes)
  if (value.dropped !== undefined) putU64(encoder, 6, value.dropped)
  if (value.sinceRx !== undefined) putU64(encoder, 7, value.sinceRx)
  if (value.sinceTx !== undefined) putU64(encoder, 8, value.sinceTx)
  if (value.controlRejected !== undefined) putU64(encoder, 9, value.controlRejected)
  return encoder
}

/**
 * Unknown attributes are passed over. Throws a NetlinkError for values of another form than their type
 * has.
 */
export function decodeStats(attributes: Attributes): StatsAttributes {
  return present({
    rxPackets: getU64(attributes, 2),
    rxBytes: getU64(attributes, 3),
    txPackets: getU64(attributes, 4),
    txBytes: getU64(attributes, 5),
    dropped: getU64(attributes, 6),
    sinceRx: getU64(attributes, 7),
    sinceTx: getU64(attributes, 8),
    controlRejected: getU64(attributes, 9),
  })
}

/** Packets for a prefix go into a tunnel; packets out of it must have their source in one of its rules. */
export interface RuleAttributes {
  /** The device. */
  readonly ifindex?: number
  /** 4 or 16 bytes in network order, host bits zero. */
  readonly prefix?: Address
  /** Bits of the prefix; at most 32 where it has 4 bytes. */
  readonly prefixLen?: number
  /** Id of the tunnel. */
  readonly tunnel?: number
}

/** Appends what is there. Throws a NetlinkError for a number that its type cannot hold. */
export function encodeRule(encoder: Encoder, value: RuleAttributes): Encoder {
  if (value.ifindex !== undefined) putU32(encoder, 1, value.ifindex)
  if (value.prefix !== undefined) putAddress(encoder, 2, value.prefix)
  if (value.prefixLen !== undefined) putU8(encoder, 3, value.prefixLen)
  if (value.tunnel !== undefined) putU32(encoder, 4, value.tunnel)
  return encoder
}

/**
 * Unknown attributes are passed over. Throws a NetlinkError for values of another form than their type
 * has.
 */
export function decodeRule(attributes: Attributes): RuleAttributes {
  return present({
    ifindex: getU32(attributes, 1),
    prefix: getAddress(attributes, 2),
    prefixLen: getU8(attributes, 3),
    tunnel: getU32(attributes, 4),
  })
}

/** What a request to make or change a device may say. */
export type LinkNewAttributes = Pick<LinkAttributes, 'mode' | 'capacity' | 'df' | 'userdata' | 'destinations'>

/** `local-new`: what a request holds. */
export type LocalNewRequest = Pick<LocalAttributes, 'ifindex' | 'address' | 'port' | 'socket'>

/** `local-del`: what a request holds. */
export type LocalDelRequest = Pick<LocalAttributes, 'ifindex' | 'address' | 'port'>

/** `local-get`: what a request holds. */
export type LocalGetDumpRequest = Pick<LocalAttributes, 'ifindex'>

/** `local-get`: what an answer holds. */
export type LocalGetDumpReply = Pick<
  LocalAttributes,
  'ifindex' | 'address' | 'port' | 'handedOver' | 'tunnels'
>

/** `tunnel-new`: what a request holds. */
export type TunnelNewRequest = Pick<
  TunnelAttributes,
  | 'ifindex'
  | 'id'
  | 'name'
  | 'localAddress'
  | 'localPort'
  | 'remoteAddress'
  | 'remotePort'
  | 'underlay'
  | 'key'
  | 'keepaliveInterval'
  | 'deadTime'
  | 'onDead'
>

/** `tunnel-set`: what a request holds. */
export type TunnelSetRequest = Pick<
  TunnelAttributes,
  | 'ifindex'
  | 'id'
  | 'name'
  | 'localAddress'
  | 'localPort'
  | 'remoteAddress'
  | 'remotePort'
  | 'underlay'
  | 'key'
  | 'keepaliveInterval'
  | 'deadTime'
  | 'onDead'
  | 'forgetRemote'
>

/** `tunnel-del`: what a request holds. */
export type TunnelDelRequest = Pick<TunnelAttributes, 'ifindex' | 'id' | 'name'>

/** `tunnel-get`: what a request holds. */
export type TunnelGetRequest = Pick<TunnelAttributes, 'ifindex' | 'id' | 'name'>

/** `tunnel-get`: what an answer holds. */
export type TunnelGetReply = Pick<
  TunnelAttributes,
  | 'ifindex'
  | 'id'
  | 'name'
  | 'localAddress'
  | 'localPort'
  | 'remoteAddress'
  | 'remotePort'
  | 'underlay'
  | 'keepaliveInterval'
  | 'deadTime'
  | 'onDead'
  | 'state'
  | 'stats'
>

/** `tunnel-get`: what a request holds. */
export type TunnelGetDumpRequest = Pick<TunnelAttributes, 'ifindex'>

/** `tunnel-get`: what an answer holds. */
export type TunnelGetDumpReply = Pick<
  TunnelAttributes,
  | 'ifindex'
  | 'id'
  | 'name'
  | 'localAddress'
  | 'localPort'
  | 'remoteAddress'
  | 'remotePort'
  | 'underlay'
  | 'keepaliveInterval'
  | 'deadTime'
  | 'onDead'
  | 'state'
  | 'stats'
>

/** `tunnel-event`: what a notification holds. */
export type TunnelEventMessage = Pick<
  TunnelAttributes,
  | 'event'
  | 'reason'
  | 'ifindex'
  | 'id'
  | 'name'
  | 'localAddress'
  | 'localPort'
  | 'remoteAddress'
  | 'remotePort'
  | 'underlay'
  | 'keepaliveInterval'
  | 'deadTime'
  | 'onDead'
  | 'state'
>

/** `rule-new`: what a request holds. */
export type RuleNewRequest = Pick<RuleAttributes, 'ifindex' | 'prefix' | 'prefixLen' | 'tunnel'>

/** `rule-set`: what a request holds. */
export type RuleSetRequest = Pick<RuleAttributes, 'ifindex' | 'prefix' | 'prefixLen' | 'tunnel'>

/** `rule-del`: what a request holds. */
export type RuleDelRequest = Pick<RuleAttributes, 'ifindex' | 'prefix' | 'prefixLen'>

/** `rule-get`: what a request holds. */
export type RuleGetDumpRequest = Pick<RuleAttributes, 'ifindex'>

/** `rule-get`: what an answer holds. */
export type RuleGetDumpReply = Pick<RuleAttributes, 'ifindex' | 'prefix' | 'prefixLen' | 'tunnel'>

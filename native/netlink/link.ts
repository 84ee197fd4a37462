// SPDX-License-Identifier: MIT
/**
 * Links (struct ifinfomsg of <linux/rtnetlink.h>, attributes of <linux/if_link.h>): requests and answers.
 */
import { Attributes } from './attributes.ts'
import { Encoder, readI32, readU16, readU32 } from './bytes.ts'
import { type NetlinkMessage, NLM_F } from './message.ts'
import type { Request } from './socket.ts'

export const RTM_LINK = { new: 16, delete: 17, get: 18 } as const

const IFLA = {
  name: 3,
  mtu: 4,
  qdisc: 6,
  master: 10,
  info: 18,
  alias: 20,
  afSpec: 26,
  netnsFd: 28,
  extMask: 29,
  xdp: 43,
} as const
const IFLA_INFO = { kind: 1, data: 2 } as const
/** Of <linux/if_link.h>, in the data of a TUN device. */
const IFLA_TUN_OWNER = 1
const IFLA_XDP = { attached: 2, programId: 4 } as const
const VETH_INFO_PEER = 1
const IFLA_INET6_ADDR_GEN_MODE = 8
const IN6_ADDR_GEN_MODE_NONE = 1
const RTEXT_FILTER_SKIP_STATS = 8
const AF_INET6 = 10
const IFF_UP = 1
const IFF_MULTICAST = 0x1000
const headerSize = 16

export interface Link {
  readonly ifindex: number
  readonly name: string
  /** ARPHRD_*. */
  readonly hardwareType: number
  readonly up: boolean
  readonly mtu: number
  /** `veth`, `tun`; null for interfaces without rtnl_link_ops (physical ones, loopback). */
  readonly kind: string | null
  readonly alias: string | null
  /** Index of the bridge, bond or VRF that it is a port of; absent: of none. */
  readonly master?: number
  /** Id of its XDP program; 0: it has several. Absent: it has none. */
  readonly xdp?: number
  /** Kind of its root qdisc: `noqueue`, `htb`. Absent: the kernel does not say. */
  readonly qdisc?: string
  /** User who may attach to the TUN device. Absent: there is none, or it is no TUN device. */
  readonly tunOwner?: number
}

export type LinkId = Pick<Link, 'ifindex' | 'name'>

/** What to change of a link; absent means leave alone. */
export interface LinkChange {
  readonly up?: boolean
  readonly mtu?: number
  /** Null takes the alias away. */
  readonly alias?: string | null
  /** False: the kernel joins no groups and sends no membership reports. */
  readonly multicast?: false
  /** `none`: no IPv6 link-local address of its own (IN6_ADDR_GEN_MODE_NONE). */
  readonly addrGenMode?: 'none'
}

/** One end of a veth pair; `netnsFd` null: the socket's own namespace. */
export interface VethEnd {
  readonly name: string
  readonly netnsFd: number | null
}

export function decodeLink(message: Pick<NetlinkMessage, 'payload'>): Link {
  const { payload } = message
  const flags = readU32(payload, 8)
  const attributes = new Attributes(payload, headerSize)
  const master = attributes.u32(IFLA.master)
  const qdisc = attributes.text(IFLA.qdisc)
  const info = attributes.nested(IFLA.info)
  const tunOwner =
    info?.text(IFLA_INFO.kind) === 'tun' ? info.nested(IFLA_INFO.data)?.u32(IFLA_TUN_OWNER) : undefined
  return {
    ifindex: readI32(payload, 4),
    name: attributes.text(IFLA.name) ?? '',
    hardwareType: readU16(payload, 2),
    up: (flags & IFF_UP) !== 0,
    mtu: attributes.u32(IFLA.mtu) ?? 0,
    kind: info?.text(IFLA_INFO.kind) ?? null,
    alias: attributes.text(IFLA.alias) ?? null,
    ...(master === undefined ? {} : { master }),
    ...xdpOf(attributes),
    ...(qdisc === undefined ? {} : { qdisc }),
    ...(tunOwner === undefined ? {} : { tunOwner }),
  }
}

/** One in the driver and one behind it have no common id. */
function xdpOf(attributes: Attributes): Pick<Link, 'xdp'> {
  const xdp = attributes.nested(IFLA.xdp)
  if (xdp === undefined || (xdp.u8(IFLA_XDP.attached) ?? 0) === 0) return {}
  return { xdp: xdp.u32(IFLA_XDP.programId) ?? 0 }
}

export function listLinks(): Request {
  const payload = header(0).attributeU32(IFLA.extMask, RTEXT_FILTER_SKIP_STATS).done()
  return { what: 'list the interfaces', type: RTM_LINK.get, payload }
}

/** ENODEV: there is none of that name. */
export function getLink(name: string): Request {
  const payload = header(0)
    .attributeU32(IFLA.extMask, RTEXT_FILTER_SKIP_STATS)
    .attributeText(IFLA.name, name)
    .done()
  return { what: `look for the interface ${name}`, type: RTM_LINK.get, payload }
}

/** `name` is for the error message only; the index says which link. */
export function changeLink({ ifindex, name }: LinkId, change: LinkChange): Request {
  const payload = header(ifindex, flagsOf(change))
  if (change.mtu !== undefined) payload.attributeU32(IFLA.mtu, change.mtu)
  if (change.alias !== undefined) payload.attributeBytes(IFLA.alias, Buffer.from(change.alias ?? ''))
  if (change.addrGenMode === 'none') {
    payload.attribute(IFLA.afSpec, (spec) =>
      spec.attribute(AF_INET6, (inet6) =>
        inet6.attributeU8(IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE),
      ),
    )
  }
  return { what: `change the interface ${name}`, type: RTM_LINK.new, payload: payload.done() }
}

function flagsOf({ up, multicast }: LinkChange): Flags {
  const mask = (up === undefined ? 0 : IFF_UP) | (multicast === undefined ? 0 : IFF_MULTICAST)
  return { value: up ? IFF_UP : 0, mask }
}

/** What a new interface of a kind with attributes of its own is to be. */
export interface NewLink {
  readonly name: string
  readonly kind: string
  readonly mtu: number
  readonly up: boolean
  /** Appends the attributes of IFLA_INFO_DATA. */
  readonly data: (encoder: Encoder) => void
}

/** EEXIST: the name is taken. EOPNOTSUPP: no such kind is there, nor could the kernel load it. */
export function addLink({ name, kind, mtu, up, data }: NewLink): Request {
  const payload = header(0, { value: up ? IFF_UP : 0, mask: IFF_UP })
    .attributeText(IFLA.name, name)
    .attributeU32(IFLA.mtu, mtu)
  describeKind(payload, kind, data)
  return {
    what: `make the interface ${name}`,
    type: RTM_LINK.new,
    flags: NLM_F.create | NLM_F.exclusive,
    payload: payload.done(),
  }
}

/** Changes the attributes of the kind's own that `data` appends. */
export function changeLinkData(
  { ifindex, name }: LinkId,
  kind: string,
  data: (encoder: Encoder) => void,
): Request {
  const payload = header(ifindex)
  describeKind(payload, kind, data)
  return { what: `change the interface ${name}`, type: RTM_LINK.new, payload: payload.done() }
}

/** The attributes of the kind's own (IFLA_INFO_DATA); null: none. */
export function decodeLinkData({ payload }: Pick<NetlinkMessage, 'payload'>): Attributes | null {
  return new Attributes(payload, headerSize).nested(IFLA.info)?.nested(IFLA_INFO.data) ?? null
}

export function deleteLink({ ifindex, name }: LinkId): Request {
  return { what: `delete the interface ${name}`, type: RTM_LINK.delete, payload: header(ifindex).done() }
}

export function addVeth(a: VethEnd, b: VethEnd): Request {
  const payload = header(0)
  describeEnd(payload, a)
  payload.attribute(IFLA.info, (info) =>
    info.attributeText(IFLA_INFO.kind, 'veth').attribute(IFLA_INFO.data, (data) =>
      data.attribute(VETH_INFO_PEER, (peer) => {
        writeHeader(peer, 0)
        describeEnd(peer, b)
      }),
    ),
  )
  return {
    what: `make the veth pair ${a.name}, ${b.name}`,
    type: RTM_LINK.new,
    flags: NLM_F.create | NLM_F.exclusive,
    payload: payload.done(),
  }
}

function describeKind(encoder: Encoder, kind: string, data: (encoder: Encoder) => void): void {
  encoder.attribute(IFLA.info, (info) =>
    info.attributeText(IFLA_INFO.kind, kind).attribute(IFLA_INFO.data, data),
  )
}

function describeEnd(encoder: Encoder, end: VethEnd): void {
  encoder.attributeText(IFLA.name, end.name)
  if (end.netnsFd !== null) encoder.attributeU32(IFLA.netnsFd, end.netnsFd)
}

interface Flags {
  readonly value: number
  readonly mask: number
}

function header(ifindex: number, flags?: Flags): Encoder {
  return writeHeader(new Encoder(), ifindex, flags)
}

function writeHeader(encoder: Encoder, ifindex: number, flags: Flags = { value: 0, mask: 0 }): Encoder {
  return encoder.u16(0).u16(0).u32(ifindex).u32(flags.value).u32(flags.mask)
}

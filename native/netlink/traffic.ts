// SPDX-License-Identifier: MIT
/**
 * clsact qdiscs and BPF filters in direct-action mode (struct tcmsg of <linux/rtnetlink.h>, attributes of
 * <linux/pkt_cls.h>): requests and answers. For kernels without tcx.
 */
import { Attributes } from './attributes.ts'
import { Encoder, readI32, readU16, readU32 } from './bytes.ts'
import { type NetlinkMessage, NLM_F } from './message.ts'
import type { Request } from './socket.ts'

export const RTM_QDISC = { new: 36, delete: 37, get: 38 } as const
export const RTM_FILTER = { new: 44, delete: 45, get: 46 } as const

const TCA = { kind: 1, options: 2 } as const
const TCA_BPF = { fd: 6, name: 7, flags: 8, id: 11 } as const
const TCA_BPF_FLAG_ACT_DIRECT = 1
const TC_H_CLSACT = 0xfffffff1
const clsactHandle = 0xffff0000
/** TC_H_MIN_INGRESS and TC_H_MIN_EGRESS under the clsact qdisc. */
const parents = { ingress: 0xfffffff2, egress: 0xfffffff3 } as const
/** htons(ETH_P_ALL), as tcm_info holds it. */
const anyProtocol = Buffer.from([0, 3])
const headerSize = 20

export type Direction = keyof typeof parents

export interface Qdisc {
  readonly ifindex: number
  /** `clsact`, `noqueue`. */
  readonly kind: string
  readonly handle: number
  readonly parent: number
}

export interface BpfFilter {
  readonly ifindex: number
  readonly direction: Direction
  /** 1–65535; smaller ones run first. */
  readonly priority: number
  readonly handle: number
  readonly name: string
}

export interface LiveBpfFilter extends BpfFilter {
  /** The program's id. */
  readonly program: number
  readonly directAction: boolean
}

export function decodeQdisc(message: Pick<NetlinkMessage, 'payload'>): Qdisc {
  const { payload } = message
  return {
    ifindex: readI32(payload, 4),
    handle: readU32(payload, 8),
    parent: readU32(payload, 12),
    kind: new Attributes(payload, headerSize).text(TCA.kind) ?? '',
  }
}

/** Of all interfaces: the kernel takes no filter. */
export function listQdiscs(): Request {
  return { what: 'list the qdiscs', type: RTM_QDISC.get, payload: header(0, 0, 0, 0).done() }
}

/** EEXIST: it has one. */
export function addClsact(ifindex: number, device: string): Request {
  return {
    what: `add a clsact qdisc to ${device}`,
    type: RTM_QDISC.new,
    flags: NLM_F.create | NLM_F.exclusive,
    payload: clsact(ifindex),
  }
}

/** Takes its filters with it. */
export function deleteClsact(ifindex: number, device: string): Request {
  return { what: `delete the clsact qdisc of ${device}`, type: RTM_QDISC.delete, payload: clsact(ifindex) }
}

/** A classifier of any kind under clsact: one entry for each filter, and one for the chain of each preference. */
export interface LiveFilter {
  readonly kind: string
  readonly priority: number
  /** Null for other kinds, and for the chain. */
  readonly bpf: LiveBpfFilter | null
}

export function decodeFilter(message: Pick<NetlinkMessage, 'payload'>): LiveFilter {
  const { payload } = message
  return {
    kind: new Attributes(payload, headerSize).text(TCA.kind) ?? '',
    priority: readU32(payload, 16) >>> 16,
    bpf: decodeBpfFilter(message),
  }
}

/** Null for anything but a BPF filter under clsact. */
export function decodeBpfFilter(message: Pick<NetlinkMessage, 'payload'>): LiveBpfFilter | null {
  const { payload } = message
  const parent = readU32(payload, 12)
  const info = readU32(payload, 16)
  const handle = readU32(payload, 8)
  const direction = parent === parents.ingress ? 'ingress' : parent === parents.egress ? 'egress' : null
  const attributes = new Attributes(payload, headerSize)
  // Handle 0 stands for the chain of filters of one priority, not for a filter.
  if (direction === null || handle === 0 || attributes.text(TCA.kind) !== 'bpf') return null
  const options = attributes.nested(TCA.options)
  return {
    ifindex: readI32(payload, 4),
    direction,
    priority: info >>> 16,
    handle,
    name: options?.text(TCA_BPF.name) ?? '',
    program: options?.u32(TCA_BPF.id) ?? 0,
    directAction: ((options?.u32(TCA_BPF.flags) ?? 0) & TCA_BPF_FLAG_ACT_DIRECT) !== 0,
  }
}

/** Empty, or EINVAL on some kernels, where the interface has no clsact qdisc. */
export function listFilters(ifindex: number, direction: Direction): Request {
  const payload = header(ifindex, 0, parents[direction], 0).done()
  return { what: `list the ${direction} filters of interface ${ifindex}`, type: RTM_FILTER.get, payload }
}

/** `replace`: put the program in the place of the one that has this handle, without a gap. */
export function addBpfFilter(filter: BpfFilter, program: number, replace: boolean): Request {
  const payload = describe(filter).attribute(TCA.options, (options) =>
    options
      .attributeU32(TCA_BPF.fd, program)
      .attributeText(TCA_BPF.name, filter.name)
      .attributeU32(TCA_BPF.flags, TCA_BPF_FLAG_ACT_DIRECT),
  )
  return {
    what: `add the ${filter.direction} filter ${filter.name}`,
    type: RTM_FILTER.new,
    flags: NLM_F.create | (replace ? 0 : NLM_F.exclusive),
    payload: payload.done(),
  }
}

export function deleteBpfFilter(filter: BpfFilter): Request {
  return {
    what: `delete the ${filter.direction} filter ${filter.name}`,
    type: RTM_FILTER.delete,
    payload: describe(filter).done(),
  }
}

function clsact(ifindex: number): Buffer {
  return header(ifindex, clsactHandle, TC_H_CLSACT, 0).attributeText(TCA.kind, 'clsact').done()
}

function describe({ ifindex, direction, priority, handle }: BpfFilter): Encoder {
  const info = ((priority << 16) | readU16(anyProtocol, 0)) >>> 0
  return header(ifindex, handle, parents[direction], info).attributeText(TCA.kind, 'bpf')
}

function header(ifindex: number, handle: number, parent: number, info: number): Encoder {
  return new Encoder().u32(0).u32(ifindex).u32(handle).u32(parent).u32(info)
}

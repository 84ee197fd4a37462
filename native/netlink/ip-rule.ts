// SPDX-License-Identifier: MIT
/**
 * The kernel's list of which routing table answers for which packets, `ip rule` (struct fib_rule_hdr of
 * include/uapi/linux/fib_rules.h): requests and answers. A packet goes down the list until a rule's table has an answer.
 */
import {
  type Address,
  addressBytes,
  bitsOf,
  type Family,
  type Prefix,
  prefixAddress,
  prefixLength,
  prefixOf,
} from '../../src/model/address.ts'
import { afOf, decodeIp, ipFamily } from './address.ts'
import { Attributes } from './attributes.ts'
import { Encoder, readU8, readU32 } from './bytes.ts'
import { malformed } from './error.ts'
import { type NetlinkMessage, NLM_F } from './message.ts'
import type { Request } from './socket.ts'

export const RTM_RULE = { new: 32, delete: 33, get: 34 } as const
/** `action` of a rule. */
export const FR_ACT = { toTable: 1, goto: 2, nop: 3, blackhole: 6, unreachable: 7, prohibit: 8 } as const

const FRA = {
  destination: 1,
  source: 2,
  iifName: 3,
  priority: 6,
  mark: 10,
  tunnelId: 12,
  suppressGroup: 13,
  suppressPrefixLength: 14,
  table: 15,
  markMask: 16,
  oifName: 17,
  l3mdev: 19,
  userRange: 20,
  protocol: 21,
  ipProtocol: 22,
  sourcePorts: 23,
  destinationPorts: 24,
  dscp: 25,
  flowLabel: 26,
} as const
const FIB_RULE_INVERT = 2
/** What a rule may ask for beside what `IpRule` tells. */
const furtherSelectors = [
  FRA.tunnelId,
  FRA.l3mdev,
  FRA.userRange,
  FRA.ipProtocol,
  FRA.sourcePorts,
  FRA.destinationPorts,
  FRA.dscp,
  FRA.flowLabel,
] as const
/** The kernel's word for "no length" and "no group". */
const none = 0xffffffff
const headerSize = 12

export interface Mark {
  readonly value: number
  /** The bits of a packet's mark that are compared. */
  readonly mask: number
}

export interface IpRuleChange {
  readonly family: Family
  /** Smaller ones come first. */
  readonly priority: number
  /** Null: packets of any source. */
  readonly from: Prefix | null
  /** Null: whatever the packet's mark. */
  readonly mark: Mark | null
  readonly table: number
  /** Answers by routes of this length or shorter do not count; null: all do. */
  readonly suppressedLength: number | null
  readonly protocol: number
}

/** A rule as the kernel lists it. */
export interface IpRule extends IpRuleChange {
  /** FR_ACT. */
  readonly action: number
  readonly to: Prefix | null
  /** The interface that a packet came in by, `lo` for the host's own; null: any. */
  readonly iif: string | null
  readonly oif: string | null
  /** It holds for the packets that do not match. */
  readonly inverted: boolean
  /** It asks for something that this record does not tell: ports, a protocol, a user, DSCP, a VRF. */
  readonly narrowed: boolean
}

/** Null for families other than IPv4 and IPv6. */
export function decodeIpRule(message: Pick<NetlinkMessage, 'payload'>): IpRule | null {
  const { payload } = message
  const family = ipFamily(readU8(payload, 0))
  if (family === null) return null
  const attributes = new Attributes(payload, headerSize)
  const prefix = (length: number, bytes: Buffer | undefined): Prefix | null => {
    if (length > bitsOf(family)) throw malformed(`an IPv${family} prefix of ${length} bits`)
    return bytes === undefined ? null : prefixOf(decodeIp(bytes, family), length)
  }
  const tos = readU8(payload, 3)
  const mark = attributes.u32(FRA.mark)
  const mask = attributes.u32(FRA.markMask)
  const suppressed = attributes.u32(FRA.suppressPrefixLength) ?? none
  return {
    family,
    priority: attributes.u32(FRA.priority) ?? 0,
    from: prefix(readU8(payload, 2), attributes.value(FRA.source)),
    to: prefix(readU8(payload, 1), attributes.value(FRA.destination)),
    iif: attributes.text(FRA.iifName) ?? null,
    oif: attributes.text(FRA.oifName) ?? null,
    mark: mark === undefined && mask === undefined ? null : { value: mark ?? 0, mask: mask ?? none },
    inverted: (readU32(payload, 8) & FIB_RULE_INVERT) !== 0,
    action: readU8(payload, 7),
    table: attributes.u32(FRA.table) ?? readU8(payload, 4),
    suppressedLength: suppressed === none ? null : suppressed,
    narrowed: tos !== 0 || furtherSelectors.some((type) => attributes.has(type)) || groupOf(attributes),
    protocol: attributes.u8(FRA.protocol) ?? 0,
  }
}

function groupOf(attributes: Attributes): boolean {
  return (attributes.u32(FRA.suppressGroup) ?? none) !== none
}

/** EOPNOTSUPP, EAFNOSUPPORT: a kernel without such rules, or without the family. */
export function listIpRules(family: Family): Request {
  const payload = header(family, 0, 0)
  return { what: `list the IPv${family} rules of routing`, type: RTM_RULE.get, payload: payload.done() }
}

/** EEXIST: there is exactly this one. */
export function addIpRule(rule: IpRuleChange): Request {
  return {
    what: `add ${nameOf(rule)}`,
    type: RTM_RULE.new,
    flags: NLM_F.create | NLM_F.exclusive,
    payload: describe(rule),
  }
}

/** The kernel takes away only a rule of the same protocol. ENOENT: there is none. */
export function deleteIpRule(rule: IpRuleChange): Request {
  return { what: `delete ${nameOf(rule)}`, type: RTM_RULE.delete, payload: describe(rule) }
}

function nameOf({ family, priority }: IpRuleChange): string {
  return `the IPv${family} rule of routing with priority ${priority}`
}

function describe(rule: IpRuleChange): Buffer {
  const { family, from, priority, mark, table, suppressedLength, protocol } = rule
  const payload = header(family, from === null ? 0 : prefixLength(from), FR_ACT.toTable)
  if (from !== null) payload.attributeBytes(FRA.source, addressBytes(prefixAddress(from) as Address))
  payload.attributeU32(FRA.priority, priority)
  if (mark !== null) payload.attributeU32(FRA.mark, mark.value).attributeU32(FRA.markMask, mark.mask)
  payload.attributeU32(FRA.table, table)
  if (suppressedLength !== null) payload.attributeU32(FRA.suppressPrefixLength, suppressedLength)
  return payload.attributeU8(FRA.protocol, protocol).done()
}

function header(family: Family, sourceLength: number, action: number): Encoder {
  const encoder = new Encoder().u8(afOf(family)).u8(0).u8(sourceLength).u8(0)
  return encoder.u8(0).u8(0).u8(0).u8(action).u32(0)
}

// SPDX-License-Identifier: MIT
/**
 * Which routes of a dump are worth an object: decided on the raw bytes, for a host may have a million of others'. It
 * allocates nothing for a route that it leaves out.
 */
import {
  addressBytes,
  bitsOf,
  type Family,
  familyOf,
  type Prefix,
  prefixAddress,
  prefixLength,
} from '../../src/model/address.ts'
import { mainTable } from '../../src/model/own-tables.ts'
import { afOf } from './address.ts'
import { align4, readI32, readU8, readU16, readU32 } from './bytes.ts'
import type { Keep } from './message.ts'
import { headerSize, nextHop, RTA } from './route.ts'

/** Any of these makes a route of the main table matter; one to all destinations (`/0`) always does. */
export interface RouteInterest {
  /** rtm_protocol. */
  readonly protocol: number
  /** Of the interface that it, or one of its next hops, leads to. */
  readonly ifindexes: ReadonlySet<number>
  /** Its destination lies within one of these. */
  readonly nets: readonly Prefix[]
  /** Its destination is one of these. */
  readonly exact: readonly Prefix[]
}

/** Routes that do not have this protocol mark. */
export function withoutMark(protocol: number): Keep {
  return (bytes, start, end) => end - start < headerSize || readU8(bytes, start + 5) !== protocol
}

export function routesThatMatter({ protocol, ifindexes, nets, exact }: RouteInterest): Keep {
  const within = { [afOf(4)]: netsOf(nets, 4), [afOf(6)]: netsOf(nets, 6) }
  const just = { [afOf(4)]: netsOf(exact, 4), [afOf(6)]: netsOf(exact, 6) }
  return (bytes, start, end) => {
    // Too short to be told: the decoder says so.
    if (end - start < headerSize) return true
    if (readU8(bytes, start + 4) !== mainTable) return false
    const length = readU8(bytes, start + 1)
    if (length === 0 || readU8(bytes, start + 5) === protocol) return true
    const family = readU8(bytes, start)
    const groups = within[family]
    const same = just[family]?.filter((group) => group.length === length)
    for (let at = start + headerSize; at + 4 <= end; ) {
      const size = readU16(bytes, at)
      if (size < 4 || at + size > end) return true
      const type = readU16(bytes, at + 2)
      const value = at + 4
      if (type === RTA.destination) {
        if (groups !== undefined && isWithin(groups, bytes, value, length)) return true
        if (same !== undefined && isWithin(same, bytes, value, length)) return true
      } else if (type === RTA.oif) {
        if (ifindexes.has(readU32(bytes, value))) return true
      } else if (type === RTA.multipath) {
        if (leadsInto(ifindexes, bytes, value, at + size)) return true
      }
      at += align4(size)
    }
    return false
  }
}

function leadsInto(ifindexes: ReadonlySet<number>, bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at + nextHop.size <= end; ) {
    if (ifindexes.has(readI32(bytes, at + nextHop.ifindex))) return true
    const size = readU16(bytes, at)
    if (size < nextHop.size) return true
    at += align4(size)
  }
  return false
}

/** Nets of one length, by the first 32 bits of their addresses. */
interface NetsOfLength {
  readonly length: number
  readonly byStart: ReadonlyMap<number, readonly Uint8Array[]>
}

/** As many look-ups as there are lengths, however many nets. */
function netsOf(nets: readonly Prefix[], family: Family): readonly NetsOfLength[] {
  const lengths = new Map<number, Map<number, Uint8Array[]>>()
  for (const net of new Set(nets)) {
    if (familyOf(net) !== family) continue
    const length = prefixLength(net)
    const byStart = lengths.get(length) ?? new Map<number, Uint8Array[]>()
    lengths.set(length, byStart)
    const bytes = addressBytes(prefixAddress(net))
    const key = startOf(bytes, 0, length)
    const list = byStart.get(key)
    if (list === undefined) byStart.set(key, [bytes])
    else list.push(bytes)
  }
  return [...lengths].map(([length, byStart]) => ({ length, byStart })).sort((a, b) => a.length - b.length)
}

function isWithin(groups: readonly NetsOfLength[], bytes: Uint8Array, at: number, length: number): boolean {
  for (const group of groups) {
    if (group.length > length) return false
    const same = group.byStart.get(startOf(bytes, at, group.length))
    if (same?.some((net) => agree(net, bytes, at, group.length))) return true
  }
  return false
}

/** The first 32 bits of the address at `at`, those beyond `length` as zeros. */
function startOf(bytes: Uint8Array, at: number, length: number): number {
  if (length === 0) return 0
  let bits = 0
  for (let i = at; i < at + 4; i++) bits = (bits << 8) | (bytes[i] ?? 0)
  return length >= bitsOf(4) ? bits : bits & (0xffffffff << (bitsOf(4) - length))
}

function agree(net: Uint8Array, bytes: Uint8Array, at: number, length: number): boolean {
  const whole = length >> 3
  for (let i = 0; i < whole; i++) if (net[i] !== bytes[at + i]) return false
  const rest = length & 7
  return rest === 0 || ((net[whole] as number) ^ (bytes[at + whole] as number)) >> (8 - rest) === 0
}

// SPDX-License-Identifier: MIT
/**
 * Where the kernel leads packets for addresses of an overlay, and which route of which table decides that. Reads only.
 */
import type { Way, WayQuestion } from '../../src/model/state.ts'
import { decodeRoute, lookUpDecision, RTN } from '../netlink/route.ts'
import type { Rtnetlink } from '../netlink/rtnetlink.ts'
import type { Outcome } from '../netlink/socket.ts'

type Said = Omit<Way, 'question'>

/** What says so of a route that drops. */
const refusals: Readonly<Record<string, Way['type']>> = {
  ENETUNREACH: 'none',
  EINVAL: 'blackhole',
  EHOSTUNREACH: 'unreachable',
  EACCES: 'prohibit',
}
const types: Readonly<Record<number, Way['type']>> = {
  [RTN.unicast]: 'unicast',
  [RTN.local]: 'local',
  [RTN.blackhole]: 'blackhole',
  [RTN.unreachable]: 'unreachable',
  [RTN.prohibit]: 'prohibit',
}

/** One look-up per question, in order. Throws a NetlinkError when the kernel gives no answer. */
export function lookUpWays(rtnetlink: Rtnetlink, questions: readonly WayQuestion[]): readonly Way[] {
  if (questions.length === 0) return []
  const names = new Map(rtnetlink.links().map(({ ifindex, name }) => [ifindex, name]))
  const requests = questions.map(({ destination, source }) => lookUpDecision(destination, source))
  const outcomes = rtnetlink.batch(requests, { until: 'reply' })
  return questions.map((question, i) => ({ question, ...said(outcomes[i] as Outcome, names) }))
}

function said({ error, replies }: Outcome, names: ReadonlyMap<number, string>): Said {
  const none: Said = { device: null, type: 'none', table: null, route: null }
  if (error !== null) {
    const type = refusals[error.errno]
    if (type === undefined) throw error
    return { ...none, type }
  }
  const [reply] = replies
  const route = reply === undefined ? null : decodeRoute(reply)
  const type = route === null ? undefined : types[route.type]
  if (route === null || type === undefined) return none
  const goes = type === 'unicast' || type === 'local'
  const device = goes && route.ifindex !== null ? (names.get(route.ifindex) ?? null) : null
  return { device, type, table: route.table, route: route.destination }
}

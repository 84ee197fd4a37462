// SPDX-License-Identifier: MIT
/**
 * Live state as tables: devices, tunnels, rules, policies. Pure text; states are read off counters here and nowhere else.
 */
import { xdpPrograms } from '../../interp/foreign.ts'
import { addressBytes, familyOf, formatEndpoint, prefixAddress, prefixLength } from '../../model/address.ts'
import { ownerText } from '../../model/hand.ts'
import {
  dropReasons,
  type LiveDevice,
  type LiveLink,
  type LiveRule,
  type LiveTunnel,
  type PlaneState,
} from '../../model/state.ts'
import { type LivePolicy, policyTable } from './format-policies.ts'
import type { Paint } from './output.ts'
import { ago, bytes, type Column, count, quantity, some, table } from './text.ts'

export const showSubjects = ['devices', 'tunnels', 'rules', 'policies'] as const
export type ShowSubject = (typeof showSubjects)[number]

export type TunnelState = 'active' | 'silent' | 'unheard' | 'pending'

/**
 * `pending`: no remote endpoint known; `unheard`: nothing received so far; `silent`: nothing within the dead
 * time; else `active`.
 */
export function tunnelState(tunnel: LiveTunnel): TunnelState {
  if (tunnel.remote === null) return 'pending'
  const { sinceRxMs } = tunnel.counters
  if (sinceRxMs === null) return 'unheard'
  const { deadMs } = tunnel.keepalive
  return deadMs === 0 || sinceRxMs <= deadMs ? 'active' : 'silent'
}

export type Objects = Pick<PlaneState, 'devices' | 'tunnels' | 'rules'>
export interface Shown extends Objects {
  readonly policies: readonly LivePolicy[]
  /** Absent: nothing is told of programs of others. */
  readonly links?: readonly LiveLink[]
}

/** Devices by name, tunnels as they were made, rules by inner address: a kernel keeps no order. */
export function inOrder(state: Objects): Objects {
  const rules = state.rules.map((rule) => ({ rule, key: ruleKey(rule) }))
  return {
    devices: state.devices.toSorted((a, b) => compare(a.name, b.name)),
    tunnels: state.tunnels.toSorted((a, b) => compare(a.device, b.device) || a.id - b.id),
    rules: rules.sort((a, b) => compare(a.key, b.key)).map(({ rule }) => rule),
  }
}

/** Sorts by device, family, address, length. */
function ruleKey({ device, prefix }: LiveRule): string {
  const address = Buffer.from(addressBytes(prefixAddress(prefix))).toString('hex')
  return `${device} ${familyOf(prefix)} ${address} ${String(prefixLength(prefix)).padStart(3, '0')}`
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

export function formatRules(rules: readonly LiveRule[], paint: Paint): string {
  return ruleTable(rules, paint).join('\n')
}

/** The tables asked for, a blank line between them. */
export function formatShow(state: Shown, subjects: readonly ShowSubject[], paint: Paint): string {
  const sections = {
    devices: () => deviceTable(state, paint),
    tunnels: () => tunnelTable(state.tunnels, paint),
    rules: () => ruleTable(state.rules, paint),
    policies: () => policyTable(state.policies, paint),
  }
  if (state.devices.length === 0 && state.policies.length === 0)
    return 'No devices of L-VN in this network namespace.'
  return subjects.map((subject) => sections[subject]().join('\n')).join('\n\n')
}

function deviceTable(state: Shown, paint: Paint): string[] {
  const tunnels = countBy(state.tunnels)
  const rules = countBy(state.rules)
  const columns: Column<LiveDevice>[] = [
    { title: 'DEVICE', cell: (d) => paint.strong(d.name) },
    { title: 'NODE', cell: (d) => ownerText(d.owner) },
    { title: 'STATE', cell: (d) => deviceState(d, paint) },
    { title: 'MODE', cell: (d) => d.mode },
    { title: 'PLANE', cell: (d) => d.plane },
    { title: 'MTU', cell: (d) => String(d.mtu), align: 'right' },
    { title: 'OVER', cell: (d) => (d.underlays.length === 0 ? '-' : some(d.underlays, ',')) },
    { title: 'TUNNELS', cell: (d) => `${tunnels.get(d.name) ?? 0}/${d.capacity}`, align: 'right' },
    { title: 'RULES', cell: (d) => String(rules.get(d.name) ?? 0), align: 'right' },
    { title: 'DROPS', cell: (d) => drops(d) },
  ]
  const notes = xdpPrograms(state.devices, state.links ?? []).map(({ id, note }) =>
    paint.warning(`${id}: ${note}`),
  )
  return [...table(columns, state.devices, paint.faint), ...(notes.length === 0 ? [] : ['', ...notes])]
}

function tunnelTable(tunnels: readonly LiveTunnel[], paint: Paint): string[] {
  if (tunnels.length === 0) return ['No tunnels.']
  const columns: Column<LiveTunnel>[] = [
    { title: 'TUNNEL', cell: (t) => `${t.device}/${paint.strong(t.name)}` },
    { title: 'STATE', cell: (t) => paintState(tunnelState(t), paint) },
    { title: 'REMOTE', cell: (t) => (t.remote === null ? '-' : formatEndpoint(t.remote)) },
    { title: 'RX PKTS', cell: (t) => quantity(t.counters.rxPackets), align: 'right' },
    { title: 'RX', cell: (t) => bytes(t.counters.rxBytes), align: 'right' },
    { title: 'TX PKTS', cell: (t) => quantity(t.counters.txPackets), align: 'right' },
    { title: 'TX', cell: (t) => bytes(t.counters.txBytes), align: 'right' },
    { title: 'DROPPED', cell: (t) => quantity(t.counters.dropped), align: 'right' },
    { title: 'LAST RECEIVED', cell: (t) => ago(t.counters.sinceRxMs) },
  ]
  return table(columns, tunnels, paint.faint)
}

function ruleTable(rules: readonly LiveRule[], paint: Paint): string[] {
  if (rules.length === 0) return ['No rules.']
  const columns: Column<LiveRule>[] = [
    { title: 'DEVICE', cell: (r) => r.device },
    { title: 'INNER DESTINATION', cell: (r) => paint.strong(r.prefix) },
    { title: 'TUNNEL', cell: (r) => r.tunnel },
  ]
  return [...table(columns, rules, paint.faint), paint.faint(count(rules.length, 'rule'))]
}

function deviceState(device: LiveDevice, paint: Paint): string {
  if (!device.intact) return paint.bad('damaged')
  if (device.ahead !== undefined) return paint.bad('overtaken')
  return device.up ? paint.good('up') : paint.warning('down')
}

function paintState(state: TunnelState, paint: Paint): string {
  if (state === 'active') return paint.good(state)
  return state === 'silent' ? paint.bad(state) : paint.warning(state)
}

function drops(device: LiveDevice): string {
  const some = dropReasons.filter((reason) => device.drops[reason] > 0)
  return some.length === 0
    ? '0'
    : some.map((reason) => `${reason} ${quantity(device.drops[reason])}`).join(', ')
}

function countBy(items: readonly { readonly device: string }[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { device } of items) counts.set(device, (counts.get(device) ?? 0) + 1)
  return counts
}

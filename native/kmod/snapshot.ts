// SPDX-License-Identifier: MIT
/**
 * What the kmod plane's devices hold, read back from the kernel alone.
 */
import { formatEndpoint, prefixOf } from '../../src/model/address.ts'
import {
  type DropReason,
  type Drops,
  dropReasons,
  type LiveDevice,
  type LiveRule,
  type LiveTunnel,
  type PlaneState,
  type RuleSpec,
  type SavedValue,
  type TunnelCounters,
} from '../../src/model/state.ts'
import type { TunnelRow } from '../admission/index.ts'
import { isErrno } from '../errors.ts'
import { parseAlias } from '../host/alias.ts'
import { hasOwnSwitches } from '../host/own-switches.ts'
import { malformed, unanswered } from '../netlink/error.ts'
import { underPresentNames } from '../saved.ts'
import type { KmodClient } from './client.ts'
import { decodeDestinations } from './destinations.ts'
import { type FoundDevice, findDevices } from './device.ts'
import type { DropsAttributes, RuleAttributes, StatsAttributes, TunnelAttributes } from './generated.ts'

const tries = 10

/**
 * Each dump is whole by itself (its messages carry the device's generation); a device that went, or a rule whose
 * tunnel came, between two of them has everything read again.
 */
export function snapshotPlane(client: KmodClient): PlaneState {
  for (let i = 0; i < tries; i++) {
    const state = snapshotOnce(client)
    if (state !== null) return state
  }
  throw unanswered('read the devices', 'EINTR')
}

function snapshotOnce(client: KmodClient): PlaneState | null {
  const links = client.links()
  const names = new Map(links.map(({ ifindex, name }) => [ifindex, name]))
  const devices = findDevices(links)
  const state = {
    devices: devices.map(liveDevice),
    tunnels: [] as LiveTunnel[],
    rules: [] as LiveRule[],
    saved: devices.flatMap((device) => savedValues(device, names)),
  }
  for (const { link } of devices) {
    const tables = readTables(client, link.ifindex)
    if (tables === null) return null
    const tunnelNames = new Map<number, string>()
    for (const tunnel of tables.tunnels) {
      const row = tunnelRow(link.name, tunnel, names)
      tunnelNames.set(row.id, row.spec.name)
      state.tunnels.push({ ...row.spec, id: row.id, counters: toCounters(tunnel.stats) })
    }
    for (const rule of tables.rules) {
      const tunnel = tunnelNames.get(rule.tunnel ?? 0)
      if (tunnel === undefined) return null
      state.rules.push(ruleSpec(link.name, rule, tunnel))
    }
  }
  return state
}

/** Null: the device is gone. */
function readTables(client: KmodClient, ifindex: number) {
  try {
    return { tunnels: client.tunnels(ifindex), rules: client.rules(ifindex) }
  } catch (error) {
    if (isErrno(error, 'ENODEV')) return null
    throw error
  }
}

export function tunnelRow(
  device: string,
  tunnel: TunnelAttributes,
  names: ReadonlyMap<number, string>,
): TunnelRow {
  const { id, localAddress, localPort, remoteAddress, remotePort, underlay } = tunnel
  if (id === undefined || localAddress === undefined || localPort === undefined)
    throw malformed('a tunnel without id or local endpoint')
  const local = { address: localAddress, port: localPort }
  const remote =
    remoteAddress === undefined || remotePort === undefined
      ? null
      : { address: remoteAddress, port: remotePort }
  return {
    id,
    spec: {
      device,
      name: tunnel.name ?? `number ${id} on ${formatEndpoint(local)}`,
      local,
      remote,
      underlay: remote === null ? null : underlayName(underlay ?? 0, names),
      keepalive: { intervalMs: tunnel.keepaliveInterval ?? 0, deadMs: tunnel.deadTime ?? 0 },
      ...(tunnel.onDead === 'remove' ? { onDead: tunnel.onDead } : {}),
    },
  }
}

function underlayName(ifindex: number, names: ReadonlyMap<number, string>): string {
  return names.get(ifindex) ?? `ifindex ${ifindex}`
}

export function ruleSpec(device: string, rule: RuleAttributes, tunnel: string): RuleSpec {
  const { prefix, prefixLen } = rule
  if (prefix === undefined || prefixLen === undefined) throw malformed('a rule without prefix')
  return { device, prefix: prefixOf(prefix, prefixLen), tunnel }
}

function liveDevice({ link, owner, lvn, userData }: FoundDevice): LiveDevice {
  return {
    name: link.name,
    mode: lvn.mode ?? 'multi',
    owner,
    mtu: link.mtu,
    underlays: [...(userData?.underlays ?? [])].sort(),
    destinations: decodeDestinations(lvn.destinations),
    plane: 'kmod',
    ifindex: link.ifindex,
    up: link.up,
    capacity: lvn.capacity ?? 0,
    drops: toDrops(lvn.drops ?? {}),
    intact: link.up && userData !== null && parseAlias(link.alias) !== null && hasOwnSwitches(link.name),
  }
}

function savedValues({ link, userData }: FoundDevice, names: ReadonlyMap<number, string>): SavedValue[] {
  const saved = underPresentNames(userData?.saved ?? [], names)
  return saved.map(({ path, value }) => ({ device: link.name, path, value }))
}

const dropAttributes: Readonly<Record<DropReason, keyof DropsAttributes>> = {
  'no-rule': 'noRule',
  'no-remote': 'noRemote',
  'bad-source': 'badSource',
  'unknown-peer': 'unknownPeer',
  malformed: 'malformed',
  fragment: 'fragment',
  ecn: 'ecn',
  'no-room': 'noRoom',
  unsupported: 'unsupported',
  'bad-destination': 'badDestination',
}

function toDrops(drops: DropsAttributes): Drops {
  return Object.fromEntries(
    dropReasons.map((reason) => [reason, drops[dropAttributes[reason]] ?? 0]),
  ) as Drops
}

function toCounters(stats: StatsAttributes = {}): TunnelCounters {
  return {
    rxPackets: stats.rxPackets ?? 0,
    rxBytes: stats.rxBytes ?? 0,
    txPackets: stats.txPackets ?? 0,
    txBytes: stats.txBytes ?? 0,
    dropped: stats.dropped ?? 0,
    sinceRxMs: stats.sinceRx ?? null,
    sinceTxMs: stats.sinceTx ?? null,
  }
}

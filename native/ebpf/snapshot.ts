// SPDX-License-Identifier: MIT
/**
 * What the eBPF plane's devices hold, read back from the kernel alone.
 */
import {
  type Ahead,
  type Drops,
  dropReasons,
  type LiveDevice,
  type LiveLink,
  type LiveRule,
  type LiveTunnel,
  type PlaneState,
  type TunnelCounters,
} from '../../src/model/state.ts'
import { addon } from '../addon/index.ts'
import type { Attached } from './attach.ts'
import { destinationsOf, type FoundDevice, ingressOf, isWhole, savedSysctls } from './device.ts'
import { type CounterEntry, readCounters, size } from './layout.ts'
import type { Maps } from './maps.ts'
import { idOfSlot, readRules, readTunnels } from './tables.ts'
import { underlayName } from './underlay.ts'

export function snapshotDevices(devices: readonly FoundDevice[], links: readonly LiveLink[]): PlaneState {
  const names = new Map(links.map((link) => [link.ifindex, link.name]))
  const parts = devices.map((device) => snapshotDevice(device, names))
  return {
    devices: parts.map(({ device }) => device),
    tunnels: parts.flatMap(({ tunnels }) => tunnels),
    rules: parts.flatMap(({ rules }) => rules),
    saved: devices.flatMap((device) => savedSysctls(device, names)),
  }
}

function snapshotDevice(found: FoundDevice, names: ReadonlyMap<number, string>) {
  const { link, header, maps } = found
  const device: LiveDevice = {
    name: link.name,
    mode: header?.mode ?? 'multi',
    owner: found.owner,
    mtu: link.mtu,
    underlays: found.receivers.map((receiver) => receiver.link.name).sort(),
    destinations: destinationsOf(found),
    plane: 'ebpf',
    ifindex: link.ifindex,
    up: link.up,
    capacity: header?.capacity ?? 0,
    drops: maps === null ? noDrops : readDrops(maps),
    intact: isWhole(found),
    ...aheadIn(found),
  }
  if (maps === null) return { device, tunnels: [], rules: [] }
  const rows = readTunnels(maps)
  const counters = readAllCounters(maps)
  const tunnels = rows.map(
    (row): LiveTunnel => ({
      device: link.name,
      name: row.name,
      local: row.local,
      remote: row.remote,
      underlay: row.remote === null ? null : underlayName(row.underlay, names),
      keepalive: row.keepalive,
      id: idOfSlot(row.id),
      counters: counters(row.id),
    }),
  )
  const tunnelNames = new Map(rows.map(({ id, name }) => [id, name]))
  const rules = readRules(maps).map(
    ({ prefix, tunnelId }): LiveRule => ({
      device: link.name,
      prefix,
      tunnel: tunnelNames.get(tunnelId) ?? '',
    }),
  )
  return { device, tunnels, rules }
}

function aheadIn(device: FoundDevice): Pick<LiveDevice, 'ahead'> {
  const { link, ahead } = device
  const all = [
    ...ahead.map((each): Ahead => told(each, link.name, 'egress')),
    ...ingressOf(device).flatMap((receiver) =>
      receiver.ahead.map((each): Ahead => told(each, receiver.link.name, 'ingress')),
    ),
  ]
  return all.length === 0 ? {} : { ahead: all }
}

function told({ words, stays }: Attached, on: string, side: Ahead['side']): Ahead {
  return { interface: on, side, who: words, stays }
}

const noDrops = Object.fromEntries(dropReasons.map((reason) => [reason, 0])) as Drops

function readDrops(maps: Maps): Drops {
  const cpus = addon().bpfPossibleCpus()
  const { values } = addon().bpfMapEntries(maps.lvn_drops)
  const total = (reason: number) => {
    let sum = 0
    for (let cpu = 0; cpu < cpus; cpu++) sum += Number(values.readBigUInt64LE((reason * cpus + cpu) * 8))
    return sum
  }
  return Object.fromEntries(dropReasons.map((reason, i) => [reason, total(i)])) as Drops
}

/** Reads the whole table once; the returned function picks one tunnel's. */
function readAllCounters(maps: Maps): (id: number) => TunnelCounters {
  const cpus = addon().bpfPossibleCpus()
  const { values } = addon().bpfMapEntries(maps.lvn_counters)
  const nowNs = Number(process.hrtime.bigint()) // CLOCK_MONOTONIC, as in the programs
  return (id) => toCounters(readCounters(values, id * size.counters * cpus, cpus), nowNs)
}

function toCounters(entry: CounterEntry, nowNs: number): TunnelCounters {
  const since = (ns: number) => (ns === 0 ? null : Math.max(0, Math.round((nowNs - ns) / 1e6)))
  return {
    rxPackets: entry.rxPackets,
    rxBytes: entry.rxBytes,
    txPackets: entry.txPackets,
    txBytes: entry.txBytes,
    dropped: entry.dropped,
    sinceRxMs: since(entry.lastRxNs),
    sinceTxMs: since(entry.lastTxNs),
  }
}

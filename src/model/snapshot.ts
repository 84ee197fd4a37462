// SPDX-License-Identifier: MIT
/**
 * A live state as a file: what `lvn snapshot` prints, and what is planned against elsewhere. The form is
 * versioned; fields are added, never changed, within a version.
 */
import { type Address, type Endpoint, type Prefix, parseAddress, parsePrefix } from './address.ts'
import type { FamilyFilter, LiveFilter, TargetList, Verdict } from './filter.ts'
import {
  count,
  dictionary,
  list,
  oneOf,
  orAbsent,
  orElse,
  orNull,
  record,
  type Shape,
  ShapeError,
  text,
  truth,
  value,
} from './shape.ts'
import {
  type Ahead,
  addressFlaws,
  type Drops,
  ipRuleActions,
  type LiveAddress,
  type LiveDevice,
  type LiveIpRule,
  type LiveLink,
  type LiveRoute,
  type LiveRule,
  type LiveState,
  type LiveSysctl,
  type LiveTunnel,
  type Owner,
  onDeadChoices,
  routeTypes,
  type SavedValue,
  type TunnelCounters,
  type UnderlayPath,
  type Way,
  type WayQuestion,
  wayTypes,
} from './state.ts'
import type { Keepalive } from './topology.ts'

const formatVersion = 1

export type JsonSnapshot = { readonly formatVersion: typeof formatVersion } & LiveState

export function snapshotToJson(live: LiveState): JsonSnapshot {
  return { formatVersion, ...live }
}

/** @throws ShapeError: no snapshot, or one of a version that this program does not know. */
export function readSnapshot(json: unknown): LiveState {
  record({ formatVersion: versionShape })(json, '')
  return state(json, '')
}

const versionShape: Shape<number> = (found, path) => {
  if (found === formatVersion) return formatVersion
  if (typeof found === 'number') {
    throw new ShapeError(path, `this lvn reads snapshots of version ${formatVersion}, this one is ${found}`)
  }
  return value<number>(`${formatVersion}, as \`lvn snapshot\` writes it`, () => false)(found, path)
}

export const address = value<Address>(
  'an IP address',
  (found) => typeof found === 'string' && parseAddress(found) === found,
)
const prefix = value<Prefix>('a prefix', (found) => typeof found === 'string' && parsePrefix(found) === found)
const port = value<number>(
  'a port from 1 to 65535',
  (found) => Number.isInteger(found) && (found as number) >= 1 && (found as number) <= 65535,
)
const name = value<string>('a name', (found) => typeof found === 'string' && found !== '')
const sinceMs = orNull(value<number>('milliseconds', (found) => typeof found === 'number' && found >= 0))
const plane = oneOf('ebpf', 'kmod')

const endpoint = record<Endpoint>({ address, port })
const owner = record<Owner>({ overlay: name, node: name })
const keepalive = record<Keepalive>({ intervalMs: count, deadMs: count })

const counters = record<TunnelCounters>({
  rxPackets: count,
  rxBytes: count,
  txPackets: count,
  txBytes: count,
  dropped: count,
  sinceRxMs: sinceMs,
  sinceTxMs: sinceMs,
})

const verdict = oneOf<Verdict>('allow', 'deny')
const familyFilter = record<FamilyFilter>({
  sources: list(record<FamilyFilter['sources'][number]>({ first: address, last: address, list: count })),
  lists: list(
    record<TargetList>({
      targets: list(record<TargetList['targets'][number]>({ first: address, last: address, verdict })),
      otherwise: oneOf<TargetList['otherwise']>('allow', 'deny', 'base'),
    }),
  ),
})

const way = record<Way>({
  question: record<WayQuestion>({ device: name, destination: address, source: orNull(address) }),
  device: orNull(name),
  type: oneOf(...wayTypes),
  table: orNull(count),
  route: orNull(prefix),
})

const state: Shape<LiveState> = record<LiveState>({
  hostname: text,
  links: list(
    record<LiveLink>({
      name,
      ifindex: count,
      kind: orNull(text),
      mtu: count,
      up: truth,
      hardwareType: count,
      alias: orNull(text),
      owner: orNull(owner),
      master: orAbsent(count),
      xdp: orAbsent(count),
      qdisc: orAbsent(text),
      tunOwner: orAbsent(count),
    }),
  ),
  addresses: list(
    record<LiveAddress>({
      device: name,
      address,
      prefixLength: count,
      owned: truth,
      flaw: orAbsent(oneOf(...addressFlaws)),
    }),
  ),
  routes: list(
    record<LiveRoute>({
      destination: prefix,
      device: orNull(name),
      type: oneOf(...routeTypes),
      metric: count,
      mtu: orElse(orNull(count), null),
      table: orAbsent(count),
      tos: orAbsent(count),
      from: orAbsent(prefix),
      source: orAbsent(address),
      gateway: orAbsent(address),
      owned: truth,
    }),
  ),
  ipRules: orElse(
    list(
      record<LiveIpRule>({
        family: oneOf(4, 6),
        priority: count,
        from: orNull(prefix),
        to: orNull(prefix),
        iif: orNull(text),
        oif: orNull(text),
        mark: orNull(record<NonNullable<LiveIpRule['mark']>>({ value: count, mask: count })),
        inverted: truth,
        action: oneOf(...ipRuleActions),
        table: count,
        suppressedLength: orNull(count),
        narrowed: truth,
        owned: truth,
      }),
    ),
    [],
  ),
  devices: list(
    record<LiveDevice>({
      name,
      mode: oneOf('fixed', 'multi'),
      owner,
      mtu: count,
      underlays: list(name),
      destinations: orElse(list(prefix), []),
      plane,
      ifindex: count,
      up: truth,
      capacity: count,
      // Reasons come and go with versions; planning reads none of them.
      drops: dictionary(count) as Shape<Drops>,
      intact: truth,
      ahead: orAbsent(
        list(record<Ahead>({ interface: name, side: oneOf('ingress', 'egress'), who: text, stays: truth })),
      ),
    }),
  ),
  tunnels: list(
    record<LiveTunnel>({
      device: name,
      name,
      local: endpoint,
      remote: orNull(endpoint),
      underlay: orNull(name),
      keepalive,
      onDead: orAbsent(oneOf(...onDeadChoices)),
      id: count,
      counters,
    }),
  ),
  rules: list(record<LiveRule>({ device: name, prefix, tunnel: name })),
  filters: list(
    record<LiveFilter>({
      device: name,
      owner: orNull(owner),
      policies: list(text),
      ipv4: familyFilter,
      ipv6: familyFilter,
      intact: truth,
    }),
  ),
  saved: list(record<SavedValue>({ device: name, path: name, value: text })),
  plane,
  maxTunnels: count,
  sysctls: list(record<LiveSysctl>({ path: name, value: text })),
  ways: orAbsent(list(way)),
  paths: list(
    record<UnderlayPath>({
      remote: address,
      via: orNull(record<NonNullable<UnderlayPath['via']>>({ interface: name, source: address, mtu: count })),
    }),
  ),
})

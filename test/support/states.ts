// SPDX-License-Identifier: MIT
/**
 * Live and desired states written by hand, for tests of one phase alone: everything is empty but what a test names, and
 * objects are of the device `lvn0` of `mitte/gw1` unless it says otherwise.
 */
import type { Address, Endpoint, Prefix } from '../../src/model/address.ts'
import {
  type DesiredState,
  type DeviceSpec,
  type Drops,
  dropReasons,
  type IpRuleSpec,
  type LiveDevice,
  type LiveIpRule,
  type LiveLink,
  type LiveRoute,
  type LiveState,
  type LiveTunnel,
  type Owner,
  type RouteSpec,
  type RuleSpec,
  type TunnelSpec,
} from '../../src/model/state.ts'

export const us: Owner = { overlay: 'mitte', node: 'gw1' }
export const others: Owner = { overlay: 'city', node: 'hub' }

export const empty: DesiredState = {
  ...{ devices: [], addresses: [], tunnels: [], rules: [] },
  ...{ sysctls: [], routes: [], ipRules: [], filters: [] },
}

export const live = (some: Partial<LiveState> = {}): LiveState => ({
  ...{ ...empty, hostname: 'host', plane: 'ebpf', maxTunnels: 4096, links: [], saved: [], paths: [] },
  ...{ devices: [], addresses: [], tunnels: [], routes: [], ipRules: [], filters: [] },
  ...some,
})

export const wanted = (some: Partial<DesiredState> = {}): DesiredState => ({ ...empty, ...some })

let ifindex = 1
/** Foreign where it has no owner. */
export const link = (name: string, owner: Owner | null = null, more: Partial<LiveLink> = {}): LiveLink => ({
  ...{ name, ifindex: ifindex++, kind: 'veth', mtu: 1500, up: true, hardwareType: 1, alias: null, owner },
  ...more,
})

export const device = (more: Partial<DeviceSpec> = {}): DeviceSpec => ({
  ...{ name: 'lvn0', mode: 'multi', owner: us, mtu: 1400, underlays: ['eth0'], destinations: [] },
  ...more,
})

export const liveDevice = (more: Partial<LiveDevice> = {}): LiveDevice => ({
  ...device(),
  ...{ plane: 'ebpf', ifindex: 7, up: true, capacity: 1024, intact: true },
  drops: Object.fromEntries(dropReasons.map((reason) => [reason, 0])) as unknown as Drops,
  ...more,
})

/** `203.0.113.1:50000` */
export function endpoint(text: string): Endpoint {
  const [address, port] = text.split(':') as [Address, string]
  return { address, port: Number(port) }
}

/** By remote: null where it is pending. */
export const tunnel = (name: string, remote: string | null, more: Partial<TunnelSpec> = {}): TunnelSpec => ({
  ...{ device: 'lvn0', name, local: endpoint('198.51.100.10:50000') },
  ...{ remote: remote === null ? null : endpoint(remote), underlay: remote === null ? null : 'eth0' },
  ...{ keepalive: { intervalMs: 20_000, deadMs: 90_000 } },
  ...more,
})

export const liveTunnel = (...of: Parameters<typeof tunnel>): LiveTunnel => ({
  ...tunnel(...of),
  id: 1,
  counters: {
    ...{ rxPackets: 0, rxBytes: 0, txPackets: 0, txBytes: 0, dropped: 0 },
    ...{ sinceRxMs: null, sinceTxMs: null },
  },
})

export const rule = (prefix: string, to: string, of = 'lvn0'): RuleSpec => ({
  ...{ device: of, prefix: prefix as Prefix, tunnel: to },
})

/** Unicast into `to`; unreachable where that is null. */
export const route = (destination: string, to: string | null, more: Partial<RouteSpec> = {}): RouteSpec => ({
  ...{ destination: destination as Prefix, device: to, type: to === null ? 'unreachable' : 'unicast' },
  ...{ metric: 0, mtu: null },
  ...more,
})

/** One of ours, unless `owned` says otherwise. */
export const liveRoute = (
  destination: string,
  to: string | null,
  more: Partial<LiveRoute> = {},
): LiveRoute => ({ ...route(destination, to), owned: true, ...more })

export const ipRule = (priority: number, table: number, more: Partial<IpRuleSpec> = {}): IpRuleSpec => ({
  ...{ family: 4, priority, from: null, mark: null, table, suppressedLength: null },
  ...more,
})

export const liveIpRule = (priority: number, table: number, more: Partial<LiveIpRule> = {}): LiveIpRule => ({
  ...ipRule(priority, table),
  ...{ action: 'lookup', to: null, iif: null, oif: null, inverted: false, narrowed: false, owned: true },
  ...more,
})

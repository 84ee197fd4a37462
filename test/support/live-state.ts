// SPDX-License-Identifier: MIT
/**
 * Live states written by hand, for tests of what judges them and never asks a kernel. Each part is ordinary and not
 * ours where nothing else is said.
 */
import { type Address, bitsOf, familyOf, type Prefix } from '../../src/model/address.ts'
import type { LiveAddress, LiveIpRule, LiveLink, LiveRoute, LiveState } from '../../src/model/state.ts'

export function liveState(parts: Partial<LiveState> = {}): LiveState {
  return {
    ...{ hostname: 'host', plane: 'ebpf', maxTunnels: 1024 },
    ...{ links: [], addresses: [], routes: [], ipRules: [], filters: [] },
    ...{ devices: [], tunnels: [], rules: [], saved: [], sysctls: [], paths: [] },
    ...parts,
  }
}

export function link(name: string, more: Partial<LiveLink> = {}): LiveLink {
  return {
    ...{ name, ifindex: 1, kind: null, mtu: 1500, up: true, hardwareType: 1, alias: null, owner: null },
    ...more,
  }
}

export function address(device: string, text: string, more: Partial<LiveAddress> = {}): LiveAddress {
  const address = text as Address
  return { device, address, prefixLength: bitsOf(familyOf(address)), owned: false, ...more }
}

/** Null: a route that leads nowhere. */
export function route(destination: string, device: string | null, more: Partial<LiveRoute> = {}): LiveRoute {
  const type = device === null ? 'unreachable' : 'unicast'
  return { destination: destination as Prefix, device, type, metric: 0, mtu: null, owned: false, ...more }
}

/** For every packet of IPv4. */
export function ipRule(priority: number, table: number, more: Partial<LiveIpRule> = {}): LiveIpRule {
  return {
    ...{ family: 4, priority, table, action: 'lookup', from: null, to: null, iif: null, oif: null },
    ...{ mark: null, suppressedLength: null, inverted: false, narrowed: false, owned: false },
    ...more,
  }
}

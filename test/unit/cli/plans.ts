// SPDX-License-Identifier: MIT
/**
 * A small plan to print: one device with one of each thing, a tunnel that moved, a route that goes.
 */
import type { Change, Plan, Step } from '../../../src/interp/types.ts'
import type { Address, Prefix } from '../../../src/model/address.ts'
import type { DeviceSpec, TunnelSpec } from '../../../src/model/state.ts'

export const device: DeviceSpec = {
  name: 'lvn0',
  mode: 'multi',
  owner: { overlay: 'mitte', node: 'gw1' },
  mtu: 1452,
  underlays: ['eth0'],
  destinations: [],
}

export const tunnel: TunnelSpec = {
  device: 'lvn0',
  name: 'kirche',
  local: { address: '198.51.100.10' as Address, port: 50000 },
  remote: { address: '203.0.113.7' as Address, port: 50000 },
  underlay: 'eth0',
  keepalive: { intervalMs: 20_000, deadMs: 90_000 },
}

const moved = { ...tunnel, remote: { address: '203.0.113.8' as Address, port: 50000 } }

export const changes: readonly Change[] = [
  { op: 'add', kind: 'device', id: 'device lvn0', before: null, after: device, fields: [] },
  {
    op: 'add',
    kind: 'address',
    id: 'address lvn0 10.64.0.1',
    before: null,
    after: { device: 'lvn0', address: '10.64.0.1' as Address },
    fields: [],
  },
  {
    op: 'change',
    kind: 'tunnel',
    id: 'tunnel lvn0/kirche',
    before: tunnel,
    after: { ...moved, keepalive: { intervalMs: 15_000, deadMs: 60_000 } },
    fields: ['remote', 'keepalive'],
  },
  {
    op: 'add',
    kind: 'rule',
    id: 'rule lvn0 10.64.1.0/24',
    before: null,
    after: { device: 'lvn0', prefix: '10.64.1.0/24' as Prefix, tunnel: 'kirche' },
    fields: [],
  },
  {
    op: 'add',
    kind: 'sysctl',
    id: 'sysctl net/ipv4/conf/lvn0/forwarding',
    before: null,
    after: { path: 'net/ipv4/conf/lvn0/forwarding', value: '1', device: 'lvn0' },
    fields: [],
  },
  {
    op: 'add',
    kind: 'route',
    id: 'route unreachable 10.64.9.0/24',
    before: null,
    after: {
      destination: '10.64.9.0/24' as Prefix,
      device: null,
      type: 'unreachable',
      metric: 4096,
      mtu: null,
    },
    fields: [],
  },
  {
    op: 'remove',
    kind: 'route',
    id: 'route 10.65.0.0/16',
    before: { destination: '10.65.0.0/16' as Prefix, device: 'lvn0', type: 'unicast', metric: 50, mtu: null },
    after: null,
    fields: [],
  },
]

export function tunnels(n: number): readonly Change[] {
  return Array.from({ length: n }, (_, i) => ({
    op: 'add',
    kind: 'tunnel',
    id: `tunnel lvn0/s${i}`,
    before: null,
    after: { ...tunnel, name: `s${i}` },
    fields: [],
  }))
}

export function planOf(some: readonly Change[], more: Partial<Plan> = {}): Plan {
  const of = (op: Change['op']) => some.filter((change) => change.op === op).length
  return {
    nodes: [{ overlay: 'mitte', name: 'gw1', role: 'hub' }],
    plane: 'ebpf',
    steps: some.map(stepOf),
    summary: { add: of('add'), change: of('change'), remove: of('remove') },
    pending: [],
    absent: [],
    foreign: [],
    notes: [],
    reach: { remotes: [], defaults: [] },
    desired: {
      devices: [],
      addresses: [],
      tunnels: [],
      rules: [],
      sysctls: [],
      routes: [],
      ipRules: [],
      filters: [],
    },
    scope: { owners: [], nets: [] },
    ...more,
  }
}

export function stepOf(change: Change): Step {
  return { change, operations: [], undo: [] }
}

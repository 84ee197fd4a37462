// SPDX-License-Identifier: MIT
/**
 * A hub and spokes on a data plane, without the language: what the conformance suite drives.
 */

import { withNetns } from '../../native/netns.ts'
import type { Address, Endpoint, Prefix } from '../../src/model/address.ts'
import type { DataPlane, OperationResult, PlaneOperation } from '../../src/model/kernel.ts'
import type { DeviceSpec, PlaneState, RuleSpec, TunnelSpec } from '../../src/model/state.ts'
import { type Netns, until } from './netns.ts'

export const keepalive = { intervalMs: 20_000, deadMs: 90_000 }

/** Opens the plane in a namespace for one call. */
export type OpenPlane = () => DataPlane

export function inPlane<T>(ns: Netns, open: OpenPlane, use: (plane: DataPlane) => T): T {
  return withNetns(ns.path, () => {
    const plane = open()
    try {
      return use(plane)
    } finally {
      plane.close()
    }
  })
}

/** Applies; throws the first failure. */
export function applyAll(ns: Netns, open: OpenPlane, operations: readonly PlaneOperation[]): void {
  for (const result of tryAll(ns, open, operations)) if (result.status === 'failed') throw result.error
}

export function tryAll(
  ns: Netns,
  open: OpenPlane,
  operations: readonly PlaneOperation[],
): readonly OperationResult[] {
  return inPlane(ns, open, (plane) => plane.apply(operations))
}

export function snapshot(ns: Netns, open: OpenPlane): PlaneState {
  return inPlane(ns, open, (plane) => plane.snapshot())
}

export const device = (
  name: string,
  mode: DeviceSpec['mode'],
  mtu: number,
  ...underlays: string[]
): DeviceSpec => ({
  name,
  mode,
  owner: { overlay: 'test', node: name },
  mtu,
  underlays,
  destinations: [],
})

export const endpoint = (address: string, port = 50_000): Endpoint => ({ address: address as Address, port })

export const tunnel = (
  name: string,
  local: Endpoint,
  remote: Endpoint | null,
  underlay = 'eth0',
): TunnelSpec => ({
  device: 'lvn0',
  name,
  local,
  remote,
  underlay: remote === null ? null : underlay,
  keepalive,
})

export const rule = (prefix: string, name: string): RuleSpec => ({
  device: 'lvn0',
  prefix: prefix as Prefix,
  tunnel: name,
})

export const add = {
  device: (spec: DeviceSpec, capacity: number): PlaneOperation => ({
    op: 'add',
    kind: 'device',
    spec,
    capacity,
  }),
  tunnel: (spec: TunnelSpec): PlaneOperation => ({ op: 'add', kind: 'tunnel', spec }),
  rule: (spec: RuleSpec): PlaneOperation => ({ op: 'add', kind: 'rule', spec }),
}

export function ping(ns: Netns, to: string, ...options: string[]): boolean {
  return ns.try('ping', '-n', '-c1', '-W2', ...options, to).status === 0
}

/** The first packet may wait for neighbour discovery in the underlay. */
export async function reaches(ns: Netns, to: string): Promise<void> {
  await until(`${ns.name} reaches ${to}`, () => ping(ns, to))
}

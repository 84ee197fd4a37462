// SPDX-License-Identifier: MIT
/**
 * Tunnels one by one, on devices that are there.
 */
import type { Kernel, PlaneOperation } from '../model/kernel.ts'
import type { LiveDevice, LiveRule, LiveTunnel, OnDead, PlaneState, TunnelSpec } from '../model/state.ts'
import type { Keepalive } from '../model/topology.ts'
import { specOfDevice } from './device.ts'
import { type OuterWish, outerOf } from './outer.ts'
import { hasTunnel, tunnelThere } from './refusals.ts'
import { checkId, checkKeepalive, checkKey, checkTunnelName, defaultKeepalive } from './values.ts'
import {
  carryOut,
  findDevice,
  findTunnel,
  mayTouch,
  type Permission,
  type Step,
  specOf,
  type TunnelRef,
  tunnelsOf,
} from './work.ts'

export interface NewTunnel extends OuterWish {
  readonly device: string
  /** Unique within the device; absent: `tun` and its id. */
  readonly name?: string | undefined
  /** Number within the device, 1 to its capacity; absent: the lowest that is free. */
  readonly id?: number | undefined
  /** Every 20 s, dead after 90 s where nothing is said; 0 is never. */
  readonly keepalive?: Partial<Keepalive> | undefined
  /** Needs the kmod plane for `remove`. */
  readonly onDead?: OnDead | undefined
  /** 32 hex digits: the key of control packets. Needs the kmod plane. */
  readonly key?: string | undefined
}

/** What is absent stays. */
export type TunnelChange = Omit<NewTunnel, 'device' | 'name' | 'id'>

/** @throws LvnError: it is there already, an endpoint cannot be, the plane refuses. */
export function addTunnel(kernel: Kernel, wish: NewTunnel, permission: Permission = {}): LiveTunnel {
  const state = kernel.plane.snapshot()
  const device = findDevice(kernel, state, wish.device)
  mayTouch(device, permission)
  const tunnels = tunnelsOf(state, device.name)
  const [only] = tunnels
  if (device.mode === 'fixed' && only !== undefined) throw hasTunnel(device.name, only.name)
  const id = wish.id === undefined ? lowestFree(tunnels) : checkId(wish.id)
  const name = checkTunnelName(wish.name ?? `tun${id}`)
  if (tunnels.some((tunnel) => tunnel.name === name)) throw tunnelThere(device.name, name)
  const spec: TunnelSpec = {
    device: device.name,
    name,
    id,
    ...outerOf(kernel, device.name, wish),
    ...bearingOf(wish, defaultKeepalive),
  }
  put(kernel, device, 'add', spec, { op: 'delete', kind: 'tunnel', device: device.name, name })
  return findTunnel(kernel.plane.snapshot(), device.name, name)
}

/** Changes it in place: its rules and counters stay. */
export function setTunnel(
  kernel: Kernel,
  deviceName: string,
  ref: TunnelRef,
  change: TunnelChange,
  permission: Permission = {},
): LiveTunnel {
  const state = kernel.plane.snapshot()
  const device = findDevice(kernel, state, deviceName)
  mayTouch(device, permission)
  const before = specOf(findTunnel(state, deviceName, ref))
  const outer = outerOf(kernel, deviceName, {
    ...change,
    local: { ...before.local, ...change.local },
    remote: remoteAfter(before, change),
    underlay: change.underlay ?? (change.remote === undefined ? (before.underlay ?? undefined) : undefined),
  })
  const spec = { ...before, ...outer, ...bearingOf(change, before.keepalive) }
  put(kernel, device, 'set', spec, { op: 'set', kind: 'tunnel', spec: before })
  return findTunnel(kernel.plane.snapshot(), deviceName, before.name)
}

export interface DeletedTunnel {
  readonly tunnel: LiveTunnel
  /** The rules that led to it, which went first. */
  readonly rules: readonly LiveRule[]
}

/** Takes the rules that lead to it away, too. */
export function deleteTunnel(
  kernel: Kernel,
  deviceName: string,
  ref: TunnelRef,
  permission: Permission = {},
): DeletedTunnel {
  const state = kernel.plane.snapshot()
  mayTouch(findDevice(kernel, state, deviceName), permission)
  const tunnel = findTunnel(state, deviceName, ref)
  const rules = rulesTo(state, tunnel)
  const steps: Step[] = rules.map((spec) => ({
    operation: { op: 'delete', kind: 'rule', spec },
    undo: [{ op: 'add', kind: 'rule', spec }],
  }))
  const operation: PlaneOperation = { op: 'delete', kind: 'tunnel', device: deviceName, name: tunnel.name }
  carryOut(kernel, [...steps, { operation, undo: [] }])
  return { tunnel, rules }
}

function rulesTo(state: PlaneState, { device, name }: LiveTunnel): readonly LiveRule[] {
  return state.rules.filter((rule) => rule.device === device && rule.tunnel === name)
}

/** The tunnel's interface is one on which the device's packets may arrive. */
function put(
  kernel: Kernel,
  device: LiveDevice,
  op: 'add' | 'set',
  spec: TunnelSpec,
  undo: PlaneOperation,
): void {
  const { underlay } = spec
  const steps: Step[] = [{ operation: { op, kind: 'tunnel', spec }, undo: [undo] }]
  if (underlay !== null && !device.underlays.includes(underlay)) {
    const before = specOfDevice(device)
    const after = { ...before, underlays: [...device.underlays, underlay].sort() }
    const { capacity } = device
    steps.unshift({
      operation: { op: 'set', kind: 'device', spec: after, capacity },
      undo: [{ op: 'set', kind: 'device', spec: before, capacity }],
    })
  }
  carryOut(kernel, steps)
}

/** What it does beside carrying packets. */
function bearingOf(
  wish: Pick<NewTunnel, 'keepalive' | 'onDead' | 'key'>,
  keepalive: Keepalive,
): Pick<TunnelSpec, 'keepalive' | 'onDead' | 'key'> {
  const { intervalMs = keepalive.intervalMs, deadMs = keepalive.deadMs } = wish.keepalive ?? {}
  return {
    keepalive: checkKeepalive({ intervalMs, deadMs }),
    ...(wish.onDead === undefined ? {} : { onDead: wish.onDead }),
    ...(wish.key === undefined ? {} : { key: checkKey(wish.key) }),
  }
}

function remoteAfter(before: TunnelSpec, { remote }: TunnelChange): OuterWish['remote'] {
  if (remote === undefined || remote === null) return remote === null ? null : before.remote
  return { ...before.remote, ...remote }
}

function lowestFree(tunnels: readonly LiveTunnel[]): number {
  const ids = new Set(tunnels.map(({ id }) => id))
  let id = 1
  while (ids.has(id)) id++
  return id
}

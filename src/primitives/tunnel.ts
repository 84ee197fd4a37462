// SPDX-License-Identifier: MIT
/**
 * Tunnels one by one, on devices that are there.
 */
import type { Kernel, PlaneOperation } from '../model/kernel.ts'
import type { LiveDevice, LiveRule, LiveTunnel, OnDead, TunnelSpec } from '../model/state.ts'
import type { Keepalive } from '../model/topology.ts'
import { type Intent, inBulk, type Result, single } from './bulk.ts'
import { specOfDevice } from './device.ts'
import type { Ledger } from './ledger.ts'
import { type OuterWish, outerOf, surroundings } from './outer.ts'
import { hasTunnel, noRoom, tunnelThere } from './refusals.ts'
import { checkId, checkKeepalive, checkKey, checkTunnelName, defaultKeepalive } from './values.ts'
import { mayTouch, type Permission, type Step, specOf, type TunnelRef } from './work.ts'

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
  return single(addTunnels(kernel, [wish], permission))
}

/** The same for many, with a result for each. */
export function addTunnels(
  kernel: Kernel,
  wishes: readonly NewTunnel[],
  permission: Permission = {},
): readonly Result<LiveTunnel>[] {
  const around = surroundings(kernel, wishes)
  return inBulk(kernel, wishes, (ledger, wish) => {
    const device = ledger.device(wish.device)
    mayTouch(device, permission)
    const there = ledger.tunnels(device.name)
    const [only] = there.keys()
    if (device.mode === 'fixed' && only !== undefined) throw hasTunnel(device.name, only)
    const id = wish.id === undefined ? ledger.freeId(device.name) : checkId(wish.id)
    const name = checkTunnelName(wish.name ?? `tun${id}`)
    if (there.has(name)) throw tunnelThere(device.name, name)
    const spec: TunnelSpec = {
      device: device.name,
      name,
      id,
      ...outerOf(around, device.name, wish),
      ...bearingOf(wish, defaultKeepalive),
    }
    if (there.size >= device.capacity && device.capacity > 0) throw noRoom(device.name, device.capacity)
    return {
      steps: put(device, 'add', spec, { op: 'delete', kind: 'tunnel', device: device.name, name }),
      read: (after) => after.tunnel(device.name, name),
    }
  })
}

/** Changes it in place: its rules and counters stay. */
export function setTunnel(
  kernel: Kernel,
  deviceName: string,
  ref: TunnelRef,
  change: TunnelChange,
  permission: Permission = {},
): LiveTunnel {
  const changed = (ledger: Ledger): Intent<LiveTunnel> => {
    const device = ledger.device(deviceName)
    mayTouch(device, permission)
    const before = specOf(ledger.tunnel(deviceName, ref))
    const wish: OuterWish = {
      ...change,
      local: { ...before.local, ...change.local },
      remote: remoteAfter(before, change),
      underlay: change.underlay ?? (change.remote === undefined ? (before.underlay ?? undefined) : undefined),
    }
    const outer = outerOf(surroundings(kernel, [wish]), deviceName, wish)
    const spec = { ...before, ...outer, ...bearingOf(change, before.keepalive) }
    return {
      steps: put(device, 'set', spec, { op: 'set', kind: 'tunnel', spec: before }),
      read: (after) => after.tunnel(deviceName, before.name),
    }
  }
  return single(inBulk(kernel, [change], changed))
}

export interface DeletedTunnel {
  readonly tunnel: LiveTunnel
  /** The rules that led to it, which went first. */
  readonly rules: readonly LiveRule[]
}

/** Takes the rules that lead to it away, too. */
export function deleteTunnel(
  kernel: Kernel,
  device: string,
  tunnel: TunnelRef,
  permission: Permission = {},
): DeletedTunnel {
  return single(deleteTunnels(kernel, [{ device, tunnel }], permission))
}

/** The same for many, with a result for each. */
export function deleteTunnels(
  kernel: Kernel,
  wishes: readonly { readonly device: string; readonly tunnel: TunnelRef }[],
  permission: Permission = {},
): readonly Result<DeletedTunnel>[] {
  return inBulk(kernel, wishes, (ledger, { device, tunnel: ref }) => {
    mayTouch(ledger.device(device), permission)
    const tunnel = ledger.tunnel(device, ref)
    const rules = ledger.rulesTo(tunnel)
    const ofRules: Step[] = rules.map((spec) => ({
      operation: { op: 'delete', kind: 'rule', spec },
      undo: [{ op: 'add', kind: 'rule', spec }],
    }))
    const operation: PlaneOperation = { op: 'delete', kind: 'tunnel', device, name: tunnel.name }
    return { steps: [...ofRules, { operation, undo: [] }], read: () => ({ tunnel, rules }) }
  })
}

/** The tunnel's interface is one on which the device's packets may arrive. */
function put(device: LiveDevice, op: 'add' | 'set', spec: TunnelSpec, undo: PlaneOperation): readonly Step[] {
  const { underlay } = spec
  const step: Step = { operation: { op, kind: 'tunnel', spec }, undo: [undo] }
  if (underlay === null || device.underlays.includes(underlay)) return [step]
  const before = specOfDevice(device)
  const after = { ...before, underlays: [...device.underlays, underlay].sort() }
  const { capacity } = device
  const widened: Step = {
    operation: { op: 'set', kind: 'device', spec: after, capacity },
    undo: [{ op: 'set', kind: 'device', spec: before, capacity }],
  }
  return [widened, step]
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

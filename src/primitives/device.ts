// SPDX-License-Identifier: MIT
/**
 * Devices one by one. What is made here is marked as made by hand; what an overlay's file owns is left alone
 * unless it is forced.
 */
import { hand } from '../model/hand.ts'
import type { Kernel } from '../model/kernel.ts'
import { least } from '../model/lists.ts'
import type { DeviceSpec, LiveDevice, LiveLink, PlaneState } from '../model/state.ts'
import type { DeviceMode } from '../model/topology.ts'
import { nameTaken, noUnderlay, roomIsFixed } from './refusals.ts'
import { checkCapacity, checkDeviceName, checkMtu, defaultCapacity } from './values.ts'
import { carryOut, findDevice, mayTouch, type Permission } from './work.ts'

export interface NewDevice {
  readonly name: string
  /** `fixed`: one tunnel that takes everything. `multi`: many, chosen by rules. */
  readonly mode: DeviceMode
  /** Bytes of the largest inner packet; absent: what fits any outer header over the underlays, else over 1500. */
  readonly mtu?: number | undefined
  /** Interfaces on which its packets may arrive; those of its tunnels always are among them. */
  readonly underlays?: readonly string[] | undefined
  /** The most tunnels; absent: 1 or 1,024, by the mode. */
  readonly capacity?: number | undefined
}

/** What is absent stays. */
export type DeviceChange = Partial<Pick<NewDevice, 'mtu' | 'underlays' | 'capacity'>>

/** IPv6 header without extensions and UDP header: what the largest outer header needs. */
const overhead = 48
const ethernet = 1500

/**
 * Packets out of its tunnels may have any inner destination: what an overlay is, only a file knows.
 * @throws LvnError: the name is taken, an underlay is not there, a value cannot be.
 */
export function addDevice(kernel: Kernel, wish: NewDevice): LiveDevice {
  const name = checkDeviceName(wish.name)
  const { links } = kernel.host.interfaces()
  if (links.some((link) => link.name === name)) throw nameTaken(name)
  const underlays = checkUnderlays(wish.underlays ?? [], links)
  const capacity = wish.mode === 'fixed' ? 1 : (wish.capacity ?? defaultCapacity)
  const mtu = wish.mtu ?? defaultMtu(links, underlays)
  const spec = { name, mode: wish.mode, owner: hand, mtu: checkMtu(mtu), underlays, destinations: [] }
  checkCapacity(wish.capacity ?? capacity, wish.mode === 'fixed' ? 1 : kernel.plane.maxTunnels)
  carryOut(kernel, [{ operation: { op: 'add', kind: 'device', spec, capacity }, undo: [] }])
  return findDevice(kernel, kernel.plane.snapshot().devices, name)
}

/** Changes it in place: its tunnels go on. */
export function setDevice(
  kernel: Kernel,
  name: string,
  change: DeviceChange,
  permission: Permission = {},
): LiveDevice {
  const state = kernel.plane.snapshot()
  const device = findDevice(kernel, state.devices, name)
  mayTouch(device, permission)
  const { links } = kernel.host.interfaces()
  const capacity = change.capacity ?? device.capacity
  const grows = kernel.plane.name === 'kmod' && device.mode === 'multi' && capacity > device.capacity
  if (capacity !== device.capacity && !grows) throw roomIsFixed(name, device.capacity, capacity)
  const spec = {
    ...specOfDevice(device),
    mtu: checkMtu(change.mtu ?? device.mtu),
    underlays:
      change.underlays === undefined
        ? device.underlays
        : checkUnderlays([...change.underlays, ...inUse(state, name)], links),
  }
  checkCapacity(capacity, kernel.plane.maxTunnels)
  carryOut(kernel, [{ operation: { op: 'set', kind: 'device', spec, capacity }, undo: [] }])
  return findDevice(kernel, kernel.plane.snapshot().devices, name)
}

/** The interfaces of its tunnels: without them nothing would come in. */
function inUse({ tunnels }: PlaneState, device: string): readonly string[] {
  return tunnels.flatMap((tunnel) => (tunnel.device === device ? (tunnel.underlay ?? []) : []))
}

/** Takes it away with its tunnels and rules, and puts back what was changed on its account. */
export function deleteDevice(kernel: Kernel, name: string, permission: Permission = {}): LiveDevice {
  const state = kernel.plane.snapshot()
  const device = findDevice(kernel, state.devices, name)
  mayTouch(device, permission)
  carryOut(kernel, [{ operation: { op: 'delete', kind: 'device', name }, undo: [] }])
  putBack(kernel, state, name)
  return device
}

/** The switches of an overlay's device; one that another device keeps a value for is still needed there. */
function putBack(kernel: Kernel, { saved }: PlaneState, device: string): void {
  const kept = new Set(saved.filter((value) => value.device !== device).map(({ path }) => path))
  for (const { device: its, path, value } of saved) {
    if (its !== device || kept.has(path)) continue
    const [result] = kernel.host.apply([{ op: 'write', kind: 'sysctl', path, value }])
    // A switch of an interface that has gone meanwhile needs nothing.
    if (result?.status === 'failed' && kernel.host.sysctls([path]).has(path)) throw result.error
  }
}

export function specOfDevice({ name, mode, owner, mtu, underlays, destinations }: LiveDevice): DeviceSpec {
  return { name, mode, owner, mtu, underlays, destinations }
}

export function checkUnderlays(underlays: readonly string[], links: readonly LiveLink[]): readonly string[] {
  const names = links.map(({ name }) => name)
  for (const underlay of underlays) if (!names.includes(underlay)) throw noUnderlay(underlay, names)
  return [...new Set(underlays)].sort()
}

function defaultMtu(links: readonly LiveLink[], underlays: readonly string[]): number {
  const mtus = links.filter(({ name }) => underlays.includes(name)).map(({ mtu }) => mtu)
  return least([...(mtus.length === 0 ? [ethernet] : mtus), 65_535]) - overhead
}

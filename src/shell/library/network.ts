// SPDX-License-Identifier: MIT
/**
 * One network namespace for programs: its devices, tunnels and rules read and changed at once. Every change is made
 * under the lock of `lvn`; every call enters the namespace and returns from it.
 */
import { openKernel, type PlaneChoice } from '../../../native/index.ts'
import { locked } from '../../../native/lock.ts'
import { withNetns } from '../../../native/netns.ts'
import { observe } from '../../interp/index.ts'
import type { Plan } from '../../interp/types.ts'
import type { Prefix } from '../../model/address.ts'
import type { Kernel } from '../../model/kernel.ts'
import type { LiveDevice, LiveRule, LiveState, LiveTunnel, PlaneName } from '../../model/state.ts'
import * as primitives from '../../primitives/index.ts'
import { type LivePolicy, policiesOf } from '../cli/format-policies.ts'
import type { Checked } from './files.ts'
import { type Applied, applyHere, destroyHere, type OverlayOptions, type Place, planHere } from './overlay.ts'

export interface NetworkOptions {
  /** A name of `ip netns` or a path; absent: the namespace of the process. */
  readonly netns?: string
  /** Absent: `auto`, as on the command line. */
  readonly plane?: PlaneChoice
}

/** What every method throws is an LvnError: a sentence, a code, the exit code that `lvn` would end with. */
export interface Network {
  readonly plane: PlaneName
  /** Those of overlays, too; of one device where it is named. */
  devices(): readonly LiveDevice[]
  tunnels(device?: string): readonly LiveTunnel[]
  rules(device?: string): readonly LiveRule[]
  addDevice(wish: primitives.NewDevice): LiveDevice
  setDevice(name: string, change: primitives.DeviceChange, permission?: primitives.Permission): LiveDevice
  deleteDevice(name: string, permission?: primitives.Permission): LiveDevice
  addTunnel(wish: primitives.NewTunnel, permission?: primitives.Permission): LiveTunnel
  setTunnel(
    device: string,
    tunnel: primitives.TunnelRef,
    change: primitives.TunnelChange,
    permission?: primitives.Permission,
  ): LiveTunnel
  deleteTunnel(
    device: string,
    tunnel: primitives.TunnelRef,
    permission?: primitives.Permission,
  ): primitives.DeletedTunnel
  addRule(wish: primitives.NewRule, permission?: primitives.Permission): LiveRule
  setRule(wish: primitives.NewRule, permission?: primitives.Permission): LiveRule
  deleteRule(device: string, prefix: Prefix, permission?: primitives.Permission): LiveRule
  /** As `addTunnel` and so on for many in one call; results in the order of the wishes. */
  addTunnels(
    wishes: readonly primitives.NewTunnel[],
    permission?: primitives.Permission,
  ): readonly primitives.Result<LiveTunnel>[]
  deleteTunnels(
    wishes: readonly { readonly device: string; readonly tunnel: primitives.TunnelRef }[],
    permission?: primitives.Permission,
  ): readonly primitives.Result<primitives.DeletedTunnel>[]
  addRules(
    wishes: readonly primitives.NewRule[],
    permission?: primitives.Permission,
  ): readonly primitives.Result<LiveRule>[]
  deleteRules(
    wishes: readonly { readonly device: string; readonly prefix: Prefix }[],
    permission?: primitives.Permission,
  ): readonly primitives.Result<LiveRule>[]
  /** What `apply` would change, changing nothing. */
  plan(checked: Checked, options?: OverlayOptions): Promise<Plan>
  /** Brings this node to what the file says. Rejects where that is refused before anything is changed. */
  apply(checked: Checked, options?: OverlayOptions): Promise<Applied>
  /** Removes exactly what the file's overlays own here. */
  destroy(checked: Checked, options?: OverlayOptions): Applied
  /** The policies that a hub enforces. */
  policies(): readonly LivePolicy[]
  /** The whole live state: what `lvn snapshot` prints, and plans are made against. */
  snapshot(): LiveState
  /** No method may be called any more. What was made stays. */
  close(): void
}

/** @throws LvnError (exit code 7): no such namespace, no permission, no data plane, or the addon is not built. */
export function openNetwork({ netns, plane = 'auto' }: NetworkOptions = {}): Network {
  const inside = <T>(work: () => T): T => (netns === undefined ? work() : withNetns(netns, work))
  const kernel = inside(() => openKernel(plane))
  const read = <T>(work: (kernel: Kernel) => T): T => inside(() => work(kernel))
  const change = <T>(work: (kernel: Kernel) => T): T => inside(() => locked(() => work(kernel)))
  const place: Place = { kernel, inside, locked: (work) => change(work) }
  return {
    plane: kernel.plane.name,
    devices: () => read((kernel) => primitives.listObjects(kernel).devices),
    tunnels: (device) => read((kernel) => primitives.listObjects(kernel, device).tunnels),
    rules: (device) => read((kernel) => primitives.listObjects(kernel, device).rules),
    addDevice: (wish) => change((kernel) => primitives.addDevice(kernel, wish)),
    setDevice: (...args) => change((kernel) => primitives.setDevice(kernel, ...args)),
    deleteDevice: (...args) => change((kernel) => primitives.deleteDevice(kernel, ...args)),
    addTunnel: (...args) => change((kernel) => primitives.addTunnel(kernel, ...args)),
    setTunnel: (...args) => change((kernel) => primitives.setTunnel(kernel, ...args)),
    deleteTunnel: (...args) => change((kernel) => primitives.deleteTunnel(kernel, ...args)),
    addRule: (...args) => change((kernel) => primitives.addRule(kernel, ...args)),
    setRule: (...args) => change((kernel) => primitives.setRule(kernel, ...args)),
    deleteRule: (...args) => change((kernel) => primitives.deleteRule(kernel, ...args)),
    addTunnels: (...args) => change((kernel) => primitives.addTunnels(kernel, ...args)),
    deleteTunnels: (...args) => change((kernel) => primitives.deleteTunnels(kernel, ...args)),
    addRules: (...args) => change((kernel) => primitives.addRules(kernel, ...args)),
    deleteRules: (...args) => change((kernel) => primitives.deleteRules(kernel, ...args)),
    plan: (checked, options = {}) => planHere(place, checked, options),
    apply: (checked, options = {}) => applyHere(place, checked, options),
    destroy: (checked, options = {}) => destroyHere(place, checked, options),
    policies: () => read((kernel) => policiesOf(kernel.host.filters())),
    snapshot: () => read((kernel) => observe(kernel)),
    close: () => kernel.close(),
  }
}

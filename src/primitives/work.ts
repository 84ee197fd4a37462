// SPDX-License-Identifier: MIT
/**
 * What the primitives have in common: finding the objects that they are about, whether they may touch them, and
 * carrying operations out so that all of them are done or none is.
 */
import { ExitCode, LvnError } from '../diag/error.ts'
import { isByHand } from '../model/hand.ts'
import type { Kernel, PlaneOperation } from '../model/kernel.ts'
import type { LiveDevice, LiveTunnel, PlaneState } from '../model/state.ts'
import { noSuchDevice, noSuchTunnel, ownedByOverlay } from './refusals.ts'

export interface Permission {
  /** Also touch what an overlay's file owns. */
  readonly force?: boolean | undefined
}

/** A tunnel by its name, or by its id within the device. */
export type TunnelRef = string | number

export interface Step {
  readonly operation: PlaneOperation
  /** Takes it back, carried out in this order. */
  readonly undo: readonly PlaneOperation[]
}

export function findDevice(kernel: Kernel, state: PlaneState, name: string): LiveDevice {
  const found = state.devices.find((device) => device.name === name)
  if (found !== undefined) return found
  const link = kernel.host.snapshot().links.find((each) => each.name === name)
  const names = state.devices.map((device) => device.name)
  throw noSuchDevice(name, names, link === undefined ? null : (link.kind ?? 'physical'))
}

/** @throws LvnError LVN4503: an overlay's file owns it. */
export function mayTouch(device: LiveDevice, { force = false }: Permission): void {
  if (!force && !isByHand(device.owner)) throw ownedByOverlay(device.name, device.owner)
}

export function tunnelsOf(state: PlaneState, device: string): readonly LiveTunnel[] {
  return state.tunnels.filter((tunnel) => tunnel.device === device)
}

export function findTunnel(state: PlaneState, device: string, ref: TunnelRef): LiveTunnel {
  const tunnels = tunnelsOf(state, device)
  const found = tunnels.find((tunnel) => (typeof ref === 'number' ? tunnel.id : tunnel.name) === ref)
  if (found !== undefined) return found
  throw noSuchTunnel(
    device,
    ref,
    tunnels.map(({ name }) => name),
  )
}

/** A tunnel as a specification that makes it again. */
export function specOf({ counters: _, ...spec }: LiveTunnel) {
  return spec
}

/** @throws the kernel's refusal, after what was done before it has been taken back. */
export function carryOut(kernel: Kernel, steps: readonly Step[]): void {
  const results = kernel.plane.apply(steps.map(({ operation }) => operation))
  const failed = results.findIndex(({ status }) => status !== 'done')
  const result = results[failed]
  if (result === undefined) return
  const undo = steps.slice(0, failed).reverse()
  const undone = kernel.plane.apply(undo.flatMap((step) => step.undo))
  const error = result.status === 'failed' ? result.error : new Error('the kernel was not asked')
  const stuck = undone.find(({ status }) => status === 'failed')
  if (stuck?.status !== 'failed') throw error
  throw new LvnError('LVN4520', ExitCode.partlyApplied, `${error.message}; ${stuck.error.message}`, {
    cause: error,
    hint: 'a part could not be taken back: see `lvn show`',
  })
}

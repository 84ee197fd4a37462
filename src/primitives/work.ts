// SPDX-License-Identifier: MIT
/**
 * What the primitives have in common: finding the objects that they are about, whether they may touch them, and
 * carrying operations out so that all of them are done or none is.
 */
import { ExitCode, LvnError } from '../diag/error.ts'
import { isByHand } from '../model/hand.ts'
import type { Kernel, OperationResult, PlaneOperation } from '../model/kernel.ts'
import type { LiveDevice, LiveTunnel } from '../model/state.ts'
import { noSuchDevice, ownedByOverlay } from './refusals.ts'

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

/** @throws LvnError LVN4501: it is none of these. */
export function findDevice(kernel: Kernel, devices: readonly LiveDevice[], name: string): LiveDevice {
  const found = devices.find((device) => device.name === name)
  if (found !== undefined) return found
  const link = kernel.host.interfaces().links.find((each) => each.name === name)
  const names = devices.map((device) => device.name)
  throw noSuchDevice(name, names, link === undefined ? null : (link.kind ?? 'physical'))
}

/** @throws LvnError LVN4503: an overlay's file owns it. */
export function mayTouch(device: LiveDevice, { force = false }: Permission): void {
  if (!force && !isByHand(device.owner)) throw ownedByOverlay(device.name, device.owner)
}

/** A tunnel as a specification that makes it again. */
export function specOf({ counters: _, ...spec }: LiveTunnel) {
  return spec
}

/** @throws the kernel's refusal, after what was done before it has been taken back. */
export function carryOut(kernel: Kernel, steps: readonly Step[]): void {
  const results = kernel.plane.apply(steps.map(({ operation }) => operation))
  const failed = results.findIndex(({ status }) => status !== 'done')
  if (failed >= 0) throw takeBack(kernel, steps.slice(0, failed), results[failed])
}

/** Takes back what was done before a failure; the error to throw for it. */
export function takeBack(kernel: Kernel, done: readonly Step[], failure: OperationResult | undefined): Error {
  const undone = kernel.plane.apply(
    done.toReversed().flatMap((step) => step.undo),
    undefined,
    () => undefined,
  )
  const error = failure?.status === 'failed' ? failure.error : new Error('the kernel was not asked')
  const stuck = undone.find(({ status }) => status === 'failed')
  if (stuck?.status !== 'failed') return error
  return new LvnError('LVN4520', ExitCode.partlyApplied, `${error.message}; ${stuck.error.message}`, {
    cause: error,
    hint: 'a part could not be taken back: see `lvn show`',
  })
}

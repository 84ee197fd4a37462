// SPDX-License-Identifier: MIT
/**
 * What there is: all devices, tunnels and rules of the plane, or those of one device.
 */
import type { Kernel } from '../model/kernel.ts'
import type { PlaneState } from '../model/state.ts'
import { findDevice } from './work.ts'

export type Objects = Pick<PlaneState, 'devices' | 'tunnels' | 'rules'>

/** @throws LvnError LVN4501: there is no such device. */
export function listObjects(kernel: Kernel, device?: string): Objects {
  const state = kernel.plane.snapshot()
  if (device === undefined) return state
  const here = (object: { readonly device: string }) => object.device === device
  return {
    devices: [findDevice(kernel, state.devices, device)],
    tunnels: state.tunnels.filter(here),
    rules: state.rules.filter(here),
  }
}

// SPDX-License-Identifier: MIT
/**
 * One node's kernel, opened in the network namespace that the thread is in.
 */
import type { DataPlane, Kernel } from '../src/model/kernel.ts'
import type { PlaneName } from '../src/model/state.ts'
import { openEbpfPlane } from './ebpf/plane.ts'
import { hostNetwork } from './host/index.ts'
import { openLinks } from './host/links.ts'
import { findKmodPlane, openKmodPlane } from './kmod/plane.ts'

export type PlaneChoice = 'auto' | PlaneName
export type OpenKernel = Kernel & { close(): void }

/**
 * Opens the network stack and a data plane: the module's where the kernel has it or can load it, else the
 * embedded one, and the embedded one where it holds devices already. Throws LVN7004 where the chosen plane cannot be had.
 */
export function openKernel(choice: PlaneChoice): OpenKernel {
  const plane = openPlane(choice)
  const host = hostNetwork()
  return {
    host,
    plane,
    close() {
      plane.close()
      host.close()
    },
  }
}

function openPlane(choice: PlaneChoice): DataPlane {
  switch (choice) {
    case 'kmod':
      return openKmodPlane()
    case 'ebpf':
      return openEbpfPlane()
    case 'auto':
      return (hasEbpfDevices() ? null : findKmodPlane()) ?? openEbpfPlane()
  }
}

/** What is up on the embedded plane stays there, also when the module turns up: traffic goes on. */
function hasEbpfDevices(): boolean {
  const links = openLinks()
  try {
    const tuns = links.all().filter(({ kind }) => kind === 'tun')
    return tuns.some(({ owner }) => owner !== null) || (tuns.length > 0 && knowsDevices())
  } finally {
    links.close()
  }
}

/** Somebody may have given a device another alias: its tables tell. False where BPF is not to be had. */
function knowsDevices(): boolean {
  try {
    const plane = openEbpfPlane()
    try {
      return plane.snapshot().devices.length > 0
    } finally {
      plane.close()
    }
  } catch {
    return false
  }
}

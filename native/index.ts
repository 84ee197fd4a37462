// SPDX-License-Identifier: MIT
/**
 * One node's kernel, opened in the network namespace that the thread is in.
 */
import { ExitCode, LvnError } from '../src/diag/error.ts'
import type { Kernel } from '../src/model/kernel.ts'
import type { PlaneName } from '../src/model/state.ts'
import { openEbpfPlane } from './ebpf/plane.ts'
import { hostNetwork } from './host/index.ts'

export type PlaneChoice = 'auto' | PlaneName
export type OpenKernel = Kernel & { close(): void }

/** Opens the network stack and a data plane. Throws LVN7004 where the chosen plane cannot be had. */
export function openKernel(choice: PlaneChoice): OpenKernel {
  if (choice === 'kmod') {
    throw new LvnError('LVN7004', ExitCode.noPlane, 'this version of L-VN has no kernel module', {
      hint: 'use `--plane ebpf`, or leave the choice to L-VN',
    })
  }
  const host = hostNetwork()
  const plane = openEbpfPlane()
  return {
    host,
    plane,
    close() {
      plane.close()
      host.close()
    },
  }
}

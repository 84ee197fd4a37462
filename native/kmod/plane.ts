// SPDX-License-Identifier: MIT
/**
 * The kmod data plane: `DataPlane` of src/model/kernel.ts over the netlink interface of lvn.ko. All its state is
 * in the kernel; this object keeps none between calls.
 */
import type { DataPlane } from '../../src/model/kernel.ts'
import { attempt } from '../errors.ts'
import { Batch } from './batch.ts'
import { noModule, openClient } from './client.ts'
import { maxTunnels } from './generated.ts'
import { snapshotPlane } from './snapshot.ts'

/** Opens the plane in the current network namespace; null: the module is neither loaded nor to be found. */
export function findKmodPlane(): DataPlane | null {
  const client = attempt('ask for the kernel module', openClient)
  if (client === null) return null
  return {
    name: 'kmod',
    maxTunnels,
    snapshot: () => attempt('read the devices of the kernel module', () => snapshotPlane(client)),
    apply: (operations, onProgress) => new Batch(client).run(operations, onProgress),
    close: () => client.close(),
  }
}

/** The same. @throws LvnError LVN7004 where there is no module. */
export function openKmodPlane(): DataPlane {
  const plane = findKmodPlane()
  if (plane === null) throw noModule()
  return plane
}

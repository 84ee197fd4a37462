// SPDX-License-Identifier: MIT
/**
 * The kmod data plane: `DataPlane` of src/model/kernel.ts over the netlink interface of lvn.ko. All its state is
 * in the kernel; this object keeps none between calls.
 */
import type { DataPlane, PlaneEvent } from '../../src/model/kernel.ts'
import { attempt } from '../errors.ts'
import { Batch } from './batch.ts'
import { noModule, openClient } from './client.ts'
import { maxTunnels, type TunnelAttributes } from './generated.ts'
import { snapshotPlane } from './snapshot.ts'

/** Opens the plane in the current network namespace; null: the module is neither loaded nor to be found. */
export function findKmodPlane(): DataPlane | null {
  const client = attempt('ask for the kernel module', openClient)
  if (client === null) return null
  const watchers = new Set<() => void>()
  return {
    name: 'kmod',
    maxTunnels,
    snapshot: () => attempt('read the devices of the kernel module', () => snapshotPlane(client)),
    apply: (operations, onProgress) => new Batch(client).run(operations, onProgress),
    watch: (onEvent) => {
      const stop = attempt('listen to the kernel module', () =>
        client.watch((event) => onEvent(event === null ? { kind: 'overrun' } : planeEvent(event))),
      )
      watchers.add(stop)
      return () => {
        if (watchers.delete(stop)) stop()
      }
    },
    close: () => {
      for (const stop of watchers) stop()
      client.close()
    },
  }
}

/** Events have all of these. */
function planeEvent({ event, reason, ifindex, id }: TunnelAttributes): PlaneEvent {
  if (event === undefined || ifindex === undefined || id === undefined)
    throw new TypeError('an event of the kernel module says nothing of its tunnel')
  return { kind: 'tunnel', event, reason: reason ?? null, ifindex, id }
}

/** The same. @throws LvnError LVN7004 where there is no module. */
export function openKmodPlane(): DataPlane {
  const plane = findKmodPlane()
  if (plane === null) throw noModule()
  return plane
}

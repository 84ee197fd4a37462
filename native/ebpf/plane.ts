// SPDX-License-Identifier: MIT
/**
 * The eBPF data plane: `DataPlane` of src/model/kernel.ts on TUN devices and BPF programs, for kernels from
 * 6.1 on, with no module. All its state hangs on the interfaces; this object keeps none between calls.
 */
import type { DataPlane } from '../../src/model/kernel.ts'
import type { PlaneState } from '../../src/model/state.ts'
import { attempt } from '../errors.ts'
import { type Links, openLinks } from '../host/links.ts'
import { Rtnetlink } from '../netlink/rtnetlink.ts'
import { type Attacher, hasTcx, tcxAttacher } from './attach.ts'
import { Batch } from './batch.ts'
import { clsactAttacher } from './clsact.ts'
import { findDevices, releaseDevice } from './device.ts'
import { snapshotDevices } from './snapshot.ts'

export interface EbpfOptions {
  /** How programs are attached; by default tcx where the kernel has it. */
  readonly attach?: 'tcx' | 'clsact'
}

/** Opens the plane in the current network namespace. @throws LvnError (exit 7): no permission, no BPF. */
export function openEbpfPlane(options: EbpfOptions = {}): DataPlane {
  const rtnetlink = new Rtnetlink()
  const links = openLinks()
  const attach = options.attach ?? (attempt('look for tcx', hasTcx) ? 'tcx' : 'clsact')
  const attacher = attach === 'tcx' ? tcxAttacher : clsactAttacher(rtnetlink)
  return {
    name: 'ebpf',
    maxTunnels: 65_536,
    snapshot: () => attempt('read the eBPF programs and tables', () => snapshot(links, attacher)),
    apply(operations, onProgress, onTaken) {
      return new Batch(links, attacher, onTaken).run(operations, onProgress)
    },
    watch: () => () => undefined,
    close() {
      links.close()
      rtnetlink.close()
    },
  }
}

function snapshot(links: Links, attacher: Attacher): PlaneState {
  const all = links.all()
  const devices = findDevices(all, attacher)
  try {
    return snapshotDevices(devices, all)
  } finally {
    for (const device of devices) releaseDevice(device)
  }
}

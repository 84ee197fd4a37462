// SPDX-License-Identifier: MIT
/**
 * The data planes that the conformance suite runs on. LVN_TEST_PLANES names some of them, separated by commas;
 * else it is those that this kernel has.
 */
import { existsSync } from 'node:fs'
import { hasTcx } from '../../native/ebpf/attach.ts'
import { openEbpfPlane } from '../../native/ebpf/plane.ts'
import { openKmodPlane } from '../../native/kmod/plane.ts'
import type { OpenPlane } from './plane-world.ts'

/** In a machine whose processor is emulated everything takes ten times as long: fewer combinations, less data. */
export const emulated = process.env.LVN_VM !== undefined

const all: Readonly<Record<string, { readonly present: () => boolean; readonly open: OpenPlane }>> = {
  'ebpf-tcx': { present: hasTcx, open: () => openEbpfPlane({ attach: 'tcx' }) },
  'ebpf-clsact': { present: () => true, open: () => openEbpfPlane({ attach: 'clsact' }) },
  kmod: { present: () => existsSync('/sys/module/lvn'), open: openKmodPlane },
}

export const planes: readonly (readonly [string, OpenPlane])[] = names().map((name) => {
  const plane = all[name]
  if (plane === undefined) throw new Error(`LVN_TEST_PLANES: there is no plane ${name}`)
  return [name, plane.open]
})

const kinds = planes.filter(
  ([name], index) =>
    !name.startsWith('ebpf') || planes.findIndex(([other]) => other.startsWith('ebpf')) === index,
)

/**
 * For what does not depend on how eBPF programs are attached: one plane of each kind. In an emulated machine
 * eBPF with tcx is left out: newer kernels have it, like the host's own, where all of it is tested.
 */
export const planeKinds = emulated && kinds.length > 1 ? kinds.filter(([name]) => name !== 'ebpf-tcx') : kinds

/**
 * For what programs and module decide by themselves, whatever the kernel. In an emulated machine the module alone: the
 * programs are those of the host, where all of it is tested, and the conformance suite shows that each kernel takes them.
 */
export const planesOfOwnLogic =
  emulated && planes.some(([name]) => name === 'kmod') ? planes.filter(([name]) => name === 'kmod') : planes

function names(): readonly string[] {
  const chosen = process.env.LVN_TEST_PLANES
  if (chosen !== undefined) return chosen.split(',')
  return Object.keys(all).filter((name) => all[name]?.present())
}

// SPDX-License-Identifier: MIT
/**
 * Programs as direct-action filters under a clsact qdisc: for kernels without tcx.
 */
import { isErrno } from '../errors.ts'
import type { Rtnetlink } from '../netlink/rtnetlink.ts'
import {
  addBpfFilter,
  addClsact,
  deleteBpfFilter,
  deleteClsact,
  type LiveFilter,
} from '../netlink/traffic.ts'
import { type Attached, type Attacher, type Direction, describe } from './attach.ts'

const directions: readonly Direction[] = ['ingress', 'egress']

export function clsactAttacher(rtnetlink: Rtnetlink): Attacher {
  const filters = (ifindex: number, direction: Direction) => rtnetlink.bpfFilters(ifindex, direction)
  const hasQdisc = (ifindex: number) => rtnetlink.qdiscs(ifindex).some(({ kind }) => kind === 'clsact')
  return {
    kind: 'clsact',
    list: (ifindex, direction) => inOrder(rtnetlink.filters(ifindex, direction)),
    attach(program, ifindex, direction, name, beforeQdisc) {
      if (!hasQdisc(ifindex)) {
        beforeQdisc?.()
        rtnetlink.request(addClsact(ifindex, `interface ${ifindex}`))
      }
      // Ours share a preference.
      const all = rtnetlink.filters(ifindex, direction)
      const priority = lowestFor(all)
      const handles = new Set(all.flatMap(({ bpf }) => (bpf?.priority === priority ? bpf.handle : [])))
      let handle = 1
      while (handles.has(handle)) handle++
      rtnetlink.request(addBpfFilter({ ifindex, direction, priority, handle, name }, program, false))
    },
    detach(ifindex, direction, programId) {
      for (const filter of filters(ifindex, direction)) {
        if (filter.program === programId) rtnetlink.request(deleteBpfFilter(filter))
      }
    },
    removeQdisc(ifindex) {
      if (!hasQdisc(ifindex)) return true
      if (directions.some((direction) => rtnetlink.hasFilters(ifindex, direction))) return false
      try {
        rtnetlink.request(deleteClsact(ifindex, `interface ${ifindex}`))
      } catch (error) {
        if (!isErrno(error, 'ENODEV')) throw error
      }
      return true
    },
  }
}

function isOurs({ bpf }: LiveFilter): boolean {
  return bpf?.name.startsWith('lvn_') === true
}

/** The smallest preference that is nobody else's. */
function lowestFor(all: readonly LiveFilter[]): number {
  const ours = new Set(all.filter(isOurs).map(({ priority }) => priority))
  const taken = new Set(all.map(({ priority }) => priority).filter((priority) => !ours.has(priority)))
  let lowest = 1
  while (taken.has(lowest)) lowest++
  return lowest
}

/** BPF programs each; of other kinds, one entry for all filters of a preference. */
function inOrder(all: readonly LiveFilter[]): Attached[] {
  const seen = new Set<number>()
  const lowest = lowestFor(all)
  return all.flatMap(({ kind, priority, bpf }) => {
    if (bpf === null && kind === 'bpf') return []
    const stays = priority < lowest
    const [program] = bpf === null ? [] : describe(bpf.program)
    if (program !== undefined) {
      return [
        {
          ...program,
          stays,
          words: `program ${program.name} (id ${program.programId}, preference ${priority})`,
        },
      ]
    }
    if (seen.has(priority)) return []
    seen.add(priority)
    return [{ name: '', programId: 0, mapIds: [], stays, words: `${kind} filter (preference ${priority})` }]
  })
}

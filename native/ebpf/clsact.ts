// SPDX-License-Identifier: MIT
/**
 * Programs as direct-action filters under a clsact qdisc: for kernels without tcx.
 */
import { isErrno } from '../errors.ts'
import type { Rtnetlink } from '../netlink/rtnetlink.ts'
import { addBpfFilter, addClsact, deleteBpfFilter, deleteClsact } from '../netlink/traffic.ts'
import { type Attacher, type Direction, describe } from './attach.ts'

const directions: readonly Direction[] = ['ingress', 'egress']

export function clsactAttacher(rtnetlink: Rtnetlink): Attacher {
  const filters = (ifindex: number, direction: Direction) => rtnetlink.bpfFilters(ifindex, direction)
  const hasQdisc = (ifindex: number) => rtnetlink.qdiscs(ifindex).some(({ kind }) => kind === 'clsact')
  return {
    kind: 'clsact',
    list: (ifindex, direction) => filters(ifindex, direction).flatMap(({ program }) => describe(program)),
    attach(program, ifindex, direction, name, beforeQdisc) {
      if (!hasQdisc(ifindex)) {
        beforeQdisc?.()
        rtnetlink.request(addClsact(ifindex, `interface ${ifindex}`))
      }
      const taken = new Set(filters(ifindex, direction).map(({ priority }) => priority))
      let priority = 0x100
      while (taken.has(priority)) priority++
      rtnetlink.request(addBpfFilter({ ifindex, direction, priority, handle: 1, name }, program, false))
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

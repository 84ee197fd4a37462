// SPDX-License-Identifier: MIT
/**
 * Programs on interfaces: tcx where the kernel has it (6.6), clsact where not. Both hold the program as long
 * as the interface lives, without a pin.
 */
import { addon, type Fd } from '../addon/index.ts'

export type Direction = 'ingress' | 'egress'

export interface Attached {
  readonly name: string
  readonly programId: number
  readonly mapIds: readonly number[]
}

export interface Attacher {
  readonly kind: 'tcx' | 'clsact'
  /** Every BPF program on that side of the interface, in the order in which they run; none: empty. */
  list(ifindex: number, direction: Direction): Attached[]
  /** `beforeQdisc` is called before a queueing discipline is added that was not there. */
  attach(program: Fd, ifindex: number, direction: Direction, name: string, beforeQdisc?: () => void): void
  /** Nothing happens when it is not there. */
  detach(ifindex: number, direction: Direction, programId: number): void
  /** Takes away a queueing discipline that `attach` added, unless somebody has filters on it: then false. */
  removeQdisc(ifindex: number): boolean
}

/** BPF_TCX_INGRESS and BPF_TCX_EGRESS of <linux/bpf.h>, 6.6. */
const tcxType: Record<Direction, number> = { ingress: 46, egress: 47 }

/** Does this kernel have tcx? Asked of the loopback interface, which every namespace has. */
export function hasTcx(): boolean {
  try {
    addon().bpfQuery(1, tcxType.ingress)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EINVAL') return false
    throw error
  }
}

export const tcxAttacher: Attacher = {
  kind: 'tcx',
  list(ifindex, direction) {
    try {
      return addon().bpfQuery(ifindex, tcxType[direction]).flatMap(describe)
    } catch (error) {
      // ENOENT: nothing was ever attached; ENODEV: the interface went away while we looked.
      if (isGone(error)) return []
      throw error
    }
  },
  attach(program, ifindex, direction) {
    addon().bpfAttach(program, ifindex, tcxType[direction], 0, null)
  },
  detach(ifindex, direction, programId) {
    withProgram(programId, (fd) => {
      addon().bpfDetach(fd, ifindex, tcxType[direction])
    })
  },
  removeQdisc: () => true,
}

/** The program by id; empty when it has gone meanwhile. */
export function describe(programId: number): Attached[] {
  const described: Attached[] = []
  withProgram(programId, (fd) => {
    const { name, mapIds } = addon().bpfProgramInfo(fd)
    described.push({ name, programId, mapIds })
  })
  return described
}

function withProgram(id: number, use: (fd: Fd) => void): void {
  let fd: Fd
  try {
    fd = addon().bpfProgramById(id)
  } catch (error) {
    if (isGone(error)) return
    throw error
  }
  try {
    use(fd)
  } catch (error) {
    if (!isGone(error)) throw error
  } finally {
    addon().close(fd)
  }
}

export function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOENT' || code === 'ENODEV'
}

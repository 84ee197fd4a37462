// SPDX-License-Identifier: MIT
/**
 * Programs on interfaces: tcx where the kernel has it (6.6), clsact where not. Both hold the program as long
 * as the interface lives, without a pin.
 */
import { addon, type Fd } from '../addon/index.ts'

export type Direction = 'ingress' | 'egress'

export interface Attached {
  readonly name: string
  /** 0: no BPF program, or one of the old kind without an id. */
  readonly programId: number
  readonly mapIds: readonly number[]
  /** What a user calls it: `program drop (id 12)`. */
  readonly words: string
  /** Nothing can be put before it. */
  readonly stays: boolean
}

export interface Attacher {
  readonly kind: 'tcx' | 'clsact'
  /** Every program or filter on that side of the interface, in the order in which they run; none: empty. */
  list(ifindex: number, direction: Direction): Attached[]
  /** Before all others, where that can be. `beforeQdisc` is called before a queueing discipline is added that was not there. */
  attach(program: Fd, ifindex: number, direction: Direction, name: string, beforeQdisc?: () => void): void
  /** Nothing happens when it is not there. */
  detach(ifindex: number, direction: Direction, programId: number): void
  /** Takes away a queueing discipline that `attach` added, unless somebody has filters on it: then false. */
  removeQdisc(ifindex: number): boolean
}

/** BPF_F_BEFORE of <linux/bpf.h>, 6.6: without another program to go by, before all. */
const before = 1 << 3
/** BPF_TCX_INGRESS and BPF_TCX_EGRESS, likewise. */
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
    addon().bpfAttach(program, ifindex, tcxType[direction], before, null)
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
    described.push({ name, programId, mapIds, words: `program ${name} (id ${programId})`, stays: false })
  })
  return described
}

/** Those of others that run before the program: what they take, it never sees. */
export function aheadOf(programId: number, inOrder: readonly Attached[]): readonly Attached[] {
  const at = inOrder.findIndex((each) => each.programId === programId)
  return inOrder.slice(0, at).filter(({ name }) => !name.startsWith('lvn_'))
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

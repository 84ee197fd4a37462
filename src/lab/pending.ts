// SPDX-License-Identifier: MIT
/**
 * What the nodes of a lab hold, and which ways are not there yet, because a tunnel on them has no remote endpoint. Read from the kernels
 * of the nodes, not from the file: what signs on meanwhile counts.
 */
import { openKernel, type PlaneChoice } from '../../native/index.ts'
import { withNetns } from '../../native/netns.ts'
import { pathBetween } from '../model/hubs.ts'
import type { LiveTunnel } from '../model/state.ts'
import type { Node, Overlay } from '../model/topology.ts'
import type { LabNode } from './layout.ts'

export class PendingHops {
  private readonly overlay: Overlay
  private readonly pairs: ReadonlySet<string>

  /** `pairs`: names of two neighbours with a blank between them, in either order. */
  constructor(overlay: Overlay, pairs: Iterable<string>) {
    this.overlay = overlay
    this.pairs = new Set(pairs)
  }

  /** The two ends of the first tunnel between two nodes that is pending; undefined: none is. */
  between(from: Node, to: Node): readonly [Node, Node] | undefined {
    const path = pathBetween(this.overlay, from, to)
    for (const [i, next] of path.slice(1).entries()) {
      const here = path[i] as Node
      const [out, back] = [`${here.name} ${next.name}`, `${next.name} ${here.name}`]
      if (this.pairs.has(out) || this.pairs.has(back)) return [here, next]
    }
    return undefined
  }
}

/** What a node of the lab holds of the file. */
export interface LabHeld {
  readonly member: LabNode
  /** False: it has no interface of its device's name, so nothing is applied there. */
  readonly applied: boolean
  readonly tunnels: readonly LiveTunnel[]
}

export function heldBy(members: readonly LabNode[], plane: PlaneChoice): LabHeld[] {
  return members.map((member) =>
    withNetns(member.namespace, () => {
      const kernel = openKernel(plane)
      try {
        const { links } = kernel.host.interfaces()
        const applied = links.some(({ name }) => name === member.node.device.name)
        return { member, applied, tunnels: kernel.plane.snapshot().tunnels }
      } finally {
        kernel.close()
      }
    }),
  )
}

/** `held`: by the lab's nodes of that overlay. */
export function pendingHops(overlay: Overlay, held: readonly LabHeld[]): PendingHops {
  const pairs = held.flatMap(({ member: { node }, tunnels }) =>
    tunnels
      .filter(({ device, remote }) => device === node.device.name && remote === null)
      .map(({ name }) => `${node.name} ${name}`),
  )
  return new PendingHops(overlay, pairs)
}

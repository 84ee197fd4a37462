// SPDX-License-Identifier: MIT
/**
 * `lab test`: every node pings every other node's overlay addresses, and a host in every subnet behind one, except
 * where the file denies it; then the file's own expectations are tried. What is still pending is read from the nodes'
 * kernels. Prints nothing; matrix.ts and the shell render it.
 */
import type { PlaneChoice } from '../../native/index.ts'
import { ExitCode, LvnError } from '../diag/error.ts'
import { type Address, type Family, familyOf, type Prefix } from '../model/address.ts'
import type { Topology } from '../model/topology.ts'
import { namespacesOf } from './claim.ts'
import { isDenied } from './denied.ts'
import { type LabExpect, type LabOverlay, runExpects } from './expect.ts'
import { type LabNode, layOut, ofFamily } from './layout.ts'
import { inParallel } from './parallel.ts'
import { heldBy, pendingHops } from './pending.ts'
import { pingPatiently } from './ping.ts'
import type { Names } from './presence.ts'

export interface LabTestOptions {
  /** From `labName`. */
  readonly lab: string
  /** As given to `labUp`. */
  readonly hostNames: Names
  readonly plane: PlaneChoice
  /** Called after each ping and each expectation. */
  readonly onProgress?: (done: number, total: number) => void
}

/** One pair that should reach each other. */
export interface LabPing {
  readonly overlay: string
  readonly from: string
  readonly to: string
  readonly address: Address
  readonly family: Family
  /** The prefix behind `to` that `address` is in; null: it is the node's own. */
  readonly subnet: Prefix | null
  readonly ok: boolean
  /** Round trip in milliseconds; null unless `ok`. */
  readonly ms: number | null
  /** Not tried: a tunnel between the two has no remote endpoint yet. Then `ok` is false. */
  readonly pending: boolean
  /** Not tried: the file says that there is to be no answer. Then `ok` is false. */
  readonly denied: boolean
}

export interface LabTestReport {
  /** In the order of the nodes, by source. */
  readonly pings: readonly LabPing[]
  /** In source order. */
  readonly expects: readonly LabExpect[]
  /** Nodes on which nothing is applied, in the order of the file. */
  readonly unapplied: readonly LabNodeName[]
}

export interface LabNodeName {
  readonly overlay: string
  readonly node: string
  readonly namespace: string
}

type Task = Omit<LabPing, 'ok' | 'ms'> & { readonly namespace: string }

const pingsAtOnce = 8

/** @throws LvnError: there is no such lab, or a node of it is missing. */
export async function labTest(topology: Topology, options: LabTestOptions): Promise<LabTestReport> {
  const { lab, hostNames, plane, onProgress } = options
  const { nodes } = layOut(topology, lab, hostNames)
  requireNamespaces(lab, nodes)
  const held = heldBy(nodes, plane)
  const overlays = topology.overlays.map((overlay): LabOverlay => {
    const own = held.filter(({ member }) => member.node.overlay === overlay.name)
    return { overlay, members: own.map(({ member }) => member), pending: pendingHops(overlay, own) }
  })
  const tasks = overlays.flatMap((overlay) => tasksOf(topology, overlay))
  let done = 0
  const onDone = () => onProgress?.(++done, tasks.length + topology.expects.length)
  const pings = await inParallel(tasks, pingsAtOnce, async ({ namespace, ...task }): Promise<LabPing> => {
    const tried = !task.pending && !task.denied
    const ms = tried ? await pingPatiently(namespace, task.address) : null
    onDone()
    return { ...task, ok: ms !== null, ms }
  })
  const unapplied = held
    .filter(({ applied }) => !applied)
    .map(({ member: { node, namespace } }) => ({ overlay: node.overlay, node: node.name, namespace }))
  return { pings, expects: await runExpects(topology.expects, overlays, onDone), unapplied }
}

function requireNamespaces(lab: string, nodes: readonly LabNode[]): void {
  const there = new Set(namespacesOf(lab).own)
  if (there.size === 0) {
    throw new LvnError('LVN8005', ExitCode.usage, `there is no lab ${lab}`, {
      hint: 'bring it up with `lvn lab up`',
    })
  }
  const missing = nodes.find(({ namespace }) => !there.has(namespace))
  if (missing === undefined) return
  const { node, namespace } = missing
  throw new LvnError(
    'LVN8006',
    ExitCode.usage,
    `the lab ${lab} is another file's, or broken: ${node.overlay}/${node.name} has no namespace in it (${namespace})`,
    {
      hint: `\`lvn lab list\` shows what there is, \`--name\` names another; to make it anew: \`lvn lab down --name ${lab}\`, then \`lvn lab up\``,
    },
  )
}

function tasksOf(topology: Topology, { members, pending }: LabOverlay): Task[] {
  return members.flatMap((from) =>
    members.flatMap((to) => {
      if (from === to) return []
      const own = to.node.device.addresses.map((address) => ({ address, subnet: null }))
      const behind = to.subnets.map(({ prefix, hostAddress }) => ({ address: hostAddress, subnet: prefix }))
      return [...own, ...behind]
        .map((target) => ({ ...target, family: familyOf(target.address) }))
        .flatMap((target) => {
          const source = ofFamily(from.node.device.addresses, target.family)[0]
          return source === undefined ? [] : { target, source }
        })
        .map(({ target, source }) => ({
          overlay: from.node.overlay,
          from: from.node.name,
          to: to.node.name,
          namespace: from.namespace,
          pending: pending.between(from.node, to.node) !== undefined,
          denied: isDenied(
            topology,
            { node: from.node, address: source },
            { node: to.node, address: target.address },
          ),
          ...target,
        }))
    }),
  )
}

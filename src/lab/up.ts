// SPDX-License-Identifier: MIT
/**
 * `lab up`: builds the layout and applies the file in every node's namespace, as an operator would on each host. A lab
 * that cannot be built is taken away again; one in which a node refuses the file stays for a look at it.
 */
import { setImmediate } from 'node:timers/promises'
import type { PlaneChoice } from '../../native/index.ts'
import { acquireLock } from '../../native/lock.ts'
import { ExitCode, LvnError } from '../diag/error.ts'
import type { Topology } from '../model/topology.ts'
import { applyIn, type LabApply } from './apply.ts'
import { buildLab, buildSteps } from './build.ts'
import { claim, namespacesOf } from './claim.ts'
import { labDown } from './down.ts'
import { type LabNode, layOut, namespacesIn } from './layout.ts'
import type { Names } from './presence.ts'

export interface LabUpOptions {
  /** From `labName`. */
  readonly lab: string
  /** Addresses of the host names that endpoints give, as far as they can be looked up. */
  readonly hostNames: Names
  /** As of the command's --plane. */
  readonly plane: PlaneChoice
  /** False: build only, for an apply by hand. */
  readonly apply: boolean
  readonly onProgress?: (progress: LabUpProgress) => void
}

export interface LabUpProgress {
  readonly phase: 'build' | 'apply'
  readonly done: number
  readonly total: number
}

/** What became of one node. */
export interface LabNodeReport extends Omit<LabApply, 'exitCode'> {
  readonly overlay: string
  readonly node: string
  readonly namespace: string
  /** The host behind the node; null where it routes no prefix. */
  readonly lanNamespace: string | null
  /** Of `lvn apply`; null where it was not wanted. */
  readonly exitCode: number | null
}

export interface LabUpReport {
  readonly lab: string
  /** Of the router in the middle. */
  readonly underlay: string
  /** Of the NATs, where there are any. */
  readonly nats: readonly string[]
  /** In the file's order, hub first. */
  readonly nodes: readonly LabNodeReport[]
}

/**
 * @throws LvnError: there is a lab of that name, or one is being built (exit 6), no permission, or a part of it cannot be
 * made.
 */
export async function labUp(topology: Topology, options: LabUpOptions): Promise<LabUpReport> {
  const lock = acquireLock(`lab.${options.lab}`)
  try {
    return await builtUp(topology, options)
  } finally {
    lock.release()
  }
}

async function builtUp(topology: Topology, options: LabUpOptions): Promise<LabUpReport> {
  const { lab, onProgress } = options
  const { own, foreign } = namespacesOf(lab)
  if (own.length > 0) {
    throw new LvnError('LVN8004', ExitCode.usage, `the lab ${lab} is there already`, {
      hint: `take it away with \`lvn lab down --name ${lab}\`, or give this one another name with \`--name\``,
    })
  }
  const layout = layOut(topology, lab, options.hostNames)
  const wanted = namespacesIn(layout)
  const other = foreign.find((name) => wanted.includes(name))
  if (other !== undefined) {
    throw new LvnError(
      'LVN8008',
      ExitCode.usage,
      `there is a network namespace ${other}, which no lab has made`,
      {
        hint: `\`--name\` gives the lab another name; \`ip netns pids ${other}\` tells whether somebody uses it, before \`ip netns del ${other}\` takes it away`,
      },
    )
  }
  claim(lab, wanted)
  let built = 0
  const steps = buildSteps(layout)
  try {
    buildLab(layout, () => onProgress?.({ phase: 'build', done: ++built, total: steps }))
  } catch (error) {
    labDown(lab)
    throw error
  }
  const reportOf = (nodes: readonly LabNodeReport[]) => ({
    lab,
    underlay: layout.underlay,
    nats: layout.nats.map((box) => box.namespace),
    nodes,
  })
  if (!options.apply) return reportOf(layout.nodes.map((node) => ({ ...nameOf(node), ...untouched })))
  const nodes: LabNodeReport[] = []
  for (const node of layout.nodes) {
    // A signal that has come is heard in between.
    await setImmediate()
    nodes.push({ ...nameOf(node), ...applyIn(node, topology, options.hostNames, options.plane) })
    onProgress?.({ phase: 'apply', done: nodes.length, total: layout.nodes.length })
  }
  return reportOf(nodes)
}

const untouched = { exitCode: null, error: null, code: null, hint: null, pending: [] }

function nameOf({ node, namespace, lanNamespace }: LabNode) {
  return { overlay: node.overlay, node: node.name, namespace, lanNamespace }
}

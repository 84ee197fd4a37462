// SPDX-License-Identifier: MIT
/**
 * Brings a node of a lab to what the file says, in the node's namespace, as `lvn apply` would there. No history is kept:
 * the nodes of a lab go with it.
 */
import { openKernel, type PlaneChoice } from '../../native/index.ts'
import { locked } from '../../native/lock.ts'
import { withNetns } from '../../native/netns.ts'
import { ExitCode, LvnError } from '../diag/error.ts'
import { applyPlan, prepareWith, reportExitCode, unlessAbsent } from '../interp/index.ts'
import type { Plan } from '../interp/types.ts'
import type { Node, Topology } from '../model/topology.ts'
import type { LabNode } from './layout.ts'
import type { Names } from './presence.ts'

/** What became of it. */
export interface LabApply {
  /** Of `lvn apply`. */
  readonly exitCode: number
  /** Null where all went well. */
  readonly error: string | null
  /** Of the error, as `lvn explain` takes it; null: it has none. */
  readonly code: string | null
  /** What can be done about the error; null: nothing that could be said. */
  readonly hint: string | null
  /** Tunnels that cannot go up yet, and why. */
  readonly pending: readonly { readonly tunnel: string; readonly reason: string }[]
}

export function applyIn(
  { node, namespace }: LabNode,
  topology: Topology,
  hostNames: Names,
  plane: PlaneChoice,
): LabApply {
  try {
    return withNetns(namespace, () => locked(() => applied(topology, node, hostNames, plane)))
  } catch (error) {
    if (!(error instanceof LvnError)) throw error
    return { exitCode: error.exitCode, ...wordsOf(error), pending: [] }
  }
}

function applied(topology: Topology, node: Node, hostNames: Names, plane: PlaneChoice): LabApply {
  const kernel = openKernel(plane)
  try {
    const { plan } = prepareWith(kernel, topology, [node], hostNames)
    const report = applyPlan(kernel, plan)
    const exitCode = unlessAbsent(reportExitCode(report), plan)
    const failure = report.steps.find(({ error }) => error !== undefined)?.error
    return {
      exitCode,
      ...(exitCode === ExitCode.done ? well : wordsOf(failure ?? unsaid(plan))),
      pending: plan.pending.map(({ tunnel, reason }) => ({ tunnel, reason })),
    }
  } finally {
    kernel.close()
  }
}

const well = { error: null, code: null, hint: null }

function wordsOf(error: Error): Pick<LabApply, 'error' | 'code' | 'hint'> {
  if (!(error instanceof LvnError)) return { ...well, error: error.message }
  return { error: error.message, code: error.code, hint: error.hint ?? null }
}

/** Every step went through, and it is not well all the same. */
function unsaid({ absent: [first] }: Plan): Error {
  return new Error(first === undefined ? 'it could not be verified' : `${first.listen}: ${first.reason}`)
}

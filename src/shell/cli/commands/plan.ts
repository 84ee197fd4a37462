// SPDX-License-Identifier: MIT
/**
 * `lvn plan`: what apply would change, changing nothing; on this node's kernel, or against a snapshot of another's.
 */
import { ExitCode } from '../../../diag/error.ts'
import { planToJson, prepareApply } from '../../../interp/index.ts'
import { savePlan } from '../../../interp/saved-plan.ts'
import type { Prepared } from '../../../interp/types.ts'
import type { Topology } from '../../../model/topology.ts'
import { type Compiled, loadFile } from '../compile.ts'
import { formatPlan, nothingToApply } from '../format-plan.ts'
import type { Session } from '../globals.ts'
import { pendingHere } from '../guard/pending.ts'
import type { Pending } from '../guard/waiting.ts'
import { nodesHere, withKernel } from '../node.ts'
import { confirmationPending } from '../refusals.ts'
import { putText } from '../replace-file.ts'
import { nameResolver } from '../resolve-name.ts'
import { requireNoSource } from '../write-file.ts'
import { type PruneOptions, pruneOf } from './apply.ts'

export interface PlanOptions extends PruneOptions {
  readonly node?: string
  readonly all?: boolean
  readonly against?: string
  readonly out?: string
}

export async function plan(session: Session, file: string, given: PlanOptions): Promise<ExitCode> {
  const { output } = session
  const compiled = await loadFile(file, session)
  if (given.out !== undefined) await requireNoSource(given.out, compiled.sources)
  const { prepared, pending } =
    given.against === undefined
      ? await onThisNode(session, compiled.topology, given)
      : { prepared: await elsewhere(session, compiled, given, given.against), pending: null }
  if (given.out !== undefined) await keep(given.out, prepared, compiled, given)
  const { plan: made } = prepared
  if (output.json) {
    const { source, remainingMs, hindrance } = pending ?? {}
    const confirm = pending === null ? {} : { confirm: { source, remainingMs, hindrance } }
    output.resultJson({ ...planToJson(made, compiled.sources), ...confirm })
  } else {
    const format = { paint: output.paint, all: given.all ?? false, nothing: nothingToApply }
    output.result(output.typed(formatPlan(made, format)))
  }
  if (pending !== null) {
    const { message, hint } = confirmationPending(pending)
    output.note(`${output.notePaint.warning('pending')}: ${message}; ${output.typed(hint ?? '')}`)
  }
  if (given.out !== undefined)
    output.note(output.typed(`saved: \`lvn apply ${given.out}\` carries out exactly this`))
  return made.steps.length > 0 || made.absent.length > 0 ? ExitCode.changes : ExitCode.done
}

function onThisNode(
  { options }: Session,
  topology: Topology,
  given: PlanOptions,
): Promise<{ prepared: Prepared; pending: Pending | null }> {
  return withKernel(options, async (kernel) => {
    const nodes = await nodesHere(kernel, topology, given.node)
    const resolveName = nameResolver()
    const prepared = await prepareApply(kernel, topology, nodes, { resolveName, prune: pruneOf(given) })
    return { prepared, pending: await pendingHere() }
  })
}

async function elsewhere(
  { options }: Session,
  { topology }: Compiled,
  given: PlanOptions,
  against: string,
): Promise<Prepared> {
  const { planAgainst } = await import('../plan-against.ts')
  return planAgainst(topology, { against, node: given.node, prune: pruneOf(given), plane: options.plane })
}

async function keep(path: string, prepared: Prepared, compiled: Compiled, given: PlanOptions): Promise<void> {
  const saved = savePlan({
    prepared,
    topology: compiled.topology,
    sources: compiled.sources,
    prune: pruneOf(given),
    made: new Date().toISOString(),
  })
  await putText(path, `${JSON.stringify(saved, null, 1)}\n`)
}

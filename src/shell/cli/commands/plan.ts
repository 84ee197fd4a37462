// SPDX-License-Identifier: MIT
/**
 * `lvn plan`: what apply would change, changing nothing.
 */
import { ExitCode } from '../../../diag/error.ts'
import { planApply, planToJson } from '../../../interp/index.ts'
import { loadFile } from '../compile.ts'
import { formatPlan, nothingToApply } from '../format-plan.ts'
import type { Session } from '../globals.ts'
import { nodesHere, withKernel } from '../node.ts'
import { nameResolver } from '../resolve-name.ts'

export interface PlanOptions {
  readonly node?: string
  readonly all?: boolean
}

export async function plan(
  { options, output }: Session,
  file: string,
  given: PlanOptions,
): Promise<ExitCode> {
  const { sources, topology } = await loadFile(file, output)
  const made = await withKernel(options, async (kernel) => {
    const nodes = await nodesHere(kernel, topology, given.node)
    return planApply(kernel, topology, nodes, { resolveName: nameResolver() })
  })
  if (output.json) output.resultJson(planToJson(made, sources))
  else
    output.result(formatPlan(made, { paint: output.paint, all: given.all ?? false, nothing: nothingToApply }))
  return made.steps.length > 0 ? ExitCode.changes : ExitCode.done
}

// SPDX-License-Identifier: MIT
/**
 * What `apply` and `destroy` share: show the plan, ask, carry it out with progress, report.
 */
import { ExitCode } from '../../diag/error.ts'
import type { Source } from '../../diag/source.ts'
import { applyPlan, planToJson } from '../../interp/index.ts'
import type { ApplyProgress, ApplyReport, Plan } from '../../interp/types.ts'
import type { Kernel } from '../../model/kernel.ts'
import { confirm } from './confirm.ts'
import { formatPlan } from './format-plan.ts'
import { formatReport, reportExitCode, reportJson } from './format-report.ts'
import type { Output } from './output.ts'
import { openProgress } from './progress.ts'
import { count } from './text.ts'

export interface CarryOutOptions {
  readonly yes: boolean
  readonly all: boolean
  /** In the past: `applied`. */
  readonly verb: string
  /** `Apply`, before `3 changes?`. */
  readonly question: string
  /** The sentence for an empty plan. */
  readonly nothing: string
}

const phases = { apply: 'applying', verify: 'verifying', undo: 'rolling back' } as const

/** Nothing is asked and nothing done where the plan is empty. Declined: exit 130. */
export async function carryOut(
  kernel: Kernel,
  { plan, source }: { readonly plan: Plan; readonly source: Source },
  output: Output,
  options: CarryOutOptions,
): Promise<ExitCode> {
  const { json, paint } = output
  if (!json) output.result(formatPlan(plan, { paint, all: options.all, nothing: options.nothing }))
  if (plan.steps.length === 0) {
    if (json) output.resultJson({ plan: planToJson(plan, [source]), report: null })
    return ExitCode.done
  }
  const changes = count(plan.steps.length, 'change')
  if (!options.yes && !(await confirm(`${options.question} ${changes}?`, output))) {
    output.alert('Nothing was changed.')
    return ExitCode.interrupted
  }
  const report = withProgress(output, (onProgress) => applyPlan(kernel, plan, onProgress))
  const code = reportExitCode(report)
  if (json) output.resultJson({ plan: planToJson(plan, [source]), report: reportJson(report) })
  else if (code === ExitCode.done) output.result(formatReport(report, options.verb, paint))
  else output.alert(formatReport(report, options.verb, output.notePaint))
  return code
}

function withProgress(
  output: Output,
  work: (onProgress: (progress: ApplyProgress) => void) => ApplyReport,
): ApplyReport {
  const progress = openProgress(output)
  try {
    return work(({ phase, done, total }) => progress.update(phases[phase], done, total))
  } finally {
    progress.end()
  }
}

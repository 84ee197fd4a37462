// SPDX-License-Identifier: MIT
/**
 * What `apply` and `destroy` share: show the plan, ask, carry it out with progress, report.
 */
import { ExitCode } from '../../diag/error.ts'
import type { Source } from '../../diag/source.ts'
import { applyPlan, planToJson, reportExitCode, sameChanges, unlessAbsent } from '../../interp/index.ts'
import type { ApplyProgress, ApplyReport, Plan } from '../../interp/types.ts'
import type { Kernel } from '../../model/kernel.ts'
import { type Asking, confirm, requireSomeoneToAsk } from './confirm.ts'
import { formatPlan } from './format-plan.ts'
import { formatReport, reportJson } from './format-report.ts'
import type { Armed } from './guard/arm.ts'
import type { Output } from './output.ts'
import { openProgress } from './progress.ts'
import { beforeEnd, exitCodeOf, toTheEnd } from './signals.ts'
import { count, duration } from './text.ts'

export interface CarryOutOptions extends Asking {
  readonly yes: boolean
  readonly all: boolean
  /** In the past: `applied`. */
  readonly verb: string
  /** `Apply`, before `3 changes?`. */
  readonly question: string
  /** The sentence for an empty plan. */
  readonly nothing: string
  /** Before the question: others may have the kernel while it stands. */
  readonly pause: () => void
  /** After a yes: the plan as it comes out now, with the kernel ours again. */
  readonly planAgain: () => Promise<Plan>
  /** Before the first change: starts who takes it back unless it is confirmed. Absent: nobody does. */
  readonly arm?: (plan: Plan) => Promise<Armed>
  /** Keeps what was applied; its place in the journal, null: it is not kept. */
  readonly remember?: (plan: Plan, report: ApplyReport) => number | null
  /** How long that waits. */
  readonly confirmMs?: number
}

const phases = { apply: 'applying', verify: 'verifying', undo: 'rolling back' } as const

/**
 * Nothing is asked and nothing done where the plan is empty. Declined: exit 130.
 * @throws LvnError LVN6411 (exit 64): it cannot be asked.
 */
export async function carryOut(
  kernel: Kernel,
  { plan: first, sources }: { readonly plan: Plan; readonly sources: readonly Source[] },
  output: Output,
  options: CarryOutOptions,
): Promise<ExitCode> {
  const { json, paint } = output
  show(first, output, options)
  if (!options.yes && first.steps.length > 0) requireSomeoneToAsk(output, options)
  const declined = () => output.alert('Nothing was changed.')
  const unhook = beforeEnd(declined)
  const plan = options.yes ? first : await agreedPlan(first, output, options)
  if (plan === null) {
    declined()
    return ExitCode.interrupted
  }
  if (plan.steps.length === 0) {
    if (json) output.resultJson({ plan: planToJson(plan, sources), report: null })
    return unlessAbsent(ExitCode.done, plan)
  }
  const armed = await options.arm?.(plan)
  const [{ report, reverts, lost, kept }, signal] = await toTheEnd(async () => {
    unhook()
    const report = withProgress(output, (onProgress) => applyPlan(kernel, plan, onProgress))
    return { report, ...(await settle(plan, report, armed, options)) }
  })
  const code = lost ? ExitCode.partlyApplied : reportExitCode(report)
  if (json) {
    const confirm = reverts === null ? {} : { confirm: { pid: reverts.pid, remainingMs: options.confirmMs } }
    output.resultJson({ plan: planToJson(plan, sources), report: reportJson(report), ...confirm })
  } else if (reportExitCode(report) === ExitCode.done)
    output.result(output.typed(formatReport(report, options.verb, paint)))
  else output.alert(output.typed(formatReport(report, options.verb, output.notePaint)))
  if (reverts !== null && options.confirmMs !== undefined) {
    const time = duration(options.confirmMs)
    output.note(
      `${output.notePaint.strong('not confirmed yet:')} reverted in ${time} unless you call ${output.typed('`lvn confirm`')}`,
    )
  }
  if (lost) {
    output.alert(
      `${output.notePaint.error('error')}: the process that would revert has ended: nothing will be reverted; ${output.typed(wayBackOf(false))}`,
    )
  }
  if (signal === null) return unlessAbsent(code, plan)
  const back = kept ? `; ${wayBackOf(reverts !== null)}` : ''
  output.alert(output.typed(`${signal} came meanwhile: what has begun is carried to its end${back}`))
  return exitCodeOf(signal)
}

function wayBackOf(waits: boolean): string {
  if (waits) return '`lvn confirm --revert` takes it back'
  return '`lvn rollback` takes it back, or `lvn destroy` where nothing was here before'
}

function show(plan: Plan, output: Output, { all, nothing }: CarryOutOptions): void {
  const { json, paint } = output
  if (!json) output.result(output.typed(formatPlan(plan, { paint, all, nothing })))
}

/** Asks until what was agreed to is what would be done, or nothing is left to do. Null: declined. */
async function agreedPlan(first: Plan, output: Output, options: CarryOutOptions): Promise<Plan | null> {
  let shown = first
  while (shown.steps.length > 0) {
    options.pause()
    const changes = count(shown.steps.length, 'change')
    if (!(await confirm(`${options.question} ${changes}?`, output))) return null
    const now = await options.planAgain()
    if (sameChanges(shown.steps, now.steps)) return now
    const { warning } = output.notePaint
    output.alert(
      `${warning('warning')}: this node was changed while you were asked, and the plan is another one:`,
    )
    show(now, output, options)
    shown = now
  }
  return shown
}

/**
 * Word to who would revert, before anything else can happen to us, then the journal. `reverts` is null where nobody will
 * revert, `lost` says that somebody should; `kept`: it is in the journal.
 */
async function settle(
  plan: Plan,
  report: ApplyReport,
  armed: Armed | undefined,
  options: CarryOutOptions,
): Promise<{ reverts: Armed | null; lost: boolean; kept: boolean }> {
  const changed = report.outcome !== 'rolled-back'
  const heard = changed ? armed?.applied() : armed?.failed()
  const serial = changed ? (options.remember?.(plan, report) ?? null) : null
  if (serial !== null) armed?.journaled(serial)
  const lost = (await heard) === false
  armed?.leave()
  return { reverts: changed && !lost ? (armed ?? null) : null, lost, kept: serial !== null }
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

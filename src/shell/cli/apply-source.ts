// SPDX-License-Identifier: MIT
/**
 * What `apply`, `destroy` and `rollback` share: plan a source under the lock, refuse what must not be carried out, carry it out with
 * the way back armed where asked for, and keep it in the journal. The lock is let go while the question stands; then it is
 * planned again, so that what is carried out is what was shown.
 */
import { ExitCode, LvnError } from '../../diag/error.ts'
import {
  prepareApply,
  prepareDestroy,
  prepareDestroyOwned,
  prepareWith,
  wayBack,
} from '../../interp/index.ts'
import { movedSince, namesOf, nodesOfSaved, type SavedPlan } from '../../interp/saved-plan.ts'
import type { ApplyReport, Names, Plan, Prepared, Prune } from '../../interp/types.ts'
import type { Kernel } from '../../model/kernel.ts'
import { type CarryOutOptions, carryOut } from './carry-out.ts'
import type { Compiled } from './compile.ts'
import { parseConfirmTime } from './confirm-time.ts'
import { nothingToApply, nothingToDestroy } from './format-plan.ts'
import type { Session } from './globals.ts'
import { recordEnded } from './guard/record.ts'
import { nodesHere, withLockedKernel } from './node.ts'
import type { Output } from './output.ts'
import { planDiffers, prunesTooMuch, stateFolder, stateMoved, wrongPlane } from './refusals.ts'
import { nameResolver } from './resolve-name.ts'
import { stateFolderHere, stateVariable } from './state/folder.ts'
import type { JournalEntry } from './state/journal.ts'
import { remember } from './state/remember.ts'

/** How an apply is carried out, as the command line says. */
export interface ApplyOptions {
  readonly node?: string
  readonly yes?: boolean
  readonly all?: boolean
  readonly confirm?: string
}

/** What is applied, or destroyed. */
export interface ApplyWork {
  readonly command: JournalEntry['command']
  /** True: what the nodes own goes, whatever the source says of them. */
  readonly destroys: boolean
  readonly compiled: Compiled
  /** Destroyed is what this name stands for here, `OVERLAY` or `OVERLAY/NODE`, whatever the source. */
  readonly owned?: string
  readonly node: string | undefined
  readonly prune: Prune
  /** Standard input was read for the source, so that no answer can come from there; absent: it was not. */
  readonly fromStdin?: boolean
  /** The plan that was looked at before, and the name of its file. */
  readonly saved?: { readonly name: string; readonly plan: SavedPlan }
}

export async function applySource(
  { options, output }: Session,
  work: ApplyWork,
  given: ApplyOptions,
): Promise<ExitCode> {
  const { yes = false, all = false } = given
  const confirmMs = given.confirm === undefined ? undefined : parseConfirmTime(given.confirm)
  return withLockedKernel(options, async (kernel, turn) => {
    const { source, sources } = work.compiled
    const state = stateFolderHere()
    const begun = <T>(begin: () => Promise<T>) => orFailed(state, source.name, begin)
    let { plan, live, names } = await begun(() => prepared(kernel, work))
    const wanted: CarryOutOptions = {
      pause: () => turn.pause(),
      planAgain: async () => {
        await turn.resume()
        ;({ plan, live, names } = await begun(() => prepared(kernel, work, names)))
        return plan
      },
      ...{ yes, all, command: `lvn ${work.command}`, sourceIsStdin: work.fromStdin ?? false },
      ...(work.destroys ? destroying : applying),
      remember: (carried, report) => kept(work, carried, report, output),
    }
    if (confirmMs !== undefined && state === null)
      throw stateFolder('no folder', `${stateVariable} is none`, undefined)
    let armed = false
    const armIt = async (carried: Plan, waitMs: number, folder: string) => {
      const { arm } = await import('./guard/arm.ts')
      const time = new Date().toISOString()
      const order = {
        back: wayBack(live, carried),
        source: source.name,
        time,
        confirmMs: waitMs,
        state: folder,
      }
      const guard = await begun(() => arm(order, kernel.plane.name))
      armed = true
      return guard
    }
    const confirming =
      confirmMs === undefined || state === null
        ? {}
        : { confirmMs, arm: (carried: Plan) => armIt(carried, confirmMs, state) }
    const code = await carryOut(kernel, { plan, sources }, output, { ...wanted, ...confirming })
    if (!armed && state !== null && code !== ExitCode.interrupted)
      recordEnded(state, source.name, code === ExitCode.rolledBack ? 'failed' : 'not-needed')
    return code
  })
}

/**
 * What is done before the first change. Where it is refused, `lvn confirm` is to say so, not what became of an earlier
 * apply; a command that was called wrongly is none.
 */
async function orFailed<T>(state: string | null, source: string, begin: () => Promise<T>): Promise<T> {
  try {
    return await begin()
  } catch (error) {
    if (state !== null && error instanceof LvnError && error.exitCode !== ExitCode.usage)
      recordEnded(state, source, 'failed', error.message)
    throw error
  }
}

const applying = { verb: 'applied', question: 'Apply', nothing: nothingToApply } as const
const destroying = { verb: 'destroyed', question: 'Carry out', nothing: nothingToDestroy } as const

/**
 * `names`: what host names stood for when it was planned before; absent: they are looked up.
 * @throws LvnError LVN6103: pruning takes too much. LVN6111, LVN6115, LVN6117: a saved plan does not fit.
 */
async function prepared(kernel: Kernel, work: ApplyWork, names?: Names): Promise<Prepared> {
  const found = await planned(kernel, work, names)
  const { prune } = found.plan
  if (prune?.guarded && work.prune !== 'all') throw prunesTooMuch(prune)
  return work.command === 'rollback' ? { ...found, plan: { ...found.plan, restores: true } } : found
}

async function planned(kernel: Kernel, work: ApplyWork, known: Names | undefined): Promise<Prepared> {
  const { compiled, node, prune, saved } = work
  const { topology } = compiled
  if (work.owned !== undefined) return prepareDestroyOwned(kernel, work.owned)
  if (work.destroys) return prepareDestroy(kernel, topology, await nodesHere(kernel, topology, node))
  if (saved === undefined) {
    const nodes = await nodesHere(kernel, topology, node)
    if (known !== undefined) return prepareWith(kernel, topology, nodes, known, prune)
    return prepareApply(kernel, topology, nodes, { resolveName: nameResolver(), prune })
  }
  const { name, plan } = saved
  if (plan.plane !== kernel.plane.name) throw wrongPlane(name, plan.plane, kernel.plane.name)
  const names = namesOf(plan)
  const now = await prepareApply(kernel, topology, nodesOfSaved(plan, topology), {
    resolveName: async (host) => names.get(host) ?? [],
    prune,
  })
  const moved = movedSince(plan, now, topology)
  if (moved === null) return now
  const { facts, step } = moved
  throw facts.length === 0 && step !== null ? planDiffers(name, step) : stateMoved(name, plan.made, facts)
}

/** A journal that cannot be written is said so, and stops nothing: the kernel has been changed already. */
function kept(
  { command, destroys, compiled: { sources }, node }: ApplyWork,
  plan: Plan,
  report: ApplyReport,
  output: Output,
): number | null {
  try {
    return remember({ command, destroys, sources, node }, plan, report)
  } catch (error) {
    output.alert(
      `${output.notePaint.warning('warning')}: not kept in the history: ${(error as Error).message}`,
    )
    return null
  }
}

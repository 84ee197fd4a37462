// SPDX-License-Identifier: MIT
/**
 * Overlay files planned and applied on this node, for programs: the pipeline of `lvn plan`, `lvn apply` and `lvn
 * destroy`, without a word. Host names are looked up first; everything else is done at once, under the lock of `lvn`.
 */
import { lockHolder } from '../../../native/lock.ts'
import { LvnError } from '../../diag/error.ts'
import {
  applyPlan,
  lookUpNames,
  type OnApplyProgress,
  prepareDestroy,
  prepareWith,
  selectNodes,
  whoamiOf,
} from '../../interp/index.ts'
import type { ApplyReport, Names, Plan, Prune } from '../../interp/types.ts'
import type { Kernel } from '../../model/kernel.ts'
import type { Node } from '../../model/topology.ts'
import { confirmLock, pendingOf } from '../cli/guard/pending.ts'
import { recordEnded } from '../cli/guard/record.ts'
import { confirmationPending, prunesTooMuch } from '../cli/refusals.ts'
import { nameResolver } from '../cli/resolve-name.ts'
import { stateFolderHere } from '../cli/state/folder.ts'
import { type Done, remember } from '../cli/state/remember.ts'
import { type Checked, validTopology } from './files.ts'

export interface OverlayOptions {
  /** `NODE` or `OVERLAY/NODE`; absent: the node that this host is. */
  readonly node?: string
  /** Whether what overlays outside the file have here goes; absent: `none`. `guarded`: unless it is too much. */
  readonly prune?: Prune
  readonly onProgress?: OnApplyProgress
}

export interface Applied {
  readonly plan: Plan
  /** `done`: `residue` is what verification still found to differ. Else the steps tell what failed, and why. */
  readonly report: ApplyReport
  /** Why it is missing in `lvn history`; null: it is there, or nothing was to be kept. */
  readonly notKept: LvnError | null
}

/** Where things are done. */
export interface Place {
  readonly kernel: Kernel
  readonly inside: <T>(work: () => T) => T
  readonly locked: <T>(work: () => T) => T
}

export async function planHere(place: Place, checked: Checked, options: OverlayOptions): Promise<Plan> {
  const names = await namesFor(place, checked, options)
  return place.inside(() => prepared(place, checked, options, names))
}

export async function applyHere(place: Place, checked: Checked, options: OverlayOptions): Promise<Applied> {
  const names = await namesFor(place, checked, options)
  return changed(place, checked, options, 'apply', () => {
    const plan = prepared(place, checked, options, names)
    if (plan.prune?.guarded && options.prune !== 'all') throw prunesTooMuch(plan.prune)
    return plan
  })
}

export function destroyHere(place: Place, checked: Checked, options: OverlayOptions): Applied {
  return changed(place, checked, options, 'destroy', () => {
    const topology = validTopology(checked)
    return prepareDestroy(place.kernel, topology, nodesOf(place, checked, options)).plan
  })
}

function changed(
  place: Place,
  { source, sources }: Checked,
  { node, onProgress }: OverlayOptions,
  command: 'apply' | 'destroy',
  planned: () => Plan,
): Applied {
  return place.locked(() => {
    const pending = pendingOf(lockHolder(confirmLock))
    if (pending !== null) throw confirmationPending(pending)
    const plan = planned()
    const empty = plan.steps.length === 0
    const report = empty ? nothingDone : applyPlan(place.kernel, plan, onProgress)
    const done: Done = { command, destroys: command === 'destroy', sources, node }
    const missing = empty ? null : notKept(done, plan, report)
    // Nobody waits for a confirmation of this one, and `lvn confirm` is to say so rather than what became of an earlier one.
    const state = stateFolderHere()
    const ended = report.outcome === 'rolled-back' ? 'failed' : 'not-needed'
    if (state !== null) recordEnded(state, source.name, ended)
    return { plan, report, notKept: missing }
  })
}

const nothingDone: ApplyReport = { outcome: 'done', steps: [], residue: [], lost: [] }

function notKept(done: Done, plan: Plan, report: ApplyReport): LvnError | null {
  try {
    remember(done, plan, report)
    return null
  } catch (error) {
    if (error instanceof LvnError) return error
    throw error
  }
}

function prepared(place: Place, checked: Checked, options: OverlayOptions, names: Names): Plan {
  const nodes = nodesOf(place, checked, options)
  return prepareWith(place.kernel, checked.topology, nodes, names, options.prune).plan
}

function namesFor(place: Place, checked: Checked, options: OverlayOptions): Promise<Names> {
  const nodes = place.inside(() => nodesOf(place, checked, options))
  return lookUpNames(checked.topology, nodes, nameResolver(undefined, place.inside))
}

function nodesOf({ kernel }: Place, checked: Checked, { node }: OverlayOptions): readonly Node[] {
  return selectNodes(validTopology(checked), whoamiOf(kernel.host.interfaces(), node))
}

// SPDX-License-Identifier: MIT
/**
 * The interpreter's pipeline on one screen:
 *
 *   sources → 1-resolve → topology (all nodes) → select-node → this host's nodes
 *   kernel  → 2-observe → live state
 *   topology + live state → desire → desired state → 3-diff → changes → 4-plan → steps → 5-apply → 6-verify
 *
 * Shells call these functions; the kernel comes in through `Kernel` alone.
 */
import type { Address } from '../model/address.ts'
import { peersOf } from '../model/hubs.ts'
import type { Kernel } from '../model/kernel.ts'
import type { DesiredState, LiveState, Owner } from '../model/state.ts'
import type { Node, Topology } from '../model/topology.ts'
import { observe, type Wants, wantsOf } from './2-observe.ts'
import { diff } from './3-diff.ts'
import { plan } from './4-plan.ts'
import { apply, type OnApplyProgress, takeAllBack } from './5-apply.ts'
import { type Verified, verify } from './6-verify.ts'
import { type Desire, desire, overlayOf, withReservedPorts } from './desire.ts'
import { formerNotes, formersOf } from './former.ts'
import { notesOnOthers, ownersNamed } from './owned.ts'
import { pruneNote, pruneSummary, strangers } from './prune.ts'
import { reachOf } from './reach.ts'
import { stateBefore, type WayBack, wantsOfWayBack } from './restore.ts'
import { scopeOf } from './scope.ts'
import type { ApplyReport, Change, Names, Plan, Prepared, Prune, Scope } from './types.ts'

export { observe, type Wants, wantsOf } from './2-observe.ts'
export type { OnApplyProgress } from './5-apply.ts'
export { bareNotes, bareState } from './bare-node.ts'
export { sameChanges } from './change.ts'
export { isVerified, reportExitCode, unlessAbsent } from './exit-code.ts'
export { planToJson, sourceHash } from './plan-json.ts'
export { type WayBack, wayBack } from './restore.ts'
export { selectNodes, type Whoami, whoamiOf } from './select-node.ts'

/** Every address of a host name; empty or a rejection: not resolvable now. */
export type ResolveName = (host: string) => Promise<readonly Address[]>

export interface PlanOptions {
  readonly resolveName: ResolveName
  readonly prune?: Prune
}

/** The plan that brings this kernel to what the file says of `nodes`. @throws LvnError: refused, as it stands. */
export async function planApply(
  kernel: Kernel,
  topology: Topology,
  nodes: readonly Node[],
  options: PlanOptions,
): Promise<Plan> {
  return (await prepareApply(kernel, topology, nodes, options)).plan
}

/** The same, with what it was made from. */
export async function prepareApply(
  kernel: Kernel,
  topology: Topology,
  nodes: readonly Node[],
  options: PlanOptions,
): Promise<Prepared> {
  const names = await lookUpNames(topology, nodes, options.resolveName)
  return prepareWith(kernel, topology, nodes, names, options.prune)
}

/** The same with host names that were looked up before. */
export function prepareWith(
  kernel: Kernel,
  topology: Topology,
  nodes: readonly Node[],
  names: Names,
  prune: Prune = 'none',
): Prepared {
  const wants = wantsOf(topology, nodes, names)
  const live = observe(kernel, wants)
  const plan = planFromState(live, topology, nodes, names, prune)
  return { live, names, plan: { ...plan, behind: wants.behind ?? [] } }
}

/** The same from a snapshot. Pure. */
export function planFromState(
  observed: LiveState,
  topology: Topology,
  nodes: readonly Node[],
  names: Names,
  prune: Prune = 'none',
): Plan {
  const live = withReservedPorts(observed, nodes)
  const formers = formersOf(live, topology, nodes)
  const before = formers.map(({ owner }) => owner)
  const owners = prune === 'none' ? [] : strangers(live, topology, before)
  const wanted = desire(topology, nodes, live, names)
  const noted = { ...wanted, notes: [...wanted.notes, ...formerNotes(formers, topology)] }
  const made = assemble(live, topology, nodes, noted, [...before, ...owners])
  if (prune === 'none') return made
  const summary = pruneSummary(live, owners, made.steps)
  return { ...made, prune: summary, notes: [...made.notes, pruneNote(summary, prune)] }
}

/** The plan that leads back to what the kernel held of ours before an apply. */
export function planRestore(kernel: Kernel, back: WayBack): Plan {
  const live = observe(kernel, wantsOfWayBack(back))
  const desired = stateBefore(back, live)
  return { ...planned(live, back.nodes, back.scope, { ...bare, desired }), restores: true }
}

/** The plan that removes all that these nodes own, whatever the file says of them now. */
export function planDestroy(kernel: Kernel, topology: Topology, nodes: readonly Node[]): Plan {
  return prepareDestroy(kernel, topology, nodes).plan
}

/** The same, with what it was made from. */
export function prepareDestroy(kernel: Kernel, topology: Topology, nodes: readonly Node[]): Prepared {
  const live = observe(kernel, ownOnly)
  return { live, names: new Map(), plan: planDestroyFromState(live, topology, nodes) }
}

/** The same from a snapshot. Pure. */
export function planDestroyFromState(live: LiveState, topology: Topology, nodes: readonly Node[]): Plan {
  const plan = assemble(live, topology, nodes, bare)
  return { ...plan, notes: notesOnOthers(live, plan.scope, plan.steps.length === 0) }
}

/** The plan that removes all that `OVERLAY` or `OVERLAY/NODE` owns here. @throws LvnError LVN6404: nothing. */
export function prepareDestroyOwned(kernel: Kernel, wanted: string): Prepared {
  const live = observe(kernel, ownOnly)
  const owners = ownersNamed(live, wanted)
  const nodes = owners.map(({ overlay, node }) => ({ overlay, name: node, role: null }))
  return { live, names: new Map(), plan: planned(live, nodes, { owners, nets: [] }, bare) }
}

/**
 * Carries the plan out, reads the kernel again and compares; what fails is rolled back. Where the kernel cannot be read
 * again, all stays done, and the report tells why nothing was compared.
 */
export function applyPlan(kernel: Kernel, wanted: Plan, onProgress: OnApplyProgress = () => {}): ApplyReport {
  const outcome = apply(kernel, wanted.steps, onProgress, wanted.restores)
  if (outcome.outcome !== 'done') return { ...outcome, residue: [], lost: [] }
  onProgress({ phase: 'verify', done: 0, total: 1 })
  const verified = tryToVerify(kernel, wanted)
  onProgress({ phase: 'verify', done: 1, total: 1 })
  if (verified instanceof Error) return { ...outcome, residue: [], lost: [], unverified: verified }
  const { residue, lost, diverted } = verified
  if (lost.length > 0) return { ...takeAllBack(kernel, wanted.steps, onProgress), residue: [], lost }
  return { ...outcome, residue, lost, ...(diverted.length === 0 ? {} : { diverted }) }
}

function tryToVerify(kernel: Kernel, wanted: Plan): Verified | Error {
  try {
    return verify(kernel, wanted)
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

function assemble(
  live: LiveState,
  topology: Topology,
  nodes: readonly Node[],
  wanted: Desire,
  others: readonly Owner[] = [],
): Plan {
  const { owners, nets } = scopeOf(topology, nodes)
  return planned(live, nodes, { owners: [...owners, ...others], nets }, wanted)
}

function planned(live: LiveState, nodes: Plan['nodes'], scope: Scope, wanted: Desire): Plan {
  const difference = diff(live, wanted.desired, scope, wanted.spans)
  const steps = plan(live, wanted, difference)
  const count = (op: Change['op']) => steps.filter((step) => step.change.op === op).length
  return {
    nodes: nodes.map(({ overlay, name, role }) => ({ overlay, name, role })),
    plane: live.plane,
    steps,
    summary: { add: count('add'), change: count('change'), remove: count('remove') },
    pending: wanted.pending,
    absent: wanted.absent,
    foreign: difference.foreign,
    notes: wanted.notes,
    desired: wanted.desired,
    reach: reachOf(live),
    scope,
  }
}

/** Addresses of the host names that the tunnels of these nodes need: each once, all at the same time. */
export async function lookUpNames(
  topology: Topology,
  nodes: readonly Node[],
  resolveName: ResolveName,
): Promise<Names> {
  const hosts = new Set<string>()
  for (const node of nodes) {
    for (const { endpoint } of peersOf(overlayOf(topology, node), node)) {
      if (endpoint?.kind === 'name') hosts.add(endpoint.host)
    }
  }
  const answers = [...hosts].map(async (host) => {
    const addresses = await resolveName(host).catch(() => [])
    return [host, addresses] as const
  })
  return new Map(await Promise.all(answers))
}

/** What is ours is told in any case. */
const ownOnly: Wants = { remotes: [], sysctls: [], nets: [] }

const nothing: DesiredState = {
  devices: [],
  addresses: [],
  tunnels: [],
  rules: [],
  sysctls: [],
  routes: [],
  ipRules: [],
  filters: [],
}

/** To want nothing, of no file. */
const bare: Desire = { desired: nothing, spans: new Map(), pending: [], absent: [], notes: [] }

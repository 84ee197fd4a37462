// SPDX-License-Identifier: MIT
/**
 * A plan as a file, to be carried out later and elsewhere looked at before. It keeps what the plan was made from, not
 * the steps to take: these are planned again, and carried out only when they come out the same. The form is
 * versioned; fields are added, never changed, within a version.
 */
import type { Source } from '../diag/source.ts'
import type { Address } from '../model/address.ts'
import { dictionary, list, oneOf, orAbsent, record, type Shape, text, value } from '../model/shape.ts'
import type { PlaneName } from '../model/state.ts'
import { type Node, nodesOf, type Topology } from '../model/topology.ts'
import { differingFacts, type Facts, factsOf } from './facts.ts'
import { ownerKey } from './ids.ts'
import { type JsonPlan, planToJson } from './plan-json.ts'
import type { Names, Prepared, Prune } from './types.ts'

const formatVersion = 1

export interface SavedPlan {
  /** The mark that such a file is known by, and its version. */
  readonly lvnPlan: typeof formatVersion
  /** When it was made, ISO 8601. */
  readonly made: string
  readonly sources: readonly StoredSource[]
  /** `OVERLAY/NODE` of each node that the host is. */
  readonly nodes: readonly string[]
  readonly prune: Prune
  readonly plane: PlaneName
  /** What host names resolved to. */
  readonly names: Readonly<Record<string, readonly string[]>>
  readonly facts: Facts
  readonly plan: Pick<JsonPlan, 'operations'>
}

/** A source with its text: what a file said when it was read. */
export interface StoredSource {
  readonly name: string
  readonly text: string
  /** The name of the one before it that is the same file; absent: there is none. */
  readonly sameAs?: string
}

export function storeSources(sources: readonly Source[]): StoredSource[] {
  return sources.map((source) => {
    const { name, text: of, file } = source
    const first = sources.find((other) => other.file === file) as Source
    return { name, text: of, ...(first === source ? {} : { sameAs: first.name }) }
  })
}

export interface SavedFrom {
  readonly prepared: Prepared
  readonly topology: Topology
  readonly sources: readonly Source[]
  readonly prune: Prune
  /** ISO 8601. */
  readonly made: string
}

export function savePlan({ prepared, topology, sources, prune, made }: SavedFrom): SavedPlan {
  const { plan, live, names } = prepared
  return {
    lvnPlan: formatVersion,
    made,
    sources: storeSources(sources),
    nodes: plan.nodes.map(({ overlay, name: node }) => ownerKey({ overlay, node })),
    prune,
    plane: plan.plane,
    names: Object.fromEntries(names),
    facts: factsOf(live, plan, topology),
    plan: planToJson(plan, sources),
  }
}

/** Does a text that is no source of the language want to be a saved plan? */
export function isSavedPlan(of: string): boolean {
  return /^\s*\{/.test(of)
}

/** @throws ShapeError */
export function readSavedPlan(json: unknown): SavedPlan {
  record({ lvnPlan: value('1, as `lvn plan --out` writes it', (found) => found === formatVersion) })(json, '')
  return saved(json, '')
}

export function namesOf({ names }: SavedPlan): Names {
  return new Map(Object.entries(names) as [string, readonly Address[]][])
}

/** The nodes that it was made for; empty: the file has none of them. */
export function nodesOfSaved(plan: Pick<SavedPlan, 'nodes'>, topology: Topology): readonly Node[] {
  const keys = new Set(plan.nodes)
  return topology.overlays
    .flatMap(nodesOf)
    .filter(({ overlay, name: node }) => keys.has(ownerKey({ overlay, node })))
}

export interface Moved {
  /** Ids of what is no longer as it was. */
  readonly facts: readonly string[]
  /** The steps themselves come out otherwise. */
  readonly steps: boolean
}

/** How far `now`, planned from the same sources, is from what was saved. Null: not at all. */
export function movedSince(before: SavedPlan, now: Prepared, topology: Topology): Moved | null {
  const facts = differingFacts(before.facts, factsOf(now.live, now.plan, topology))
  const was = before.plan.operations.map(({ op, id }) => `${op} ${id}`)
  const is = now.plan.steps.map(({ change: { op, id } }) => `${op} ${id}`)
  const steps = was.join('\n') !== is.join('\n')
  return facts.length === 0 && !steps ? null : { facts, steps }
}

export const storedSource: Shape<StoredSource> = record({
  ...{ name: text, text },
  sameAs: orAbsent(text),
}) as Shape<StoredSource>

const operation = record<{ op: string; id: string }>({ op: text, id: text }) as unknown as Shape<
  JsonPlan['operations'][number]
>

const saved: Shape<SavedPlan> = record<SavedPlan>({
  lvnPlan: value<1>('1', (found) => found === formatVersion),
  made: text,
  sources: list(storedSource),
  nodes: list(text),
  prune: oneOf<Prune>('none', 'guarded', 'all'),
  plane: oneOf<PlaneName>('ebpf', 'kmod'),
  names: dictionary(list(text)),
  facts: dictionary(text),
  plan: record<Pick<JsonPlan, 'operations'>>({ operations: list(operation) }),
})

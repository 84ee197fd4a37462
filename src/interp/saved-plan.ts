// SPDX-License-Identifier: MIT
/**
 * A plan as a file, to be carried out later and elsewhere looked at before. It keeps what the plan was made from, not
 * the steps to take: these are planned again, and carried out only when they come out the same. The form is
 * versioned; fields are added, never changed, within a version.
 */
import { Source } from '../diag/source.ts'
import type { Address } from '../model/address.ts'
import {
  anObject,
  dictionary,
  list,
  oneOf,
  orAbsent,
  orNull,
  record,
  type Shape,
  ShapeError,
  text,
  value,
} from '../model/shape.ts'
import { address } from '../model/snapshot.ts'
import type { PlaneName } from '../model/state.ts'
import { type Node, nodesOf, type Topology } from '../model/topology.ts'
import { differingFacts, type Facts, factsOf } from './facts.ts'
import { ownerKey } from './ids.ts'
import { type JsonPlan, planToJson, sourceHash } from './plan-json.ts'
import { differingStep, type SavedOperation } from './saved-steps.ts'
import type { Kind, Names, Prepared, Prune } from './types.ts'

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
  readonly names: Readonly<Record<string, readonly Address[]>>
  readonly facts: Facts
  readonly plan: Pick<JsonPlan, 'sourceHash'> & { readonly operations: readonly SavedOperation[] }
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

/** @throws ShapeError, also where the texts of the sources are not those that were planned. */
export function readSavedPlan(json: unknown): SavedPlan {
  record({ lvnPlan: value('1, as `lvn plan --out` writes it', (found) => found === formatVersion) })(json, '')
  const plan = saved(json, '')
  checkSources(plan)
  return plan
}

function checkSources({ sources, plan }: SavedPlan): void {
  const texts = new Map<string, string>()
  for (const [i, { name, text: of, sameAs }] of sources.entries()) {
    if (texts.has(name)) throw new ShapeError(`sources[${i}].name`, 'another source has that name')
    if (sameAs !== undefined && texts.get(sameAs) !== of)
      throw new ShapeError(`sources[${i}].sameAs`, 'no source before it has that name and the same text')
    texts.set(name, of)
  }
  if (sources.length > 0 && sourceHash(sources.map(sourceOf)) !== plan.sourceHash)
    throw new ShapeError(
      'plan.sourceHash',
      'the texts of the sources have another one: they have been changed',
    )
}

/** A source as it was when it was stored. */
export function sourceOf({ name, text: of, sameAs }: StoredSource): Source {
  return new Source(name, of, sameAs)
}

export function namesOf({ names }: SavedPlan): Names {
  return new Map(Object.entries(names))
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
  /** The first place in the saved plan that comes out otherwise, `plan.operations[2].after`; null: none. */
  readonly step: string | null
}

/** How far `now`, planned from the same sources, is from what was saved. Null: not at all. */
export function movedSince(before: SavedPlan, now: Prepared, topology: Topology): Moved | null {
  const facts = differingFacts(before.facts, factsOf(now.live, now.plan, topology))
  const step = differingStep(before.plan.operations, now.plan.steps, topology)
  return facts.length === 0 && step === null ? null : { facts, step }
}

export const storedSource: Shape<StoredSource> = record({
  ...{ name: text, text },
  sameAs: orAbsent(text),
}) as Shape<StoredSource>

const operation = record<SavedOperation>({
  op: oneOf<SavedOperation['op']>('add', 'change', 'remove'),
  kind: text as Shape<Kind>,
  id: text,
  before: orNull(anObject),
  after: orNull(anObject),
})

const saved: Shape<SavedPlan> = record<SavedPlan>({
  lvnPlan: value<1>('1', (found) => found === formatVersion),
  made: text,
  sources: list(storedSource),
  nodes: list(text),
  prune: oneOf<Prune>('none', 'guarded', 'all'),
  plane: oneOf<PlaneName>('ebpf', 'kmod'),
  names: dictionary(list(address)),
  facts: dictionary(text),
  plan: record<SavedPlan['plan']>({ sourceHash: text, operations: list(operation) }),
})

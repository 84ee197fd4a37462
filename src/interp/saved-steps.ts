// SPDX-License-Identifier: MIT
/**
 * Compares the steps of a saved plan with those that its sources lead to now, so that a review of the file is a review
 * of what is done. Omits what two readings of one state may differ in: where packets may come in, and what tunnels have
 * learned. Pure.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Topology } from '../model/topology.ts'
import { learningTunnels } from './facts.ts'
import type { Kind, Step } from './types.ts'

/** The parts of a step that say what is done. */
export interface SavedOperation {
  readonly op: Step['change']['op']
  readonly kind: Kind
  readonly id: string
  /** As of a file: nothing is known of its fields. */
  readonly before: object | null
  readonly after: object | null
}

/** The first place that is another now: `plan.operations[2].after`. Null: there is none. */
export function differingStep(
  was: readonly SavedOperation[],
  is: readonly Step[],
  topology: Topology,
): string | null {
  const learns = learningTunnels(topology)
  for (let i = 0; i < Math.max(was.length, is.length); i++) {
    const place = `plan.operations[${i}]`
    const [saved, step] = [was[i], is[i]]
    if (saved === undefined || step === undefined) return place
    const now = step.change
    for (const field of ['op', 'kind', 'id'] as const) {
      if (saved[field] !== now[field]) return `${place}.${field}`
    }
    const fixed = learns.has(now.id) ? withoutLearned : now.kind === 'device' ? withoutUnderlays : whole
    const [one, other] = [fixed(saved), fixed(now)]
    for (const field of ['before', 'after'] as const) {
      if (!isDeepStrictEqual(plain(one[field]), plain(other[field]))) return `${place}.${field}`
    }
  }
  return null
}

type Sides = Pick<SavedOperation, 'before' | 'after'>

const whole = (sides: Sides): Sides => sides

function withoutUnderlays({ before, after }: Sides): Sides {
  const bare = (spec: object | null) => spec && { ...spec, underlays: null }
  return { before: bare(before), after: bare(after) }
}

/** What a tunnel has learned counts no more than that it stays: after a step it is what it was before. */
function withoutLearned({ before, after }: Sides): Sides {
  if (before === null || after === null) return { before: before && unlearned(before), after }
  const [old, now] = [before, after] as const
  const stays = (field: (typeof learned)[number]) =>
    isDeepStrictEqual(old[field as never], now[field as never])
  const kept = learned.filter(stays).map((field) => [field, 'stays'])
  return { before: unlearned(before), after: { ...after, ...Object.fromEntries(kept) } }
}

const learned = ['local', 'remote', 'underlay'] as const

function unlearned(spec: object): object {
  return { ...spec, ...Object.fromEntries(learned.map((field) => [field, null])) }
}

/** As JSON has it: without fields that are undefined. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

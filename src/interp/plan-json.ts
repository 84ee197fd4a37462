// SPDX-License-Identifier: MIT
/**
 * A plan as JSON for pipelines. The form is versioned; fields are added, never changed, within a version.
 */
import { createHash } from 'node:crypto'
import type { Source, Span } from '../diag/source.ts'
import type { Kind, Plan, Specs } from './types.ts'

export interface JsonSpan {
  readonly file: string
  readonly line: number
  readonly column: number
}

export interface JsonOperation {
  readonly op: 'add' | 'change' | 'remove'
  readonly kind: Kind
  readonly id: string
  readonly before: Specs[Kind] | null
  readonly after: Specs[Kind] | null
  /** What differs, for `change`; empty otherwise. */
  readonly fields: readonly string[]
  /** The source line that asks for it; null where none does. */
  readonly span: JsonSpan | null
}

export interface JsonPlan
  extends Pick<Plan, 'nodes' | 'plane' | 'summary' | 'pending' | 'absent' | 'foreign' | 'notes' | 'prune'> {
  readonly formatVersion: 1
  /** SHA-256 of the sources, hexadecimal. */
  readonly sourceHash: string
  /** In the order of carrying out. */
  readonly operations: readonly JsonOperation[]
}

export function planToJson(plan: Plan, sources: readonly Source[]): JsonPlan {
  const { nodes, plane, summary, pending, absent, foreign, notes } = plan
  return {
    formatVersion: 1,
    sourceHash: sourceHash(sources),
    nodes,
    plane,
    summary,
    operations: plan.steps.map(({ change: { op, kind, id, before, after, fields, span } }) => ({
      op,
      kind,
      id,
      before,
      after,
      fields,
      span: span === undefined ? null : spanToJson(span),
    })),
    pending,
    absent,
    foreign,
    notes,
    ...(plan.prune === undefined ? {} : { prune: plan.prune }),
  }
}

/** Of one source what `sha256sum` prints; several are joined by NUL bytes. Names do not count, a file counts once. */
export function sourceHash(sources: readonly Source[]): string {
  const files = new Map(sources.map(({ file, text }) => [file, text]))
  return createHash('sha256')
    .update([...files.values()].join('\0'))
    .digest('hex')
}

function spanToJson(span: Span): JsonSpan {
  const { line, column } = span.source.position(span.start)
  return { file: span.source.name, line, column }
}

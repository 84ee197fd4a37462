// SPDX-License-Identifier: MIT
/**
 * One difference as a record. The diff's parts share it; it compares nothing.
 */
import type { Span } from '../diag/source.ts'
import { idOf } from './ids.ts'
import type { Change, ChangeOf, Kind, Specs, Step } from './types.ts'

/** Do two plans change the same, from the same to the same, in the same order? */
export function sameChanges(one: readonly Step[], other: readonly Step[]): boolean {
  const text = ({ change: { span: _, ...change } }: Step) => JSON.stringify(change)
  return one.length === other.length && one.every((step, i) => text(step) === text(other[i] as Step))
}

/** Makes changes, each with its id and the source line that asks for it. */
export class Maker {
  private readonly spans: ReadonlyMap<string, Span>

  constructor(spans: ReadonlyMap<string, Span>) {
    this.spans = spans
  }

  span(id: string): Span | undefined {
    return this.spans.get(id)
  }

  /** `id`: that of `after`, where it is at hand. */
  add<K extends Kind>(kind: K, after: Specs[K], id: string = idOf[kind](after)): Change {
    return this.make(kind, id, 'add', null, after, [])
  }

  remove<K extends Kind>(kind: K, before: Specs[K]): Change {
    return this.make(kind, idOf[kind](before), 'remove', before, null, [])
  }

  change<K extends Kind>(kind: K, before: Specs[K], after: Specs[K], fields: readonly string[]): Change {
    return this.make(kind, idOf[kind](after), 'change', before, after, fields)
  }

  private make<K extends Kind>(
    kind: K,
    id: string,
    op: Change['op'],
    before: Specs[K] | null,
    after: Specs[K] | null,
    fields: readonly string[],
  ): Change {
    const span = this.spans.get(id)
    const change: ChangeOf<K> =
      span === undefined
        ? { op, kind, id, before, after, fields }
        : { op, kind, id, before, after, fields, span }
    return change as Change
  }
}

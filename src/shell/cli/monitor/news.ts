// SPDX-License-Identifier: MIT
/**
 * What has become different between two looks at a kernel, as the changes that a plan has, with what only a live
 * object has beside: a device that is up, the state of a tunnel, a filter that somebody damaged. Pure.
 */
import { isDeepStrictEqual } from 'node:util'
import { ownerFields } from '../../../interp/diff-devices.ts'
import { idOf } from '../../../interp/ids.ts'
import type { Change, ChangeOf, Specs } from '../../../interp/types.ts'
import type { LiveFilter } from '../../../model/filter.ts'
import type { Owner } from '../../../model/owner.ts'
import { type Objects, type ShowSubject, tunnelState } from '../format-show.ts'

export interface Look extends Objects {
  readonly filters: readonly LiveFilter[]
}

type Kind = Extract<Change['kind'], 'device' | 'tunnel' | 'rule' | 'filter'>

interface Named {
  readonly kind: Kind
  readonly id: string
  readonly object: Readonly<Record<string, unknown>>
}

/** Everything of a look that can be news, by id; counters are none. */
export type Facts = ReadonlyMap<string, Named>

export function factsOf(look: Look, subjects: readonly ShowSubject[]): Facts {
  const all = {
    devices: () =>
      look.devices.map(({ ifindex: _, drops: __, ...device }) => named('device', device, device)),
    tunnels: () =>
      look.tunnels.map((tunnel) => {
        const { counters: _, id: __, ...spec } = tunnel
        return named('tunnel', spec, { ...spec, state: tunnelState(tunnel) })
      }),
    rules: () => look.rules.map((rule) => named('rule', rule, rule)),
    policies: () =>
      look.filters.flatMap(({ owner, ...filter }) =>
        owner === null ? [] : named('filter', { ...filter, owner }, { ...filter, owner }),
      ),
  }
  const facts = subjects.flatMap((subject) => all[subject]())
  return new Map(facts.map((fact) => [fact.id, fact]))
}

/** What went first, then what came or changed, in the order of devices, tunnels, rules, policies. */
export function newsBetween(before: Facts, after: Facts): readonly Change[] {
  const gone = [...before.values()].filter(({ id }) => !after.has(id)).map((fact) => newsOf(fact, null))
  const others = [...after.values()].flatMap((fact) => {
    const old = before.get(fact.id)
    if (old === undefined) return newsOf(null, fact)
    const fields = fieldsThatDiffer(old, fact)
    return fields.length === 0 ? [] : newsOf(old, fact, fields)
  })
  return [...gone, ...others]
}

function named<K extends Kind>(kind: K, spec: Specs[K], object: object): Named {
  return { kind, id: idOf[kind](spec), object: object as Named['object'] }
}

function newsOf(before: Named | null, after: Named | null, fields: readonly string[] = []): Change {
  const { kind, id } = (after ?? before) as Named
  const op = before === null ? 'add' : after === null ? 'remove' : 'change'
  const news = { op, kind, id, before: before?.object ?? null, after: after?.object ?? null, fields }
  return news as unknown as ChangeOf<Kind> as Change
}

/** Named as in a plan. */
function fieldsThatDiffer(before: Named, after: Named): string[] {
  const fields = new Set([...Object.keys(before.object), ...Object.keys(after.object)])
  const differing = [...fields].filter(
    (field) => !isDeepStrictEqual(before.object[field], after.object[field]),
  )
  if (before.kind !== 'device') return differing
  const owners = [before, after].map(({ object }) => object.owner as Owner) as [Owner, Owner]
  return differing.flatMap((field) => (field === 'owner' ? ownerFields(...owners) : field))
}

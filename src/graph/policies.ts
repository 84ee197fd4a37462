// SPDX-License-Identifier: MIT
/**
 * Policies in a picture: an arrow for each while they are few, a few lines that say what there is when they are many.
 * It knows no coordinates.
 */
import { policyEndText } from '../model/policy.ts'
import type { Policy, PolicyEnd } from '../model/topology.ts'
import { shorten } from './shorten.ts'

export interface PicturePolicy {
  readonly action: Policy['action']
  readonly from: PictureEnd
  readonly to: PictureEnd
}

export interface PictureEnd {
  /** Id of the node that it is; null: a prefix, or everybody. */
  readonly node: string | null
  /** `kirche`, `10.64.0.0/20`, `any`. */
  readonly text: string
}

export interface HasPolicies {
  readonly name: string
  readonly policies: readonly PicturePolicy[]
}

/** No eye follows more arrows than these. */
export const mostDrawn = 30
const mostGroups = 6

export const policiesRule = 'of those that match a new flow the last one counts'

/** `ids`: of the overlay's nodes by their names. */
export function picturePolicies(
  policies: readonly Policy[],
  ids: ReadonlyMap<string, string>,
): readonly PicturePolicy[] {
  const endOf = (end: PolicyEnd): PictureEnd => ({
    node: end.kind === 'node' ? (ids.get(end.node) ?? null) : null,
    text: policyEndText(end),
  })
  return policies.map(({ action, from, to }): PicturePolicy => ({ action, from: endOf(from), to: endOf(to) }))
}

/** Those that an arrow is drawn for, in source order: all of them or none. */
export function drawnPolicies({ policies }: HasPolicies): readonly PicturePolicy[] {
  return policies.length > mostDrawn ? [] : policies
}

/** Ids for the ends of drawn policies that are no nodes, by their text: `PREFIX1`, `PREFIX2`. */
export function endNodes(overlay: HasPolicies, prefix: string): ReadonlyMap<string, string> {
  const ends = drawnPolicies(overlay).flatMap(({ from, to }) => [from, to])
  const texts = new Set(ends.flatMap(({ node, text }) => (node === null ? text : [])))
  return new Map([...texts].map((text, i) => [text, `${prefix}${i + 1}`]))
}

/** What there is, where no arrows are drawn: numbers, then what they have in common. Else nothing. */
export function policySummary({ name, policies }: HasPolicies): readonly string[] {
  if (policies.length <= mostDrawn) return []
  const count = (action: Policy['action']) => policies.filter((policy) => policy.action === action).length
  const numbers = `${count('deny')} deny, ${count('allow')} allow`
  const byFrom = groupsOf(policies, 'from')
  const byTo = groupsOf(policies, 'to')
  const groups = byTo.length < byFrom.length ? byTo : byFrom
  const rest = groups.length - mostGroups
  return [
    `policies of ${shorten(name)}: ${numbers}; ${policiesRule}`,
    ...groups.slice(0, mostGroups).map((text) => `· ${text}`),
    ...(rest > 0 ? [`· and ${rest} more such groups`] : []),
  ]
}

/** Policies with one action and one end in common, by the first of each group: `deny kirche -> 57 targets`. */
function groupsOf(policies: readonly PicturePolicy[], common: 'from' | 'to'): readonly string[] {
  const groups = new Map<string, { readonly policy: PicturePolicy; readonly others: Set<string> }>()
  const other = common === 'from' ? 'to' : 'from'
  for (const policy of policies) {
    const key = JSON.stringify([policy.action, policy[common].text])
    const group = groups.get(key) ?? { policy, others: new Set() }
    group.others.add(policy[other].text)
    groups.set(key, group)
  }
  return [...groups.values()].map(({ policy: { action, from, to }, others }) => {
    const many = (what: string, one: string) => (others.size === 1 ? shorten(one) : `${others.size} ${what}`)
    return common === 'from'
      ? `${action} ${shorten(from.text)} -> ${many('targets', to.text)}`
      : `${action} ${many('sources', from.text)} -> ${shorten(to.text)}`
  })
}

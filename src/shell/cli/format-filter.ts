// SPDX-License-Identifier: MIT
/**
 * A filter's change as a person reads it: by policies. Pure text; it knows neither plans nor the kernel.
 */
import type { ChangeOf } from '../../interp/types.ts'
import { count } from './text.ts'

/** What stands behind the id of a filter that is added. */
export function filterSize(policies: readonly string[]): string {
  return `of ${count(policies.length, 'policy', 'policies')}`
}

/** What is wrong with a filter that is changed, where its policies do not tell. */
export function filterReason({ before, after, fields }: ChangeOf<'filter'>): string {
  if (fields.includes('intact')) return 'is not whole: somebody changed it'
  if (!fields.includes('policies'))
    return fields.includes('owner') ? 'owner' : 'the addresses of its policies'
  const [gone, come] = policyChanges(before?.policies ?? [], after?.policies ?? [])
  return gone.length + come.length === 0 ? 'the order of its policies' : ''
}

/** `- policy deny a -> b`, `+ policy allow b -> a`. */
export function policyLines({ before, after }: Pick<ChangeOf<'filter'>, 'before' | 'after'>): {
  readonly removed: readonly string[]
  readonly added: readonly string[]
} {
  const [gone, come] = policyChanges(before?.policies ?? [], after?.policies ?? [])
  return { removed: gone.map((text) => `- policy ${text}`), added: come.map((text) => `+ policy ${text}`) }
}

/** What is only before, and what is only after; each as often as it is there more. */
function policyChanges(before: readonly string[], after: readonly string[]): [string[], string[]] {
  const more = new Map<string, number>()
  for (const text of before) more.set(text, (more.get(text) ?? 0) + 1)
  const come = after.filter((text) => {
    const left = more.get(text) ?? 0
    more.set(text, left - 1)
    return left <= 0
  })
  const gone = before.filter((text) => {
    const left = more.get(text) ?? 0
    more.set(text, left - 1)
    return left > 0
  })
  return [gone, come]
}

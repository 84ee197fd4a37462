// SPDX-License-Identifier: MIT
/**
 * Policies in force: what the filters of a kernel enforce, a row for each policy. Pure text.
 */
import type { LiveFilter } from '../../model/filter.ts'
import { ownerText } from '../../model/hand.ts'
import type { Owner } from '../../model/state.ts'
import type { Paint } from './output.ts'
import { type Column, count, table } from './text.ts'

export interface LivePolicy {
  /** The hub's device, whose packets the filter looks at. */
  readonly device: string
  readonly owner: Owner
  /** As in the file: `deny rathaus -> kirche`. Of those that match a new flow the last one counts. */
  readonly policy: string
  /** False: somebody changed the filter, and it may enforce something else; the next apply mends it. */
  readonly intact: boolean
}

/** By device, then in source order. What is not ours is left out. */
export function policiesOf(filters: readonly LiveFilter[]): readonly LivePolicy[] {
  return filters
    .toSorted((a, b) => (a.device < b.device ? -1 : 1))
    .flatMap(({ device, owner, policies, intact }) =>
      owner === null ? [] : policies.map((policy) => ({ device, owner, policy, intact })),
    )
}

export function policyTable(policies: readonly LivePolicy[], paint: Paint): string[] {
  if (policies.length === 0) return ['No policies.']
  const columns: Column<LivePolicy>[] = [
    { title: 'DEVICE', cell: (p) => p.device },
    { title: 'NODE', cell: (p) => ownerText(p.owner) },
    { title: 'FILTER', cell: (p) => (p.intact ? paint.good('intact') : paint.bad('damaged')) },
    { title: 'POLICY', cell: (p) => paint.strong(p.policy) },
  ]
  const size = count(policies.length, 'policy', 'policies')
  return [...table(columns, policies, paint.faint), paint.faint(size)]
}

// SPDX-License-Identifier: MIT
/**
 * The diff's part for filters. One is known by its device and by the owner written into it, whether that device is
 * there or not: what a death left goes as well. Pure.
 */
import { type FilterSpec, filterTable, type LiveFilter } from '../model/filter.ts'
import type { DesiredState, LiveState } from '../model/state.ts'
import type { Maker } from './change.ts'
import { idOf, ownerKey } from './ids.ts'
import { filterSpecOf } from './intended.ts'
import { filterTaken } from './refusals.ts'
import type { Ownership } from './scope.ts'
import type { Change, Foreign, Scope } from './types.ts'

type OwnedFilter = LiveFilter & FilterSpec

/** @throws LvnError LVN5201: the table's name is taken. */
export function diffFilters(live: LiveState, desired: DesiredState, scope: Scope, make: Maker): Change[] {
  const keys = new Set(scope.owners.map(ownerKey))
  const isOurs = (filter: LiveFilter): filter is OwnedFilter =>
    filter.owner !== null && keys.has(ownerKey(filter.owner))
  const changes: Change[] = []
  const there = new Map(live.filters.map((filter) => [filter.device, filter]))
  for (const after of desired.filters) {
    const before = there.get(after.device)
    there.delete(after.device)
    if (before === undefined) changes.push(make.add('filter', after))
    else if (!isOurs(before)) {
      const owner = before.owner === null ? null : ownerKey(before.owner)
      throw filterTaken(filterTable(after.device), owner, make.span(idOf.filter(after)))
    } else {
      const fields = filterFields(before, after)
      if (fields.length > 0) changes.push(make.change('filter', filterSpecOf(before), after, fields))
    }
  }
  for (const before of there.values()) {
    if (isOurs(before)) changes.push(make.remove('filter', filterSpecOf(before)))
  }
  return changes
}

/** Tables of others that have the name of ours. */
export function foreignFilters(live: LiveState, owners: Ownership): Foreign[] {
  return live.filters
    .filter(({ device, owner }) => owner === null && owners.ours.has(device))
    .map(({ device }) => ({
      id: `table inet ${filterTable(device)}`,
      note: 'it has the name of our own, but not our mark',
    }))
}

function filterFields(before: OwnedFilter, after: FilterSpec): string[] {
  const fields: string[] = []
  const differs = (a: unknown, b: unknown) => JSON.stringify(a) !== JSON.stringify(b)
  if (ownerKey(before.owner) !== ownerKey(after.owner)) fields.push('owner')
  if (differs(before.policies, after.policies)) fields.push('policies')
  if (differs(before.ipv4, after.ipv4)) fields.push('ipv4')
  if (differs(before.ipv6, after.ipv6)) fields.push('ipv6')
  if (!before.intact) fields.push('intact')
  return fields
}

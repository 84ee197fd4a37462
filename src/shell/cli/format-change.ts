// SPDX-License-Identifier: MIT
/**
 * One change in one line. Pure text; it knows neither plans nor the kernel.
 */
import type { Change, ChangeOf, Kind } from '../../interp/types.ts'
import { formatEndpoint } from '../../model/address.ts'
import { filterReason, filterSize } from './format-filter.ts'
import type { Paint } from './output.ts'
import { duration, fewNames, some } from './text.ts'

export const sign = { add: '+', change: '~', remove: '-' } as const

/** `~ tunnel lvn0/kirche remote 203.0.113.7:50000 → 203.0.113.8:50000`. */
export function changeLine(change: Change, paint: Paint): string {
  const detail = { add: describe, change: fieldDetail, remove: afterwards }[change.op](change)
  const line = `${sign[change.op]} ${change.id}${detail === '' ? '' : ` ${detail}`}`
  if (change.op === 'add') return paint.good(line)
  return change.op === 'remove' ? paint.bad(line) : paint.warning(line)
}

type Details = { readonly [K in Kind]: (spec: NonNullable<ChangeOf<K>['after']>) => string }

/** What an id leaves open about an object that is added. */
const details: Details = {
  device: (d) => `${d.mode} mtu ${d.mtu}${d.underlays.length > 0 ? ` over ${some(d.underlays)}` : ''}`,
  address: () => '',
  // One without a remote endpoint is pending, and what is pending is said with its reason.
  tunnel: (t) =>
    `local ${formatEndpoint(t.local)}${t.remote === null ? '' : ` remote ${formatEndpoint(t.remote)}`}`,
  rule: (r) => `→ ${r.tunnel}`,
  sysctl: (s) => `= ${s.value}`,
  route: (r) =>
    [
      ...(r.device === null ? [] : [`dev ${r.device}`]),
      ...(r.metric === 0 ? [] : [`metric ${r.metric}`]),
      ...(r.mtu === null ? [] : [`mtu ${r.mtu}`]),
    ].join(' '),
  filter: (f) => filterSize(f.policies),
  'ip-rule': () => '',
}

function describe(change: Change): string {
  const detail = details[change.kind] as (spec: unknown) => string
  return detail(change.after)
}

/** What becomes of an object that is no longer wanted, where it does not just go. */
function afterwards(change: Change): string {
  return change.kind === 'sysctl' ? '(the value from before is put back)' : ''
}

function fieldDetail(change: Change): string {
  if (change.kind === 'sysctl') return `${change.before?.value} → ${change.after?.value}`
  if (change.kind === 'filter') return filterReason(change)
  const before = fieldsOf(change.before)
  const after = fieldsOf(change.after)
  return change.fields
    .map((field) => {
      const words = conditions[field]
      // A plan does not say them: it can only mend.
      if (words !== undefined)
        return `${words[Number(before[field] ?? false)]} → ${words[Number(after[field] ?? true)]}`
      const none = field === 'destinations' ? 'any' : 'none'
      return `${field} ${longLists(before[field], after[field]) ?? `${value(before[field], none)} → ${value(after[field], none)}`}`
    })
    .join(', ')
}

/** Of a device also whose it is, as `overlay` and `node`; of a tunnel what it leaves unsaid. */
function fieldsOf(spec: Change['after']): Readonly<Record<string, unknown>> {
  return spec === null ? {} : { onDead: 'keep', ...('owner' in spec ? spec.owner : {}), ...spec }
}

/** Fields that are so or not: false and true in words. */
const conditions: Readonly<Record<string, readonly [string, string]>> = {
  up: ['down', 'up'],
  intact: ['damaged', 'whole'],
  first: ['overtaken', 'first'],
}

/** `12 → 13 (+eth3, -ppp0)` where one is too long to be read; null: neither is. */
function longLists(before: unknown, after: unknown): string | null {
  if (!Array.isArray(before) || !Array.isArray(after)) return null
  if (Math.max(before.length, after.length) <= fewNames) return null
  const come = after.filter((name) => !before.includes(name)).map((name) => `+${name}`)
  const gone = before.filter((name) => !after.includes(name)).map((name) => `-${name}`)
  return `${before.length} → ${after.length} (${some([...come, ...gone])})`
}

/** `none`: what an empty value of the field means. */
function value(of: unknown, none: string): string {
  if (of === null || of === undefined) return none
  if (Array.isArray(of)) return of.length === 0 ? none : of.join('+')
  if (typeof of !== 'object') return String(of)
  if ('address' in of && 'port' in of) return formatEndpoint(of as Parameters<typeof formatEndpoint>[0])
  if ('intervalMs' in of && 'deadMs' in of) {
    return `every ${duration(of.intervalMs as number)} dead after ${duration(of.deadMs as number)}`
  }
  return JSON.stringify(of)
}

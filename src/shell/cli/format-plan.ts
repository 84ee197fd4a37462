// SPDX-License-Identifier: MIT
/**
 * A plan as a person reads it: a diff grouped by device, in the order of carrying out within each group.
 * Pure text; it knows neither the kernel nor the terminal.
 */

import type { Absent, Change, Kind, Plan } from '../../interp/types.ts'
import { append } from '../../model/lists.ts'
import { changeLine, sign } from './format-change.ts'
import { policyLines } from './format-filter.ts'
import type { Paint } from './output.ts'
import { count } from './text.ts'

/** More changes of one sort in one group than this are folded to the first few. */
const foldAbove = 40
const foldedTo = 5

export const nothingToApply = 'No changes: the kernel already holds what the file says.'
export const nothingToDestroy = 'No changes: the kernel holds nothing of this file.'

export interface PlanFormat {
  readonly paint: Paint
  /** Print every line of a long plan. */
  readonly all: boolean
  /** The sentence for a plan without steps. */
  readonly nothing: string
}

/** The whole plan, without a line break at the end. */
export function formatPlan(plan: Plan, format: PlanFormat): string {
  const { paint } = format
  const lines: string[] = []
  for (const node of plan.nodes) {
    const name = paint.strong(node.name)
    const what = node.role === null ? `node ${name}, of` : `${name}, ${node.role} of`
    lines.push(`${what} ${node.overlay} ${paint.faint(`(${plan.plane} plane)`)}`)
  }
  if (plan.steps.length > 0) append(lines, ['', ...changeLines(plan, format)])
  append(lines, remarkLines(plan, paint))
  lines.push('', plan.steps.length === 0 ? nothingLine(plan, format) : summaryLine(plan, paint))
  return lines.join('\n')
}

/** `Plan: 9 to add, 1 to change, 0 to remove.` */
function summaryLine({ summary: { add, change, remove } }: Plan, paint: Paint): string {
  return `${paint.strong('Plan:')} ${add} to add, ${change} to change, ${remove} to remove.`
}

function nothingLine({ absent }: Plan, { paint, nothing }: PlanFormat): string {
  if (absent.length === 0) return paint.good(nothing)
  return paint.warning('Nothing can be changed now: the kernel cannot hold all that the file says.')
}

/** Tunnels that wait, objects that are left alone, what is to be known. Each section begins with an empty line. */
function remarkLines(plan: Pick<Plan, 'pending' | 'absent' | 'foreign' | 'notes'>, paint: Paint): string[] {
  const lines: string[] = []
  if (plan.absent.length > 0) {
    lines.push('', `${paint.warning('absent')}: no packet can reach this host at`)
    append(lines, plan.absent.map(absentLine))
  }
  if (plan.pending.length > 0) {
    lines.push(
      '',
      `${paint.warning('pending')}: ${count(plan.pending.length, 'tunnel')} cannot carry packets yet`,
    )
    append(
      lines,
      folded(plan.pending, false, (p) => `  tunnel ${p.device}/${p.tunnel}: ${p.reason}`),
    )
  }
  if (plan.foreign.length > 0) {
    lines.push('', `${paint.note('foreign')}: ${count(plan.foreign.length, 'object')} of others, left alone`)
    append(
      lines,
      folded(plan.foreign, false, (f) => `  ${f.id}: ${f.note}`),
    )
  }
  if (plan.notes.length > 0) {
    lines.push('', `${paint.note('note')}:`)
    append(
      lines,
      folded(plan.notes, false, (n) => `  ${n.id}: ${n.note}`),
    )
  }
  return lines
}

function absentLine({ device, listen, reason }: Absent): string {
  const nat = listen.includes(' at ')
    ? ''
    : `; where a NAT has it: \`listen ${listen} at ADDRESS\`, an address of this host`
  return `  device ${device}: listen ${listen}: ${reason}${nat}`
}

function changeLines(plan: Plan, { paint, all }: PlanFormat): string[] {
  const lines: string[] = []
  for (const [device, changes] of byDevice(plan.steps.map((step) => step.change))) {
    if (lines.length > 0) lines.push('')
    const own = changes.find((change) => change.kind === 'device')
    if (device !== null) lines.push(own === undefined ? `  device ${device}` : changeLine(own, paint))
    const indent = device === null ? '' : '  '
    for (const [sort, members] of bySort(changes.filter((change) => change !== own))) {
      const rest = (n: number) => `${sign[sort.op]} … and ${n} more ${plural(sort.kind)} (--all shows them)`
      const whole = (change: Change) =>
        [changeLine(change, paint), ...inside(change, all, paint)].map((line) => indent + line).join('\n')
      append(
        lines,
        folded(members, all, whole, (n) => indent + rest(n)),
      )
    }
  }
  return lines
}

/** The policies that come and go with a filter. */
function inside(change: Change, all: boolean, paint: Paint): string[] {
  if (change.kind !== 'filter') return []
  const { removed, added } = policyLines(change)
  const rest = (s: string) => (n: number) => `  ${s} … and ${n} more policies (--all shows them)`
  return [
    ...folded(removed, all, (line) => `  ${paint.bad(line)}`, rest('-')),
    ...folded(added, all, (line) => `  ${paint.good(line)}`, rest('+')),
  ]
}

function plural(kind: Kind): string {
  return kind === 'address' ? 'addresses' : `${kind}s`
}

/** The first few and a line that says how many more, where there are many. */
function folded<T>(
  items: readonly T[],
  all: boolean,
  line: (item: T) => string,
  rest: (n: number) => string = (n) => `  … and ${n} more`,
): string[] {
  if (all || items.length <= foldAbove) return items.map(line)
  return [...items.slice(0, foldedTo).map(line), rest(items.length - foldedTo)]
}

/**
 * Groups in the order of their first change; changes of no device come last. A device that is made anew has two:
 * what goes with the old one, and the new one.
 */
function byDevice(changes: readonly Change[]): [string | null, Change[]][] {
  const going = new Set(
    changes.flatMap((change) =>
      change.kind === 'device' && change.op === 'remove' ? change.before?.name : [],
    ),
  )
  const groups = new Map<string, [string | null, Change[]]>()
  for (const change of changes) {
    const device = deviceOf(change)
    const old = change.op === 'remove' && device !== null && going.has(device)
    const key = `${old ? '-' : ''}${device ?? ''}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [device, [change]])
    else group[1].push(change)
  }
  return [...groups.values()].sort(([a], [b]) => Number(a === null) - Number(b === null))
}

function bySort(changes: readonly Change[]): [{ op: Change['op']; kind: Kind }, Change[]][] {
  const groups = new Map<string, [{ op: Change['op']; kind: Kind }, Change[]]>()
  for (const change of changes) {
    const key = `${change.op} ${change.kind}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [{ op: change.op, kind: change.kind }, [change]])
    else group[1].push(change)
  }
  return [...groups.values()]
}

function deviceOf(change: Change): string | null {
  if (change.kind === 'device') return (change.after ?? change.before)?.name ?? null
  if (change.kind === 'ip-rule') return null
  return (change.after ?? change.before)?.device ?? null
}

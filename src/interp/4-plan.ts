// SPDX-License-Identifier: MIT
/**
 * The order of carrying out: what goes as a whole first (its successor takes its place), then additions and
 * changes from filter to route, then what is no longer wanted, the other way round. Make before break: in place
 * wherever the kernel allows. A filter is there before what it restricts and until after it, and so is what keeps outer
 * packets out of the routes outside the nets. Pure. Names no node and no file.
 */
import type { FilterSpec } from '../model/filter.ts'
import { keepsOut } from '../model/own-tables.ts'
import type { DesiredState, LiveState } from '../model/state.ts'
import type { Difference } from './3-diff.ts'
import { isAdvertisementsPath } from './advertisements.ts'
import type { Desire } from './desire.ts'
import { idOf } from './ids.ts'
import { isDisabledPath } from './ipv6.ts'
import { mapFull } from './refusals.ts'
import {
  addressWork,
  deviceWork,
  filterWork,
  ipRuleWork,
  restoreWork,
  routeWork,
  sysctlWork,
  type Work,
} from './steps.ts'
import { TunnelSteps } from './tunnel-steps.ts'
import type { Change, Kind, Specs, Step } from './types.ts'

const ranks: Record<Kind, number> = {
  filter: 0,
  device: 2,
  address: 3,
  tunnel: 4,
  rule: 5,
  sysctl: 6,
  route: 7,
  'ip-rule': 8,
}

/** In building: a device without IPv6 takes no address of it. */
function rank(change: Change): number {
  if (change.kind === 'sysctl' && isDisabledPath(change.after?.path ?? '')) return ranks.device
  return lateRank(change)
}

/** In tearing down. What keeps packets out of our tables is there before all else, and the last to go. */
function lateRank(change: Change): number {
  const spec = change.after ?? change.before
  const first =
    (change.kind === 'route' && (spec as Specs['route']).type === 'throw') ||
    (change.kind === 'ip-rule' && keepsOut(spec as Specs['ip-rule']))
  return first ? 1 : ranks[change.kind]
}

/** In which rules of routing come; they go the other way round. */
function priorityOf({ kind, after, before }: Change): number {
  return kind === 'ip-rule' ? ((after ?? before) as Specs['ip-rule']).priority : 0
}

/**
 * An interface that forwards keeps its routes by advertisements only where its `accept_ra` is 2: that is set before any
 * forwarding is turned on, and taken back after forwarding is turned off.
 */
function advertisementOrder({ kind, before, after }: Change): number {
  if (kind !== 'sysctl') return 0
  const { path } = (after ?? before) as Specs['sysctl']
  if (!isAdvertisementsPath(path)) return 0
  return (after as Specs['sysctl'] | null)?.value === '2' ? -1 : 1
}

/**
 * Values are put back before others are set: putting back a switch turns the ones that hang on it. The filter of a
 * device that only loses rules is changed after them.
 */
const isLate = (change: Change, shrinking: ReadonlySet<string>) =>
  (change.op === 'remove' && change.kind !== 'sysctl') ||
  (change.op === 'change' && change.kind === 'filter' && shrinking.has((change.after as FilterSpec).device))
const building = (a: Change, b: Change) =>
  rank(a) - rank(b) ||
  Number(b.op === 'remove') - Number(a.op === 'remove') ||
  advertisementOrder(a) - advertisementOrder(b) ||
  priorityOf(a) - priorityOf(b)
const tearingDown = (a: Change, b: Change) => lateRank(b) - lateRank(a) || priorityOf(b) - priorityOf(a)

/** @throws LvnError LVN4005: more tunnels than fit. */
export function plan(
  live: LiveState,
  desire: Pick<Desire, 'desired' | 'spans'>,
  difference: Difference,
): Step[] {
  const { desired, spans } = desire
  const { changes, doomed } = difference
  const counts = countTunnels(desired)
  for (const device of desired.devices) {
    const wanted = counts.get(device.name) ?? 0
    const known = doomed.has(device.name) ? undefined : live.devices.find((d) => d.name === device.name)
    const most = device.mode === 'fixed' ? 1 : live.maxTunnels
    const room = known?.capacity || most
    if (wanted > room)
      throw mapFull(device.name, wanted, room, wanted <= most, spans.get(idOf.device(device)))
  }
  const tunnels = new TunnelSteps(live, changes, doomed)
  const work = (change: Change): Work => {
    switch (change.kind) {
      case 'device':
        return deviceWork(change, live, counts.get(change.after?.name ?? '') ?? 0, difference)
      case 'address':
        return addressWork(change)
      case 'tunnel':
        return tunnels.tunnel(change)
      case 'rule':
        return tunnels.rule(change)
      case 'sysctl':
        return change.after === null
          ? restoreWork((change.before as Specs['sysctl']).path, live, desired, difference)
          : sysctlWork(change, live, desired, difference)
      case 'route':
        return routeWork(change)
      case 'filter':
        return filterWork(change)
      case 'ip-rule':
        return ipRuleWork(change)
    }
  }
  const first = changes.filter((change) => goesWhole(change, doomed))
  const early = changes.filter((change) => !goesWhole(change, doomed) && tunnels.isEarly(change))
  const gone = new Set([...first, ...early])
  const rest = changes.filter((change) => !gone.has(change))
  const shrinking = devicesThatShrink(changes)
  return [
    ...first.sort(tearingDown),
    ...early.sort(tearingDown),
    ...rest.filter((change) => !isLate(change, shrinking)).sort(building),
    ...rest.filter((change) => isLate(change, shrinking)).sort(tearingDown),
  ].map((change) => work(change).step(change))
}

/** Does it go with a device that goes? Some routes and all rules of routing belong to none: they go along when one does. */
function goesWhole(change: Change, doomed: ReadonlySet<string>): boolean {
  if (change.op !== 'remove' || change.before === null) return false
  if (change.kind === 'device') return true
  const device = change.kind === 'ip-rule' ? null : change.before.device
  return device === null ? doomed.size > 0 : doomed.has(device)
}

/** Devices whose rules only go. */
function devicesThatShrink(changes: readonly Change[]): Set<string> {
  const rules = changes.filter((change) => change.kind === 'rule')
  const shrinking = new Set(rules.map(({ before }) => before?.device ?? ''))
  for (const { op, after } of rules) if (op !== 'remove') shrinking.delete(after?.device ?? '')
  return shrinking
}

function countTunnels(desired: DesiredState): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { device } of desired.tunnels) counts.set(device, (counts.get(device) ?? 0) + 1)
  return counts
}

// SPDX-License-Identifier: MIT
/**
 * Live against desired state: what differs, and what is not ours to change. Pure. Learned fields (counters, a
 * remote that the file does not give) are no part of it. What cannot be had is refused here, before anything
 * is touched.
 */
import type { Span } from '../diag/source.ts'
import { sameEndpoint } from '../model/address.ts'
import type { DesiredState, DeviceSpec, LiveState, TunnelSpec } from '../model/state.ts'
import { interfaceOf } from '../model/sysctl-path.ts'
import { Maker } from './change.ts'
import { diffDevices } from './diff-devices.ts'
import { diffFilters, foreignFilters } from './diff-filters.ts'
import { diffIpRules } from './diff-ip-rules.ts'
import { diffRoutes } from './diff-routes.ts'
import { foreignObjects } from './foreign.ts'
import { idOf } from './ids.ts'
import { ruleOf, tunnelOf } from './intended.ts'
import { noSuchSysctl } from './refusals.ts'
import { type Ownership, ownership } from './scope.ts'
import { type SavedFate, savedFate, valuesAfter } from './sysctl.ts'
import type { Change, Foreign, Scope, Specs } from './types.ts'
import { diversionsByRule } from './ways.ts'

export interface Difference {
  /** By kind in the order of building: filter, device, address, tunnel, rule, sysctl, route, ip-rule. */
  readonly changes: readonly Change[]
  readonly foreign: readonly Foreign[]
  readonly owners: Ownership
  /** Devices that go, those to be made anew under the same name included. */
  readonly doomed: ReadonlySet<string>
  readonly fate: SavedFate
}

/**
 * `diff(live, live as desired)` has no changes.
 * @throws LvnError LVN4001, LVN4002, LVN4006, LVN5201
 */
export function diff(
  live: LiveState,
  desired: DesiredState,
  scope: Scope,
  spans: ReadonlyMap<string, Span> = new Map(),
): Difference {
  const owners = ownership(live, scope)
  const make = new Maker(spans)
  const devices = diffDevices(live, desired, owners, make)
  const doomed = new Set(devices.filter((c) => c.op === 'remove').map((c) => (c.before as DeviceSpec).name))
  const kept = (device: string) => owners.ours.has(device) && !doomed.has(device)
  const fate = savedFate(live, desired.sysctls, {
    ours: new Set(owners.ours.keys()),
    doomed,
    others: [...owners.others.keys()],
  })
  const changes = [
    ...diffFilters(live, desired, scope, make),
    ...devices,
    ...diffAddresses(live, desired, owners, kept, make),
    ...diffKind('tunnel', live.tunnels, desired.tunnels, kept, owners, tunnelFields, tunnelOf, make),
    ...diffKind('rule', live.rules, desired.rules, kept, owners, ruleFields, ruleOf, make),
    ...diffSysctls(live, desired, kept, fate, make),
    ...diffRoutes(live, desired, scope, owners, kept, make),
    ...diffIpRules(live, desired, owners, make),
  ]
  const foreign = [
    ...foreignObjects(live, desired, owners, doomed, scope.nets),
    ...diversionsByRule(live, owners),
    ...foreignFilters(live, owners),
  ]
  const isDrift = changes.some((change) => !isForgotten(change, live))
  return { changes: isDrift ? changes : [], foreign, owners, doomed, fate }
}

/** The value of an interface that has gone: it is forgotten along with other changes, and is none by itself. */
function isForgotten({ kind, op, before }: Change, { links }: LiveState): boolean {
  if (kind !== 'sysctl' || op !== 'remove') return false
  const on = interfaceOf((before as Specs['sysctl']).path)
  return on !== undefined && !links.some(({ name }) => name === on)
}

function tunnelFields(before: TunnelSpec, after: TunnelSpec): string[] {
  const fields: string[] = []
  if (!sameEndpoint(before.local, after.local)) fields.push('local')
  if (!sameEndpoint(before.remote, after.remote)) fields.push('remote')
  if (before.underlay !== after.underlay) fields.push('underlay')
  const { intervalMs, deadMs } = after.keepalive
  if (before.keepalive.intervalMs !== intervalMs || before.keepalive.deadMs !== deadMs)
    fields.push('keepalive')
  if ((before.onDead ?? 'keep') !== (after.onDead ?? 'keep')) fields.push('onDead')
  return fields
}

function ruleFields(before: Specs['rule'], after: Specs['rule']): string[] {
  return before.tunnel === after.tunnel ? [] : ['tunnel']
}

/** Tunnels and rules live on our devices only: whatever is there and not desired goes. */
function diffKind<K extends 'tunnel' | 'rule'>(
  kind: K,
  live: readonly Specs[K][],
  desired: readonly Specs[K][],
  kept: (device: string) => boolean,
  owners: Ownership,
  fieldsOf: (before: Specs[K], after: Specs[K]) => string[],
  intended: (old: Specs[K]) => Specs[K],
  make: Maker,
): Change[] {
  const changes: Change[] = []
  const before = new Map<string, Specs[K]>()
  for (const spec of live) if (owners.ours.has(spec.device)) before.set(idOf[kind](spec), spec)
  for (const after of desired) {
    const id = idOf[kind](after)
    const old = before.get(id)
    if (old === undefined || !kept(old.device)) {
      changes.push(make.add(kind, after, id))
      continue
    }
    before.delete(id)
    const fields = fieldsOf(old, after)
    if (fields.length > 0) changes.push(make.change(kind, intended(old), after, fields))
  }
  for (const old of before.values()) changes.push(make.remove(kind, intended(old)))
  return changes
}

function diffAddresses(
  live: LiveState,
  desired: DesiredState,
  owners: Ownership,
  kept: (device: string) => boolean,
  make: Maker,
): Change[] {
  const changes: Change[] = []
  const there = new Set(live.addresses.filter(({ device }) => kept(device)).map(idOf.address))
  const wanted = new Set(desired.addresses.map(idOf.address))
  for (const after of desired.addresses) {
    if (!there.has(idOf.address(after))) changes.push(make.add('address', after))
  }
  for (const { device, address, owned } of live.addresses) {
    if (!owned || !owners.ours.has(device)) continue
    if (!kept(device) || !wanted.has(idOf.address({ device, address }))) {
      changes.push(make.remove('address', { device, address }))
    }
  }
  return changes
}

function diffSysctls(
  live: LiveState,
  desired: DesiredState,
  kept: (device: string) => boolean,
  fate: SavedFate,
  make: Maker,
): Change[] {
  const changes: Change[] = []
  const ownNames = new Set(desired.devices.map((device) => device.name))
  const values = valuesAfter(live, fate.restore)
  const seen = new Set<string>()
  for (const after of desired.sysctls) {
    if (seen.has(after.path)) continue
    seen.add(after.path)
    const on = interfaceOf(after.path)
    if (on !== undefined && ownNames.has(on) && !kept(on)) {
      changes.push(make.add('sysctl', after))
      continue
    }
    const value = values(after.path)
    if (value === undefined) throw noSuchSysctl(after.path, make.span(idOf.sysctl(after)))
    if (value !== after.value) {
      changes.push(make.change('sysctl', { ...after, value }, after, ['value']))
    }
  }
  const now = new Map(live.sysctls.map((sysctl) => [sysctl.path, sysctl.value]))
  for (const [path, [first]] of fate.restore) {
    if (first === undefined) continue
    changes.push(make.remove('sysctl', { path, value: now.get(path) ?? first.value, device: first.device }))
  }
  return changes
}

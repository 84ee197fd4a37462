// SPDX-License-Identifier: MIT
/**
 * The diff's part for devices: which are made, changed in place, made anew or taken away. Pure.
 */
import type { Owner } from '../model/owner.ts'
import type { DesiredState, DeviceSpec, LiveDevice, LiveState } from '../model/state.ts'
import type { Maker } from './change.ts'
import { idOf, ownerKey } from './ids.ts'
import { deviceOf } from './intended.ts'
import { deviceMadeByHand, deviceOfAnother, deviceTaken } from './refusals.ts'
import type { Ownership } from './scope.ts'
import type { Change } from './types.ts'

/** @throws LvnError LVN4001: the name is taken. */
export function diffDevices(
  live: LiveState,
  desired: DesiredState,
  owners: Ownership,
  make: Maker,
): Change[] {
  const known = new Map(live.devices.map((device) => [device.name, device]))
  const links = new Map(live.links.map((link) => [link.name, link]))
  const changes: Change[] = []
  for (const after of desired.devices) {
    // An interface with our mark that the plane does not know is what a death left; a device without its
    // interface is what a hand left. Both are made anew.
    const span = make.span(idOf.device(after))
    const other = owners.others.get(after.name)
    if (owners.byHand.has(after.name)) throw deviceMadeByHand(after.name, span)
    if (other !== undefined) throw deviceOfAnother(after.name, ownerKey(other), span)
    const link = links.get(after.name)
    if (link !== undefined && link.owner === null) throw deviceTaken(after.name, link.kind, span)
    const before = known.get(after.name)
    if (link === undefined && before === undefined) changes.push(make.add('device', after))
    else if (before === undefined || link === undefined || isOther(before, after)) {
      changes.push(make.remove('device', before ? deviceOf(before) : { ...after, underlays: [] }))
      changes.push(make.add('device', after))
    } else {
      const fields = deviceFields(before, after)
      if (fields.length > 0) changes.push(make.change('device', deviceOf(before), after, fields))
    }
  }
  const wanted = new Set(desired.devices.map((device) => device.name))
  for (const [name, owner] of owners.ours) {
    if (wanted.has(name)) continue
    const before = known.get(name)
    const bare = {
      name,
      mode: 'multi' as const,
      owner,
      mtu: links.get(name)?.mtu ?? 0,
      underlays: [],
      destinations: [],
    }
    changes.push(make.remove('device', before ? deviceOf(before) : bare))
  }
  return changes
}

/** What cannot be changed in place. */
function isOther(before: DeviceSpec, after: DeviceSpec): boolean {
  return before.mode !== after.mode
}

/** Whose a device is counts as two fields of it: `overlay`, `node`. */
export function ownerFields(before: Owner, after: Owner): ('overlay' | 'node')[] {
  return (['overlay', 'node'] as const).filter((field) => before[field] !== after[field])
}

function deviceFields(before: LiveDevice, after: DeviceSpec): string[] {
  const fields: string[] = ownerFields(before.owner, after.owner)
  if (before.mtu !== after.mtu) fields.push('mtu')
  if (before.underlays.join(' ') !== after.underlays.join(' ')) fields.push('underlays')
  // Of a damaged device they may be unknown, and mending it sets them.
  if (before.intact && before.destinations.join(' ') !== after.destinations.join(' '))
    fields.push('destinations')
  if (!before.up) fields.push('up')
  if (!before.intact) fields.push('intact')
  if (before.ahead?.some(({ stays }) => !stays)) fields.push('first')
  return fields
}

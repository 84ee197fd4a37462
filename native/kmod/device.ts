// SPDX-License-Identifier: MIT
/**
 * Devices of the kmod plane: interfaces of link type lvn that carry our mark, as their alias or in their user data.
 */
import { ExitCode, LvnError } from '../../src/diag/error.ts'
import type { DeviceSpec, Owner } from '../../src/model/state.ts'
import { attemptAll } from '../errors.ts'
import { formatAlias, parseAlias } from '../host/alias.ts'
import { withoutLinkLocal } from '../host/link-local.ts'
import { setOwnSwitches } from '../host/own-switches.ts'
import { netnsCookie } from '../netns.ts'
import type { KmodClient, KmodLink } from './client.ts'
import { encodeDestinations } from './destinations.ts'
import type { LinkAttributes } from './generated.ts'
import { decodeUserData, encodeUserData, type UserData } from './userdata.ts'

export interface FoundDevice {
  readonly link: KmodLink
  readonly owner: Owner
  readonly lvn: LinkAttributes
  /** Null: lost, or written by another version. */
  readonly userData: UserData | null
}

/**
 * All devices of the plane among `links`. The alias comes a moment after the interface, and somebody may write another
 * one over it: then the user data tell whose the device is.
 */
export function findDevices(links: readonly KmodLink[]): FoundDevice[] {
  const here = netnsCookie()
  return links.flatMap((link) => {
    if (link.lvn === null) return []
    const userData = asOf(here, decodeUserData(link.lvn.userdata))
    const owner = parseAlias(link.alias) ?? userData?.owner
    return owner === undefined ? [] : [{ link, owner, lvn: link.lvn, userData }]
  })
}

/** A device that is moved into another namespace takes its user data along: the values saved in it are not of there. */
function asOf(here: string, userData: UserData | null): UserData | null {
  return userData === null || (userData.home ?? here) === here ? userData : { ...userData, saved: [] }
}

export function createDevice(
  client: KmodClient,
  spec: DeviceSpec,
  capacity: number,
  links: readonly KmodLink[],
): void {
  const { name, mode, mtu, owner, underlays } = spec
  const destinations = encodeDestinations(spec.destinations)
  if (links.some((link) => link.name === name)) {
    throw new LvnError('LVN4001', ExitCode.rolledBack, `the name ${name} is taken by another interface`)
  }
  const missing = underlays.find((underlay) => !links.some((link) => link.name === underlay))
  if (missing !== undefined) {
    throw new LvnError('LVN5004', ExitCode.rolledBack, `the interface ${missing} is not there`, {
      hint: 'has it been removed meanwhile? plan again',
    })
  }
  const userdata = encodeUserData({ owner, underlays, saved: [], home: netnsCookie() })
  client.addLink(
    { name, mtu, up: false },
    { mode, capacity: mode === 'fixed' ? 1 : capacity, userdata, destinations },
  )
  // Not by its name: another program may have renamed it by now, and have given the name away.
  const before = new Set(links.map(({ ifindex }) => ifindex))
  const found = client
    .links()
    .find(({ ifindex, lvn }) => !before.has(ifindex) && isSame(lvn?.userdata, userdata))
  if (found === undefined) throw new LvnError('LVN5010', ExitCode.rolledBack, `device ${name} is not there`)
  try {
    client.changeLink(found, { alias: formatAlias(owner), multicast: false })
    withoutLinkLocal((change) => client.changeLink(found, change))
    if (found.name !== name) throw new LvnError('LVN5010', ExitCode.rolledBack, `device ${name} is not there`)
    setOwnSwitches(name)
    client.changeLink(found, { up: true })
  } catch (error) {
    // An operation is done or it is not.
    attemptAll(() => client.deleteLink(found))
    throw error
  }
}

function isSame(one: Uint8Array | undefined, other: Uint8Array): boolean {
  return one !== undefined && Buffer.compare(one, other) === 0
}

export function changeDevice(
  client: KmodClient,
  device: FoundDevice,
  spec: DeviceSpec,
  capacity: number,
): void {
  const { link, lvn } = device
  if (lvn.mode !== spec.mode) {
    throw new LvnError('LVN5013', ExitCode.rolledBack, `device ${spec.name}: its mode cannot be changed`, {
      hint: 'destroy the overlay and apply it again',
    })
  }
  const larger = spec.mode === 'multi' && capacity > (lvn.capacity ?? 0) ? { capacity } : {}
  const destinations = encodeDestinations(spec.destinations)
  try {
    const { owner, underlays } = spec
    writeUserData(client, device, { owner, underlays }, { ...larger, destinations })
    client.changeLink(link, { mtu: spec.mtu, alias: formatAlias(owner), up: true })
    withoutLinkLocal((change) => client.changeLink(link, change))
    setOwnSwitches(spec.name)
  } catch (error) {
    putBack(client, device)
    throw error
  }
}

/** After a failure. What cannot be put back, as on a device that has gone, does not keep the rest from it. */
function putBack(client: KmodClient, { link, lvn }: FoundDevice): void {
  const { mtu, alias, up } = link
  const { capacity, userdata = new Uint8Array(), destinations = new Uint8Array() } = lvn
  const size = capacity === undefined ? {} : { capacity }
  attemptAll(
    () => client.changeLink(link, { mtu, alias, up }),
    // An MTU below 1280 took IPv6 away: it has come back as the kernel makes it.
    () => withoutLinkLocal((change) => client.changeLink(link, change)),
    () => setOwnSwitches(link.name),
    () => client.changeLinkAttributes(link, { ...size, userdata, destinations }),
  )
}

/** Changes what is given of the user data; the rest stays. */
export function writeUserData(
  client: KmodClient,
  { link, owner, userData }: FoundDevice,
  change: Partial<UserData>,
  others: LinkAttributes = {},
): void {
  const next = { ...(userData ?? { owner, underlays: [], saved: [] }), ...change, home: netnsCookie() }
  client.changeLinkAttributes(link, { ...others, userdata: encodeUserData(next) })
}

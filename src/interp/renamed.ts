// SPDX-License-Identifier: MIT
/** A state from before under the names that its interfaces have by now. Pure. */
import type { LiveState } from '../model/state.ts'
import { interfaceOf, pathOn } from '../model/sysctl-path.ts'

/**
 * Knows interfaces of others by their index; devices of ours go by their name, for they are made anew. An interface that
 * has gone keeps its name, since another may come under it; where one from before has that name now, it is given a name
 * that no interface can have.
 */
export function underPresentNames(before: LiveState, live: Pick<LiveState, 'links'>): LiveState {
  const present = new Map(
    live.links.flatMap(({ ifindex, name, owner }) => (owner === null ? [[ifindex, name]] : [])),
  )
  const foreign = before.links.filter(({ owner }) => owner === null)
  const taken = new Set(foreign.map(({ ifindex }) => present.get(ifindex)))
  const names = new Map(
    foreign.map(({ ifindex, name }) => [
      name,
      present.get(ifindex) ?? (taken.has(name) ? `ifindex ${ifindex}` : name),
    ]),
  )
  const nameOf = (old: string) => names.get(old) ?? old
  const onPresent = <T extends { readonly path: string }>(entry: T): T => {
    const on = interfaceOf(entry.path)
    return on === undefined ? entry : { ...entry, path: pathOn(entry.path, nameOf(on)) }
  }
  return {
    ...before,
    links: before.links.map((link) => ({ ...link, name: nameOf(link.name) })),
    devices: before.devices.map((device) => ({
      ...device,
      underlays: device.underlays.map(nameOf).sort(),
    })),
    tunnels: before.tunnels.map((tunnel) => ({
      ...tunnel,
      underlay: tunnel.underlay === null ? null : nameOf(tunnel.underlay),
    })),
    sysctls: before.sysctls.map(onPresent),
    saved: before.saved.map(onPresent),
  }
}

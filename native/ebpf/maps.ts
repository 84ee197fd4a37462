// SPDX-License-Identifier: MIT
/**
 * The maps of one device as open descriptors: made new with the programs, or found again through an
 * attached program. Nothing is pinned: the programs hold the maps and the interfaces hold the programs.
 */

import type { DeviceMode } from '../../src/model/topology.ts'
import { addon, type Fd } from '../addon/index.ts'
import { isErrno } from '../errors.ts'
import { bpfObjectPath } from '../paths.ts'
import { encodeConstants, flowSlots } from './layout.ts'

export const mapNames = [
  'lvn_config',
  'lvn_tunnels',
  'lvn_info',
  'lvn_counters',
  'lvn_next_hops',
  'lvn_peers',
  'lvn_recent',
  'lvn_locals',
  'lvn_rules4',
  'lvn_rules6',
  'lvn_flows4',
  'lvn_flows6',
  'lvn_drops',
  'lvn_saved',
] as const
export type MapName = (typeof mapNames)[number]
export type Maps = Readonly<Record<MapName, Fd>>

export type ProgramName = 'lvn_encap' | 'lvn_decap' | 'lvn_decap_l3' | 'lvn_decap_lo'

/** How many rules of each family a device of this capacity holds. */
export function ruleCapacity(capacity: number): number {
  return capacity * 8
}

/** Loads `program` with new maps for `capacity` tunnels. The caller closes everything. */
export function loadNew(
  program: ProgramName,
  mode: DeviceMode,
  capacity: number,
): { program: Fd; maps: Maps } {
  const flows = mode === 'multi' ? flowSlots : 1
  const object = addon().bpfLoad(bpfObjectPath(), {
    programs: [program],
    rodata: encodeConstants(mode),
    maxEntries: {
      lvn_tunnels: capacity,
      lvn_info: capacity,
      lvn_counters: capacity,
      lvn_next_hops: capacity,
      lvn_flows4: flows,
      lvn_flows6: flows,
      lvn_recent: flows,
      lvn_peers: capacity * 2, // an endpoint that moves has both for a moment
      lvn_rules4: ruleCapacity(capacity),
      lvn_rules6: ruleCapacity(capacity),
    },
  })
  const { maps, rest } = split(object.maps)
  for (const fd of rest) addon().close(fd)
  return { program: object.programs[program] as Fd, maps }
}

/** Loads `program` onto maps that live already. The caller closes the program. */
export function loadOnto(program: ProgramName, mode: DeviceMode, maps: Maps): Fd {
  const object = addon().bpfLoad(bpfObjectPath(), {
    programs: [program],
    rodata: encodeConstants(mode),
    reuse: maps,
  })
  for (const fd of Object.values(object.maps)) addon().close(fd)
  return object.programs[program] as Fd
}

/**
 * Opens the maps of a program by their ids; null where one of ours is missing: not a program of ours, or one that has
 * gone since its ids were read, and its maps with it.
 */
export function openMaps(mapIds: readonly number[]): Maps | null {
  const opened: Record<string, Fd> = {}
  for (const id of mapIds) {
    const fd = mapById(id)
    if (fd === null) continue
    const { name } = addon().bpfMapInfo(fd)
    if ((mapNames as readonly string[]).includes(name) && opened[name] === undefined) opened[name] = fd
    else addon().close(fd)
  }
  if (mapNames.every((name) => opened[name] !== undefined)) return opened as Maps
  for (const fd of Object.values(opened)) addon().close(fd)
  return null
}

/** Opens the map of this name among those of a program; null: it has none, or is gone. The caller closes it. */
export function openMap(mapIds: readonly number[], name: MapName): Fd | null {
  for (const id of mapIds) {
    const fd = mapById(id)
    if (fd === null) continue
    if (addon().bpfMapInfo(fd).name === name) return fd
    addon().close(fd)
  }
  return null
}

/** Null: there is none. */
function mapById(id: number): Fd | null {
  try {
    return addon().bpfMapById(id)
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return null
    throw error
  }
}

export function closeMaps(maps: Maps): void {
  for (const fd of Object.values(maps)) addon().close(fd)
}

function split(all: Readonly<Record<string, Fd>>): { maps: Maps; rest: Fd[] } {
  const maps: Record<string, Fd> = {}
  const rest: Fd[] = []
  for (const [name, fd] of Object.entries(all)) {
    if ((mapNames as readonly string[]).includes(name)) maps[name] = fd
    else rest.push(fd)
  }
  return { maps: maps as Maps, rest }
}

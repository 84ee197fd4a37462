// SPDX-License-Identifier: MIT
/**
 * One device's tables as rows: reading them whole. Changing them is `table-writer.ts`.
 */
import type { RuleSpec } from '../../src/model/state.ts'
import { addon, type Fd } from '../addon/index.ts'
import { type Kept, settled } from '../saved.ts'
import {
  type Config,
  type ConfigHeader,
  decodeConfig,
  decodeConfigHeader,
  encodeConfig,
  encodeSavedValue,
  encodeText,
  type InfoEntry,
  readInfo,
  readRuleKey,
  readSavedValue,
  readText,
  readTunnel,
  size,
  type TunnelEntry,
} from './layout.ts'
import { type MapName, type Maps, openMap } from './maps.ts'

const zero = Buffer.alloc(4)

/** Tables count from 0, the ids that people see from 1, as on every plane. */
export const idOfSlot = (slot: number): number => slot + 1
export const slotOfId = (id: number): number => id - 1

/** A tunnel as the tables hold it; `id` is its slot. */
export interface TunnelRow extends TunnelEntry, InfoEntry {
  readonly id: number
}

export interface RuleRow {
  readonly prefix: RuleSpec['prefix']
  readonly tunnelId: number
}

export function readConfig(maps: Maps): Config {
  return decodeConfig(addon().bpfMapLookup(maps.lvn_config, zero) as Buffer)
}

/** Whose the tables of a program are, whatever their layout; null: no device's. */
export function readHeader(mapIds: readonly number[]): ConfigHeader | null {
  return withMap(mapIds, 'lvn_config', (map) => decodeConfigHeader(addon().bpfMapLookup(map, zero) as Buffer))
}

/** The saved values of a program's tables, whatever the layout of the others. */
export function readSavedOf(mapIds: readonly number[]): readonly Kept[] {
  return withMap(mapIds, 'lvn_saved', savedIn) ?? []
}

function withMap<T>(mapIds: readonly number[], name: MapName, use: (map: Fd) => T): T | null {
  const map = openMap(mapIds, name)
  if (map === null) return null
  try {
    return use(map)
  } finally {
    addon().close(map)
  }
}

export function writeConfig(maps: Maps, config: Config): void {
  addon().bpfMapUpdate(maps.lvn_config, zero, encodeConfig(config))
}

/** Whose the tables are from now on, as the alias says it. */
export function own(maps: Maps, alias: string): void {
  const config = readConfig(maps)
  if (config.alias !== alias) writeConfig(maps, { ...config, alias })
}

export function readTunnels(maps: Maps): TunnelRow[] {
  const rows: TunnelRow[] = []
  const tunnels = addon().bpfMapEntries(maps.lvn_tunnels)
  const infos = addon().bpfMapEntries(maps.lvn_info)
  for (let i = 0; i < tunnels.count; i++) {
    const entry = readTunnel(tunnels.values, i * size.tunnel)
    if (entry === null) continue
    rows.push({ id: tunnels.keys.readUInt32LE(i * 4), ...entry, ...readInfo(infos.values, i * size.info) })
  }
  return rows
}

export function readRules(maps: Maps): RuleRow[] {
  const rows: RuleRow[] = []
  for (const [family, map, keySize] of [
    [4, maps.lvn_rules4, size.rule4Key],
    [6, maps.lvn_rules6, size.rule6Key],
  ] as const) {
    const { count, keys, values } = addon().bpfMapEntries(map)
    for (let i = 0; i < count; i++) {
      rows.push({ prefix: readRuleKey(keys, i * keySize, family), tunnelId: values.readUInt32LE(i * 4) })
    }
  }
  return rows
}

/** All saved values, those too that the plane keeps for itself. */
export function readSaved(maps: Maps): Kept[] {
  return savedIn(maps.lvn_saved)
}

function savedIn(map: Fd): Kept[] {
  return keyedIn(map).map(([, kept]) => kept)
}

/** By the keys as they stand in the table, the spare ones too. */
function keyedIn(map: Fd): [key: string, kept: Kept][] {
  const { count, keys, values } = addon().bpfMapEntries(map)
  return Array.from({ length: count }, (_, i) => {
    const key = readText(keys, i * size.savedKey, size.savedKey)
    return [key, { path: key.replace(spareKey, ''), ...readSavedValue(values, i * size.savedValue) }]
  })
}

/** Keeps the first value saved for a path. */
export function save(maps: Maps, kept: Kept): void {
  if (addon().bpfMapLookup(maps.lvn_saved, savedKey(kept.path)) === null) put(maps, kept)
}

export function forget(maps: Maps, path: string): void {
  addon().bpfMapDelete(maps.lvn_saved, savedKey(path))
}

/** What a value's key starts with while another one takes its place. */
const spareKey = /^moving:\d+:/

/**
 * Moves what is saved under the names that interfaces have now: so a value of an interface is found, and the old name
 * free. What would be overwritten gets a spare key first, as where names were swapped: a death in between leaves a value
 * twice, never none.
 */
export function settleSaved(maps: Maps, names: ReadonlyMap<number, string>): void {
  const was = new Map(keyedIn(maps.lvn_saved))
  const after = settled([...was.values()], names)
  const changed = after.filter((kept) => !isSame(was.get(kept.path), kept))
  const taken = new Set(was.keys())
  for (const { path } of changed) {
    const before = was.get(path)
    if (before !== undefined) put(maps, before, freeSpareKey(path, taken))
  }
  for (const kept of changed) put(maps, kept)
  for (const { path } of after) taken.delete(path)
  for (const key of taken) forget(maps, key)
}

function isSame(one: Kept | undefined, other: Kept): boolean {
  return one?.ifindex === other.ifindex && one.value === other.value
}

/** Adds it to those that are taken. */
function freeSpareKey(path: string, taken: Set<string>): string {
  let i = 0
  while (taken.has(`moving:${i}:${path}`)) i++
  const key = `moving:${i}:${path}`
  taken.add(key)
  return key
}

function put(maps: Maps, kept: Kept, key = kept.path): void {
  addon().bpfMapUpdate(maps.lvn_saved, savedKey(key), encodeSavedValue(kept))
}

function savedKey(path: string): Buffer {
  return encodeText(path, size.savedKey, 'path')
}

// SPDX-License-Identifier: MIT
/**
 * One device's tables open for writing: their rows mirrored, so that a batch costs a few system calls.
 *
 * A tunnel's entry in `lvn_tunnels` is the commit point: what it needs elsewhere is written before it and
 * taken away after it, so that a process killed anywhere leaves a tunnel that works or one that is not there.
 * What such a process left over is cleared when the tables are next opened for writing.
 */
import { ExitCode, LvnError } from '../../src/diag/error.ts'
import { type Endpoint, type Family, familyOf, type Prefix } from '../../src/model/address.ts'
import type { OnTaken } from '../../src/model/kernel.ts'
import type { LiveLink, RuleSpec } from '../../src/model/state.ts'
import { addon } from '../addon/index.ts'
import {
  Admission,
  type RuleWrite,
  type TunnelOperation,
  type TunnelRow,
  type TunnelWrite,
} from '../admission/index.ts'
import type { Written } from '../runs.ts'
import { takenBySocket } from '../taken-port.ts'
import {
  type Config,
  encodeLocalKey,
  encodePeerKey,
  encodeRuleKey,
  maxLocals,
  maxPorts,
  type PrefixLengths,
  size,
  writeInfo,
  writePeerKey,
  writeRuleKey,
  writeTunnel,
} from './layout.ts'
import { LengthsInUse } from './lengths-in-use.ts'
import { type Maps, ruleCapacity } from './maps.ts'
import { idOfSlot, readConfig, readRules, readTunnels, slotOfId, writeConfig } from './tables.ts'
import { findUnderlay, type Underlay, underlayName } from './underlay.ts'

const noUnderlay: Underlay = { ifindex: 0, ethernet: false }

/** What a batch makes of one slot. */
interface Slot {
  readonly before: TunnelRow | null
  after: TunnelRow | null
  /** A tunnel goes or comes, or one takes another's place: nothing of what was there counts for it. */
  anew: boolean
}

export class TableWriter {
  private readonly maps: Maps
  private readonly device: string
  private readonly links: ReadonlyMap<string, LiveLink>
  private config: Config
  private readonly admission: Admission
  private readonly lengths = new LengthsInUse()

  /** `links`: all interfaces, by name. `onTaken`: as that of `DataPlane.apply`. */
  constructor(maps: Maps, device: string, links: ReadonlyMap<string, LiveLink>, onTaken?: OnTaken) {
    this.maps = maps
    this.device = device
    this.links = links
    this.config = readConfig(maps)
    const names = new Map([...links.values()].map((link) => [link.ifindex, link.name]))
    const rows = readTunnels(maps).map(
      ({ id, name, local, remote, underlay, keepalive }): TunnelRow => ({
        id: idOfSlot(id),
        spec: {
          ...{ device, name, local, remote, keepalive },
          underlay: remote === null ? null : underlayName(underlay, names),
        },
      }),
    )
    const tunnelNames = new Map(rows.map(({ id, spec }) => [id, spec.name]))
    const rules = readRules(maps).map(({ prefix, tunnelId }) => ({
      prefix,
      tunnel: tunnelNames.get(idOfSlot(tunnelId)) ?? '',
    }))
    for (const { prefix } of rules) this.lengths.count(prefix, 1)
    const { capacity } = this.config
    this.admission = new Admission(
      {
        ...{ device, capacity, rules: ruleCapacity(capacity), locals: maxLocals, ports: maxPorts },
        ...{
          peersBy: 'local port',
          control: false,
          isUnderlay: (name) => findUnderlay(name, links) !== null,
          whyTaken: onTaken === undefined ? takenBySocket : (local) => tellTaken(local, onTaken),
        },
      },
      rows,
      rules,
    )
    this.clearLeftovers(rows)
  }

  /** In one go: what changes hands in between is never without a holder. */
  writeTunnels(operations: readonly TunnelOperation[]): Written {
    const { writes, done, error } = this.admission.tunnels(operations)
    const slots = slotsOf(writes)
    this.deleteRules(writes.flatMap(({ rules }) => rules))
    this.clearRows(slots.filter(({ before, after, anew }) => anew && before !== null && after !== null))
    this.publishLocals()
    const rows = slots.flatMap(({ after }) => after ?? [])
    this.writePeers(rows)
    this.writeRows(rows)
    this.clearRows(slots.filter(({ after }) => after === null))
    for (const { before } of slots) if (before !== null) this.deletePeer(before)
    this.withdrawLocals()
    return { done, error }
  }

  /** Adds rules or points those of the same prefix to another tunnel. */
  putRules(specs: readonly RuleSpec[]): Written {
    const { writes, done, error } = this.admission.rules(specs)
    for (const { prefix, before } of writes) if (before === null) this.lengths.count(prefix, 1)
    this.setConfig({ rulesVersion: changing(this.config.rulesVersion) })
    this.publishLengths()
    this.writeRules(4, writes)
    this.writeRules(6, writes)
    this.setConfig({ rulesVersion: settled(this.config.rulesVersion) })
    return { done, error }
  }

  removeRules(specs: readonly RuleSpec[]): void {
    this.deleteRules(this.admission.removeRules(specs.map(({ prefix }) => prefix)))
  }

  // ---- tunnels

  private clearRows(slots: readonly Slot[]): void {
    const cleared = Buffer.alloc(size.tunnel)
    const noCounters = Buffer.alloc(size.counters * addon().bpfPossibleCpus())
    for (const { before } of slots) {
      if (before === null) continue
      const key = idKey(slotOfId(before.id))
      addon().bpfMapUpdate(this.maps.lvn_tunnels, key, cleared)
      addon().bpfMapUpdate(this.maps.lvn_counters, key, noCounters)
    }
  }

  private writePeers(all: readonly TunnelRow[]): void {
    const rows = all.filter(({ spec }) => spec.remote !== null)
    const keys = Buffer.alloc(rows.length * size.peerKey)
    for (const [i, { spec }] of rows.entries()) {
      writePeerKey(keys, i * size.peerKey, spec.remote as Endpoint, spec.local.port)
    }
    this.writeBatch('lvn_peers', keys, idKeys(rows), rows.length)
  }

  private writeRows(rows: readonly TunnelRow[]): void {
    const infos = Buffer.alloc(rows.length * size.info)
    const tunnels = Buffer.alloc(rows.length * size.tunnel)
    for (const [i, { spec }] of rows.entries()) {
      const { name, keepalive, local, remote, underlay } = spec
      const { ifindex, ethernet } =
        underlay === null ? noUnderlay : (findUnderlay(underlay, this.links) ?? noUnderlay)
      writeInfo(infos, i * size.info, { name, keepalive })
      writeTunnel(tunnels, i * size.tunnel, { local, remote, underlay: ifindex, ethernet })
    }
    this.writeBatch('lvn_info', idKeys(rows), infos, rows.length)
    this.writeBatch('lvn_tunnels', idKeys(rows), tunnels, rows.length)
  }

  /** Unless the tunnel, or another by now, has that endpoint. */
  private deletePeer({ spec }: TunnelRow): void {
    if (spec.remote === null || this.admission.held.holderOf(spec) !== undefined) return
    addon().bpfMapDelete(this.maps.lvn_peers, encodePeerKey(spec.remote, spec.local.port))
  }

  // ---- local endpoints: what the receiving programs compare with first

  private publishLocals(): void {
    const wanted = this.admission.held.localEndpoints().map(encodeLocalKey)
    const there = this.localKeys()
    const known = new Set(there.map((key) => key.toString('hex')))
    const missing = wanted.filter((key) => !known.has(key.toString('hex')))
    // There is no place for old and new: the old ones make room.
    if (there.length + missing.length > maxLocals) this.withdrawLocals()
    for (const key of missing) addon().bpfMapUpdate(this.maps.lvn_locals, key, Buffer.alloc(4))
    const ports = this.admission.held.localPorts()
    const both = [...new Set([...this.config.ports, ...ports])]
    this.setConfig({ ports: both.length > maxPorts ? [...ports] : both })
  }

  private withdrawLocals(): void {
    const wanted = new Set(
      this.admission.held.localEndpoints().map((local) => encodeLocalKey(local).toString('hex')),
    )
    for (const key of this.localKeys()) {
      if (!wanted.has(key.toString('hex'))) addon().bpfMapDelete(this.maps.lvn_locals, key)
    }
    this.setConfig({ ports: [...this.admission.held.localPorts()] })
  }

  private localKeys(): readonly Buffer[] {
    const { count, keys } = addon().bpfMapEntries(this.maps.lvn_locals)
    return Array.from({ length: count }, (_, i) => keys.subarray(i * size.localKey, (i + 1) * size.localKey))
  }

  // ---- rules

  private deleteRules(prefixes: readonly Prefix[]): void {
    if (prefixes.length === 0) return
    this.setConfig({ rulesVersion: changing(this.config.rulesVersion) })
    for (const prefix of prefixes) {
      addon().bpfMapDelete(this.ruleMap(familyOf(prefix)), encodeRuleKey(prefix))
      this.lengths.count(prefix, -1)
    }
    this.publishLengths()
    this.setConfig({ rulesVersion: settled(this.config.rulesVersion) })
  }

  private writeRules(family: Family, writes: readonly RuleWrite[]): void {
    const mine = writes.filter(({ prefix }) => familyOf(prefix) === family)
    const width = family === 4 ? size.rule4Key : size.rule6Key
    const keys = Buffer.alloc(mine.length * width)
    for (const [i, { prefix }] of mine.entries()) writeRuleKey(keys, i * width, prefix)
    const ids = idKeys(mine.map(({ tunnel }) => ({ id: tunnel })))
    this.writeBatch(family === 4 ? 'lvn_rules4' : 'lvn_rules6', keys, ids, mine.length)
  }

  private ruleMap(family: Family): number {
    return family === 4 ? this.maps.lvn_rules4 : this.maps.lvn_rules6
  }

  /** Into the list that nobody reads, which is then the one that is read: no packet sees half a list. */
  private publishLengths(): void {
    const { list, lengths } = this.config
    const inUse: PrefixLengths = { 4: this.lengths.of(4), 6: this.lengths.of(6) }
    if (JSON.stringify(inUse) === JSON.stringify(lengths[list])) return
    this.setConfig({ lengths: list === 0 ? [lengths[0], inUse] : [inUse, lengths[1]] })
    this.setConfig({ list: list === 0 ? 1 : 0 })
  }

  // ---- common

  private setConfig(change: Partial<Config>): void {
    const next = { ...this.config, ...change }
    if (JSON.stringify(next) === JSON.stringify(this.config)) return
    writeConfig(this.maps, next)
    this.config = next
  }

  private writeBatch(map: keyof Maps, keys: Buffer, values: Buffer, count: number): void {
    if (count === 0) return
    const written = addon().bpfMapUpdateBatch(this.maps[map], keys, values, count)
    if (written === count) return
    const what = `the kernel took ${written} of ${count} entries of ${map}`
    throw new LvnError('LVN5009', ExitCode.rolledBack, `device ${this.device}: ${what}`, {
      hint: 'is kernel memory short?',
    })
  }

  private clearLeftovers(rows: readonly TunnelRow[]): void {
    const wanted = new Set(
      rows.flatMap(({ spec: { local, remote } }) =>
        remote === null ? [] : encodePeerKey(remote, local.port).toString('hex'),
      ),
    )
    const { count, keys } = addon().bpfMapEntries(this.maps.lvn_peers)
    for (let i = 0; i < count; i++) {
      const key = keys.subarray(i * size.peerKey, (i + 1) * size.peerKey)
      if (!wanted.has(key.toString('hex'))) addon().bpfMapDelete(this.maps.lvn_peers, key)
    }
    this.withdrawLocals()
    const { rulesVersion } = this.config
    if (rulesVersion === changing(rulesVersion)) this.setConfig({ rulesVersion: settled(rulesVersion) })
  }
}

/** The programs run before any socket: it gets nothing of a peer's, and keeps nothing from the tunnel. */
function tellTaken(local: Endpoint, onTaken: OnTaken): null {
  const why = takenBySocket(local)
  if (why !== null) onTaken(why)
  return null
}

/** The versions of the rules while they are being changed, odd, and then: even, and never 0. */
function changing(version: number): number {
  return (version | 1) >>> 0
}

function settled(version: number): number {
  return (changing(version) + 1) % 2 ** 32 || 2
}

/** Each slot that the writes touch, in the order in which they first do. */
function slotsOf(writes: readonly TunnelWrite[]): readonly Slot[] {
  const slots = new Map<number, Slot>()
  for (const { before, after } of writes) {
    const id = (before ?? after)?.id ?? 0
    const anew = before === null || after === null
    const slot = slots.get(id)
    if (slot === undefined) slots.set(id, { before, after, anew })
    else {
      slot.after = after
      slot.anew ||= anew
    }
  }
  return [...slots.values()]
}

function idKey(id: number): Buffer {
  const key = Buffer.alloc(4)
  key.writeUInt32LE(id)
  return key
}

/** The slots of these ids. */
function idKeys(rows: readonly { readonly id: number }[]): Buffer {
  const keys = Buffer.alloc(rows.length * 4)
  for (const [i, { id }] of rows.entries()) keys.writeUInt32LE(slotOfId(id), i * 4)
  return keys
}

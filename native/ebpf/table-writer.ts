// SPDX-License-Identifier: MIT
/**
 * One device's tables open for writing: their rows mirrored, so that a batch costs a few system calls.
 *
 * A tunnel's entry in `lvn_tunnels` is the commit point: what it needs elsewhere is written before it and
 * taken away after it, so that a process killed anywhere leaves a tunnel that works or one that is not there.
 * What such a process left over is cleared when the tables are next opened for writing.
 */
import { ExitCode, LvnError } from '../../src/diag/error.ts'
import { type Endpoint, type Family, familyOf, formatEndpoint } from '../../src/model/address.ts'
import type { RuleSpec, TunnelSpec } from '../../src/model/state.ts'
import { addon } from '../addon/index.ts'
import type { Written } from '../runs.ts'
import { noSuchId, otherId, takenId } from '../tunnel-id.ts'
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
import {
  idOfSlot,
  readConfig,
  readRules,
  readTunnels,
  slotOfId,
  type TunnelRow,
  writeConfig,
} from './tables.ts'
import type { Underlay } from './underlay.ts'

const noUnderlay: Underlay = { ifindex: 0, ethernet: false }

interface Staged {
  readonly row: TunnelRow
  readonly before: TunnelRow | undefined
}

export class TableWriter {
  private readonly maps: Maps
  private readonly device: string
  private config: Config
  private readonly tunnels = new Map<string, TunnelRow>()
  /** Peer key as hex → tunnel name. */
  private readonly peers = new Map<string, string>()
  /** Prefix → tunnel id. */
  private readonly rules = new Map<string, number>()
  private readonly lengths = new LengthsInUse()
  /** Free slots, the lowest last. */
  private readonly free: number[] = []
  /** Local endpoint as text → how many tunnels use it. */
  private readonly locals = new Map<string, { readonly local: Endpoint; uses: number }>()

  constructor(maps: Maps, device: string) {
    this.maps = maps
    this.device = device
    this.config = readConfig(maps)
    const used = new Set<number>()
    for (const row of readTunnels(maps)) {
      this.tunnels.set(row.name, row)
      used.add(row.id)
      this.useLocal(row.local, 1)
      if (row.remote !== null) this.peers.set(peerKey(row), row.name)
    }
    for (let id = this.config.capacity - 1; id >= 0; id--) if (!used.has(id)) this.free.push(id)
    for (const rule of readRules(maps)) {
      this.rules.set(rule.prefix, rule.tunnelId)
      this.lengths.count(rule.prefix, 1)
    }
    this.clearLeftovers()
  }

  /** Adds tunnels or replaces those of the same name. `underlayOf` finds an interface, null: not there. */
  putTunnels(specs: readonly TunnelSpec[], underlayOf: (name: string) => Underlay | null): Written {
    const staged: Staged[] = []
    const toCome = new Set(specs.map(({ name }) => name))
    let error: Error | null = null
    for (const spec of specs) {
      try {
        toCome.delete(spec.name)
        staged.push(this.stage(spec, underlayOf, toCome))
      } catch (cause) {
        error = cause as Error
        break
      }
    }
    this.publishLocals()
    this.writePeers(staged)
    this.writeRows(staged)
    for (const { row, before } of staged) {
      if (before?.remote && peerKey(before) !== peerKey(row)) this.deletePeer(before)
    }
    this.withdrawLocals()
    return { done: staged.length, error }
  }

  removeTunnels(names: readonly string[]): void {
    const rows = names.flatMap((name) => this.tunnels.get(name) ?? [])
    const cleared = Buffer.alloc(size.tunnel)
    const noCounters = Buffer.alloc(size.counters * addon().bpfPossibleCpus())
    for (const row of rows) {
      const key = idKey(row.id)
      addon().bpfMapUpdate(this.maps.lvn_tunnels, key, cleared)
      addon().bpfMapUpdate(this.maps.lvn_counters, key, noCounters)
      if (row.remote !== null) this.deletePeer(row)
      this.tunnels.delete(row.name)
      this.useLocal(row.local, -1)
      this.free.push(row.id)
    }
    this.withdrawLocals()
  }

  /** Adds rules or points those of the same prefix to another tunnel. */
  putRules(specs: readonly RuleSpec[]): Written {
    const ready: { spec: RuleSpec; id: number }[] = []
    let error: Error | null = null
    for (const spec of specs) {
      try {
        ready.push({ spec, id: this.admitRule(spec) })
      } catch (cause) {
        error = cause as Error
        break
      }
    }
    this.setConfig({ rulesVersion: changing(this.config.rulesVersion) })
    this.publishLengths()
    this.writeRules(4, ready)
    this.writeRules(6, ready)
    this.setConfig({ rulesVersion: settled(this.config.rulesVersion) })
    return { done: ready.length, error }
  }

  removeRules(specs: readonly RuleSpec[]): void {
    this.setConfig({ rulesVersion: changing(this.config.rulesVersion) })
    for (const { prefix } of specs) {
      addon().bpfMapDelete(this.ruleMap(familyOf(prefix)), encodeRuleKey(prefix))
      if (this.rules.delete(prefix)) this.lengths.count(prefix, -1)
    }
    this.publishLengths()
    this.setConfig({ rulesVersion: settled(this.config.rulesVersion) })
  }

  // ---- tunnels

  /** `toCome`: tunnels that the same batch changes later; their old endpoints may be taken. */
  private stage(
    spec: TunnelSpec,
    underlayOf: (name: string) => Underlay | null,
    toCome: ReadonlySet<string>,
  ): Staged {
    const before = this.tunnels.get(spec.name)
    const underlay = spec.underlay === null ? noUnderlay : underlayOf(spec.underlay)
    if (underlay === null) {
      throw this.refusal(
        'LVN5004',
        `the underlay interface ${spec.underlay} of tunnel ${spec.name} is not there`,
        {
          hint: 'plan again: the way to the remote endpoint has changed',
        },
      )
    }
    this.checkLocal(spec.local)
    this.checkKeepsOnly(spec)
    const row: TunnelRow = {
      id: before === undefined ? this.freeSlot(spec) : this.keptSlot(before, spec),
      name: spec.name,
      keepalive: spec.keepalive,
      local: spec.local,
      remote: spec.remote,
      underlay: underlay.ifindex,
      ethernet: underlay.ethernet,
    }
    if (row.remote !== null) {
      const holder = this.peers.get(peerKey(row))
      if (holder !== undefined && holder !== row.name && !toCome.has(holder)) {
        const where = `${formatEndpoint(row.remote)} on local port ${row.local.port}`
        throw this.refusal(
          'LVN5002',
          `tunnels ${holder} and ${row.name} have the same remote endpoint ${where}`,
        )
      }
      this.peers.set(peerKey(row), row.name)
    }
    if (before === undefined) this.free.splice(this.free.lastIndexOf(row.id), 1)
    else this.useLocal(before.local, -1)
    this.useLocal(row.local, 1)
    this.tunnels.set(row.name, row)
    return { row, before }
  }

  private keptSlot(before: TunnelRow, { name, id }: TunnelSpec): number {
    if (id !== undefined && id !== idOfSlot(before.id)) {
      throw this.refusal('LVN5014', otherId(name, idOfSlot(before.id)))
    }
    return before.id
  }

  private freeSlot({ id }: TunnelSpec): number {
    const next = this.free.at(-1) ?? this.full()
    if (id === undefined) return next
    if (id > this.config.capacity) throw this.refusal('LVN5014', noSuchId(id, this.config.capacity))
    if (!this.free.includes(slotOfId(id))) throw this.refusal('LVN5014', takenId(id))
    return slotOfId(id)
  }

  private full(): never {
    const { capacity } = this.config
    const unit = capacity === 1 ? 'tunnel' : 'tunnels'
    throw this.refusal('LVN5001', `it is full: it was made for ${capacity} ${unit}`, {
      hint: 'destroy the overlay and apply it again to make the device larger',
    })
  }

  /** Nobody would send, check or miss the control packets that these are for. */
  private checkKeepsOnly({ name, key, onDead }: TunnelSpec): void {
    if (key === undefined && onDead !== 'remove') return
    const what = key === undefined ? 'remove a dead tunnel by itself' : 'hold a key'
    throw this.refusal('LVN5015', `tunnel ${name}: the ebpf plane cannot ${what}`, {
      hint: 'the kernel module can: `--plane kmod`',
    })
  }

  private refusal(code: string, reason: string, options: { hint?: string } = {}): LvnError {
    return new LvnError(code, ExitCode.rolledBack, `device ${this.device}: ${reason}`, options)
  }

  private writePeers(staged: readonly Staged[]): void {
    const rows = staged.map(({ row }) => row).filter((row) => row.remote !== null)
    const keys = Buffer.alloc(rows.length * size.peerKey)
    for (const [i, row] of rows.entries()) {
      writePeerKey(keys, i * size.peerKey, row.remote as Endpoint, row.local.port)
    }
    this.writeBatch('lvn_peers', keys, idKeys(rows), rows.length)
  }

  private writeRows(staged: readonly Staged[]): void {
    const rows = staged.map(({ row }) => row)
    const infos = Buffer.alloc(rows.length * size.info)
    const tunnels = Buffer.alloc(rows.length * size.tunnel)
    for (const [i, row] of rows.entries()) {
      writeInfo(infos, i * size.info, row)
      writeTunnel(tunnels, i * size.tunnel, row)
    }
    this.writeBatch('lvn_info', idKeys(rows), infos, rows.length)
    this.writeBatch('lvn_tunnels', idKeys(rows), tunnels, rows.length)
  }

  private deletePeer(row: TunnelRow): void {
    if (this.peers.get(peerKey(row)) !== row.name) return
    this.peers.delete(peerKey(row))
    addon().bpfMapDelete(this.maps.lvn_peers, encodePeerKey(row.remote as Endpoint, row.local.port))
  }

  // ---- local endpoints: what the receiving programs compare with first

  private useLocal(local: Endpoint, uses: 1 | -1): void {
    const key = formatEndpoint(local)
    const entry = this.locals.get(key) ?? { local, uses: 0 }
    entry.uses += uses
    if (entry.uses > 0) this.locals.set(key, entry)
    else this.locals.delete(key)
  }

  private checkLocal(local: Endpoint): void {
    if (this.locals.has(formatEndpoint(local))) return
    if (this.locals.size >= maxLocals) {
      throw this.refusal('LVN5006', `its tunnels have more than ${maxLocals} local endpoints`)
    }
    if (this.ports().add(local.port).size > maxPorts) {
      throw this.refusal('LVN5005', `its tunnels have more than ${maxPorts} local ports`)
    }
  }

  private ports(): Set<number> {
    return new Set([...this.locals.values()].map(({ local }) => local.port))
  }

  private publishLocals(): void {
    for (const { local } of this.locals.values()) {
      addon().bpfMapUpdate(this.maps.lvn_locals, encodeLocalKey(local), Buffer.alloc(4))
    }
    const both = [...new Set([...this.config.ports, ...this.ports()])]
    this.setConfig({ ports: both.length > maxPorts ? [...this.ports()] : both })
  }

  private withdrawLocals(): void {
    const wanted = new Set(
      [...this.locals.values()].map(({ local }) => encodeLocalKey(local).toString('hex')),
    )
    const { count, keys } = addon().bpfMapEntries(this.maps.lvn_locals)
    for (let i = 0; i < count; i++) {
      const key = keys.subarray(i * size.localKey, (i + 1) * size.localKey)
      if (!wanted.has(key.toString('hex'))) addon().bpfMapDelete(this.maps.lvn_locals, key)
    }
    this.setConfig({ ports: [...this.ports()] })
  }

  // ---- rules

  private admitRule(spec: RuleSpec): number {
    const tunnel = this.tunnels.get(spec.tunnel)
    if (tunnel === undefined) throw this.refusal('LVN5007', `rule ${spec.prefix}: no tunnel ${spec.tunnel}`)
    const family = familyOf(spec.prefix)
    if (!this.rules.has(spec.prefix)) {
      const most = ruleCapacity(this.config.capacity)
      if (this.lengths.total(family) >= most) {
        throw this.refusal('LVN5008', `it is full: it was made for ${most} IPv${family} rules`, {
          hint: 'join prefixes into larger ones, or destroy the overlay and apply it again',
        })
      }
      this.lengths.count(spec.prefix, 1)
    }
    this.rules.set(spec.prefix, tunnel.id)
    return tunnel.id
  }

  private writeRules(family: Family, ready: readonly { spec: RuleSpec; id: number }[]): void {
    const mine = ready.filter(({ spec }) => familyOf(spec.prefix) === family)
    const width = family === 4 ? size.rule4Key : size.rule6Key
    const keys = Buffer.alloc(mine.length * width)
    for (const [i, { spec }] of mine.entries()) writeRuleKey(keys, i * width, spec.prefix)
    this.writeBatch(family === 4 ? 'lvn_rules4' : 'lvn_rules6', keys, idKeys(mine), mine.length)
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
    throw this.refusal('LVN5009', `the kernel took ${written} of ${count} entries of ${map}`, {
      hint: 'is kernel memory short?',
    })
  }

  private clearLeftovers(): void {
    const { count, keys } = addon().bpfMapEntries(this.maps.lvn_peers)
    for (let i = 0; i < count; i++) {
      const key = keys.subarray(i * size.peerKey, (i + 1) * size.peerKey)
      if (!this.peers.has(key.toString('hex'))) addon().bpfMapDelete(this.maps.lvn_peers, key)
    }
    this.withdrawLocals()
    const { rulesVersion } = this.config
    if (rulesVersion === changing(rulesVersion)) this.setConfig({ rulesVersion: settled(rulesVersion) })
  }
}

/** The versions of the rules while they are being changed, odd, and then: even, and never 0. */
function changing(version: number): number {
  return (version | 1) >>> 0
}

function settled(version: number): number {
  return (changing(version) + 1) % 2 ** 32 || 2
}

function peerKey(row: TunnelRow): string {
  return row.remote === null ? '' : encodePeerKey(row.remote, row.local.port).toString('hex')
}

function idKey(id: number): Buffer {
  const key = Buffer.alloc(4)
  key.writeUInt32LE(id)
  return key
}

function idKeys(rows: readonly { readonly id: number }[]): Buffer {
  const keys = Buffer.alloc(rows.length * 4)
  for (const [i, { id }] of rows.entries()) keys.writeUInt32LE(id, i * 4)
  return keys
}

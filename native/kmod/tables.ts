// SPDX-License-Identifier: MIT
/**
 * One device's tunnels and rules open for writing: their rows mirrored, so that a batch is a few datagrams.
 *
 * The kernel works through all messages of a datagram, also after it refused one. What it still did after the
 * first refusal is taken back, so that the caller's view holds: after a failed operation nothing was tried.
 */
import { ExitCode, LvnError } from '../../src/diag/error.ts'
import {
  type Endpoint,
  formatEndpoint,
  type Prefix,
  prefixAddress,
  prefixLength,
} from '../../src/model/address.ts'
import type { RuleSpec, TunnelSpec } from '../../src/model/state.ts'
import type { Request } from '../netlink/socket.ts'
import type { Written } from '../runs.ts'
import { noSuchId, otherId, takenId } from '../tunnel-id.ts'
import type { KmodClient } from './client.ts'
import type { FoundDevice } from './device.ts'
import { command, type TunnelAttributes } from './generated.ts'
import { ruleSpec, type TunnelRow, tunnelRow } from './snapshot.ts'

/** A request on account of the item `item`, and what takes it back (seldom needed, so only then made). */
interface Step {
  readonly item: number
  readonly request: Request
  readonly inverse: () => Request
}

export class DeviceTables {
  private readonly client: KmodClient
  private readonly device: string
  private readonly ifindex: number
  private readonly capacity: number
  private readonly ifindexes: ReadonlyMap<string, number>
  private readonly tunnels = new Map<string, TunnelRow>()
  /** Peer key → tunnel name. */
  private readonly peers = new Map<string, string>()
  private readonly rules = new Map<Prefix, string>()
  private readonly ids = new Set<number>()
  private nextId = 1

  /** Reads the rows. `ifindexes`: of all interfaces, by name. */
  constructor(client: KmodClient, { link, lvn }: FoundDevice, ifindexes: ReadonlyMap<string, number>) {
    this.client = client
    this.device = link.name
    this.ifindex = link.ifindex
    this.capacity = lvn.capacity ?? 0
    this.ifindexes = ifindexes
    const names = new Map([...ifindexes].map(([name, ifindex]) => [ifindex, name]))
    const byId = new Map<number, string>()
    for (const tunnel of client.tunnels(link.ifindex)) {
      const row = tunnelRow(link.name, tunnel, names)
      this.enter(row)
      byId.set(row.id, row.spec.name)
    }
    for (const rule of client.rules(link.ifindex)) {
      const { prefix, tunnel } = ruleSpec(link.name, rule, byId.get(rule.tunnel ?? 0) ?? '')
      this.rules.set(prefix, tunnel)
    }
  }

  /** Adds tunnels or changes those of the same name. */
  putTunnels(specs: readonly TunnelSpec[]): Written {
    const steps: Step[] = []
    const toCome = new Set(specs.map(({ name }) => name))
    return this.write(specs, steps, (spec, item) => {
      toCome.delete(spec.name)
      for (const step of this.stageTunnel(spec, toCome)) steps.push({ ...step, item })
    })
  }

  removeTunnels(names: readonly string[]): Written {
    const rows = names.flatMap((name) => this.tunnels.get(name) ?? [])
    const requests = rows.map(({ id, spec }) =>
      this.client.tunnelRequest(`delete the tunnel ${spec.name} of ${this.device}`, command.tunnelDel, {
        ifindex: this.ifindex,
        id,
      }),
    )
    for (const row of rows) this.leave(row)
    for (const [prefix, tunnel] of this.rules) if (!this.tunnels.has(tunnel)) this.rules.delete(prefix)
    return this.delete(requests, names.length)
  }

  /** Adds rules or points those of the same prefix to another tunnel. */
  putRules(specs: readonly RuleSpec[]): Written {
    const steps: Step[] = []
    return this.write(specs, steps, (spec, item) => {
      steps.push({ ...this.stageRule(spec), item })
    })
  }

  removeRules(specs: readonly RuleSpec[]): Written {
    const requests = specs.map(({ prefix }) => this.deleteRule(prefix))
    for (const { prefix } of specs) this.rules.delete(prefix)
    return this.delete(requests, specs.length)
  }

  // ---- tunnels

  /** `toCome`: tunnels that the same batch changes later; their old endpoints may be taken. */
  private stageTunnel(spec: TunnelSpec, toCome: ReadonlySet<string>): Omit<Step, 'item'>[] {
    const before = this.tunnels.get(spec.name)
    const steps = this.freeRemote(spec, toCome)
    const id = before === undefined ? this.freeId(spec) : this.keptId(before, spec)
    const wish = this.wishOf(spec, id)
    const what = `${before === undefined ? 'add' : 'change'} the tunnel ${spec.name} of ${this.device}`
    if (before === undefined) {
      steps.push({
        request: this.client.tunnelRequest(what, command.tunnelNew, { ...wish, name: spec.name }),
        inverse: () => this.client.tunnelRequest(what, command.tunnelDel, { ifindex: this.ifindex, id }),
      })
    } else {
      this.leave(before)
      steps.push({
        request: this.setTunnel(what, wish, spec),
        inverse: () => this.setTunnel(what, this.wishOf(before.spec, id), before.spec),
      })
    }
    this.enter({ id, spec })
    return steps
  }

  /** Takes the remote endpoint from a tunnel that has it now, if that one gets another later. */
  private freeRemote(spec: TunnelSpec, toCome: ReadonlySet<string>): Omit<Step, 'item'>[] {
    const holder = this.tunnels.get(this.peers.get(peerKey(spec)) ?? '')
    if (spec.remote === null || holder === undefined || holder.spec.name === spec.name) return []
    if (!toCome.has(holder.spec.name)) {
      const where = `${formatEndpoint(spec.remote)} on local port ${spec.local.port}`
      throw this.refusal(
        'LVN5002',
        `tunnels ${holder.spec.name} and ${spec.name} have the same remote endpoint ${where}`,
      )
    }
    const pending = { ...holder.spec, remote: null, underlay: null }
    this.leave(holder)
    this.enter({ id: holder.id, spec: pending })
    const what = `change the tunnel ${holder.spec.name} of ${this.device}`
    return [
      {
        request: this.setTunnel(what, this.wishOf(pending, holder.id), pending),
        inverse: () => this.setTunnel(what, this.wishOf(holder.spec, holder.id), holder.spec),
      },
    ]
  }

  private setTunnel(what: string, wish: TunnelAttributes, spec: TunnelSpec): Request {
    const forget = spec.remote === null ? { forgetRemote: true as const } : {}
    return this.client.tunnelRequest(what, command.tunnelSet, { ...wish, ...forget })
  }

  private wishOf(spec: TunnelSpec, id: number): TunnelAttributes {
    const remote =
      spec.remote === null ? {} : { remoteAddress: spec.remote.address, remotePort: spec.remote.port }
    return {
      ifindex: this.ifindex,
      id,
      localAddress: spec.local.address,
      localPort: spec.local.port,
      ...remote,
      underlay: this.underlayOf(spec),
      keepaliveInterval: spec.keepalive.intervalMs,
      deadTime: spec.keepalive.deadMs,
      ...(spec.key === undefined ? {} : { key: Buffer.from(spec.key, 'hex') }),
      // Said in any case: to the kernel an attribute that is left out means that it stays.
      onDead: spec.onDead ?? 'keep',
    }
  }

  private underlayOf({ name, underlay }: TunnelSpec): number {
    if (underlay === null) return 0
    const ifindex = this.ifindexes.get(underlay)
    if (ifindex !== undefined) return ifindex
    throw this.refusal('LVN5004', `the underlay interface ${underlay} of tunnel ${name} is not there`, {
      hint: 'plan again: the way to the remote endpoint has changed',
    })
  }

  private keptId(before: TunnelRow, { name, id }: TunnelSpec): number {
    if (id !== undefined && id !== before.id) throw this.refusal('LVN5014', otherId(name, before.id))
    return before.id
  }

  private freeId({ id }: TunnelSpec): number {
    if (this.tunnels.size >= this.capacity) {
      const unit = this.capacity === 1 ? 'tunnel' : 'tunnels'
      throw this.refusal('LVN5001', `it is full: it was made for ${this.capacity} ${unit}`, {
        hint: 'destroy the overlay and apply it again to make the device larger',
      })
    }
    if (id !== undefined) {
      if (id > this.capacity) throw this.refusal('LVN5014', noSuchId(id, this.capacity))
      if (this.ids.has(id)) throw this.refusal('LVN5014', takenId(id))
      return id
    }
    while (this.ids.has(this.nextId)) this.nextId++
    return this.nextId
  }

  private enter(row: TunnelRow): void {
    this.tunnels.set(row.spec.name, row)
    this.ids.add(row.id)
    if (row.spec.remote !== null) this.peers.set(peerKey(row.spec), row.spec.name)
  }

  private leave(row: TunnelRow): void {
    this.tunnels.delete(row.spec.name)
    this.ids.delete(row.id)
    this.nextId = Math.min(this.nextId, row.id)
    const key = peerKey(row.spec)
    if (this.peers.get(key) === row.spec.name) this.peers.delete(key)
  }

  // ---- rules

  private stageRule({ prefix, tunnel }: RuleSpec): Omit<Step, 'item'> {
    const row = this.tunnels.get(tunnel)
    if (row === undefined) throw this.refusal('LVN5007', `rule ${prefix}: no tunnel ${tunnel}`)
    const before = this.tunnels.get(this.rules.get(prefix) ?? '')
    this.rules.set(prefix, tunnel)
    if (before === undefined) {
      return {
        request: this.ruleRequest('add', command.ruleNew, prefix, row.id),
        inverse: () => this.deleteRule(prefix),
      }
    }
    return {
      request: this.ruleRequest('change', command.ruleSet, prefix, row.id),
      inverse: () => this.ruleRequest('change', command.ruleSet, prefix, before.id),
    }
  }

  private ruleRequest(verb: string, number: number, prefix: Prefix, tunnel?: number): Request {
    return this.client.ruleRequest(`${verb} the rule ${prefix} of ${this.device}`, number, {
      ifindex: this.ifindex,
      prefix: prefixAddress(prefix),
      prefixLen: prefixLength(prefix),
      ...(tunnel === undefined ? {} : { tunnel }),
    })
  }

  private deleteRule(prefix: Prefix): Request {
    return this.ruleRequest('delete', command.ruleDel, prefix)
  }

  // ---- common

  /** Stages items until one is refused here, sends the steps, and takes back what came after a refusal there. */
  private write<T>(items: readonly T[], steps: Step[], stage: (item: T, index: number) => void): Written {
    let staged = 0
    let error: Error | null = null
    try {
      for (const item of items) stage(item, staged++)
    } catch (cause) {
      staged--
      error = cause as Error
    }
    const outcomes = this.client.send(
      steps.map(({ request }) => request),
      { until: 'last', stop: true },
    )
    const refused = outcomes.findIndex((outcome) => outcome.error !== null)
    if (refused < 0) return { done: staged, error }
    const { item } = steps[refused] as Step
    const tooMuch = steps.filter((step, i) => step.item >= item && outcomes[i]?.error === null)
    this.client.send(
      tooMuch.reverse().map(({ inverse }) => inverse()),
      { until: 'last' },
    )
    return { done: item, error: outcomes[refused]?.error ?? null }
  }

  /** What is not there any more is deleted, too. */
  private delete(requests: readonly Request[], count: number): Written {
    const outcomes = this.client.send(requests, { until: 'last', stop: true })
    const refused = outcomes.findIndex(({ error }) => error !== null && error.errno !== 'ENOENT')
    if (refused < 0 && outcomes.length === requests.length) return { done: count, error: null }
    if (refused < 0) return this.delete(requests.slice(outcomes.length), count)
    return { done: refused, error: outcomes[refused]?.error ?? null }
  }

  private refusal(code: string, reason: string, options: { hint?: string } = {}): LvnError {
    return new LvnError(code, ExitCode.rolledBack, `device ${this.device}: ${reason}`, options)
  }
}

/** The kernel looks for peers by socket, so by local endpoint. */
function peerKey({ local, remote }: { local: Endpoint; remote: Endpoint | null }): string {
  return remote === null ? '' : `${formatEndpoint(local)} ${formatEndpoint(remote)}`
}

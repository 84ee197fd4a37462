// SPDX-License-Identifier: MIT
/**
 * Tunnels and rules of one plan as operations. Two tunnels of a device cannot have the same local port and
 * remote even for a moment, so whoever holds an endpoint that another is about to get lets go of it first. Keeps
 * track of what each tunnel is while the plan goes on, so that inverses are exact.
 */
import { formatEndpoint } from '../model/address.ts'
import type { LiveState, RuleSpec, TunnelSpec } from '../model/state.ts'
import { idOf } from './ids.ts'
import { tunnelOf } from './intended.ts'
import { onPlane, Work } from './steps.ts'
import type { Change, ChangeOf } from './types.ts'

const put = (op: 'add' | 'set', spec: TunnelSpec) => onPlane({ op, kind: 'tunnel', spec })
const drop = ({ device, name }: TunnelSpec) => onPlane({ op: 'delete', kind: 'tunnel', device, name })
const putRule = (op: 'add' | 'set', spec: RuleSpec) => onPlane({ op, kind: 'rule', spec })
const dropRule = (spec: RuleSpec) => onPlane({ op: 'delete', kind: 'rule', spec })

export class TunnelSteps {
  private readonly doomed: ReadonlySet<string>
  private readonly current = new Map<string, TunnelSpec>()
  private readonly holders = new Map<string, TunnelSpec>()
  /** Ids of tunnels that must go before others come, because the device is full. */
  private readonly early: ReadonlySet<string>
  /** Rules that change hands and pointed to an early one. */
  private readonly orphans = new Map<string, RuleSpec[]>()
  private readonly dropped = new Set<string>()

  constructor(live: LiveState, changes: readonly Change[], doomed: ReadonlySet<string>) {
    this.doomed = doomed
    for (const tunnel of live.tunnels)
      if (!doomed.has(tunnel.device)) this.hold(tunnelOf(tunnel), idOf.tunnel(tunnel))
    this.early = earlyTunnels(live, changes, doomed)
    if (this.early.size === 0) return
    for (const change of changes) {
      if (change.kind !== 'rule' || change.op !== 'change' || change.before === null) continue
      const id = tunnelId(change.before)
      if (!this.early.has(id)) continue
      this.orphans.set(id, [...(this.orphans.get(id) ?? []), change.before])
      this.dropped.add(change.id)
    }
  }

  /** Must this removal come before the additions? */
  isEarly(change: Change): boolean {
    if (change.op !== 'remove' || change.before === null) return false
    if (change.kind === 'tunnel') return this.early.has(change.id)
    return change.kind === 'rule' && this.early.has(tunnelId(change.before))
  }

  /** To be called in the order of carrying out. A tunnel that goes with its device is not in `current`. */
  tunnel(change: ChangeOf<'tunnel'>): Work {
    const { id, after } = change
    const current = this.current.get(id)
    if (after === null) return this.removal(id, current)
    const freeing = this.freeing(after, id)
    this.hold(after, id)
    const [operation, undo] =
      current === undefined ? [put('add', after), drop(after)] : [put('set', after), put('set', current)]
    return freeing?.push(operation, undo) ?? Work.of(operation, undo)
  }

  private removal(id: string, current: TunnelSpec | undefined): Work {
    const work = new Work()
    for (const rule of this.orphans.get(id) ?? []) work.push(dropRule(rule), putRule('add', rule))
    if (current === undefined) return work
    this.release(current)
    this.current.delete(id)
    return work.push(drop(current), put('add', current))
  }

  /** Whoever holds the endpoint that the tunnel of `id` is about to get lets go of it; undefined: nobody does. */
  private freeing(after: TunnelSpec, id: string): Work | undefined {
    const holder = this.holders.get(endpointKey(after))
    if (holder === undefined) return undefined
    const holderId = idOf.tunnel(holder)
    if (holderId === id) return undefined
    const freed = { ...holder, remote: null, underlay: null }
    this.hold(freed, holderId)
    return Work.of(put('set', freed), put('set', holder))
  }

  rule(change: ChangeOf<'rule'>): Work {
    const { before, after } = change
    if (after === null) {
      const rule = before as RuleSpec
      return this.doomed.has(rule.device) ? new Work() : Work.of(dropRule(rule), putRule('add', rule))
    }
    return before === null || this.dropped.has(change.id)
      ? Work.of(putRule('add', after), dropRule(after))
      : Work.of(putRule('set', after), putRule('set', before))
  }

  private hold(spec: TunnelSpec, id: string): void {
    const old = this.current.get(id)
    if (old !== undefined) this.release(old)
    this.current.set(id, spec)
    if (spec.remote !== null) this.holders.set(endpointKey(spec), spec)
  }

  private release(spec: TunnelSpec): void {
    const key = endpointKey(spec)
    const holder = this.holders.get(key)
    if (holder !== undefined && idOf.tunnel(holder) === idOf.tunnel(spec)) this.holders.delete(key)
  }
}

function earlyTunnels(live: LiveState, changes: readonly Change[], doomed: ReadonlySet<string>): Set<string> {
  const load = new Map<string, number>()
  const more = (device: string) => load.set(device, (load.get(device) ?? 0) + 1)
  for (const { device } of live.tunnels) more(device)
  for (const { kind, op, after } of changes) if (kind === 'tunnel' && op === 'add') more(after?.device ?? '')
  const full = new Set(
    live.devices
      .filter((d) => !doomed.has(d.name) && (load.get(d.name) ?? 0) > d.capacity)
      .map((d) => d.name),
  )
  const removed = changes.filter(
    (c) => c.kind === 'tunnel' && c.op === 'remove' && full.has(c.before?.device ?? ''),
  )
  return new Set(removed.map((change) => change.id))
}

function tunnelId(rule: RuleSpec): string {
  return `tunnel ${rule.device}/${rule.tunnel}`
}

function endpointKey({ device, local, remote }: TunnelSpec): string {
  return remote === null ? '' : `${device} ${local.port} ${formatEndpoint(remote)}`
}

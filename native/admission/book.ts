// SPDX-License-Identifier: MIT
/**
 * The tunnels and rules of one device with what they are looked up by: name, remote endpoint, id, prefix. It holds
 * whatever is entered and judges nothing.
 */
import { type Endpoint, type Family, familyOf, formatEndpoint, type Prefix } from '../../src/model/address.ts'
import type { RuleSpec, TunnelSpec } from '../../src/model/state.ts'

/** A tunnel as the tables have it. `id`: the number that people see. */
export interface TunnelRow {
  readonly id: number
  readonly spec: TunnelSpec
}

/** By what a plane knows the tunnel of a packet that arrives, beside its remote endpoint. */
export type PeersBy = 'local port' | 'local endpoint'

export class Book {
  private readonly peersBy: PeersBy
  private readonly byName = new Map<string, TunnelRow>()
  private readonly names = new Map<number, string>()
  private readonly holders = new Map<string, string>()
  private readonly locals = new Map<string, { readonly local: Endpoint; uses: number }>()
  private readonly byPrefix = new Map<Prefix, string>()
  private readonly leading = new Map<string, Set<Prefix>>()
  private readonly counts: Record<Family, number> = { 4: 0, 6: 0 }
  /** No lower id is free. */
  private lowest = 1

  constructor(peersBy: PeersBy) {
    this.peersBy = peersBy
  }

  // ---- tunnels

  get size(): number {
    return this.byName.size
  }

  tunnel(name: string): TunnelRow | undefined {
    return this.byName.get(name)
  }

  /** The tunnel of that number. */
  named(id: number): string | undefined {
    return this.names.get(id)
  }

  freeId(): number {
    while (this.names.has(this.lowest)) this.lowest++
    return this.lowest
  }

  /** The tunnel that has the remote endpoint of `spec`; undefined: none, or it has no remote. */
  holderOf(spec: TunnelSpec): TunnelRow | undefined {
    return this.byName.get(this.holders.get(this.peerKey(spec)) ?? '')
  }

  enter(row: TunnelRow): void {
    const { id, spec } = row
    this.byName.set(spec.name, row)
    this.names.set(id, spec.name)
    if (spec.remote !== null) this.holders.set(this.peerKey(spec), spec.name)
    const key = formatEndpoint(spec.local)
    const used = this.locals.get(key)
    if (used === undefined) this.locals.set(key, { local: spec.local, uses: 1 })
    else used.uses++
  }

  leave({ id, spec }: TunnelRow): void {
    this.byName.delete(spec.name)
    this.names.delete(id)
    this.lowest = Math.min(this.lowest, id)
    const peer = this.peerKey(spec)
    if (this.holders.get(peer) === spec.name) this.holders.delete(peer)
    const key = formatEndpoint(spec.local)
    const used = this.locals.get(key)
    if (used !== undefined && --used.uses === 0) this.locals.delete(key)
  }

  hasLocal(local: Endpoint): boolean {
    return this.locals.has(formatEndpoint(local))
  }

  /** Local endpoints in use, each once. */
  localEndpoints(): readonly Endpoint[] {
    return [...this.locals.values()].map(({ local }) => local)
  }

  /** Local ports in use, each once. */
  localPorts(): ReadonlySet<number> {
    return new Set([...this.locals.values()].map(({ local }) => local.port))
  }

  get localCount(): number {
    return this.locals.size
  }

  private peerKey({ local, remote }: TunnelSpec): string {
    if (remote === null) return ''
    const near = this.peersBy === 'local port' ? local.port : formatEndpoint(local)
    return `${near} ${formatEndpoint(remote)}`
  }

  // ---- rules

  /** The tunnel that a prefix leads to. */
  ruleOf(prefix: Prefix): string | undefined {
    return this.byPrefix.get(prefix)
  }

  /** Prefixes of the rules that lead to a tunnel. */
  rulesTo(tunnel: string): readonly Prefix[] {
    return [...(this.leading.get(tunnel) ?? [])]
  }

  ruleCount(family: Family): number {
    return this.counts[family]
  }

  lead({ prefix, tunnel }: Pick<RuleSpec, 'prefix' | 'tunnel'>): void {
    this.unlead(prefix)
    this.byPrefix.set(prefix, tunnel)
    this.counts[familyOf(prefix)]++
    const others = this.leading.get(tunnel)
    if (others === undefined) this.leading.set(tunnel, new Set([prefix]))
    else others.add(prefix)
  }

  unlead(prefix: Prefix): void {
    const tunnel = this.byPrefix.get(prefix)
    if (tunnel === undefined) return
    this.byPrefix.delete(prefix)
    this.counts[familyOf(prefix)]--
    this.leading.get(tunnel)?.delete(prefix)
  }
}

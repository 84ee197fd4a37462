// SPDX-License-Identifier: MIT
/**
 * Which operations on the tunnels and rules of one device are admitted, and what has to be written for them in which
 * order. Both planes ask here; it knows values only, neither tables nor a kernel.
 *
 * The writes of a batch are transitions of single tunnels, and after each of them the device is one that could be
 * meant: no two tunnels have one remote endpoint, no two one number, there are never more than fit. So who holds what an
 * operation takes lets go of it before, if the same batch gives it another, or takes it away: also where that comes
 * later. What can be changed in place is changed in place; a tunnel without a remote in between is one whose endpoint
 * goes to another. Where there is no room, a removal that comes later is done first.
 *
 * Operations are admitted up to the first that is refused. One that relies on a later one is not admitted without it.
 */
import { type Endpoint, familyOf, type Prefix } from '../../src/model/address.ts'
import type { RuleSpec, TunnelSpec } from '../../src/model/state.ts'
import { Book, type PeersBy, type TunnelRow } from './book.ts'
import {
  full,
  fullOfRules,
  idIsKept,
  idTaken,
  noControl,
  noSuchId,
  noTunnel,
  noUnderlay,
  portTaken,
  sameRemote,
  tooManyLocals,
  tooManyPorts,
} from './refusals.ts'

export type { TunnelRow } from './book.ts'

/** Adds a tunnel or changes that of the same name, or takes one away. */
export type TunnelOperation =
  | { readonly op: 'add' | 'set'; readonly spec: TunnelSpec }
  | { readonly op: 'delete'; readonly name: string }

/** What a device of this plane can hold. */
export interface Limits {
  readonly device: string
  readonly capacity: number
  /** Rules of each family. */
  readonly rules: number
  /** Local endpoints, and ports of them. */
  readonly locals: number
  readonly ports: number
  readonly peersBy: PeersBy
  /** Has it control packets: keys, removal of the dead? */
  readonly control: boolean
  /** Is there an interface of this name? */
  readonly isUnderlay: (name: string) => boolean
  /** Why a local endpoint that no tunnel had is not to be had; null: it is. Absent: the kernel will say. */
  readonly whyTaken?: (local: Endpoint) => string | null
}

/** One tunnel from one state to the next on account of the operation `item`; null: it is not there. */
export interface TunnelWrite {
  readonly item: number
  readonly before: TunnelRow | null
  readonly after: TunnelRow | null
  /** Prefixes of the rules that go with a tunnel that goes. */
  readonly rules: readonly Prefix[]
}

/** A rule to be written: `tunnel` is the number of its tunnel; `before` of the one that it led to, null: it is new. */
export interface RuleWrite {
  readonly item: number
  readonly prefix: Prefix
  readonly tunnel: number
  readonly before: number | null
}

/** The first `done` operations are admitted; `error` says why not the next one. */
export interface Admitted<W> {
  readonly writes: readonly W[]
  readonly done: number
  readonly error: Error | null
  /**
   * How many of the first `count` operations can stand without the others: all of them unless one relies on a later one.
   */
  readonly stands: (count: number) => number
}

export class Admission {
  private readonly limits: Limits
  private readonly book: Book

  constructor(
    limits: Limits,
    tunnels: Iterable<TunnelRow>,
    rules: Iterable<Pick<RuleSpec, 'prefix' | 'tunnel'>>,
  ) {
    this.limits = limits
    this.book = new Book(limits.peersBy)
    for (const row of tunnels) this.book.enter(row)
    for (const rule of rules) this.book.lead(rule)
  }

  /** What the device holds once all that has been admitted is written. */
  get held(): Pick<Book, 'holderOf' | 'localEndpoints' | 'localPorts'> {
    return this.book
  }

  tunnels(operations: readonly TunnelOperation[]): Admitted<TunnelWrite> {
    const batch = new TunnelBatch(this.book, this.limits, operations)
    return batch.admit()
  }

  /** Adds rules or points those of the same prefix to another tunnel. */
  rules(specs: readonly RuleSpec[]): Admitted<RuleWrite> {
    const writes: RuleWrite[] = []
    const stands = (count: number) => count
    const idOf = (name: string) => this.book.tunnel(name)?.id ?? 0
    for (const spec of specs) {
      const error = this.refusalOf(spec)
      if (error !== null) return { writes, done: writes.length, error, stands }
      const { prefix, tunnel } = spec
      const led = this.book.ruleOf(prefix)
      writes.push({
        item: writes.length,
        prefix,
        tunnel: idOf(tunnel),
        before: led === undefined ? null : idOf(led),
      })
      this.book.lead(spec)
    }
    return { writes, done: writes.length, error: null, stands }
  }

  /** The prefixes among these of which there are rules. */
  removeRules(prefixes: readonly Prefix[]): readonly Prefix[] {
    const there = prefixes.filter((prefix) => this.book.ruleOf(prefix) !== undefined)
    for (const prefix of there) this.book.unlead(prefix)
    return there
  }

  private refusalOf({ prefix, tunnel }: RuleSpec): Error | null {
    const { device, rules } = this.limits
    if (this.book.tunnel(tunnel) === undefined) return noTunnel(device, prefix, tunnel)
    const family = familyOf(prefix)
    const isNew = this.book.ruleOf(prefix) === undefined
    return isNew && this.book.ruleCount(family) >= rules ? fullOfRules(device, rules, family) : null
  }
}

/** One batch of tunnels on its way into the book. */
class TunnelBatch {
  private readonly book: Book
  private readonly limits: Limits
  private readonly operations: readonly TunnelOperation[]
  private readonly writes: TunnelWrite[] = []
  /** Indices of the operations on each tunnel that are still to come, the next one last. */
  private readonly toCome = new Map<string, number[]>()
  /** Operations that rely on later ones: index by index. */
  private readonly relies = new Map<number, number>()
  /** Removals that were done before their turn. */
  private readonly removed = new Set<number>()
  private item = 0

  constructor(book: Book, limits: Limits, operations: readonly TunnelOperation[]) {
    this.book = book
    this.limits = limits
    this.operations = operations
    for (let i = operations.length - 1; i >= 0; i--) {
      const name = nameOf(operations[i] as TunnelOperation)
      const list = this.toCome.get(name)
      if (list === undefined) this.toCome.set(name, [i])
      else list.push(i)
    }
  }

  admit(): Admitted<TunnelWrite> {
    let error: Error | null = null
    let admitted = this.operations.length
    const stands = (count: number) => this.stands(count)
    for (const [item, operation] of this.operations.entries()) {
      this.item = item
      this.toCome.get(nameOf(operation))?.pop()
      error = operation.op === 'delete' ? this.remove(operation.name) : this.put(operation.spec)
      if (error === null) continue
      admitted = item
      break
    }
    const done = this.stands(admitted)
    this.takeBack(done)
    return { writes: this.writes, done, error, stands }
  }

  /** From the last to the first: what relies on one that does not stand does not stand, nor do those behind it. */
  private stands(count: number): number {
    let standing = count
    for (let item = count - 1; item >= 0; item--) {
      if ((this.relies.get(item) ?? -1) >= standing) standing = item
    }
    return standing
  }

  /** Out of the book again what the operations from `item` on have changed. */
  private takeBack(item: number): void {
    while ((this.writes.at(-1)?.item ?? -1) >= item) {
      const { before, after, rules } = this.writes.pop() as TunnelWrite
      if (after !== null) this.book.leave(after)
      if (before === null) continue
      this.book.enter(before)
      for (const prefix of rules) this.book.lead({ prefix, tunnel: before.spec.name })
    }
  }

  // ---- one operation; what refuses it

  private remove(name: string): Error | null {
    const before = this.book.tunnel(name)
    if (before !== undefined && !this.removed.has(this.item)) this.write(before, null)
    return null
  }

  private put(spec: TunnelSpec): Error | null {
    const before = this.book.tunnel(spec.name)
    const error =
      this.refusalOf(spec) ?? this.makeWay(spec) ?? (before === undefined ? this.makeRoom(spec) : null)
    if (error !== null) return error
    this.write(before ?? null, { id: before?.id ?? spec.id ?? this.book.freeId(), spec })
    return this.refusalOfLocals()
  }

  private refusalOf(spec: TunnelSpec): Error | null {
    const { device, control, isUnderlay, whyTaken } = this.limits
    const { name, underlay, key, onDead, id } = spec
    if (underlay !== null && !isUnderlay(underlay)) return noUnderlay(device, name, underlay)
    const taken = this.book.hasLocal(spec.local) ? null : (whyTaken?.(spec.local) ?? null)
    if (taken !== null) return portTaken(device, taken)
    if (!control && key !== undefined) return noControl(device, name, 'key')
    if (!control && onDead === 'remove') return noControl(device, name, 'removal')
    const before = this.book.tunnel(name)
    if (before !== undefined && id !== undefined && id !== before.id) return idIsKept(device, name, before.id)
    return null
  }

  private refusalOfLocals(): Error | null {
    const { device, locals, ports } = this.limits
    if (this.book.localCount > locals) return tooManyLocals(device, locals)
    if (this.book.localPorts().size > ports) return tooManyPorts(device, ports)
    return null
  }

  /** Whoever has the remote endpoint lets go of it. */
  private makeWay(spec: TunnelSpec): Error | null {
    const holder = this.book.holderOf(spec)
    if (spec.remote === null || holder === undefined || holder.spec.name === spec.name) return null
    const { name } = holder.spec
    const later = this.toCome.get(name)?.at(-1)
    if (later === undefined)
      return sameRemote(this.limits.device, name, spec.name, spec.remote, spec.local.port)
    this.rely(later)
    this.write(holder, { ...holder, spec: { ...holder.spec, remote: null, underlay: null } })
    return null
  }

  /** For a new tunnel: place, and the number that it wants. */
  private makeRoom({ id }: TunnelSpec): Error | null {
    const { device, capacity } = this.limits
    if (id !== undefined && id > capacity) return noSuchId(device, id, capacity)
    const holder = id === undefined ? undefined : this.book.named(id)
    if (id !== undefined && holder !== undefined && !this.removeEarly(holder)) return idTaken(device, id)
    if (this.book.size < capacity) return null
    const later = this.operations.slice(this.item + 1)
    const found = later.some((operation) => operation.op === 'delete' && this.removeEarly(operation.name))
    return found ? null : full(device, capacity)
  }

  /** Takes a tunnel away now that the batch takes away next; false: it does not. */
  private removeEarly(name: string): boolean {
    const next = this.toCome.get(name)?.at(-1)
    const row = this.book.tunnel(name)
    if (next === undefined || row === undefined || this.operations[next]?.op !== 'delete') return false
    this.rely(next)
    this.removed.add(next)
    this.write(row, null)
    return true
  }

  private rely(later: number): void {
    this.relies.set(this.item, Math.max(later, this.relies.get(this.item) ?? -1))
  }

  private write(before: TunnelRow | null, after: TunnelRow | null): void {
    const rules = before !== null && after === null ? this.book.rulesTo(before.spec.name) : []
    for (const prefix of rules) this.book.unlead(prefix)
    if (before !== null) this.book.leave(before)
    if (after !== null) this.book.enter(after)
    this.writes.push({ item: this.item, before, after, rules })
  }
}

function nameOf(operation: TunnelOperation): string {
  return operation.op === 'delete' ? operation.name : operation.spec.name
}

// SPDX-License-Identifier: MIT
/**
 * Policies of one address family to look-up tables: the last of the policies that match becomes one verdict for
 * each pair of address ranges, in as few lists and ranges as are needed. Pure; it knows ranges, no nodes.
 *
 * Sources that the same policies name are treated alike, so they share a list. A list says how it differs from the
 * base, which counts for sources that no policy names, or from a plain verdict, whichever is shorter.
 */
import { type Address, type Family, familyOf, type Prefix } from '../model/address.ts'
import type { FamilyFilter, TargetList, Verdict } from '../model/filter.ts'
import { ascending, type NumberRange, numberRange, toAddress, wholeRange } from './number-ranges.ts'
import type { Territory } from './territories.ts'

/** A policy whose ends are of any family; null: every address. */
export interface PrefixPolicy<End = Prefix> {
  readonly action: Verdict
  readonly from: readonly End[] | null
  readonly to: readonly End[] | null
}

/** What an end is made of: a node's has ranges where parts of its prefixes are another's. */
export type End = Prefix | Territory

interface Policy {
  readonly action: Verdict
  /** Null: every address. */
  readonly from: readonly NumberRange[] | null
  readonly to: readonly NumberRange[]
}

/** Verdicts by elementary target range: 1 denies. */
type Row = Uint8Array

export function compileFamily(policies: readonly PrefixPolicy<End>[], family: Family): FamilyFilter {
  const all = policies.flatMap((policy) => inFamily(policy, family))
  const targets = new Targets(all, family)
  const everywhere = all.flatMap(({ from }, i) => (from === null ? [i] : []))
  const base = targets.paint(everywhere)
  const lists: TargetList[] = [targets.shortest(base, null)]
  const byRow = new Map<string, number>([[targets.key(base), 0]])
  const byPolicies = new Map<string, number>()
  const sources: (NumberRange & { list: number })[] = []
  for (const { first, last, named } of sweep(all)) {
    const key = named.join(' ')
    let list = byPolicies.get(key)
    if (list === undefined) {
      const row = targets.paint([...everywhere, ...named].sort((a, b) => a - b))
      const rowKey = targets.key(row)
      list = byRow.get(rowKey) ?? lists.push(targets.shortest(row, base)) - 1
      byRow.set(rowKey, list)
      byPolicies.set(key, list)
    }
    const before = sources.at(-1)
    if (before?.list === list && before.last + 1n === first) sources[sources.length - 1] = { ...before, last }
    else if (list !== 0) sources.push({ first, last, list })
  }
  return { sources: sources.map(({ list, ...range }) => ({ ...toText(range, family), list })), lists }
}

/** Nothing where an end has no address of the family. */
function inFamily({ action, from, to }: PrefixPolicy<End>, family: Family): Policy[] {
  const of = (end: readonly End[] | null) =>
    end === null
      ? null
      : end.flatMap((part): NumberRange[] => {
          if (typeof part !== 'string') return part.family === family ? [part] : []
          return familyOf(part) === family ? [numberRange(part)] : []
        })
  const [sources, targets] = [of(from), of(to)]
  if (sources?.length === 0 || targets?.length === 0) return []
  return [{ action, from: sources, to: targets ?? [wholeRange(family)] }]
}

/** The address space cut at every end of a target, and verdicts on its pieces. */
class Targets {
  private readonly policies: readonly Policy[]
  private readonly family: Family
  /** Where each piece begins, ascending from 0. */
  private readonly starts: readonly bigint[]
  private readonly indexes: ReadonlyMap<bigint, number>

  constructor(policies: readonly Policy[], family: Family) {
    const { last: end } = wholeRange(family)
    const cuts = new Set<bigint>([0n])
    for (const { first, last } of policies.flatMap(({ to }) => to)) {
      cuts.add(first)
      if (last < end) cuts.add(last + 1n)
    }
    this.policies = policies
    this.family = family
    this.starts = [...cuts].sort(ascending)
    this.indexes = new Map(this.starts.map((start, i) => [start, i]))
  }

  /** `matching`: indexes of policies, ascending; later ones paint over earlier ones. */
  paint(matching: readonly number[]): Row {
    const row = new Uint8Array(this.starts.length)
    for (const i of matching) {
      const { action, to } = this.policies[i] as Policy
      for (const { first, last } of to) {
        const end = this.indexes.get(last + 1n) ?? row.length
        row.fill(action === 'deny' ? 1 : 0, this.indexes.get(first), end)
      }
    }
    return row
  }

  key(row: Row): string {
    return Buffer.from(row).toString('latin1')
  }

  /** Null: it is the base itself. */
  shortest(row: Row, base: Row | null): TargetList {
    const ways: { otherwise: TargetList['otherwise']; listed: (i: number) => boolean }[] = [
      { otherwise: 'allow', listed: (i) => row[i] === 1 },
      { otherwise: 'deny', listed: (i) => row[i] === 0 },
    ]
    if (base !== null) ways.push({ otherwise: 'base', listed: (i) => row[i] !== base[i] })
    const counted = ways.map((way) => ({ ...way, runs: runsOf(row, way.listed) }))
    const { runs, otherwise } = counted.reduce((best, each) =>
      each.runs.length < best.runs.length ? each : best,
    )
    return { targets: runs.map(([from, to]) => this.target(row, from, to)), otherwise }
  }

  /** The pieces from `from` to `to` as one range. */
  private target(row: Row, from: number, to: number): TargetList['targets'][number] {
    const last = (this.starts[to + 1] ?? wholeRange(this.family).last + 1n) - 1n
    const range = toText({ first: this.starts[from] as bigint, last }, this.family)
    return { ...range, verdict: row[from] === 1 ? 'deny' : 'allow' }
  }
}

/** Neighbouring listed pieces with one verdict: the first and the last of each run. None is listed behind the last. */
function runsOf(row: Row, listed: (i: number) => boolean): [number, number][] {
  const runs: [number, number][] = []
  for (let i = 0; i < row.length; i++) {
    if (!listed(i)) continue
    const from = i
    while (listed(i + 1) && row[i + 1] === row[from]) i++
    runs.push([from, i])
  }
  return runs
}

/** The pieces of the address space that some policies name as a source, with the indexes of those policies. */
function* sweep(policies: readonly Policy[]): Generator<NumberRange & { readonly named: readonly number[] }> {
  const turns = new Map<bigint, { policy: number; by: 1 | -1 }[]>()
  const turn = (at: bigint, policy: number, by: 1 | -1) => {
    const list = turns.get(at)
    if (list === undefined) turns.set(at, [{ policy, by }])
    else list.push({ policy, by })
  }
  for (const [policy, { from }] of policies.entries()) {
    for (const { first, last } of from ?? []) {
      turn(first, policy, 1)
      turn(last + 1n, policy, -1)
    }
  }
  const depth = new Map<number, number>()
  let since = 0n
  for (const [at, changes] of [...turns].sort(([a], [b]) => ascending(a, b))) {
    if (depth.size > 0) yield { first: since, last: at - 1n, named: [...depth.keys()].sort((a, b) => a - b) }
    for (const { policy, by } of changes) {
      const now = (depth.get(policy) ?? 0) + by
      if (now === 0) depth.delete(policy)
      else depth.set(policy, now)
    }
    since = at
  }
}

function toText({ first, last }: NumberRange, family: Family): { first: Address; last: Address } {
  return { first: toAddress(first, family), last: toAddress(last, family) }
}

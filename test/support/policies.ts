// SPDX-License-Identifier: MIT
/**
 * Policies for tests, and what they mean, said in the plainest way there is: that of language and model.
 */
import fc from 'fast-check'
import type { PrefixPolicy } from '../../src/interp/policy-program.ts'
import {
  type Address,
  addressBytes,
  familyOf,
  type Prefix,
  prefixContains,
  prefixOf,
} from '../../src/model/address.ts'
import type { AddressRange, FilterSpec, Verdict } from '../../src/model/filter.ts'
import type { Policy, PolicyEnd, Topology } from '../../src/model/topology.ts'
import { lineOf } from './topologies.ts'

/** `any`, a prefix, or a node's name. */
export function policy(action: Verdict, from: string, to: string, overlay = 'mitte'): Policy {
  return { overlay, action, from: endOf(from), to: endOf(to), span: lineOf(50) }
}

function endOf(text: string): PolicyEnd {
  if (text === 'any') return { kind: 'any' }
  return text.includes('/') ? { kind: 'prefix', prefix: text as Prefix } : { kind: 'node', node: text }
}

export function withPolicies(file: Topology, ...policies: readonly Policy[]): Topology {
  const made = { ...file, policies }
  const text = () => JSON.stringify(made, (key, value) => (key === 'span' ? undefined : value))
  return Object.defineProperty(made, fc.toStringMethod, { value: text })
}

/** Policies between nodes of a topology, its prefixes and everything. */
export function anyPolicies(file: Topology): fc.Arbitrary<readonly Policy[]> {
  const [overlay] = file.overlays
  if (overlay === undefined) return fc.constant([])
  const names = [overlay.hub, ...overlay.spokes].map(({ name }) => name)
  const end = fc.constantFrom('any', ...names, ...overlay.nets, '10.64.0.0/22')
  const one = fc.tuple(fc.constantFrom('allow' as const, 'deny' as const), end, end)
  return fc.array(
    one.map(([action, from, to]) => policy(action, from, to, overlay.name)),
    { maxLength: 5 },
  )
}

/** Prefixes of both families that often meet, of lengths that hold nothing, little, much and everything. */
export const anyPrefix: fc.Arbitrary<Prefix> = fc.oneof(
  fc
    .record({ c: fc.nat(3), d: fc.nat(255), length: fc.constantFrom(0, 8, 22, 23, 24, 30, 31, 32) })
    .map(({ c, d, length }) => prefixOf(`10.0.${c}.${d}` as Address, length)),
  fc
    .record({ c: fc.nat(3), d: fc.nat(255), length: fc.constantFrom(0, 16, 48, 62, 64, 127, 128) })
    .map(({ c, d, length }) => prefixOf(`fd42:0:0:${c}::${d.toString(16)}` as Address, length)),
)

/** The last that matches counts; without one the flow is allowed. */
export function naiveVerdict(policies: readonly PrefixPolicy[], from: Address, to: Address): Verdict {
  const holds = (prefixes: readonly Prefix[] | null, address: Address) =>
    prefixes === null || prefixes.some((prefix) => prefixContains(prefix, address))
  return policies.findLast((p) => holds(p.from, from) && holds(p.to, to))?.action ?? 'allow'
}

/** What a filter's look-ups come to. */
export function verdictOf(filter: Pick<FilterSpec, 'ipv4' | 'ipv6'>, from: Address, to: Address): Verdict {
  const { sources, lists } = familyOf(from) === 4 ? filter.ipv4 : filter.ipv6
  const ask = (list: number): Verdict => {
    const { targets, otherwise } = lists[list] as (typeof lists)[number]
    const verdict = targets.find((range) => within(range, to))?.verdict ?? otherwise
    return verdict === 'base' ? ask(0) : verdict
  }
  return ask(sources.find((range) => within(range, from))?.list ?? 0)
}

function within({ first, last }: AddressRange, address: Address): boolean {
  const bytes = addressBytes(address)
  return Buffer.compare(addressBytes(first), bytes) <= 0 && Buffer.compare(bytes, addressBytes(last)) <= 0
}

// SPDX-License-Identifier: MIT
/** Policies as look-ups: they say what the policies say, one by one, and they stay small. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileFamily, type PrefixPolicy } from '../../../src/interp/policy-program.ts'
import {
  type Address,
  addressBytes,
  type Family,
  formatAddress,
  lastAddress,
  type Prefix,
  prefixAddress,
} from '../../../src/model/address.ts'
import type { FamilyFilter } from '../../../src/model/filter.ts'
import { anyPrefix, naiveVerdict, verdictOf } from '../../support/policies.ts'

const end = fc.oneof(fc.constant(null), fc.array(anyPrefix, { minLength: 1, maxLength: 3 }))
const policies: fc.Arbitrary<readonly PrefixPolicy[]> = fc.array(
  fc.record({ action: fc.constantFrom('allow' as const, 'deny' as const), from: end, to: end }),
  { maxLength: 8 },
)

const compiled = (list: readonly PrefixPolicy[]) => ({
  ipv4: compileFamily(list, 4),
  ipv6: compileFamily(list, 6),
})

/** Where something may change: first and last addresses of all prefixes, their neighbours, and the ends of all. */
function corners(list: readonly PrefixPolicy[], family: Family): Address[] {
  const named = list.flatMap(({ from, to }) => [...(from ?? []), ...(to ?? [])])
  const own = named.filter((prefix) => prefix.includes(':') === (family === 6))
  const all = own.flatMap((prefix) => [prefixAddress(prefix), lastAddress(prefix)])
  const ends =
    family === 4 ? ['0.0.0.0', '255.255.255.255'] : ['::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff']
  return [...new Set([...(ends as Address[]), ...all.flatMap((a) => [a, beside(a, 1), beside(a, -1)])])]
}

/** The next address, or the one before; around the ends. */
function beside(address: Address, by: 1 | -1): Address {
  const bytes = addressBytes(address)
  for (let i = bytes.length - 1; i >= 0; i--) {
    const next = ((bytes[i] as number) + by + 256) % 256
    bytes[i] = next
    if (next !== (by === 1 ? 0 : 255)) break
  }
  return formatAddress(bytes)
}

describe('compiled policies', () => {
  it('say of every pair of addresses what the policies say one by one', () => {
    fc.assert(
      fc.property(policies, (list) => {
        const filter = compiled(list)
        for (const family of [4, 6] as const) {
          const places = corners(list, family)
          for (const from of places)
            for (const to of places)
              if (verdictOf(filter, from, to) !== naiveVerdict(list, from, to))
                throw new Error(`${from} -> ${to} should be ${naiveVerdict(list, from, to)}`)
        }
      }),
      { numRuns: 150 },
    )
  })

  it('are disjoint, ascending, merged, and use every list', () => {
    fc.assert(
      fc.property(policies, (list) => {
        for (const { sources, lists } of Object.values(compiled(list))) {
          expect(new Set([0, ...sources.map(({ list: i }) => i)])).toEqual(new Set(lists.keys()))
          expect(lists[0]?.otherwise).not.toBe('base')
          ordered(sources, 'list')
          for (const { targets } of lists) ordered(targets, 'verdict')
        }
      }),
      { numRuns: 200 },
    )
  })

  function ordered<
    T extends FamilyFilter['sources'][number] | FamilyFilter['lists'][number]['targets'][number],
  >(ranges: readonly T[], value: keyof T): void {
    for (const [i, range] of ranges.entries()) {
      const next = ranges[i + 1]
      if (next === undefined) continue
      expect(Buffer.compare(addressBytes(range.last), addressBytes(next.first))).toBe(-1)
      if (beside(range.last, 1) === next.first) expect(range[value]).not.toEqual(next[value])
    }
  }

  const host = (i: number) => [`10.${i >> 8}.${i & 255}.1/32` as Prefix]
  const size = ({ sources, lists }: FamilyFilter) =>
    sources.length + lists.length + lists.reduce((sum, { targets }) => sum + targets.length, 0)
  const many = Array.from({ length: 500 }, (_, i) => i)

  it('grow with the policies, not with their square', () => {
    const islands = many.flatMap((i): PrefixPolicy[] => [
      { action: 'deny', from: null, to: host(i) },
      { action: 'allow', from: host(1000 + i), to: host(i) },
    ])
    expect(size(compileFamily(islands, 4))).toBeLessThan(4 * 500 + 10)
    const reverse = many.flatMap((i): PrefixPolicy[] => [
      { action: 'deny', from: host(i), to: null },
      { action: 'allow', from: host(i), to: host(1000 + i) },
    ])
    expect(size(compileFamily(reverse, 4))).toBeLessThan(4 * 500 + 10)
  })

  it('share one list among sources that are treated alike', () => {
    const group = Array.from({ length: 10_000 }, (_, i) => host(2 * i)).flat()
    const { lists, sources } = compileFamily([{ action: 'deny', from: group, to: host(1) }], 4)
    expect(sources).toHaveLength(10_000)
    expect(lists).toEqual([
      { targets: [], otherwise: 'allow' },
      { targets: [{ first: '10.0.1.1', last: '10.0.1.1', verdict: 'deny' }], otherwise: 'allow' },
    ])
  })
})

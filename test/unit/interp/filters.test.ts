// SPDX-License-Identifier: MIT
/** Policies as values: the look-up tables of small examples, how they are labelled, and which node has them. */
import { describe, expect, it, test } from 'vitest'
import { filterOf, labelOf } from '../../../src/interp/desire-filter.ts'
import { compileFamily, type End, type PrefixPolicy } from '../../../src/interp/policy-program.ts'
import type { Address, Prefix } from '../../../src/model/address.ts'
import type { FamilyFilter, Verdict } from '../../../src/model/filter.ts'
import type { Policy } from '../../../src/model/topology.ts'
import { policy, verdictOf } from '../../support/policies.ts'
import { at, hub, overlay, spoke } from '../../support/topologies.ts'

/** `deny 10.0.0.1/32,10.0.0.2/32 any` */
function given(...lines: readonly string[]): PrefixPolicy<End>[] {
  const ends = (text: string) => (text === 'any' ? null : (text.split(',') as Prefix[]))
  return lines.map((line) => {
    const [action, from, to] = line.split(' ') as [Verdict, string, string]
    return { action, from: ends(from), to: ends(to) }
  })
}

/** `FIRST-LAST list N` for sources, `FIRST-LAST verdict` and what counts else for each list. */
function shown({ sources, lists }: FamilyFilter): string[] {
  return [
    ...sources.map(({ first, last, list }) => `${first}-${last} list ${list}`),
    ...lists.map(({ targets, otherwise }) =>
      [...targets.map(({ first, last, verdict }) => `${first}-${last} ${verdict}`), otherwise].join(', '),
    ),
  ]
}
const compiled = (family: 4 | 6, ...lines: readonly string[]) => shown(compileFamily(given(...lines), family))

describe('policies of a family', () => {
  it.each<[what: string, lines: string[], expected: string[]]>([
    ['none: everything passes', [], ['allow']],
    ['to some: the base denies it', ['deny any 10.0.0.0/30'], ['10.0.0.0-10.0.0.3 deny, allow']],
    ['to all: the base is that', ['deny any any'], ['deny']],
    ['the last counts', ['deny any any', 'allow any any'], ['allow']],
    [
      'all but some: the shorter way to say it',
      ['deny any any', 'allow any 10.0.0.0/30'],
      ['10.0.0.0-10.0.0.3 allow, deny'],
    ],
    [
      'ranges that touch are one where their verdicts are alike',
      ['deny any 10.0.0.0/31', 'deny any 10.0.0.2/32', 'deny any 10.0.0.4/32'],
      ['10.0.0.0-10.0.0.2 deny, 10.0.0.4-10.0.0.4 deny, allow'],
    ],
    [
      'to the ends of the address space',
      ['deny any 0.0.0.0/32,255.255.255.255/32'],
      ['0.0.0.1-255.255.255.254 allow, deny'],
    ],
    [
      'of some: they have a list',
      ['deny 10.0.0.1/32 10.0.0.8/32'],
      ['10.0.0.1-10.0.0.1 list 1', 'allow', '10.0.0.8-10.0.0.8 deny, allow'],
    ],
    [
      'of neighbours that are treated alike: one range, one list',
      ['deny 10.0.0.0/32 10.0.0.8/32', 'deny 10.0.0.1/32 10.0.0.8/32', 'deny 10.0.0.3/32 10.0.0.8/32'],
      ['10.0.0.0-10.0.0.1 list 1', '10.0.0.3-10.0.0.3 list 1', 'allow', '10.0.0.8-10.0.0.8 deny, allow'],
    ],
    [
      'of some that change nothing: no list',
      ['deny any 10.0.0.8/32', 'deny 10.0.0.1/32 10.0.0.8/32'],
      ['10.0.0.8-10.0.0.8 deny, allow'],
    ],
    [
      'of what lies in another: each part as all that name it say',
      ['deny 10.0.0.0/30 10.0.0.8/32', 'allow 10.0.0.1/32 any'],
      ['10.0.0.0-10.0.0.0 list 1', '10.0.0.2-10.0.0.3 list 1', 'allow', '10.0.0.8-10.0.0.8 deny, allow'],
    ],
    [
      'of the same source twice: it is named until the last of them ends',
      ['deny 10.0.0.0/30,10.0.0.0/31 10.0.0.8/32'],
      ['10.0.0.0-10.0.0.3 list 1', 'allow', '10.0.0.8-10.0.0.8 deny, allow'],
    ],
    [
      'a list as its differences from the base, where that is shorter',
      ['deny any 10.0.0.2/32,10.0.0.4/32,10.0.0.6/32', 'allow 10.0.1.1/32 10.0.0.4/32'],
      [
        '10.0.1.1-10.0.1.1 list 1',
        '10.0.0.2-10.0.0.2 deny, 10.0.0.4-10.0.0.4 deny, 10.0.0.6-10.0.0.6 deny, allow',
        '10.0.0.4-10.0.0.4 allow, base',
      ],
    ],
    [
      'a list with neighbours of two verdicts',
      [
        'deny any 10.0.0.0/32,10.0.0.4/32,10.0.0.6/32,10.0.0.8/32',
        'allow 10.0.1.1/32 10.0.0.0/32',
        'deny 10.0.1.1/32 10.0.0.1/32',
      ],
      [
        '10.0.1.1-10.0.1.1 list 1',
        '10.0.0.0-10.0.0.0 deny, 10.0.0.4-10.0.0.4 deny, 10.0.0.6-10.0.0.6 deny, 10.0.0.8-10.0.0.8 deny, allow',
        '10.0.0.0-10.0.0.0 allow, 10.0.0.1-10.0.0.1 deny, base',
      ],
    ],
    [
      'policies between what any has and what some have, in source order',
      ['deny 10.0.0.1/32 any', 'allow any 10.0.0.8/32', 'deny 10.0.0.2/32 10.0.0.8/32'],
      [
        '10.0.0.1-10.0.0.1 list 1',
        '10.0.0.2-10.0.0.2 list 2',
        'allow',
        '10.0.0.8-10.0.0.8 allow, deny',
        '10.0.0.8-10.0.0.8 deny, allow',
      ],
    ],
    ['of the other family alone: nothing', ['deny fd42::/16 any', 'deny any fd42::1/128'], ['allow']],
    [
      'of both families: what is of this one',
      ['deny fd42::1/128,10.0.0.1/32 fd42::2/128,10.0.0.2/32'],
      ['10.0.0.1-10.0.0.1 list 1', 'allow', '10.0.0.2-10.0.0.2 deny, allow'],
    ],
  ])('%s', (_, lines, expected) => {
    expect(compiled(4, ...lines)).toEqual(expected)
  })

  it('are those of IPv6 just as well', () => {
    expect(compiled(6, 'deny fd42::/127 ::/1,10.0.0.0/8')).toEqual([
      'fd42::-fd42::1 list 1',
      'allow',
      '::-7fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff deny, allow',
    ])
    expect(compiled(6, 'deny any 8000::/1')).toEqual([
      '8000::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff deny, allow',
    ])
  })

  it('are never mixed up, however many there are', () => {
    const lines = Array.from({ length: 24 }, (_, i) => `deny 10.9.0.${i}/32 10.9.1.${i}/32`)
    lines[1] = 'deny 10.0.0.1/32,10.0.0.3/32 10.0.1.1/32'
    lines[2] = 'deny 10.0.0.1/32 10.0.1.2/32'
    lines[3] = 'deny 10.0.0.1/32 10.0.1.3/32'
    lines[23] = 'deny 10.0.0.3/32 10.0.1.23/32'
    const made = { ipv4: compileFamily(given(...lines), 4), ipv6: compileFamily([], 6) }
    const denied = (from: string) =>
      [1, 2, 3, 23].filter((n) => verdictOf(made, from as Address, `10.0.1.${n}` as Address) === 'deny')
    expect([denied('10.0.0.1'), denied('10.0.0.2'), denied('10.0.0.3')]).toEqual([[1, 2, 3], [], [1, 23]])
  })

  it('may name ranges instead of prefixes, each of one family', () => {
    const ends: End[] = [
      { family: 4, first: 0x0a000001n, last: 0x0a000006n },
      { family: 6, first: 1n, last: 6n },
    ]
    const made = compileFamily([{ action: 'deny', from: ends, to: ends.slice(1) }], 6)
    expect(shown(made)).toEqual(['::1-::6 list 1', 'allow', '::1-::6 deny, allow'])
    expect(shown(compileFamily([{ action: 'deny', from: ends, to: ends.slice(1) }], 4))).toEqual(['allow'])
  })
})

describe('the filter of a node', () => {
  const gw = hub('gw1', ['198.51.100.10'], { addresses: ['10.64.0.1'] })
  const a = spoke('a', at('203.0.113.7'), { addresses: ['10.64.1.1', 'fd42:64::1'] })
  const b = spoke('b', at('203.0.113.8'), { addresses: ['10.64.2.1'] })
  const over = overlay(['10.64.0.0/16', 'fd42:64::/48'], gw, [a, b])
  const made = (...policies: Policy[]) => filterOf(gw, over, policies)

  it('is that of a hub: its overlay’s policies in source order, and what they come to', () => {
    const filter = made(
      policy('allow', 'a', 'b'),
      policy('deny', 'any', '10.64.9.0/24'),
      policy('deny', 'a', 'any', 'city'),
    )
    expect(filter).toMatchObject({
      device: 'lvn0',
      owner: { overlay: 'mitte', node: 'gw1' },
      policies: ['allow a -> b', 'deny any -> 10.64.9.0/24'],
    })
    expect(filter && shown(filter.ipv4)).toEqual(['10.64.9.0-10.64.9.255 deny, allow'])
    expect(filter && shown(filter.ipv6)).toEqual(['allow'])
    expect(filterOf(a, over, [policy('deny', 'a', 'b')])).toBeNull()
  })

  it('is absent where no policy denies what would otherwise pass', () => {
    expect(made()).toBeNull()
    expect(made(policy('allow', 'a', 'b'))).toBeNull()
    expect(made(policy('deny', 'a', 'b', 'city'))).toBeNull()
    expect(made(policy('deny', 'a', 'b'), policy('allow', 'any', 'any'))).toBeNull()
  })

  it('denies in the families that both ends have', () => {
    const only6 = spoke('only6', at('203.0.113.9'), { addresses: ['fd42:64::9'] })
    const six = filterOf(gw, overlay(over.nets, gw, [a, only6]), [policy('deny', 'a', 'only6')])
    const verdict = (from: string, to: string) => six && verdictOf(six, from as Address, to as Address)
    expect(verdict('fd42:64::1', 'fd42:64::9')).toBe('deny')
    expect(verdict('fd42:64::9', 'fd42:64::1')).toBe('allow')
    expect(six && shown(six.ipv4)).toEqual(['allow'])
    expect(filterOf(gw, overlay(over.nets, gw, [b, only6]), [policy('deny', 'b', 'only6')])).toBeNull()
    // All of a family may be denied without one target in its list.
    expect(made(policy('deny', 'any', 'any'))).not.toBeNull()
  })
})

test.each([
  [128, 'deny x{60} -> y{59}$'],
  [129, 'deny x{60} -> y{56}…$'],
])('a label of %i bytes is what the kernel keeps', (bytes, pattern) => {
  const label = labelOf(policy('deny', 'x'.repeat(60), 'y'.repeat(bytes - 69)))
  expect(label).toMatch(new RegExp(`^${pattern}`))
  expect(Buffer.byteLength(label)).toBe(128)
})

test('a label is cut between characters', () => {
  const label = labelOf(policy('deny', 'x'.repeat(60), '🐦'.repeat(20)))
  expect(label).toBe(`deny ${'x'.repeat(60)} -> ${'🐦'.repeat(14)}…`)
})

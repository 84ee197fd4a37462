// SPDX-License-Identifier: MIT
/**
 * Tables as `nft -j list table` (1.0.6) prints them, by whomever they were changed: read without a failure, and never
 * taken for whole where they are not.
 */
import { describe, expect, it } from 'vitest'
import { decodeTable } from '../../../native/host/filter/decode.ts'
import { tableContents } from '../../../native/host/filter/encode.ts'
import type { NftObject } from '../../../native/host/filter/nft.ts'
import type { Address } from '../../../src/model/address.ts'
import { type FilterSpec, openFamily } from '../../../src/model/filter.ts'

const at = (first: string, last = first) => ({ first: first as Address, last: last as Address })
const spec: FilterSpec = {
  device: 'lvn0',
  owner: { overlay: 'mitte', node: 'gw1' },
  policies: ['deny a -> b', 'allow c -> d'],
  ipv4: {
    sources: [
      { ...at('9.0.0.1'), list: 1 },
      { ...at('10.64.1.0', '10.64.1.255'), list: 2 },
    ],
    lists: [
      { targets: [], otherwise: 'allow' },
      {
        targets: [
          { ...at('9.0.0.2'), verdict: 'allow' },
          { ...at('10.64.2.0', '10.64.2.255'), verdict: 'deny' },
        ],
        otherwise: 'base',
      },
      { targets: [], otherwise: 'deny' },
    ],
  },
  ipv6: openFamily,
}
const table = { table: { family: 'inet', name: 'lvn_lvn0', handle: 1 } }
const written = tableContents(spec)

/** The table with one of its sets and maps, known by its name, made another. */
function withPart(name: string, change: (part: Record<string, unknown>) => object): NftObject[] {
  const changed = written.map((object) => {
    const [[kind, part] = []] = Object.entries(object)
    const of = part as Record<string, unknown>
    return (kind === 'set' || kind === 'map') && of.name === name
      ? { [kind]: { ...of, ...change(of) } }
      : object
  })
  expect(changed).not.toEqual(written)
  return [table, ...changed]
}
const withElements = (name: string, elem: readonly unknown[]) => withPart(name, () => ({ elem }))
/** The statements of the first rule with that comment. */
function exprOf(comment: string): readonly Record<string, Record<string, unknown>>[] {
  const rules = written.flatMap(({ rule }) => (rule as { comment: string; expr: never } | undefined) ?? [])
  return rules.find((rule) => rule.comment === comment)?.expr ?? []
}
const match = (comment: string) => exprOf(comment)[0]?.match
const vmap = (comment: string) => exprOf(comment)[0]?.vmap
/** The table with other statements in the first rule with that comment. */
function withRule(comment: string, expr: unknown): NftObject[] {
  const at = written.findIndex(({ rule }) => (rule as { comment?: string } | undefined)?.comment === comment)
  const rule = { ...(written[at]?.rule as object), expr }
  return written.map((object, i) => (i === at ? { rule } : object))
}
const list = (target: string) => ({ goto: { target } })

describe('a table of ours', () => {
  it('is what it was made from, in whatever order its elements are printed', () => {
    expect(decodeTable('lvn0', [table, ...written])).toEqual({ ...spec, intact: true })
    const turned = withPart('sources4', ({ elem }) => ({ elem: (elem as unknown[]).toReversed() }))
    expect(decodeTable('lvn0', turned)).toEqual({ ...spec, intact: true })
    const texts = withElements('policies', [
      { elem: { val: 2, comment: 'allow c -> d' } },
      { elem: { val: 1, comment: 'deny a -> b' } },
    ])
    expect(decodeTable('lvn0', texts)).toEqual({ ...spec, intact: true })
  })

  it('may be printed in any order of its parts', () => {
    expect(decodeTable('lvn0', [...written.toReversed(), table]).intact).toBe(false)
    const isRule = (object: NftObject) => 'rule' in object
    const rulesFirst = [
      ...written.filter(isRule),
      ...written.filter((object) => !isRule(object)).toReversed(),
    ]
    expect(decodeTable('lvn0', [...rulesFirst, table])).toEqual({ ...spec, intact: true })
  })

  it('may have handles, and elements printed as prefixes or with more about them', () => {
    const printed = withElements('sources4', [
      [{ prefix: { addr: '10.64.1.0', len: 24 } }, list('list4_2')],
      [{ elem: { val: '9.0.0.1', comment: 'see' } }, list('list4_1')],
    ]).map((object, handle) =>
      Object.fromEntries(
        Object.entries(object).map(([kind, part]) => [kind, { ...(part as object), handle }]),
      ),
    )
    expect(decodeTable('lvn0', printed)).toEqual({ ...spec, intact: true })
  })

  it('may have rules that are printed otherwise and do the same', () => {
    const proto = (key: string, right: unknown) => ({ match: { op: '==', left: { meta: { key } }, right } })
    const same: [string, unknown][] = [
      ['denied', [{ counter: { packets: 9, bytes: 99 } }, { reject: { type: 'icmpx type', expr: 13 } }]],
      ['denied', [{ reject: null }]],
      [
        'answers',
        [{ match: { ...match('answers'), op: '==', right: { set: ['related', 2] } } }, { accept: null }],
      ],
      ['by target', [proto('nfproto', 'ipv4'), ...exprOf('by target')]],
      ['errors', [proto('l4proto', 'icmp'), ...exprOf('errors')]],
    ]
    for (const [comment, expr] of same)
      expect(decodeTable('lvn0', [table, ...withRule(comment, expr)])).toEqual({ ...spec, intact: true })
  })

  it('with one text less than before has it no more, and is as it says', () => {
    const fewer = withElements('policies', [{ elem: { val: 1, comment: 'deny a -> b' } }])
    expect(decodeTable('lvn0', fewer)).toEqual({ ...spec, policies: ['deny a -> b'], intact: true })
    // An element without a comment is printed as its value alone.
    const bare = withElements('policies', [{ elem: { val: 1, comment: 'deny a -> b' } }, 2])
    expect(decodeTable('lvn0', bare)).toEqual({ ...spec, policies: ['deny a -> b'], intact: false })
    const timed = withElements('policies', [
      { elem: { val: 1, comment: 'deny a -> b' } },
      { elem: { val: 2, timeout: 60 } },
    ])
    expect(decodeTable('lvn0', timed)).toEqual({ ...spec, policies: ['deny a -> b'], intact: false })
  })
})

describe('a table of ours is not whole', () => {
  const damaged = (objects: readonly NftObject[]) => {
    const live = decodeTable('lvn0', objects)
    expect(live).toMatchObject({ owner: spec.owner, intact: false })
    return live
  }
  const sources = [
    ['9.0.0.1', list('list4_1')],
    [{ range: ['10.64.1.0', '10.64.1.255'] }, list('list4_2')],
  ]
  const targets = [
    ['9.0.0.2', { accept: null }],
    [{ prefix: { addr: '10.64.2.0', len: 24 } }, list('deny')],
  ]

  it('with an element for whatever no other holds', () => {
    expect(damaged(withElements('sources4', [...sources, ['*', { accept: null }]])).ipv4).toEqual(spec.ipv4)
    expect(damaged(withElements('targets4_1', [...targets, ['*', list('deny')]])).ipv4).toEqual(spec.ipv4)
  })

  it.each([
    ['accepted', ['10.64.1.7', { accept: null }]],
    ['sent to another chain', ['10.64.1.7', list('deny')]],
    ['sent to a list of IPv6', ['10.64.1.7', list('list6_2')]],
    ['sent to chains with names that hold a list’s', ['10.64.1.7', list('xlist4_2')]],
    ['sent to chains with names like a list’s', ['10.64.1.7', list('list4_2x')]],
  ])('with a source %s', (_, element) => {
    const { ipv4 } = damaged(withElements('sources4', [sources[0], element]))
    expect(ipv4.sources).toEqual(spec.ipv4.sources.slice(0, 1))
  })

  it.each([
    ['dropped', ['10.64.2.1', { drop: null }]],
    ['that goes on', ['10.64.2.1', { continue: null }]],
    ['sent to a list', ['10.64.2.1', list('list4_0')]],
    ['of no address', [{ prefix: { addr: 'x', len: 24 } }, list('deny')]],
    ['that has no end', [{ range: ['1.0.0.1', 'x'] }, list('deny')]],
    ['that has no beginning', [{ range: ['x', '1.0.0.1'] }, list('deny')]],
    ['of another form', [{ concat: ['1.0.0.1', 7] }, list('deny')]],
  ])('with a target %s', (_, element) => {
    const { ipv4 } = damaged(withElements('targets4_1', [targets[0], element]))
    expect(ipv4.lists[1]?.targets).toEqual(spec.ipv4.lists[1]?.targets.slice(0, 1))
  })

  it('with a list that no source has', () => {
    const extra = { chain: { family: 'inet', table: 'lvn_lvn0', name: 'list4_3' } }
    expect(damaged([table, ...written, extra]).ipv4.lists).toHaveLength(3)
  })

  it('with a rule in another place of its chain, or in another chain', () => {
    const rule = (chain: string, comment?: string) => ({ rule: { chain, comment, expr: [] } })
    const without = written.filter(
      ({ rule }) => (rule as { comment?: string } | undefined)?.comment !== 'answers',
    )
    expect(without).toHaveLength(written.length - 1)
    damaged([table, ...without, rule('flows', 'answers')])
    damaged([table, ...without, rule('forward', 'answers')])
    damaged([table, ...without, rule('other', 'answers')])
    damaged([table, ...written, rule('flows')])
  })

  it.each([
    ['otherwise deny', 2],
    ['otherwise base', 1],
  ] as const)('with a rule that ends a list otherwise than “%s”', (comment, i) => {
    const ended = written.map((object) => {
      const rule = object.rule as { comment?: string } | undefined
      return rule?.comment === comment ? { rule: { ...rule, comment: 'otherwise drop' } } : object
    })
    expect(damaged([table, ...ended]).ipv4.lists[i]?.otherwise).toBe('allow')
  })

  const accept = { accept: null }
  const from = {
    match: { op: '==', left: { payload: { protocol: 'ip', field: 'saddr' } }, right: '9.9.9.9' },
  }
  const isTcp = { match: { op: '==', left: { meta: { key: 'l4proto' } }, right: 'tcp' } }
  const [counter, reject] = exprOf('denied')
  it.each<[string, string, unknown]>([
    ['that accepts what it denied', 'denied', [counter, accept]],
    ['that counts what it denied', 'denied', [counter]],
    ['that denies some addresses only', 'denied', [from, reject]],
    ['that denies one protocol only', 'denied', [isTcp, reject]],
    ['that denies up to a rate', 'denied', [{ limit: { rate: 1, per: 'second' } }, reject]],
    ['that goes nowhere', 'denied', undefined],
    ['that goes on where the list ended', 'otherwise deny', [{ jump: { target: 'deny' } }]],
    ['that goes to another chain', 'otherwise deny', [list('list4_0')]],
    [
      'that asks another map',
      'by target',
      [{ ...vmap('by target'), data: '@sources4' }].map((of) => ({ vmap: of })),
    ],
    [
      'that asks another field of it',
      'by target',
      [{ vmap: { ...vmap('by target'), key: from.match.left } }],
    ],
    ['that lets pass whatever comes', 'answers', [accept]],
    ['that lets pass the opposite', 'answers', [{ match: { ...match('answers'), op: '!=' } }, accept]],
    [
      'for another interface',
      'in by lvn0',
      [{ match: { ...match('in by lvn0'), right: 'lvn1' } }, list('flows')],
    ],
  ])('with a rule under its comment %s', (_, comment, expr) => {
    damaged([table, ...withRule(comment, expr)])
  })

  it('with a rule after the end of a list, which ends as it did', () => {
    const more = { rule: { chain: 'list4_2', comment: 'by target', expr: [] } }
    expect(damaged([table, ...written, more]).ipv4).toEqual(spec.ipv4)
  })

  it.each([
    ['type', 'nat'],
    ['hook', 'ingress'],
    ['prio', 1],
    ['policy', 'drop'],
  ])('with a chain on another hook: %s', (field, value) => {
    const hooked = written.map((object) => {
      const chain = object.chain as { name: string } | undefined
      return chain?.name === 'forward' ? { chain: { ...chain, [field]: value } } : object
    })
    damaged([table, ...hooked])
  })

  it('with a flag', () => {
    const flagged = { table: { ...table.table, flags: 'dormant' } }
    expect(damaged([flagged, ...written]).ipv4).toEqual(spec.ipv4)
  })
})

describe('a table of others', () => {
  const owner = (...lines: string[]) => {
    const elem = lines.map((comment, i) => ({ elem: { val: i + 1, comment } }))
    return decodeTable('lvn0', [table, { set: { name: 'owner', elem } }]).owner
  }

  it.each([
    [[]],
    [['overlay mitte']],
    [['node gw1', 'overlay mitte']],
    [['overlay ', 'node gw1']],
    [['overlay mitte', 'node ']],
    [['an overlay mitte', 'node gw1']],
    [['overlay mitte', 'a node gw1']],
  ])('has a set that does not say whose: %j', (lines) => expect(owner(...lines)).toBeNull())

  it('is not read any further, and is as it should be', () => {
    const set = { set: { name: 'owner', elem: [1, 2] } }
    const odd = { map: { name: 'sources4', elem: [['*', { drop: null }]] } }
    expect(decodeTable('lvn0', [table, set, odd])).toEqual({
      ...{ device: 'lvn0', owner: null, policies: [], ipv4: openFamily, ipv6: openFamily, intact: true },
    })
  })

  it('may be ours with more in that set: then it is not whole', () => {
    expect(owner('overlay mitte', 'node gw1', 'more')).toEqual({ overlay: 'mitte', node: 'gw1' })
  })

  it('may have an owner of any name', () => {
    expect(owner('overlay mitte süd', 'node a b')).toEqual({ overlay: 'mitte süd', node: 'a b' })
  })
})

// SPDX-License-Identifier: MIT
/** The table that a filter becomes, object by object in the JSON of nft (libnftables-json(5)). */
import { describe, expect, it } from 'vitest'
import { tableContents } from '../../../native/host/filter/encode.ts'
import type { NftObject } from '../../../native/host/filter/nft.ts'
import type { Address } from '../../../src/model/address.ts'
import { type FamilyFilter, type FilterSpec, openFamily } from '../../../src/model/filter.ts'

const at = (first: string, last = first) => ({ first: first as Address, last: last as Address })
const ipv4: FamilyFilter = {
  sources: [
    { ...at('10.64.1.0', '10.64.1.255'), list: 1 },
    { ...at('10.64.2.7'), list: 2 },
  ],
  lists: [
    { targets: [{ ...at('10.64.9.1'), verdict: 'deny' }], otherwise: 'allow' },
    { targets: [{ ...at('10.64.3.0', '10.64.3.255'), verdict: 'allow' }], otherwise: 'base' },
    { targets: [], otherwise: 'deny' },
  ],
}
const ipv6: FamilyFilter = {
  sources: [{ ...at('fd42::', 'fd42::ffff'), list: 1 }],
  lists: [
    { targets: [], otherwise: 'deny' },
    { targets: [{ ...at('fd42::1:1'), verdict: 'allow' }], otherwise: 'base' },
  ],
}
const spec: FilterSpec = {
  device: 'lvn0',
  owner: { overlay: 'mitte', node: 'gw1' },
  policies: ['deny a -> b', 'allow c -> d'],
  ipv4,
  ipv6,
}

/** Objects of one kind, without what all of them have. */
function parts(kind: string, of = spec): Record<string, unknown>[] {
  const found = tableContents(of).flatMap((object) =>
    object[kind] === undefined ? [] : [object[kind] as NftObject],
  )
  return found.map(({ family, table, ...rest }) => {
    expect([family, table]).toEqual(['inet', `lvn_${of.device}`])
    return rest
  })
}
/** Comments and expressions of the rules of a chain, in order. */
const rules = (chain: string, of = spec) =>
  parts('rule', of).flatMap(({ chain: in_, comment, expr }) => (in_ === chain ? [[comment, expr]] : []))

const accept = { accept: null }
const goto = (target: string) => ({ goto: { target } })
const is = (left: object, right: unknown) => ({ match: { op: '==', left, right } })
const byDevice = (key: 'iifname' | 'oifname') => is({ meta: { key } }, 'lvn0')

describe('the table of a filter', () => {
  it('has its sets, chains and maps before the rules that name them', () => {
    const kinds = tableContents(spec).map((object) => Object.keys(object))
    expect(kinds.filter(({ length }) => length !== 1)).toEqual([])
    expect([...new Set(kinds.flat())]).toEqual(['set', 'chain', 'map', 'rule'])
  })

  it('tells its owner and its policies', () => {
    const line = (val: number, comment: string) => ({ elem: { val, comment } })
    expect(parts('set')).toEqual([
      { name: 'owner', type: 'mark', elem: [line(1, 'overlay mitte'), line(2, 'node gw1')] },
      { name: 'policies', type: 'mark', elem: [line(1, 'deny a -> b'), line(2, 'allow c -> d')] },
    ])
  })

  it('hangs on the hooks that packets of the device pass, and lets through what no rule denies', () => {
    const hooked = (hook: string) => ({ name: hook, type: 'filter', hook, prio: 0, policy: 'accept' })
    expect(parts('chain')).toEqual([
      ...['deny', 'flows', 'list4_0', 'list4_1', 'list4_2', 'list6_0', 'list6_1'].map((name) => ({ name })),
      ...['forward', 'input', 'output'].map(hooked),
    ])
  })

  it('has maps from sources to lists and from targets to verdicts, and none without elements', () => {
    const map = (name: string, type: string, ...elem: unknown[]) => ({
      ...{ name, type, map: 'verdict', flags: ['interval'], elem },
    })
    expect(parts('map')).toEqual([
      map(
        ...(['sources4', 'ipv4_addr'] as const),
        [{ range: ['10.64.1.0', '10.64.1.255'] }, goto('list4_1')],
        ['10.64.2.7', goto('list4_2')],
      ),
      map('targets4_0', 'ipv4_addr', ['10.64.9.1', goto('deny')]),
      map('targets4_1', 'ipv4_addr', [{ range: ['10.64.3.0', '10.64.3.255'] }, accept]),
      map('sources6', 'ipv6_addr', [{ range: ['fd42::', 'fd42::ffff'] }, goto('list6_1')]),
      map('targets6_1', 'ipv6_addr', ['fd42::1:1', accept]),
    ])
  })

  it('looks at forwarded packets where they come in or leave by the device', () => {
    expect(rules('forward')).toEqual([
      ['in by lvn0', [byDevice('iifname'), goto('flows')]],
      ['out by lvn0', [byDevice('oifname'), goto('flows')]],
    ])
  })

  it.each([
    ['input', 'iifname', 'in'],
    ['output', 'oifname', 'out'],
  ] as const)('takes errors and neighbours of this host, then looks at flows: %s', (hook, key, way) => {
    const icmp = (protocol: string, ...set: string[]) => [
      ...[byDevice(key), is({ payload: { protocol, field: 'type' } }, { set }), accept],
    ]
    expect(rules(hook)).toEqual([
      ['errors', icmp('icmp', 'destination-unreachable', 'time-exceeded', 'parameter-problem')],
      [
        'errors',
        icmp('icmpv6', 'destination-unreachable', 'packet-too-big', 'time-exceeded', 'parameter-problem'),
      ],
      [
        'link',
        icmp(
          ...(['icmpv6', 'mld-listener-query', 'mld-listener-report', 'mld-listener-done'] as const),
          ...['nd-router-solicit', 'nd-router-advert', 'nd-neighbor-solicit', 'nd-neighbor-advert'],
          'mld2-listener-report',
        ),
      ],
      [`${way} by lvn0`, [byDevice(key), goto('flows')]],
    ])
  })

  it('lets answers through, then asks for the list of the source, or else the first of its family', () => {
    const bySource = (protocol: string, data: string) => [
      { vmap: { key: { payload: { protocol, field: 'saddr' } }, data } },
    ]
    const others = (nfproto: string, list: string) => [is({ meta: { key: 'nfproto' } }, nfproto), goto(list)]
    const answers = { match: { op: 'in', left: { ct: { key: 'state' } }, right: ['established', 'related'] } }
    expect(rules('flows')).toEqual([
      ['answers', [answers, accept]],
      ['by source', bySource('ip', '@sources4')],
      ['other sources', others('ipv4', 'list4_0')],
      ['by source', bySource('ip6', '@sources6')],
      ['other sources', others('ipv6', 'list6_0')],
    ])
  })

  it('has a list ask for the target, then say its word, or that of the first list', () => {
    const byTarget = (protocol: string, data: string) => [
      'by target',
      [{ vmap: { key: { payload: { protocol, field: 'daddr' } }, data } }],
    ]
    expect(rules('list4_0')).toEqual([byTarget('ip', '@targets4_0'), ['otherwise allow', [accept]]])
    expect(rules('list4_1')).toEqual([byTarget('ip', '@targets4_1'), ['otherwise base', [goto('list4_0')]]])
    expect(rules('list4_2')).toEqual([['otherwise deny', [goto('deny')]]])
    expect(rules('list6_0')).toEqual([['otherwise deny', [goto('deny')]]])
    expect(rules('list6_1')).toEqual([byTarget('ip6', '@targets6_1'), ['otherwise base', [goto('list6_0')]]])
  })

  it('counts what is denied, and answers it with an error', () => {
    expect(rules('deny')).toEqual([
      [
        'denied',
        [{ counter: { packets: 0, bytes: 0 } }, { reject: { type: 'icmpx', expr: 'admin-prohibited' } }],
      ],
    ])
  })

  it('of a family without policies asks for no source', () => {
    const open = { ...spec, ipv6: openFamily }
    expect(rules('flows', open).filter(([comment]) => comment === 'by source')).toHaveLength(1)
    expect(parts('map', open).filter(({ type }) => type === 'ipv6_addr')).toEqual([])
    expect(rules('list6_0', open)).toEqual([['otherwise allow', [accept]]])
  })

  it('means the device alone where its name ends with a star', () => {
    const name = (device: string) => {
      const [[, [match]]] = rules('forward', { ...spec, device }) as [[string, [unknown]]]
      return match
    }
    // To nft `lvn*` is every interface that begins so; a star elsewhere is a letter.
    expect(name('lvn*')).toEqual(is({ meta: { key: 'iifname' } }, 'lvn\\*'))
    expect(name('l*n')).toEqual(is({ meta: { key: 'iifname' } }, 'l*n'))
  })
})

// SPDX-License-Identifier: MIT
/**
 * A filter as an nftables table. However many policies there are, a packet costs two look-ups:
 *
 *     input, output ─ by the device? ─ error, neighbour? ─► accept
 *                                 │ else
 *     forward ─ by the device? ───┴────────────► flows ─ answer, or its error? ─► accept
 *                                                  │ source in sources4? its list4_N, else list4_0
 *                                                  ▼
 *                                               list4_N ─ target in targets4_N? ─► accept or deny
 *                                                  │ else
 *                                                  ▼
 *                                               accept, deny or list4_0
 *
 * Every rule has a comment that says what it is for; decode.ts knows them by it.
 */
import {
  type AddressRange,
  type FamilyFilter,
  type FilterSpec,
  filterTable,
  type TargetList,
} from '../../../src/model/filter.ts'
import type { NftObject } from './nft.ts'

const family = 'inet'
/** NF_IP_PRI_FILTER: what others call `filter`. */
const priority = 0

const accept = { accept: null }
const goto = (target: string) => ({ goto: { target } })
const equal = (left: NftObject, right: unknown) => ({ match: { op: '==', left, right } })
const field = (protocol: string, name: string) => ({ payload: { protocol, field: name } })

/**
 * RFC 792, RFC 4443: errors, without which no path MTU is found. RFC 4861, RFC 3810: neighbours and multicast
 * listeners, which are no flows. All of them to or from this host alone: what is forwarded is asked of the
 * connections that are tracked, since anything can be written into an error, and a neighbour is never forwarded.
 */
const icmpErrors = ['destination-unreachable', 'time-exceeded', 'parameter-problem']
const icmpv6Errors = ['destination-unreachable', 'packet-too-big', 'time-exceeded', 'parameter-problem']
const icmpv6Link = [
  'mld-listener-query',
  'mld-listener-report',
  'mld-listener-done',
  'nd-router-solicit',
  'nd-router-advert',
  'nd-neighbor-solicit',
  'nd-neighbor-advert',
  'mld2-listener-report',
]

/** Everything of the table but itself. */
export function tableContents(spec: FilterSpec): readonly NftObject[] {
  const table = filterTable(spec.device)
  const chain = (name: string, more: NftObject = {}) => ({ chain: { family, table, name, ...more } })
  const hooked = (hook: string) => chain(hook, { type: 'filter', hook, prio: priority, policy: 'accept' })
  const rule: RuleMaker = (chainName, comment, ...expr) => ({
    rule: { family, table, chain: chainName, expr, comment },
  })
  const { device } = spec
  const comes = equal({ meta: { key: 'iifname' } }, interfaceName(device))
  const goes = equal({ meta: { key: 'oifname' } }, interfaceName(device))
  const families = [
    { of: spec.ipv4, digit: '4', protocol: 'ip', nfproto: 'ipv4', type: 'ipv4_addr' },
    { of: spec.ipv6, digit: '6', protocol: 'ip6', nfproto: 'ipv6', type: 'ipv6_addr' },
  ] as const
  const lists = families.flatMap(({ of, digit }) => of.lists.map((_, i) => listName(digit, i)))
  const verdicts = (name: string, type: string, elements: readonly unknown[]) =>
    elements.length === 0
      ? []
      : [{ map: { family, table, name, type, map: 'verdict', flags: ['interval'], elem: elements } }]
  return [
    texts(table, 'owner', [`overlay ${spec.owner.overlay}`, `node ${spec.owner.node}`]),
    texts(table, 'policies', spec.policies),
    ...['deny', 'flows', ...lists].map((name) => chain(name)),
    ...['forward', 'input', 'output'].map(hooked),
    ...families.flatMap(({ of, digit, type }) => [
      ...verdicts(`sources${digit}`, type, sourceElements(of, digit)),
      ...of.lists.flatMap((list, i) => verdicts(`targets${digit}_${i}`, type, targetElements(list))),
    ]),
    rule(
      'deny',
      'denied',
      { counter: { packets: 0, bytes: 0 } },
      {
        reject: { type: 'icmpx', expr: 'admin-prohibited' },
      },
    ),
    rule(
      'flows',
      'answers',
      {
        match: { op: 'in', left: { ct: { key: 'state' } }, right: ['established', 'related'] },
      },
      accept,
    ),
    ...families.flatMap(({ of, digit, protocol, nfproto }) => [
      ...(of.sources.length === 0
        ? []
        : [
            rule('flows', 'by source', { vmap: { key: field(protocol, 'saddr'), data: `@sources${digit}` } }),
          ]),
      rule('flows', 'other sources', equal({ meta: { key: 'nfproto' } }, nfproto), goto(listName(digit, 0))),
      ...of.lists.flatMap((list, i) => listRules(list, digit, i, protocol, rule)),
    ]),
    rule('forward', `in by ${device}`, comes, goto('flows')),
    rule('forward', `out by ${device}`, goes, goto('flows')),
    ...(['input', 'output'] as const).flatMap((hook) => {
      const passes = hook === 'input' ? comes : goes
      return [
        rule(hook, 'errors', passes, equal(field('icmp', 'type'), { set: icmpErrors }), accept),
        rule(hook, 'errors', passes, equal(field('icmpv6', 'type'), { set: icmpv6Errors }), accept),
        rule(hook, 'link', passes, equal(field('icmpv6', 'type'), { set: icmpv6Link }), accept),
        rule(hook, `${hook === 'input' ? 'in' : 'out'} by ${device}`, passes, goto('flows')),
      ]
    }),
  ]
}

type RuleMaker = (chain: string, comment: string, ...expr: readonly NftObject[]) => NftObject

/** The chain of a list. */
export function listName(digit: string, list: number | string): string {
  return `list${digit}_${list}`
}

/** The comment of the rule that ends a list. */
export function otherwiseText(otherwise: TargetList['otherwise']): string {
  return `otherwise ${otherwise}`
}

function listRules(
  list: TargetList,
  digit: string,
  i: number,
  protocol: string,
  rule: RuleMaker,
): NftObject[] {
  const name = listName(digit, i)
  const ends = { allow: accept, deny: goto('deny'), base: goto(listName(digit, 0)) }
  const byTarget = { vmap: { key: field(protocol, 'daddr'), data: `@targets${digit}_${i}` } }
  return [
    ...(list.targets.length === 0 ? [] : [rule(name, 'by target', byTarget)]),
    rule(name, otherwiseText(list.otherwise), ends[list.otherwise]),
  ]
}

function sourceElements({ sources }: FamilyFilter, digit: string): unknown[] {
  return sources.map((range) => [rangeOf(range), goto(listName(digit, range.list))])
}

function targetElements({ targets }: TargetList): unknown[] {
  return targets.map((range) => [rangeOf(range), range.verdict === 'allow' ? accept : goto('deny')])
}

function rangeOf({ first, last }: AddressRange): unknown {
  return first === last ? first : { range: [first, last] }
}

/** To nft a star at the end means every interface that begins so. */
function interfaceName(device: string): string {
  return device.replace(/\*$/, '\\*')
}

/** Texts in order, as comments of a set that no rule asks: tables have no other room for them. */
function texts(table: string, name: string, lines: readonly string[]): NftObject {
  const elem = lines.map((comment, i) => ({ elem: { val: i + 1, comment } }))
  return { set: { family, table, name, type: 'mark', elem } }
}

// SPDX-License-Identifier: MIT
/**
 * The table of a filter, as `nft -j list table` prints it, read back: what encode.ts writes. Whatever else is in
 * it, or is missing, makes the filter not intact. Rules count by chain, order, comment and what they do
 * (rule-effect.ts): how their expressions are printed differs from one nft to the next.
 */
import {
  addressBytes,
  lastAddress,
  parseAddress,
  parsePrefix,
  prefixAddress,
} from '../../../src/model/address.ts'
import {
  type AddressRange,
  type FamilyFilter,
  type FilterSpec,
  type LiveFilter,
  openFamily,
  type TargetList,
  type Verdict,
} from '../../../src/model/filter.ts'
import type { Owner } from '../../../src/model/state.ts'
import { listName, otherwiseText, tableContents } from './encode.ts'
import type { NftObject } from './nft.ts'
import { effectOf } from './rule-effect.ts'

/** A set or map, a chain or a rule: the fields that matter here. */
interface Entry {
  readonly name?: string
  readonly chain?: string
  readonly comment?: string
  readonly elem?: readonly unknown[]
  readonly [field: string]: unknown
}

/** `owner` is null where the table lacks our mark. */
export function decodeTable(device: string, objects: readonly NftObject[]): LiveFilter {
  const sets = named(objects, 'set')
  const owner = ownerOf(textsOf(sets.get('owner')))
  if (owner === null) return foreignTable(device)
  const maps = named(objects, 'map')
  const rules = ofKind(objects, 'rule')
  const spec: FilterSpec = {
    device,
    owner,
    policies: textsOf(sets.get('policies')),
    ipv4: familyOf('4', maps, rules),
    ipv6: familyOf('6', maps, rules),
  }
  return { ...spec, intact: enforced(objects) && sameShape(objects, tableContents(spec)) }
}

function foreignTable(device: string): LiveFilter {
  return { device, owner: null, policies: [], ipv4: openFamily, ipv6: openFamily, intact: true }
}

function ownerOf(lines: readonly string[]): Owner | null {
  const found = /^overlay (.+)\nnode (.+)/.exec(lines.join('\n'))
  return found === null ? null : { overlay: found[1] as string, node: found[2] as string }
}

function ofKind(objects: readonly NftObject[], kind: string): readonly Entry[] {
  return objects.map((object) => object[kind] as Entry | undefined).filter((entry) => entry !== undefined)
}

/** Sets or maps by their names. */
type Named = ReadonlyMap<string | undefined, Entry>

function named(objects: readonly NftObject[], kind: string): Named {
  return new Map(ofKind(objects, kind).map((entry) => [entry.name, entry]))
}

/** Comments of elements in the order of their values. One without a comment or timeout is a bare value. */
function textsOf(set: Entry | undefined): readonly string[] {
  const elements = (set?.elem ?? []) as readonly { elem?: { val: number; comment?: string } }[]
  return elements
    .flatMap(({ elem }) => elem ?? [])
    .sort((a, b) => a.val - b.val)
    .flatMap(({ comment }) => comment ?? [])
}

/**
 * Elements of maps that encode.ts does not write, such as `* : accept` or one with another verdict, are left out: the
 * filter then has fewer of them than the table, so it is not intact.
 */
function familyOf(digit: string, maps: Named, rules: readonly Entry[]): FamilyFilter {
  const listNumber = new RegExp(`^${listName(digit, '(\\d+)')}$`)
  const sources = elementsOf(maps.get(`sources${digit}`)).flatMap(({ range, verdict }) => {
    const [, list] = listNumber.exec(targetOf(verdict)) ?? []
    return list === undefined ? [] : [{ ...range, list: Number(list) }]
  })
  const count = 1 + sources.reduce((most, { list }) => Math.max(most, list), 0)
  const endings = new Map(
    rules.flatMap(({ chain, comment }) => {
      const otherwise = (['allow', 'deny', 'base'] as const).find((each) => otherwiseText(each) === comment)
      return otherwise === undefined ? [] : [[chain, otherwise] as const]
    }),
  )
  const lists = Array.from({ length: count }, (_, i): TargetList => {
    const targets = elementsOf(maps.get(`targets${digit}_${i}`)).flatMap((element) => {
      const verdict = verdictOf(element.verdict)
      return verdict === null ? [] : [{ ...element.range, verdict }]
    })
    return { targets, otherwise: endings.get(listName(digit, i)) ?? 'allow' }
  })
  return { sources, lists }
}

/** Null: neither of ours. */
function verdictOf(verdict: NftObject): Verdict | null {
  if ('accept' in verdict) return 'allow'
  return targetOf(verdict) === 'deny' ? 'deny' : null
}

function targetOf(verdict: NftObject): string {
  return (verdict.goto as { target?: string } | undefined)?.target ?? ''
}

/** Elements of an interval map, ascending. */
function elementsOf(map: Entry | undefined): { range: AddressRange; verdict: NftObject }[] {
  return (map?.elem ?? [])
    .flatMap((element) => decodeElement(element) ?? [])
    .map((element) => ({ ...element, start: addressBytes(element.range.first) }))
    .sort((a, b) => Buffer.compare(a.start, b.start))
}

function decodeElement(element: unknown): { range: AddressRange; verdict: NftObject } | null {
  if (!Array.isArray(element)) return null
  const [key, verdict] = element as readonly unknown[]
  const range = rangeOf(key)
  return range === null || !isObject(verdict) ? null : { range, verdict }
}

/** Null: no addresses, such as `*`. */
function rangeOf(key: unknown): AddressRange | null {
  if (typeof key === 'string') return between(key, key)
  if (!isObject(key)) return null
  const { range, prefix, elem } = key
  // With a comment or a timeout, which ours do not have.
  if (isObject(elem)) return rangeOf(elem.val)
  if (Array.isArray(range)) return between(range[0], range[1])
  const text = isObject(prefix) ? parsePrefix(`${prefix.addr}/${prefix.len}`) : undefined
  return text === undefined ? null : { first: prefixAddress(text), last: lastAddress(text) }
}

function between(first: unknown, last: unknown): AddressRange | null {
  const [from, to] = [parseAddress(String(first)), parseAddress(String(last))]
  return from === undefined || to === undefined ? null : { first: from, last: to }
}

function isObject(value: unknown): value is NftObject {
  return typeof value === 'object' && value !== null
}

/** A table with a flag is none that we write: `dormant` takes its chains off their hooks. */
function enforced(objects: readonly NftObject[]): boolean {
  return objects.every(({ table }) => (table as { flags?: unknown } | undefined)?.flags === undefined)
}

/** The same sets, maps and chains, and in each chain rules with the same comments that do the same. */
function sameShape(a: readonly NftObject[], b: readonly NftObject[]): boolean {
  return shapeOf(a).join('\n') === shapeOf(b).join('\n')
}

function shapeOf(objects: readonly NftObject[]): string[] {
  const rules = new Map<string | undefined, unknown[]>()
  const others: string[] = []
  for (const object of objects) {
    for (const [kind, value] of Object.entries(object)) {
      const { name, chain, comment, type, hook, prio, policy, elem, expr } = value as Entry
      if (kind === 'metainfo' || kind === 'table') continue
      if (kind !== 'rule') {
        others.push(JSON.stringify([kind, name, type, hook, prio, policy, elem?.length]))
        continue
      }
      const rule = [comment, effectOf(expr)]
      const list = rules.get(chain)
      if (list === undefined) rules.set(chain, [rule])
      else list.push(rule)
    }
  }
  return [...others, ...Array.from(rules, (entry) => JSON.stringify(entry))].sort()
}

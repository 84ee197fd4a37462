// SPDX-License-Identifier: MIT
/**
 * Reads a netlink description in the part of the kernel's `genetlink-legacy` schema that the generator knows, and
 * finds its mistakes: unknown keys, duplicate names, references that lead nowhere. What is written from it is
 * not known here.
 */
import { parseDocument } from 'yaml'
import { Checker } from './checker.mjs'

/** All mistakes of a description, one a line. */
export class SpecError extends Error {}

const integerTypes = { u8: 8, u16: 16, u32: 32, u64: 64 }
const types = [...Object.keys(integerTypes), 'string', 'binary', 'flag', 'nest', 'pad']
const flags = ['admin-perm', 'uns-admin-perm']
/** What the kernel can ask of who listens to a group. */
const groupFlags = ['uns-admin-perm']
/** The schema's default; the description cannot say another. */
const familyVersion = 1

/**
 * The description with every reference resolved and every number filled in. Throws a SpecError.
 *
 *     { name, version, doc, consts: [{ name, value, doc }], enums: [{ name, doc, entries: [{ name, value, doc }] }],
 *       sets: [{ name, prefix, doc, subsetOf, attributes: [attribute] }],
 *       operations: [{ name, id, doc, set, flags, do, dump, event, group }], groups: [{ name, flags }] }
 *
 * An attribute: { name, id, type, doc, bits, bigEndian, isAddress, multi, enum, nested, checks }, the last three
 * null or resolved; checks: { min, max, 'min-len', 'max-len', 'exact-len' }, each { value, name: const or null }.
 * `do` and `dump`: null or { request: [attribute], reply: [attribute] or null, pre, post }; `event`: null or
 * [attribute].
 */
export function readSpec(file, text) {
  const document = parseDocument(text)
  if (document.errors.length > 0)
    throw new SpecError(document.errors.map((error) => `${file}: ${error.message}`).join('\n'))
  const checker = new Checker(file)
  const spec = resolve(document.toJS() ?? {}, checker)
  if (checker.mistakes.length > 0) throw new SpecError(checker.mistakes.join('\n'))
  return spec
}

function resolve(raw, checker) {
  const optional = ['definitions', 'mcast-groups']
  checker.keys('', raw, ['name', 'protocol', 'doc', 'attribute-sets', 'operations'], optional)
  if (raw.protocol !== 'genetlink-legacy') checker.mistake('protocol', 'must be `genetlink-legacy`')
  const definitions = checker.namedList('definitions', raw.definitions ?? [])
  const consts = definitions.filter(({ type }) => type === 'const').map((entry) => constant(entry, checker))
  const enums = definitions.filter(({ type }) => type === 'enum').map((entry) => enumeration(entry, checker))
  for (const { at, type } of definitions)
    if (type !== 'const' && type !== 'enum') checker.mistake(at, `type \`${type}\` is neither const nor enum`)
  const sets = attributeSets(raw, { checker, consts, enums })
  const groups = mcastGroups(raw, checker)
  return {
    name: raw.name,
    version: familyVersion,
    doc: raw.doc,
    consts,
    enums,
    sets,
    operations: operations(raw, { checker, sets, groups }),
    groups,
  }
}

function constant(entry, checker) {
  checker.keys(entry.at, entry, ['type', 'name', 'value', 'doc'])
  if (!Number.isInteger(entry.value) || entry.value < 0 || entry.value > 0xffffffff)
    checker.mistake(entry.at, `value \`${entry.value}\` is no integer of 32 bits`)
  return { name: entry.name, value: entry.value, doc: entry.doc }
}

function enumeration(entry, checker) {
  checker.keys(entry.at, entry, ['type', 'name', 'entries', 'doc'])
  const entries = checker.namedList(`${entry.at}.entries`, entry.entries).map((each, value) => {
    checker.keys(each.at, each, ['name', 'doc'])
    return { name: each.name, value, doc: each.doc }
  })
  return { name: entry.name, doc: entry.doc, entries }
}

function attributeSets(raw, context) {
  const { checker } = context
  const list = checker.namedList('attribute-sets', raw['attribute-sets'])
  const sets = []
  for (const entry of list) {
    checker.keys(entry.at, entry, ['name', 'attributes', 'doc'], ['name-prefix', 'subset-of'])
    if (entry['name-prefix'] !== undefined && entry['subset-of'] !== undefined)
      checker.mistake(entry.at, 'a subset has the name-prefix of its whole')
    const attributes = checker.namedList(`${entry.at}.attributes`, entry.attributes)
    const subsetOf = entry['subset-of'] ?? null
    const whole = sets.find(({ name }) => name === subsetOf)
    if (subsetOf !== null && whole === undefined)
      checker.mistake(entry.at, `subset-of \`${subsetOf}\` is no attribute set above`)
    sets.push({
      name: entry.name,
      doc: entry.doc,
      prefix: whole?.prefix ?? entry['name-prefix'] ?? `${raw.name}-a-${entry.name}-`,
      subsetOf: whole ?? null,
      attributes:
        subsetOf === null
          ? attributes.map((each, index) => attribute(each, index + 1, context))
          : attributes.flatMap((each) => {
              checker.keys(each.at, each, ['name'])
              return checker.found(
                each.at,
                whole?.attributes ?? [],
                each.name,
                `attribute of \`${subsetOf}\``,
              )
            }),
    })
  }
  for (const { at, name, nested } of sets
    .flatMap((set) => set.attributes)
    .filter(({ type }) => type === 'nest')) {
    if (sets.every((set) => set.name !== nested))
      checker.mistake(at, `\`${name}\` nests \`${nested}\`, which is no attribute set`)
  }
  // A nest may lead to a set further down, so it is resolved last; a subset shares its attributes.
  for (const each of new Set(sets.flatMap((set) => set.attributes)))
    each.nested = sets.find((set) => set.name === each.nested) ?? null
  return sets
}

function attribute(entry, id, { checker, consts, enums }) {
  const { at, name, type } = entry
  const required = type === 'pad' ? ['name', 'type'] : ['name', 'type', 'doc']
  const optional = ['enum', 'nested-attributes', 'byte-order', 'display-hint', 'multi-attr', 'checks']
  checker.keys(at, entry, required, optional)
  if (!types.includes(type)) checker.mistake(at, `type \`${type}\` is none of ${types.join(', ')}`)
  const bits = integerTypes[type] ?? null
  if (entry['byte-order'] !== undefined && (entry['byte-order'] !== 'big-endian' || bits !== 16))
    checker.mistake(at, 'byte-order can only be `big-endian`, and only of u16')
  if (entry['display-hint'] !== undefined && (entry['display-hint'] !== 'ipv6' || type !== 'binary'))
    checker.mistake(at, 'display-hint can only be `ipv6`, and only of binary')
  if (entry.enum !== undefined && type !== 'u32') checker.mistake(at, 'an enum must be a u32')
  if ((type === 'nest') !== (entry['nested-attributes'] !== undefined))
    checker.mistake(at, 'nested-attributes belongs to nest, and the other way round')
  if (
    entry['multi-attr'] !== undefined &&
    (entry['multi-attr'] !== true || type === 'pad' || type === 'flag')
  )
    checker.mistake(at, 'multi-attr can only be true, and of no pad or flag')
  const [of] = entry.enum === undefined ? [null] : checker.found(at, enums, entry.enum, 'enum')
  return {
    at,
    name,
    id,
    type,
    doc: entry.doc ?? null,
    bits,
    bigEndian: entry['byte-order'] === 'big-endian',
    isAddress: entry['display-hint'] === 'ipv6',
    multi: entry['multi-attr'] === true,
    enum: of ?? null,
    nested: entry['nested-attributes'] ?? null,
    checks: checks(entry, { checker, consts, bits }),
  }
}

function checks({ at, type, checks: raw = {} }, { checker, consts, bits }) {
  const allowed =
    bits !== null
      ? ['min', 'max']
      : { binary: ['min-len', 'max-len', 'exact-len'], string: ['max-len'] }[type]
  checker.keys(`${at}.checks`, raw, [], allowed ?? [])
  if (raw['exact-len'] !== undefined && Object.keys(raw).length > 1)
    checker.mistake(`${at}.checks`, 'exact-len stands alone')
  if (type === 'binary' && raw['max-len'] === undefined && raw['exact-len'] === undefined)
    checker.mistake(at, 'binary without max-len or exact-len')
  if (type === 'string' && raw['max-len'] === undefined) checker.mistake(at, 'string without max-len')
  return Object.fromEntries(
    Object.entries(raw).map(([kind, limit]) => {
      if (Number.isInteger(limit) && limit >= 0) return [kind, { value: limit, name: null }]
      const [found] = checker.found(`${at}.checks.${kind}`, consts, limit, 'const or number')
      return [kind, { value: found?.value ?? 0, name: limit }]
    }),
  )
}

function mcastGroups(raw, checker) {
  if (raw['mcast-groups'] === undefined) return []
  checker.keys('mcast-groups', raw['mcast-groups'], ['list'])
  return checker.namedList('mcast-groups.list', raw['mcast-groups'].list).map((entry) => {
    checker.keys(entry.at, entry, ['name'], ['flags'])
    return { name: entry.name, flags: flagsOf(entry, groupFlags, checker) }
  })
}

function flagsOf({ at, flags = [] }, known, checker) {
  for (const flag of flags)
    if (!known.includes(flag)) checker.mistake(at, `flag \`${flag}\` is none of ${known.join(', ')}`)
  return flags
}

function operations(raw, { checker, sets, groups }) {
  checker.keys('operations', raw.operations, ['enum-model', 'list'])
  if (raw.operations?.['enum-model'] !== 'unified')
    checker.mistake('operations.enum-model', 'must be `unified`')
  return checker.namedList('operations.list', raw.operations?.list).map((entry, index) => {
    const { at } = entry
    checker.keys(at, entry, ['name', 'doc', 'attribute-set'], ['flags', 'do', 'dump', 'event', 'mcgrp'])
    const [set] = checker.found(at, sets, entry['attribute-set'], 'attribute set')
    if ((entry.event !== undefined) !== (entry.mcgrp !== undefined))
      checker.mistake(at, 'event and mcgrp belong together')
    if ((entry.event === undefined) === (entry.do === undefined && entry.dump === undefined))
      checker.mistake(at, 'must have either an event, or do or dump or both')
    if (entry.mcgrp !== undefined) checker.found(at, groups, entry.mcgrp, 'multicast group')
    const list = (where, names) => attributesOf(set, where, names, checker)
    return {
      name: entry.name,
      id: index + 1,
      doc: entry.doc,
      set,
      flags: flagsOf(entry, flags, checker),
      do: exchange(entry.do, `${at}.do`, checker, list, []),
      dump: exchange(entry.dump, `${at}.dump`, checker, list, ['pre', 'post']),
      event: entry.event === undefined ? null : list(`${at}.event`, entry.event),
      group: entry.mcgrp ?? null,
    }
  })
}

function exchange(raw, at, checker, list, hooks) {
  if (raw === undefined) return null
  checker.keys(at, raw, ['request'], ['reply', ...hooks])
  return {
    request: list(`${at}.request`, raw.request),
    reply: raw.reply === undefined ? null : list(`${at}.reply`, raw.reply),
    pre: raw.pre ?? null,
    post: raw.post ?? null,
  }
}

function attributesOf(set, at, raw, checker) {
  checker.keys(at, raw, ['attributes'])
  const names = Array.isArray(raw?.attributes) ? raw.attributes : []
  for (const [index, name] of names.entries())
    if (names.indexOf(name) < index) checker.mistake(at, `\`${name}\` is there twice`)
  return names.flatMap((name) =>
    checker.found(at, set?.attributes ?? [], name, `attribute of \`${set?.name}\``),
  )
}

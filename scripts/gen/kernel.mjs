// SPDX-License-Identifier: MIT
/**
 * The kernel's side: what the netlink core checks before a command is carried out, and which function does.
 */
import { attributeMax, attributeName, commandName, comment, limit, lower, upper, written } from './c.mjs'

/** The most that fits the 16-bit limits of struct nla_policy. */
const shortLimit = 32767

export function kernelHeader(spec) {
  const guard = `${upper(spec.name)}_NETLINK_GEN_H`
  const family = lower(spec.name)
  const groups = spec.groups.map(({ name }) => `\t${groupName(spec, name)},`)
  return `${[
    '/* SPDX-License-Identifier: GPL-2.0 */',
    comment(
      'What the netlink core checks of a request, and the functions it then calls. The functions themselves are written by hand.',
      written,
    ),
    `#ifndef ${guard}\n#define ${guard}`,
    '#include <net/genetlink.h>\n#include <net/netlink.h>',
    `#include "uapi/${family}.h"`,
    ...(groups.length > 0
      ? [
          `/* Index of each multicast group, as genlmsg_multicast_netns() takes it. */\nenum {\n${groups.join('\n')}\n};`,
        ]
      : []),
    setPolicies(spec)
      .map((set) => `extern ${setPolicyHead(spec, set)};`)
      .join('\n'),
    spec.operations.flatMap((operation) => prototypes(spec, operation)).join('\n'),
    `extern struct genl_family ${family}_nl_family;`,
    `#endif /* ${guard} */`,
  ]
    .filter((part) => part !== '')
    .join('\n\n')}\n`
}

export function kernelTables(spec) {
  const family = lower(spec.name)
  const requests = spec.operations.filter(isRequest)
  const nested = nestedSets(requests)
  return `${[
    '// SPDX-License-Identifier: GPL-2.0',
    comment(
      'What the netlink core checks of a request before it calls the function of the command. What is not listed is refused.',
      written,
    ),
    `#include "netlink-gen.h"`,
    ...ranges(spec, requests),
    ...nested.map((set) =>
      table(
        spec,
        `static const struct nla_policy\n${policyName(spec, set.name)}[${attributeMax(set)} + 1]`,
        set,
      ),
    ),
    ...setPolicies(spec).map((set) => table(spec, setPolicyHead(spec, set), set, rejected(spec, set))),
    ...requests.map((operation) => {
      const set = { ...operation.set, attributes: accepted(operation) }
      const head = `static const struct nla_policy\n${policyName(spec, operation.name)}[${highest(operation)} + 1]`
      return `/* ${commandName(spec, operation)} */\n${table(spec, head, set)}`
    }),
    `static const struct genl_ops ${family}_nl_ops[] = {\n${requests.map((each) => opsEntry(spec, each)).join('\n')}\n};`,
    ...multicast(spec),
    familyStruct(spec),
  ].join('\n\n')}\n`
}

const isRequest = (operation) => operation.do !== null || operation.dump !== null
const groupName = (spec, name) => `${upper(spec.name)}_NLGRP_${upper(name)}`
const policyName = (spec, name) => `${lower(spec.name)}_${lower(name)}_nl_policy`
const functionName = (spec, operation, suffix) => `${lower(spec.name)}_nl_${lower(operation.name)}_${suffix}`

/** Subsets are checked by others than this family: rtnetlink, with the whole set's numbers. */
const setPolicies = (spec) => spec.sets.filter(({ subsetOf }) => subsetOf !== null)
const setPolicyHead = (spec, set) =>
  `const struct nla_policy\n${policyName(spec, set.name)}[${attributeMax(set.subsetOf)} + 1]`

function prototypes(spec, operation) {
  const [skb, info, callback] = [
    'struct sk_buff *skb',
    'struct genl_info *info',
    'struct netlink_callback *cb',
  ]
  const doit = operation.do === null ? [] : [prototype(functionName(spec, operation, 'doit'), skb, info)]
  if (operation.dump === null) return doit
  const { pre, post } = operation.dump
  return [
    ...doit,
    ...(pre === null ? [] : [prototype(lower(pre), callback)]),
    prototype(functionName(spec, operation, 'dumpit'), skb, callback),
    ...(post === null ? [] : [prototype(lower(post), callback)]),
  ]
}

function prototype(name, ...parameters) {
  const start = `int ${name}(`
  const line = `${start}${parameters.join(', ')});`
  if (line.length <= 80) return line
  const indent = '\t'.repeat(Math.floor(start.length / 8)) + ' '.repeat(start.length % 8)
  return `${start}${parameters.join(`,\n${indent}`)});`
}

/** What do and dump take together: struct genl_ops has one policy for both. In the set's order. */
function accepted(operation) {
  const names = new Set(
    [operation.do, operation.dump].flatMap((side) => side?.request.map((each) => each.name) ?? []),
  )
  return operation.set.attributes.filter((each) => names.has(each.name))
}

function highest(operation) {
  return attributeName(operation.set, accepted(operation).at(-1))
}

/** Every set that a request can hold nested, innermost first. */
function nestedSets(requests) {
  const found = new Set()
  const add = (attributes) => {
    for (const { nested } of attributes) {
      if (nested === null || found.has(nested)) continue
      add(nested.attributes)
      found.add(nested)
    }
  }
  for (const operation of requests) add(accepted(operation))
  return [...found]
}

function table(spec, head, set, more = []) {
  const prefixed = set.subsetOf ?? set
  const lines = set.attributes
    .filter(({ type }) => type !== 'pad')
    .map((each) => member(attributeName(prefixed, each), policy(spec, prefixed, each)))
  return `${head} = {\n${[...lines, ...more].join('\n')}\n};`
}

/** One line, or two where it would be longer than the kernel likes. */
function member(name, value) {
  const line = `\t[${name}] = ${value},`
  return line.length + 7 <= 100 ? line : `\t[${name}] =\n\t\t${value},`
}

/** What can only be read of a set: said so, instead of being ignored. */
function rejected(spec, set) {
  return set.subsetOf.attributes
    .filter((each) => each.type !== 'pad' && !set.attributes.includes(each))
    .map((each) =>
      [
        `\t[${attributeName(set.subsetOf, each)}] = {`,
        '\t\t.type = NLA_REJECT,',
        `\t\t.reject_message = "${spec.name}: ${each.name} can only be read",`,
        '\t},',
      ].join('\n'),
    )
}

function policy(spec, set, attribute) {
  const { type, bits, nested, checks } = attribute
  if (type === 'flag') return '{ .type = NLA_FLAG }'
  if (type === 'nest') return `NLA_POLICY_NESTED(${policyName(spec, nested.name)})`
  if (type === 'string') return `{ .type = NLA_NUL_STRING, .len = ${limit(spec, checks['max-len'])} }`
  if (type === 'binary') {
    const exact = checks['exact-len']
    if (exact !== undefined) return `NLA_POLICY_EXACT_LEN(${limit(spec, exact)})`
    if (checks['min-len'] === undefined)
      return `{ .type = NLA_BINARY, .len = ${limit(spec, checks['max-len'])} }`
    return `NLA_POLICY_RANGE(NLA_BINARY, ${limit(spec, checks['min-len'])}, ${limit(spec, checks['max-len'])})`
  }
  const base = attribute.bigEndian ? `NLA_BE${bits}` : `NLA_U${bits}`
  const { min, max } = bounds(spec, attribute)
  if (min === null && max === null) return `{ .type = ${base} }`
  if (isWide(min) || isWide(max)) return `NLA_POLICY_FULL_RANGE(${base}, &${rangeName(set, attribute)})`
  if (min === null) return `NLA_POLICY_MAX(${base}, ${max.text})`
  if (max === null) return `NLA_POLICY_MIN(${base}, ${min.text})`
  return `NLA_POLICY_RANGE(${base}, ${min.text}, ${max.text})`
}

function bounds(spec, { checks, enum: of }) {
  const bound = (check) => (check === undefined ? null : { value: check.value, text: limit(spec, check) })
  if (of !== null)
    return {
      min: null,
      max: { value: of.entries.length - 1, text: `${upper(spec.name)}_${upper(of.name)}_MAX` },
    }
  return { min: bound(checks.min), max: bound(checks.max) }
}

const isWide = (bound) => bound !== null && bound.value > shortLimit
const rangeName = (set, attribute) => `${lower(set.prefix)}${lower(attribute.name)}_range`

/** Limits beyond 16 bits stand in structures of their own; not const, since 6.1 takes them only so. */
function ranges(spec, requests) {
  const places = [
    ...requests.map((operation) => [operation.set, accepted(operation)]),
    ...nestedSets(requests).map((set) => [set, set.attributes]),
    ...setPolicies(spec).map((set) => [set.subsetOf, set.attributes]),
  ]
  const written = new Map()
  for (const [set, attributes] of places) {
    for (const attribute of attributes.filter(({ bits }) => bits !== null)) {
      const { min, max } = bounds(spec, attribute)
      if (!isWide(min) && !isWide(max)) continue
      const lines = [
        ...(min === null ? [] : [`\t.min = ${min.text},`]),
        ...(max === null ? [] : [`\t.max = ${max.text},`]),
      ]
      const name = rangeName(set, attribute)
      if (max === null) lines.push(`\t.max = U${attribute.bits}_MAX,`)
      written.set(name, `static struct netlink_range_validation ${name} = {\n${lines.join('\n')}\n};`)
    }
  }
  return [...written.values()]
}

function opsEntry(spec, operation) {
  const { dump } = operation
  const hook = (field, name) => (name == null ? [] : [`\t\t.${field} = ${lower(name)},`])
  return [
    '\t{',
    `\t\t.cmd = ${commandName(spec, operation)},`,
    ...(operation.do === null ? [] : [`\t\t.doit = ${functionName(spec, operation, 'doit')},`]),
    ...hook('start', dump?.pre),
    ...(dump === null ? [] : [`\t\t.dumpit = ${functionName(spec, operation, 'dumpit')},`]),
    ...hook('done', dump?.post),
    `\t\t.policy = ${policyName(spec, operation.name)},`,
    `\t\t.maxattr = ${highest(operation)},`,
    ...(operation.flags.length === 0
      ? []
      : [`\t\t.flags = ${operation.flags.map((flag) => `GENL_${upper(flag)}`).join(' | ')},`]),
    '\t},',
  ].join('\n')
}

/** What a listener has to be allowed; in its user namespace, like all of a network namespace's. */
const groupFlags = { 'uns-admin-perm': 'GENL_MCAST_CAP_NET_ADMIN' }

function multicast(spec) {
  if (spec.groups.length === 0) return []
  const entries = spec.groups.map(({ name, flags }) => {
    const more = flags.map((flag) => `, .flags = ${groupFlags[flag]}`)
    return `\t[${groupName(spec, name)}] = { .name = ${upper(spec.name)}_MCGRP_${upper(name)}${more.join('')} },`
  })
  return [
    `static const struct genl_multicast_group ${lower(spec.name)}_nl_mcgrps[] = {\n${entries.join('\n')}\n};`,
  ]
}

function familyStruct(spec) {
  const family = lower(spec.name)
  const prefix = upper(spec.name)
  const groups =
    spec.groups.length === 0
      ? []
      : [`\t.mcgrps = ${family}_nl_mcgrps,`, `\t.n_mcgrps = ARRAY_SIZE(${family}_nl_mcgrps),`]
  return [
    '/* Commands run in parallel: what they touch has locks of its own. */',
    `struct genl_family ${family}_nl_family __ro_after_init = {`,
    `\t.name = ${prefix}_FAMILY_NAME,`,
    `\t.version = ${prefix}_FAMILY_VERSION,`,
    '\t.netnsok = true,',
    '\t.parallel_ops = true,',
    '\t.module = THIS_MODULE,',
    `\t.ops = ${family}_nl_ops,`,
    `\t.n_ops = ARRAY_SIZE(${family}_nl_ops),`,
    ...groups,
    '};',
  ].join('\n')
}

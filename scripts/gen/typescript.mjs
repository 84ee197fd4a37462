// SPDX-License-Identifier: MIT
/**
 * The TypeScript side: numbers, a type for each attribute set, and how it is written and read. The functions
 * for single values are native/kmod/codec.ts.
 */
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { wrap, written } from './c.mjs'
import { SpecError } from './spec.mjs'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

export function typescript(spec) {
  const sets = spec.sets.filter(({ subsetOf }) => subsetOf === null)
  const body = [
    `export const familyName = '${spec.name}'\nexport const familyVersion = ${spec.version}`,
    `export const multicastGroup = ${object(spec.groups.map(({ name }) => [camel(name), `'${name}'`]))} as const`,
    ...spec.consts.map((each) => `${doc(each.doc)}\nexport const ${camel(each.name)} = ${each.value}`),
    commands(spec),
    ...spec.enums.map(enumeration),
    ...sets.flatMap((set) => [type(set), encoder(set), decoder(set)]),
    ...spec.sets.filter(({ subsetOf }) => subsetOf !== null).map(subset),
    ...spec.operations.flatMap(messages),
  ].filter((part) => part !== '')
  return format([head(body.join('\n\n')), ...body].join('\n\n'))
}

const camel = (name) => name.replace(/-(.)/g, (_, letter) => letter.toUpperCase())
const pascal = (name) => camel(name).replace(/^./, (letter) => letter.toUpperCase())
const typeName = (set) => `${pascal(set.name)}Attributes`
const enumValues = (of) => `${camel(of.name)}Names`
const object = (entries) => `{ ${entries.map(([key, value]) => `${key}: ${value}`).join(', ')} }`

function doc(...paragraphs) {
  const lines = paragraphs.flatMap((text) => wrap(text, 104))
  return lines.length === 1
    ? `/** ${lines[0]} */`
    : ['/**', ...lines.map((line) => ` * ${line}`), ' */'].join('\n')
}

function head(body) {
  const used = (names) => names.filter((name) => new RegExp(`\\b${name}\\b`).test(body))
  const values = used(['present', ...Object.values(codecs).flatMap(({ put, get }) => [put, get])]).sort()
  return [
    '// SPDX-License-Identifier: MIT',
    [
      '/**',
      ...wrap(
        "The netlink interface of lvn.ko: numbers, types, and how attributes are written and read. Absent attributes are absent properties. The kernel's own reference is docs/kernel-module-netlink.md. Sockets are not known here.",
        107,
      ).map((line) => ` * ${line}`),
      ' *',
      ` * ${written}`,
      ' */',
    ].join('\n'),
    [
      ...(used(['Address']).length > 0 ? [`import type { Address } from '../../src/model/address.ts'`] : []),
      `import type { Attributes } from '../netlink/attributes.ts'`,
      `import type { Encoder } from '../netlink/bytes.ts'`,
      `import { ${values.join(', ')} } from './codec.ts'`,
    ].join('\n'),
  ].join('\n\n')
}

function commands(spec) {
  const entries = spec.operations.map((each) => `${doc(each.doc)}\n${camel(each.name)}: ${each.id},`)
  return `${doc('Commands and notifications.')}\nexport const command = {\n${entries.join('\n')}\n} as const`
}

function enumeration(of) {
  const described = of.entries.map((entry) => `\`${entry.name}\`: ${entry.doc}`)
  const names = of.entries.map((entry) => `'${entry.name}'`).join(', ')
  return [
    doc(`${of.doc} The place is the number.`, ...described),
    `export const ${enumValues(of)} = [${names}] as const`,
    `export type ${pascal(of.name)} = (typeof ${enumValues(of)})[number]`,
  ].join('\n')
}

/** Which functions of codec.ts a value goes through, and what it is in TypeScript. */
const codecs = {
  u8: { put: 'putU8', get: 'getU8', type: () => 'number' },
  u16: { put: 'putU16', get: 'getU16', type: () => 'number' },
  u32: { put: 'putU32', get: 'getU32', type: () => 'number' },
  u64: { put: 'putU64', get: 'getU64', type: () => 'number' },
  be16: { put: 'putBe16', get: 'getBe16', type: () => 'number' },
  enum: { put: 'putEnum', get: 'getEnum', type: (each) => pascal(each.enum.name) },
  string: { put: 'putText', get: 'getText', type: () => 'string' },
  address: { put: 'putAddress', get: 'getAddress', type: () => 'Address' },
  binary: { put: 'putBytes', get: 'getBytes', type: () => 'Uint8Array' },
  flag: { put: 'putFlag', get: 'getFlag', type: () => 'true' },
  nest: { put: 'putNested', get: 'getNested', type: (each) => typeName(each.nested) },
}

function codecOf(attribute) {
  if (attribute.multi) throw new SpecError(`${attribute.at}: multi-attr has no TypeScript codec`)
  if (attribute.enum !== null) return codecs.enum
  if (attribute.isAddress) return codecs.address
  if (attribute.bigEndian) return codecs[`be${attribute.bits}`]
  return codecs[attribute.type]
}

const real = (set) => set.attributes.filter(({ type }) => type !== 'pad')

function type(set) {
  const lines = real(set).map(
    (each) => `${doc(each.doc)}\nreadonly ${camel(each.name)}?: ${codecOf(each).type(each)}`,
  )
  return `${doc(set.doc)}\nexport interface ${typeName(set)} {\n${lines.join('\n')}\n}`
}

/** What `put` and `get` need besides the value. */
function extra(attribute, side) {
  if (attribute.enum !== null) return [enumValues(attribute.enum)]
  if (attribute.nested !== null) return [`${side}${pascal(attribute.nested.name)}`]
  return []
}

function encoder(set) {
  const lines = real(set).map((each) => {
    const value = `value.${camel(each.name)}`
    const args = ['encoder', each.id, value, ...extra(each, 'encode')]
    return `  if (${value} !== undefined) ${codecOf(each).put}(${args.join(', ')})`
  })
  return [
    doc('Appends what is there. Throws a NetlinkError for a number that its type cannot hold.'),
    `export function encode${pascal(set.name)}(encoder: Encoder, value: ${typeName(set)}): Encoder {`,
    ...lines,
    '  return encoder',
    '}',
  ].join('\n')
}

function decoder(set) {
  const lines = real(set).map((each) => {
    const args = ['attributes', each.id, ...extra(each, 'decode')]
    return `${camel(each.name)}: ${codecOf(each).get}(${args.join(', ')}),`
  })
  return [
    doc(
      'Unknown attributes are passed over. Throws a NetlinkError for values of another form than their type has.',
    ),
    `export function decode${pascal(set.name)}(attributes: Attributes): ${typeName(set)} {`,
    `  return present({\n${lines.join('\n')}\n})`,
    '}',
  ].join('\n')
}

function pick(set, attributes) {
  return `Pick<${typeName(set)}, ${attributes.map((each) => `'${camel(each.name)}'`).join(' | ')}>`
}

function subset(set) {
  return `${doc(set.doc)}\nexport type ${typeName(set)} = ${pick(set.subsetOf, set.attributes)}`
}

/** What a command's messages may hold. */
function messages(operation) {
  const named = (what, text, attributes) =>
    `${doc(`\`${operation.name}\`: ${text}`)}\nexport type ${pascal(operation.name)}${what} = ${pick(operation.set, attributes)}`
  const side = (how, exchange) =>
    exchange === null
      ? []
      : [
          named(`${how}Request`, 'what a request holds.', exchange.request),
          ...(exchange.reply === null ? [] : [named(`${how}Reply`, 'what an answer holds.', exchange.reply)]),
        ]
  return [
    ...side('', operation.do),
    ...side('Dump', operation.dump),
    ...(operation.event === null ? [] : [named('Message', 'what a notification holds.', operation.event)]),
  ]
}

/** As Biome lays it out, so that the file passes the check like any other. */
function format(text) {
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome')
  const args = [biome, 'check', '--write', '--stdin-file-path=native/kmod/generated.ts']
  const ran = spawnSync(process.execPath, args, { cwd: root, input: text, encoding: 'utf8' })
  if (ran.status !== 0) throw new SpecError(`biome cannot lay out native/kmod/generated.ts\n${ran.stderr}`)
  return ran.stdout
}

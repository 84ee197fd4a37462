// SPDX-License-Identifier: MIT
/**
 * The reference manual of the netlink interface, in Markdown.
 */
import { attributeMax, attributeName, commandName, constName, entryName, lower, upper, wrap } from './c.mjs'

const width = 110

export function manual(spec) {
  return `${[
    '<!-- SPDX-License-Identifier: MIT -->\n<!-- Written by `npm run gen` from spec/lvn.yaml: change that instead. -->',
    '# The netlink interface of lvn.ko',
    paragraph(spec.doc),
    paragraph(
      `The family is called \`${spec.name}\`, version ${spec.version}; its numbers are in \`kmod/uapi/${lower(spec.name)}.h\`. Integers are in the host's byte order where nothing else is said. A request with an attribute that is not listed with its command is refused; every refusal carries a sentence (extended ack).`,
    ),
    '## Commands',
    ...spec.operations.filter(({ event }) => event === null).map((each) => command(spec, each)),
    ...events(spec),
    '## Attributes',
    ...spec.sets.filter(({ subsetOf }) => subsetOf === null).map((set) => attributes(spec, set)),
    '## Values',
    ...spec.enums.map((of) => values(spec, of)),
    '## Limits',
    grid(
      ['name', 'value', 'is'],
      spec.consts.map((each) => [code(constName(spec, each.name)), String(each.value), each.doc]),
    ),
  ].join('\n\n')}\n`
}

const paragraph = (text) => wrap(text, width).join('\n')
const code = (text) => `\`${text}\``

function grid(heads, rows) {
  const line = (cells) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replace(/\s+/g, ' ')).join(' | ')} |`
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n')
}

function command(spec, operation) {
  const names = (list) => list.map((each) => code(each.name)).join(', ')
  const rows = [
    ['do', operation.do],
    ['dump', operation.dump],
  ].flatMap(([how, side]) =>
    side === null ? [] : [[how, names(side.request), side.reply === null ? '–' : names(side.reply)]],
  )
  return [
    `### ${operation.name}`,
    paragraph(
      `${operation.doc} ${code(commandName(spec, operation))} = ${operation.id}, attributes of [${operation.set.name}](#${operation.set.name}).`,
    ),
    grid(['', 'takes', 'answers'], rows),
  ].join('\n\n')
}

function events(spec) {
  const list = spec.operations.filter(({ event }) => event !== null)
  if (list.length === 0) return []
  return [
    '## Notifications',
    ...list.map((operation) =>
      [
        `### ${operation.name}`,
        paragraph(
          `${operation.doc} ${code(commandName(spec, operation))} = ${operation.id}, to the multicast group \`${operation.group}\`, attributes of [${operation.set.name}](#${operation.set.name}):`,
        ),
        paragraph(operation.event.map((each) => code(each.name)).join(', ')),
      ].join('\n\n'),
    ),
  ]
}

function attributes(spec, set) {
  return [
    `### ${set.name}`,
    paragraph(`${set.doc} Highest: ${code(attributeMax(set))}.`),
    grid(
      ['number', 'name', 'type', 'is'],
      set.attributes.map((each) => [
        String(each.id),
        code(attributeName(set, each)),
        typeOf(spec, each),
        each.doc ?? 'Alignment of 64-bit values.',
      ]),
    ),
  ].join('\n\n')
}

function typeOf(spec, { type, bits, bigEndian, enum: of, nested, checks, multi }) {
  const named = ({ name, value }) => (name === null ? String(value) : code(constName(spec, name)))
  const words = {
    min: (check) => `at least ${named(check)}`,
    max: (check) => `at most ${named(check)}`,
    'min-len': (check) => `${named(check)} bytes or more`,
    'max-len': (check) => `${named(check)} bytes or less`,
    'exact-len': (check) => `${named(check)} bytes`,
  }
  return [
    bits !== null && bigEndian ? `be${bits}` : type,
    ...(of === null ? [] : [`[${of.name}](#values-of-${of.name})`]),
    ...(nested === null ? [] : [`of [${nested.name}](#${nested.name})`]),
    ...Object.entries(checks).map(([kind, check]) => words[kind](check)),
    ...(multi ? ['any number of times'] : []),
  ].join(', ')
}

function values(spec, of) {
  return [
    `### Values of ${of.name}`,
    paragraph(
      `${of.doc} \`enum ${lower(spec.name)}_${lower(of.name)}\`, up to \`${upper(spec.name)}_${upper(of.name)}_MAX\`.`,
    ),
    grid(
      ['number', 'name', 'is'],
      of.entries.map((entry) => [String(entry.value), code(entryName(spec, of, entry)), entry.doc]),
    ),
  ].join('\n\n')
}

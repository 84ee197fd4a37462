// SPDX-License-Identifier: MIT
/**
 * Names and comments as the kernel writes them, for the writers of C.
 */

const width = 80

export const upper = (name) => name.replaceAll('-', '_').toUpperCase()
export const lower = (name) => name.replaceAll('-', '_')

export const attributeName = (set, attribute) => `${upper(set.prefix)}${upper(attribute.name)}`
export const attributeMax = (set) => `${upper(set.prefix)}MAX`
export const commandName = (spec, operation) => `${upper(spec.name)}_CMD_${upper(operation.name)}`
export const constName = (spec, name) => `${upper(spec.name)}_${upper(name)}`
export const entryName = (spec, of, entry) => `${upper(spec.name)}_${upper(of.name)}_${upper(entry.name)}`

/** A limit of a check: the constant's name where it has one. */
export const limit = (spec, { name, value }) => (name === null ? String(value) : constName(spec, name))

/** Words broken into lines of at most `columns`, not counting tabs as more than one. */
export function wrap(text, columns) {
  const lines = ['']
  for (const word of text.trim().split(/\s+/)) {
    const line = lines[lines.length - 1]
    if (line !== '' && line.length + 1 + word.length > columns) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines
}

/** A plain comment: each paragraph after a blank line. */
export function comment(...paragraphs) {
  const lines = paragraphs.flatMap((text, index) => [...(index > 0 ? [''] : []), ...wrap(text, width - 3)])
  if (lines.length === 1 && lines[0].length <= width - 6) return `/* ${lines[0]} */`
  return block('/*', lines)
}

/** A comment of a sentence or more and the members of what follows it. */
export function memberComment(doc, members) {
  return block('/*', [...wrap(doc, width - 3), '', ...members.flatMap(describe)])
}

/** A kernel-doc block: `title` is like "enum lvn_mode". */
export function kernelDoc(title, doc, members) {
  return block('/**', [...wrap(`${title} - ${doc}`, width - 3), ...members.flatMap(describe)])
}

const block = (open, lines) => [open, ...lines.map((line) => ` * ${line}`.trimEnd()), ' */'].join('\n')

function describe([name, text]) {
  const [first, ...rest] = wrap(`@${name}: ${text}`, width - 5)
  return [first, ...rest.map((line) => `  ${line}`)]
}

/** The marks on top of a written file. */
export const written = 'Written by `npm run gen` from spec/lvn.yaml: change that instead.'

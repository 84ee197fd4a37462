// SPDX-License-Identifier: MIT
/**
 * Explanations of codes as text. Pure; paragraphs are broken so that they can be read on any terminal.
 */
import type { Diagnostic } from '../../diag/error.ts'
import type { Explanation } from '../../diag/explain/index.ts'
import { renderHuman } from '../../diag/render.ts'
import type { Paint } from './output.ts'

const width = 78

/** What each thousand is about. */
const areas: Readonly<Record<string, string>> = {
  LVN0: 'files',
  LVN1: 'text that cannot be read',
  LVN2: 'text that says something impossible',
  LVN4: 'plans that this host does not allow',
  LVN5: 'data planes that refuse',
  LVN6: 'wrong usage',
  LVN7: 'kernel and system',
  LVN8: 'the lab',
}

/** `shown`: what the example provokes. */
export function formatExplanation(
  code: string,
  { title, means, example, command, mend }: Explanation,
  shown: readonly Diagnostic[],
  paint: Paint,
): string {
  const parts = [`${paint.strong(code)}: ${paint.strong(title)}`, wrap(means)]
  if (example !== undefined)
    parts.push(`${paint.faint('For example, this file:')}\n\n${indent(example.trimEnd())}`)
  if (command !== undefined) parts.push(`${paint.faint('For example:')}\n\n${indent(`$ ${command}`)}`)
  if (shown.length > 0)
    parts.push(`${paint.faint('It says:')}\n\n${indent(renderHuman(shown, paint).trimEnd())}`)
  parts.push(`${paint.faint('What to do:')}\n\n${wrap(mend)}`)
  return parts.join('\n\n')
}

export function formatCodes(all: ReadonlyMap<string, Explanation>, paint: Paint): string {
  const lines: string[] = []
  let area = ''
  for (const [code, { title }] of all) {
    const next = code.slice(0, 4)
    if (next !== area && area !== '') lines.push('')
    if (next !== area) lines.push(paint.faint(areas[next] ?? next))
    area = next
    lines.push(`${paint.strong(code)}  ${title}`)
  }
  return [...lines, '', 'lvn explain CODE says more'].join('\n')
}

/** Lines of at most 78 characters, unless a word is longer. */
export function wrap(text: string): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].join('\n')
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ')
}

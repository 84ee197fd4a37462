// SPDX-License-Identifier: MIT
/**
 * Any text, any place in it: every feature answers, with places within the text.
 */
import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CompletionItem, Range } from 'vscode-languageserver'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { completionAt } from '../../../src/lsp/completion.ts'
import { definitionAt, referencesAt } from '../../../src/lsp/definition.ts'
import { diagnosticsOf } from '../../../src/lsp/diagnostics.ts'
import { documentSymbolsOf } from '../../../src/lsp/document-symbols.ts'
import { foldingOf } from '../../../src/lsp/folding.ts'
import { formattingOf } from '../../../src/lsp/formatting.ts'
import { hoverAt } from '../../../src/lsp/hover.ts'
import { quickFixes } from '../../../src/lsp/quick-fixes.ts'
import { renameAt, renameableAt } from '../../../src/lsp/rename.ts'
import { analyse, uri } from '../../support/editor.ts'
import { goldenCases } from '../../support/golden.ts'

const folder = new URL('../../../examples/', import.meta.url)
const texts = [
  ...readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.lvn'))
    .map((name) => readFileSync(new URL(name, folder), 'utf8')),
  ...goldenCases('diagnostics').map(({ folder }) => readFileSync(`${folder}/input.lvn`, 'utf8')),
]
const scraps = [
  ...['{', '}', '(', ')', '[', ']', ';', ',', '\n', '\r', '\r\n', '"', '"{', '#', '->', '..', '=', '::'],
  ...[
    'constructor ',
    '__proto__ ',
    'toString',
    'lvn 1\n',
    'for i in ',
    'let x = ',
    ' from ',
    'on ',
    '😀',
    '\ud800',
  ],
]
const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.nat(20),
  insert: fc.oneof(fc.constant(''), fc.constantFrom(...scraps), fc.string({ maxLength: 5 })),
})
const mutated = fc
  .tuple(fc.constantFrom(...texts), fc.array(mutation, { maxLength: 6 }))
  .map(([text, mutations]) =>
    mutations.reduce((result, { at, remove, insert }) => {
      const start = Math.floor(at * result.length)
      return result.slice(0, start) + insert + result.slice(start + remove)
    }, text),
  )
const place = fc.double({ min: 0, max: 1, noNaN: true })

function ask(text: string, at: number): void {
  const offset = Math.round(at * text.length)
  const analysis = analyse(uri, text)
  const document = TextDocument.create(uri, 'lvn', 0, text)
  const position = document.positionAt(offset)
  const answers = [
    diagnosticsOf(analysis),
    hoverAt(analysis, offset),
    definitionAt(analysis, offset),
    referencesAt(analysis, offset, true),
    renameableAt(analysis, offset),
    renameAt(analysis, offset, 'neu'),
    formattingOf(analysis),
    documentSymbolsOf(analysis),
    foldingOf(analysis),
    quickFixes(analysis, { start: position, end: position }),
    completionAt(text, offset, analysis, { snippets: true }),
  ]
  for (const range of rangesIn(answers)) {
    expect(document.offsetAt(range.start)).toBeLessThanOrEqual(document.offsetAt(range.end))
    expect(document.positionAt(document.offsetAt(range.end))).toEqual(range.end)
  }
  const completion = answers.at(-1) as { items: CompletionItem[] }
  for (const { label } of completion.items) expect(label).not.toBe('')
}

function rangesIn(value: unknown): Range[] {
  if (Range.is(value)) return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(rangesIn)
}

describe('the language server', () => {
  it('answers to whatever is done to a file', () => {
    fc.assert(fc.property(mutated, place, ask), { numRuns: 600 })
  })

  it('answers to arbitrary characters', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), place, ask), { numRuns: 200 })
  })
})

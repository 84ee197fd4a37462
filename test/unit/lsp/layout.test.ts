// SPDX-License-Identifier: MIT
/**
 * What shows or changes the layout of a file: formatting, outline, folding.
 */
import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DocumentSymbol } from 'vscode-languageserver'
import { parse } from '../../../grammar/parser.ts'
import { print } from '../../../grammar/printer.ts'
import { documentSymbolsOf } from '../../../src/lsp/document-symbols.ts'
import { foldingOf } from '../../../src/lsp/folding.ts'
import { formattingOf } from '../../../src/lsp/formatting.ts'
import { analyse, edited, uri } from '../../support/editor.ts'

const folder = new URL('../../../examples/', import.meta.url)
const examples = readdirSync(folder)
  .filter((name) => name.endsWith('.lvn'))
  .map((name) => readFileSync(new URL(name, folder), 'utf8'))

const first = `lvn 1
# One
# and two.
overlay a {
  net 10.0.0.0/8
  hub h {
    listen 192.0.2.1
    device lvn0 { address 10.0.0.1 }
  }
  spoke s { endpoint nat; address 10.0.0.2 }
}
`

describe('formatting', () => {
  it('does nothing to a text in the canonical layout', () => {
    expect(formattingOf(analyse(uri, first))).toEqual([])
  })

  it('leaves a text alone that cannot be read', () => {
    expect(formattingOf(analyse(uri, 'lvn 1\noverlay   a {'))).toEqual([])
  })

  it('lays out a text that says something impossible', () => {
    const text = first.replace('10.0.0.2', '192.168.0.1').replace('net ', 'net     ')
    expect(edited(text, formattingOf(analyse(uri, text)))).toBe(text.replace('net     ', 'net '))
  })

  it('changes the lines that differ, no others', () => {
    const text = first.replace('    listen ', 'listen    ')
    const [edit] = formattingOf(analyse(uri, text))
    expect(edit?.range).toEqual({ start: { line: 6, character: 0 }, end: { line: 7, character: 0 } })
    expect(edit?.newText).toBe('    listen 192.0.2.1\n')
  })

  it('makes of any untidy text what `lvn fmt` makes of it', () => {
    const untidy = fc
      .tuple(
        fc.constantFrom(...examples, first),
        fc.array(
          fc.tuple(
            fc.double({ min: 0, max: 1, noNaN: true }),
            fc.constantFrom('\n', '  ', '\r\n', ' ;', '\t'),
          ),
          {
            maxLength: 12,
          },
        ),
      )
      .map(([text, insertions]) =>
        insertions.reduce((result, [at, blank]) => {
          const start = result.indexOf('\n', Math.floor(at * result.length)) + 1
          return result.slice(0, start) + blank + result.slice(start)
        }, text),
      )
    fc.assert(
      fc.property(untidy, (text) => {
        const analysis = analyse(uri, text)
        const { file, diagnostics } = parse(analysis.source)
        const expected = diagnostics.length === 0 ? print(file) : text
        expect(edited(text, formattingOf(analysis))).toBe(expected)
      }),
      { numRuns: 300 },
    )
  })
})

describe('the outline', () => {
  const names = (symbols: DocumentSymbol[]): unknown[] =>
    symbols.map(({ name, detail, children = [] }) => [detail, name, ...names(children)])

  it('shows overlays, nodes and devices', () => {
    expect(names(documentSymbolsOf(analyse(uri, first)))).toEqual([
      ['overlay', 'a', ['hub', 'h', ['device', 'lvn0']], ['spoke', 's']],
    ])
  })
})

describe('folding', () => {
  it('takes blocks and comments of several lines', () => {
    expect(foldingOf(analyse(uri, first))).toEqual([
      { startLine: 1, endLine: 2, kind: 'comment' },
      { startLine: 3, endLine: 9 },
      { startLine: 5, endLine: 7 },
    ])
  })
})

// SPDX-License-Identifier: MIT
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { Diagnostic, Range } from 'vscode-languageserver'
import { toJson } from '../../../src/diag/render.ts'
import { diagnosticsOf } from '../../../src/lsp/diagnostics.ts'
import { quickFixes } from '../../../src/lsp/quick-fixes.ts'
import { analyse, edited, textIn, uri } from '../../support/editor.ts'
import { goldenCases } from '../../support/golden.ts'

const cases = goldenCases('diagnostics').map(({ description, folder }) => {
  const path = join(folder, 'input.lvn')
  return { description, uri: pathToFileURL(path).href, text: readFileSync(path, 'utf8') }
})
const everything: Range = { start: { line: 0, character: 0 }, end: { line: 1e6, character: 0 } }

describe('findings in the editor', () => {
  it.each(cases)('are those of `lvn check`: $description', ({ uri, text }) => {
    const analysis = analyse(uri, text)
    const shown = diagnosticsOf(analysis)
    const checked = analysis.diagnostics.map(toJson)
    expect(shown.map(asJson)).toEqual(
      checked.map(({ code, message, hint, place, related }) => ({
        code,
        message: hint === null ? message : `${message}\n${hint}`,
        place: place && [place.line, place.column, place.endLine, place.endColumn],
        related: related.map(({ message, place }) => [message, place.line, place.column]),
      })),
    )
    for (const { relatedInformation = [] } of shown) {
      for (const { location } of relatedInformation) expect(location.uri).toBe(uri)
    }
  })

  it('count UTF-16 units, as the protocol does', () => {
    const text = 'lvn 1\r\noverlay a { # 😀\r\n  "é😀" nett 10.0.0.0/8 }\r\n'
    for (const { range, message } of diagnosticsOf(analyse(uri, text))) {
      if (String(message).includes('nett')) expect(textIn(text, range)).toBe('nett')
    }
    const [first] = diagnosticsOf(analyse(uri, 'lvn 1\noverlay a { spoke "😀" { endpont nat } }'))
    expect(first?.range.start).toEqual({ line: 1, character: 25 })
  })
})

describe('a quick fix', () => {
  const fixable = cases.filter(({ text, uri }) =>
    analyse(uri, text).diagnostics.some(({ hint = '' }) => hint.startsWith('did you mean')),
  )

  it.each(fixable)('does what is proposed: $description', ({ uri, text }) => {
    const before = analyse(uri, text)
    const proposed = before.diagnostics.filter(({ hint = '' }) => hint.startsWith('did you mean'))
    const fixes = quickFixes(before, everything)
    expect(fixes.length).toBeGreaterThanOrEqual(proposed.length)
    const edits = fixes.flatMap(({ edit }) => edit?.changes?.[uri] ?? [])
    const after = analyse(uri, edited(text, edits))
    expect(after.diagnostics.filter(({ hint = '' }) => hint.startsWith('did you mean'))).toEqual([])
  })

  it('is offered for more than half a dozen kinds of mistakes, and leaves none of them', () => {
    const kinds = new Set<string>()
    for (const { uri, text } of cases) {
      const analysis = analyse(uri, text)
      for (const { diagnostics = [], edit } of quickFixes(analysis, everything)) {
        const code = diagnostics[0]?.code as string
        kinds.add(code)
        const count = (one: typeof analysis) => one.diagnostics.filter((each) => each.code === code).length
        const after = analyse(uri, edited(text, edit?.changes?.[uri] ?? []))
        expect(count(after), `${code} in ${uri}`).toBeLessThan(count(analysis))
      }
    }
    expect(kinds.size).toBeGreaterThan(6)
  })

  it('is offered only where the cursor is', () => {
    const analysis = analyse(uri, 'lvn 1\noverlay a {\n  nett 10.0.0.0/8\n}\n')
    const line = (line: number) => ({ start: { line, character: 3 }, end: { line, character: 3 } })
    expect(quickFixes(analysis, line(2)).map(({ title }) => title)).toEqual(['Replace with `net`'])
    expect(quickFixes(analysis, line(3))).toEqual([])
  })
})

function asJson({ code, message, range, relatedInformation = [] }: Diagnostic) {
  return {
    code,
    message,
    place: [range.start.line + 1, range.start.character + 1, range.end.line + 1, range.end.character + 1],
    related: relatedInformation.map(({ message, location: { range } }) => [
      message,
      range.start.line + 1,
      range.start.character + 1,
    ]),
  }
}

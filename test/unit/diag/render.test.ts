// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest'
import type { Diagnostic } from '../../../src/diag/error.ts'
import {
  plainPaint,
  renderDiagnostic,
  renderGithub,
  renderHuman,
  renderJson,
} from '../../../src/diag/render.ts'
import { Source } from '../../../src/diag/source.ts'

const source = new Source('city.lvn', 'lvn 1\n\tport 70000\nhub a\n')
const bad: Diagnostic = {
  code: 'LVN2004',
  severity: 'error',
  message: '70000, or 100% more: no port',
  span: { source, start: 12, end: 17 },
  hint: 'ports are from 1 to 65535',
  related: [{ message: 'for this hub', span: { source, start: 18, end: 21 } }],
}

describe('renderDiagnostic', () => {
  it('marks the place and what is related, tabs included', () => {
    expect(renderDiagnostic(bad)).toBe(
      [
        'error[LVN2004]: 70000, or 100% more: no port',
        ' --> city.lvn:2:7',
        '  |',
        '2 | \tport 70000',
        '  | \t     ^^^^^',
        'note: for this hub',
        ' --> city.lvn:3:1',
        '  |',
        '3 | hub a',
        '  | ---',
        'help: ports are from 1 to 65535',
      ].join('\n'),
    )
  })

  it('asks the paint for every colour', () => {
    const wrap = (name: string) => (text: string) => `<${name}>${text}</${name}>`
    const paint = { ...plainPaint, error: wrap('e'), strong: wrap('s'), help: wrap('h') }
    const painted = renderDiagnostic({ code: 'LVN1', severity: 'error', message: 'm', hint: 'do' }, paint)
    expect(painted).toBe('<e>error[LVN1]</e><s>: m</s>\n<h>help</h>: do')
  })

  it('keeps control characters of the source from the terminal', () => {
    const nasty = new Source('x', 'net \u001b[31m\u202e')
    const rendered = renderHuman([{ ...bad, related: [], span: { source: nasty, start: 4, end: 5 } }])
    for (const character of ['\u001b', '\u202e']) expect(rendered).not.toContain(character)
  })

  it('lets no name that stands in it begin a line of its own', () => {
    const nasty = 'x)\n\napplied: ok\n'
    const place = { source: new Source(nasty, 'net'), start: 0, end: 3 }
    const rendered = renderDiagnostic({
      ...{ ...bad, message: `held by ${nasty}`, hint: `end ${nasty}`, span: place },
      related: [{ message: `of ${nasty}`, span: place }],
    })
    expect(rendered.split('\n').filter((line) => line.startsWith('applied'))).toEqual([])
    expect(rendered).toContain('held by x)··applied: ok·')
  })

  it('shows the part of a long line that matters', () => {
    const long = new Source('x', `${'a'.repeat(5000)}!${'b'.repeat(5000)}`)
    const lines = renderDiagnostic({ ...bad, span: { source: long, start: 5000, end: 5001 } }).split('\n')
    const column = (lines[4] as string).indexOf('^')
    expect((lines[3] as string)[column]).toBe('!')
    expect(Math.max(...lines.slice(0, 5).map((line) => line.length))).toBeLessThan(200)
  })
})

describe('for programs', () => {
  it('renders JSON with places counted from 1', () => {
    const { formatVersion, diagnostics } = JSON.parse(
      renderJson([bad, { code: 'LVN1', severity: 'warning', message: 'm' }]),
    )
    expect(formatVersion).toBe(1)
    expect(diagnostics[0].place).toEqual({ file: 'city.lvn', line: 2, column: 7, endLine: 2, endColumn: 12 })
    expect(diagnostics[0].related[0].place.line).toBe(3)
    expect(diagnostics[1]).toEqual({
      code: 'LVN1',
      severity: 'warning',
      message: 'm',
      place: null,
      hint: null,
      related: [],
    })
  })

  it('renders GitHub workflow commands, escaped', () => {
    expect(renderGithub([bad])).toBe(
      '::error file=city.lvn,line=2,col=7,endLine=2,endColumn=12,title=LVN2004::' +
        '70000, or 100%25 more: no port (ports are from 1 to 65535)\n',
    )
  })
})

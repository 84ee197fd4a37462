// SPDX-License-Identifier: MIT
/**
 * Templates that nobody uses: what is wrong for every use is found, and nothing that could be right.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type * as ast from '../../../grammar/ast.ts'
import { parse } from '../../../grammar/parser.ts'
import { formatSpan, Source } from '../../../src/diag/source.ts'
import { resolve } from '../../../src/interp/1-resolve.ts'

function findings(text: string): string[] {
  const parsed = parse(new Source('lib', `lvn 1\n${text}\n`))
  const all = [...parsed.diagnostics, ...resolve([parsed.file]).diagnostics]
  return all.map(({ code, span }) => `${code} ${span ? formatSpan(span) : ''}`)
}

describe('a template that nobody uses', () => {
  it.each([
    ['an unknown name', 'template t { address lan }', 'LVN2100 lib:2:22'],
    ['an unknown name in a text', 'template t { endpoint "{x}.example" }', 'LVN2100 lib:2:24'],
    ['an unknown name in a device', 'template t { device lvn0 { mtu most } }', 'LVN2100 lib:2:32'],
    ['an unknown function', 'template t(p) { address hots(p, 1) }', 'LVN2103 lib:2:25'],
    ['an argument too few', 'template t(p) { address host(p) }', 'LVN2106 lib:2:25'],
    ['a text for a prefix', 'template t { let q = "x"; routes q }', 'LVN2104 lib:2:34'],
    ['two parameters of one name', 'template t(p, p) { routes p }', 'LVN2102 lib:2:15'],
    ['a name behind `and`', 'template t(p) { assert p and q }', 'LVN2100 lib:2:30'],
    ['a name in a branch', 'template t(p) { if p { routes q } }', 'LVN2100 lib:2:31'],
    ['a name in an `else`', 'template t(p) { if p { } else { routes q } }', 'LVN2100 lib:2:40'],
    ['a name in a loop', 'template t(p) { for i in p { routes [i, q] } }', 'LVN2100 lib:2:41'],
    [
      'a value of a block that has ended',
      'template t(p) { if p { let q = p }; routes q }',
      'LVN2100 lib:2:44',
    ],
    ['an address that is none', 'template t { address 10.0.0.256 }', 'LVN2001 lib:2:22'],
    ['host bits', 'template t { routes 10.0.0.1/24 }', 'LVN2003 lib:2:21'],
  ])('is held %s against', (_, text, finding) => {
    expect(findings(text)).toEqual([finding])
  })

  it.each([
    ['values below it', 'template t { routes lan }\nlet lan = 10.0.0.0/24'],
    ['its own values', 'template t(p) { let q = first(p); let r = q; address r }'],
    ['loop variables', 'template t(p) { for i in 1..3 { for j in p { routes subnet(j, /24, i) } } }'],
    [
      'words that stand for themselves',
      'template t { endpoint tower; via fra; prefer ber; match hostname gw }',
    ],
    ['kinds that only a use tells', 'template t(p) { routes p; address p; endpoint "{p:03}"; port p + 1 }'],
    [
      'branches that may be out of question',
      'template t(p) { if p > 2 { routes subnet(10.0.0.0/8, /4, 1) } }',
    ],
    ['branches that are out of question', 'let on = false\ntemplate t { if on { routes whatever } }'],
    ['what stands behind `and`', 'template t(p) { assert p and host(10.0.0.0/8, 0 - 99999999) == p }'],
    ['an assertion that never holds', 'template t { assert false, "use the other one" }'],
    ['statements of hubs and of spokes', 'template t { listen 10.0.0.1; endpoint nat }'],
    [
      'more turns than are looked at',
      'template t { for i in 1..200000 { routes subnet(10.0.0.0/8, /32, i) } }',
    ],
    ['a damaged file', 'template t { address lan }\nlet = 10.0.0.0/24'],
  ])('is not held %s against', (_, text) => {
    expect(findings(text).filter((finding) => !finding.startsWith('LVN1'))).toEqual([])
  })

  it('is looked at where it is imported from, and reported once', () => {
    const lib = parse(
      new Source('lib', 'lvn 1\ntemplate t { address lan }\ntemplate u { address lan }\n'),
    ).file
    const main = parse(new Source('main', 'lvn 1\nimport "lib"\nlet lan = 10.0.0.1\n')).file
    const found = resolve([main], new Map([[main.body.statements[0] as ast.Import, lib]])).diagnostics
    expect(found.map(({ code, span }) => [code, span?.source.name])).toEqual([['LVN2100', 'lib']])
  })

  it('is right where its uses are right', () => {
    const folder = new URL('../../../examples/', import.meta.url)
    let templates = 0
    for (const name of readdirSync(folder).filter((each) => each.endsWith('.lvn'))) {
      const { file } = parse(new Source(name, readFileSync(new URL(name, folder), 'utf8')))
      const statements = file.body.statements.filter(({ kind }) => kind === 'let' || kind === 'template')
      templates += statements.filter(({ kind }) => kind === 'template').length
      const { diagnostics } = resolve([{ ...file, body: { ...file.body, statements } }])
      expect(diagnostics).toEqual([])
    }
    expect(templates).toBeGreaterThan(0)
  })
})

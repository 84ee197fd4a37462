// SPDX-License-Identifier: MIT
/**
 * Names: where they are given and used, and how they are changed.
 */

import { describe, expect, it } from 'vitest'
import type { Location } from 'vscode-languageserver'
import { completionAt } from '../../../src/lsp/completion.ts'
import { definitionAt, referencesAt } from '../../../src/lsp/definition.ts'
import { hoverAt } from '../../../src/lsp/hover.ts'
import { renameAt, renameableAt } from '../../../src/lsp/rename.ts'
import { analyse, edited, marked, textIn, uri } from '../../support/editor.ts'

const city = `lvn 1
# ☃ 😀
let pool = 10.65.0.0/16
template ap(lan) { endpoint nat; address host(lan, 1); routes lan }
overlay city {
  net pool
  hub core { listen 198.51.100.10; address host(pool, 1) }
  hub "2nd" { listen 198.51.100.11; address host(pool, 2) }
  for i in 1..20 { spoke "ap{i:03}" from ap(subnet(pool, /24, i)) { via core, "2nd"; prefer core } }
  for i in [200] { spoke tower { endpoint nat; address host(subnet(pool, /24, i), 1) } }
  on ap007 { keepalive every 5s }
  deny tower -> core
  allow any -> tower
  assert count(spokes) == 21, "not {pool}"
}
overlay other {
  net 10.66.0.0/16
  hub core { listen 198.51.100.12; address 10.66.0.1; device lvn1 }
}
expect ping tower -> ap001 within 2s
`

/** The place of the `n`th `word` of a text, in its middle. */
function offsetOf(text: string, word: string, n = 0): number {
  let at = text.indexOf(word)
  for (let i = 0; i < n; i++) at = text.indexOf(word, at + 1)
  if (at < 0) throw new Error(`there is no ${word}`)
  return at + Math.floor(word.length / 2)
}
const lineOf = (location: Location | null) => location && location.range.start.line + 1

describe('a definition', () => {
  const analysis = analyse(uri, city)
  const definition = (word: string, n = 0) => definitionAt(analysis, offsetOf(city, word, n))

  it('of the text that these tests are about is right', () => {
    expect(analysis.diagnostics.map(({ message }) => message)).toEqual([])
  })

  it.each([
    ['a value', 'pool', 1, 3],
    ['a value in a call', 'pool', 4, 3],
    ['a value within a string', 'pool', 6, 3],
    ['a parameter', 'lan', 1, 4],
    ['a template', 'ap(', 1, 4],
    ['the variable of a loop within a string', '{i', 0, 9],
    ['the variable of another loop of that name', ', i), 1', 0, 10],
    ['a hub in `via`', 'core', 1, 7],
    ['a hub whose name is in quotes', '2nd', 1, 8],
    ['a hub in `prefer`', 'core', 2, 7],
    ['a node in a policy', 'tower', 1, 10],
    ['a node that a loop makes', 'ap007', 0, 9],
    ['a node outside its overlay', 'tower', 3, 10],
    ['a node of the other overlay', 'core', 4, 18],
  ])('of %s is found', (_what, word, n, line) => {
    expect(lineOf(definition(word, n))).toBe(line)
  })

  it('of a word that names nothing is not there', () => {
    expect(definition('listen')).toBeNull()
    expect(definition('any')).toBeNull()
    expect(definition('☃')).toBeNull()
  })
})

describe('references', () => {
  const analysis = analyse(uri, city)
  const lines = (word: string, n = 0, withDefinition = true) =>
    referencesAt(analysis, offsetOf(city, word, n), withDefinition).map(({ range }) => range.start.line + 1)

  it('are all uses in the scope, from wherever one asks', () => {
    expect(lines('pool')).toEqual([3, 6, 7, 8, 9, 10, 14])
    expect(lines('pool', 3)).toEqual(lines('pool'))
    expect(lines('pool', 0, false)).toEqual([6, 7, 8, 9, 10, 14])
    expect(lines('tower')).toEqual([10, 12, 13, 20])
    expect(lines('core')).toEqual([7, 9, 9, 12])
    expect(lines('core', 4)).toEqual([18])
  })

  it('are exactly the words', () => {
    for (const word of ['pool', 'lan', 'tower', 'core']) {
      for (const { range } of referencesAt(analysis, offsetOf(city, word), true)) {
        expect(textIn(city, range)).toBe(word)
      }
    }
  })
})

describe('a new name', () => {
  const analysis = analyse(uri, city)
  const rename = (word: string, to: string, n = 0) => renameAt(analysis, offsetOf(city, word, n), to)
  const renamed = (word: string, to: string, n = 0) => {
    const result = rename(word, to, n)
    if ('refusal' in result) throw new Error(result.refusal)
    return edited(city, result.edit.changes?.[uri] ?? [])
  }

  it('is written in all places, and the text means the same', () => {
    for (const [word, to] of [
      ['pool', 'all-nets'],
      ['lan', 'subnet-of-it'],
      ['tower', 'turm'],
      ['{i', 'k'],
      ['city', 'town'],
    ] as const) {
      const text = renamed(word, to)
      const { diagnostics } = analyse(uri, text)
      expect(
        diagnostics.map(({ message }) => message),
        `${word} → ${to}`,
      ).toEqual([])
    }
    expect(renamed('pool', 'all-nets')).toBe(city.replaceAll('pool', 'all-nets'))
    expect(renamed('tower', 'turm', 2)).toBe(city.replaceAll('tower', 'turm'))
  })

  it('goes in quotes where it has to, and out of them where it need not', () => {
    expect(renamed('2nd', 'second')).toContain('via core, second;')
    expect(renamed('tower', '5th')).toContain('deny "5th" -> core')
    expect(renamed('tower', 'any')).toContain('allow any -> "any"')
    expect(renamed('tower', 'for')).toContain('spoke "for" {')
  })

  it('is refused where it is none', () => {
    for (const [word, to] of [
      ['tower', ''],
      ['tower', 'a b'],
      ['tower', '..'],
      ['tower', 'x'.repeat(64)],
      ['tower', 'Türme'],
      ['pool', 'a.b'],
      ['pool', '1st'],
      ['pool', 'and'],
    ] as const) {
      expect(rename(word, to), `${word} → ${to}`).toMatchObject({
        refusal: expect.stringContaining('no name'),
      })
    }
  })

  it('is refused where it would mean something else', () => {
    for (const [word, to] of [
      ['tower', 'core'],
      ['tower', '2nd'],
      ['tower', 'ap007'],
      ['tower', 'pool'],
      ['pool', 'core'],
      ['pool', 'lan'],
      ['city', 'other'],
    ] as const) {
      expect(rename(word, to), `${word} → ${to}`).toMatchObject({
        refusal: expect.stringContaining(`\`${to}\``),
      })
    }
  })

  it('is not asked for where there is none', () => {
    expect(renameableAt(analysis, offsetOf(city, 'listen'))).toBeNull()
    expect(renameableAt(analysis, offsetOf(city, 'ap007'))).toBeNull()
    expect(renameableAt(analysis, offsetOf(city, '2nd', 1))).toMatchObject({ placeholder: '2nd' })
  })
})

describe('names in completion', () => {
  const labels = (line: string) => {
    const { text, offset, analysis } = marked(city.replace('  on ap007 ', `  ${line}‸\n  on ap007 `))
    return completionAt(text, offset, analysis, { snippets: false }).items.map(({ label }) => label)
  }

  it('are those of nodes, made by loops or not, where a node is wanted', () => {
    expect(labels('deny ')).toEqual(expect.arrayContaining(['any', 'core', '2nd', 'tower', 'ap001', 'ap020']))
    expect(labels('deny tower -> ap0').length).toBe(20)
    expect(labels('expect ping tower -> co')).toEqual(['core'])
    expect(labels('on tow')).toEqual(['tower'])
  })

  it('are those of hubs and templates where one is wanted', () => {
    expect(labels('spoke x { via ')).toEqual(['core', '2nd'])
    expect(labels('spoke x { via core, ')).toEqual(['2nd'])
    expect(labels('spoke x { prefer ')).toEqual(['core', '2nd'])
    expect(labels('spoke x ')).toEqual(['from'])
    expect(labels('spoke x from ')).toEqual(['ap'])
  })

  it('are those of values in scope, and functions, where something is worked out', () => {
    expect(labels('net ')).toEqual(expect.arrayContaining(['pool', 'subnet']))
    expect(labels('net ')).not.toContain('lan')
    expect(labels('for i in 1..3 { net ')).toContain('pool')
  })

  it('go in quotes where they have to', () => {
    const { text, offset, analysis } = marked(city.replace('  on ap007 ', '  deny 2‸\n  on ap007 '))
    const [item] = completionAt(text, offset, analysis, { snippets: false }).items
    expect(item).toMatchObject({ label: '2nd', textEdit: { newText: '"2nd"' } })
  })

  it('are words of the statement between them', () => {
    expect(labels('deny tower ')).toEqual(['->'])
    expect(labels('expect ')).toEqual(['ping', 'no ping', 'throughput'])
    expect(labels('expect ping tower -> core ')).toEqual(['within'])
    expect(labels('expect throughput tower -> core ')).toEqual(['>='])
    expect(labels('auth ')).toEqual(['mutual', 'server', 'none'])
    expect(labels('for k ')).toEqual(['in'])
    expect(labels('hub z { signalling :1 { cert ')).toEqual(['file'])
  })
})

describe('hovers on names', () => {
  const hover = (word: string, n = 0) => {
    const found = hoverAt(analyse(uri, city), offsetOf(city, word, n))
    return found && (found.contents as { value: string }).value
  }

  it('show what a value is, and what a function takes', () => {
    expect(hover('pool', 1)).toContain('let pool = 10.65.0.0/16')
    expect(hover('lan', 1)).toContain('parameter `lan` of')
    expect(hover('subnet')).toContain('subnet(PREFIX, /LENGTH, N)')
  })

  it('show the node that a name comes to, made by a loop or not', () => {
    expect(hover('ap007')).toContain('spoke `ap007` of `city`')
    expect(hover('ap007')).toContain('every 5s')
    expect(hover('core', 2)).toContain('hub `core` of `city`')
    expect(hover('ap{i')).toContain('20 nodes: `ap001`, `ap002`')
  })
})

describe('imported files', () => {
  const files = { 'lib.lvn': 'lvn 1\nlet far = 10.70.0.0/16\ntemplate leaf { endpoint nat }\n' }
  const text = `lvn 1
import "lib.lvn"
overlay o {
  net far
  hub h { listen 192.0.2.1; address host(far, 1) }
  spoke s from leaf { address host(far, 2) }
}
`

  it('are where definitions lead to', () => {
    const analysis = analyse(uri, text, files)
    expect(analysis.diagnostics.map(({ message }) => message)).toEqual([])
    const at = (word: string, n = 0) => definitionAt(analysis, offsetOf(text, word, n))
    expect(at('far')).toEqual({
      uri: 'file:///tmp/lib.lvn',
      range: { start: { line: 1, character: 4 }, end: { line: 1, character: 7 } },
    })
    expect(at('leaf')?.range.start).toEqual({ line: 2, character: 9 })
    expect(at('lib.lvn')).toMatchObject({ uri: 'file:///tmp/lib.lvn', range: { start: { line: 0 } } })
  })

  const libUri = 'file:///tmp/lib.lvn'
  const library = analyse(libUri, files['lib.lvn'])
  const main = analyse(uri, text, files)

  it('are searched for uses, and their names changed, together with what imports them', () => {
    const places = (found: Location[]) => found.map((one) => [one.uri, one.range.start.line + 1])
    const all = [
      [libUri, 2],
      [uri, 4],
      [uri, 5],
      [uri, 6],
    ]
    expect(places(referencesAt(main, offsetOf(text, 'far'), true, [main, library]))).toEqual(all)
    expect(places(referencesAt(library, offsetOf(files['lib.lvn'], 'far'), true, [main, library]))).toEqual(
      all,
    )
    for (const [from, at] of [
      [main, offsetOf(text, 'far')],
      [library, offsetOf(files['lib.lvn'], 'far')],
    ] as const) {
      const result = renameAt(from, at, 'near', [main, library])
      if ('refusal' in result) throw new Error(result.refusal)
      const changed = (where: string, before: string) => edited(before, result.edit.changes?.[where] ?? [])
      const after = analyse(uri, changed(uri, text), { 'lib.lvn': changed(libUri, files['lib.lvn']) })
      expect(after.diagnostics).toEqual([])
      expect(after.source.text).toBe(text.replaceAll('far', 'near'))
    }
    expect(renameAt(library, offsetOf(files['lib.lvn'], 'far'), 's', [main, library])).toEqual({
      refusal: 'there is already a spoke `s`',
    })
  })

  it('keep what only their blocks know to themselves', () => {
    const lib = 'lvn 1\ntemplate leaf(far) { endpoint nat; address host(far, 9) }\n'
    const other = analyse(libUri, lib)
    const using = analyse(uri, text, { 'lib.lvn': lib })
    expect(referencesAt(other, offsetOf(lib, 'far'), true, [using, other]).length).toBe(2)
  })
})

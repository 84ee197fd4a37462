// SPDX-License-Identifier: MIT
/**
 * Mutated examples: whatever the text, parse, resolve, print and render come to an end, without a throw and
 * without a position outside the text.
 */
import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseProgram } from '../../../grammar/program.ts'
import { renderHuman } from '../../../src/diag/render.ts'
import { Source } from '../../../src/diag/source.ts'
import { resolve } from '../../../src/interp/1-resolve.ts'
import { judge } from '../../support/fuzz/judge.ts'
import { pieces, words } from '../../support/fuzz/mutate-text.ts'

const folder = new URL('../../../examples/', import.meta.url)
const examples = readdirSync(folder)
  .filter((name) => name.endsWith('.lvn'))
  .map((name) => readFileSync(new URL(name, folder), 'utf8'))

const library = new Source('lib/quarter.lvn', readFileSync(new URL('lib/quarter.lvn', folder), 'utf8'))

const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.nat(12),
  insert: fc.oneof(
    fc.constant(''),
    fc.constantFrom(...pieces),
    fc.constantFrom(...words),
    fc.string({ maxLength: 6 }),
  ),
})
const mutated = fc
  .tuple(fc.constantFrom(...examples), fc.array(mutation, { minLength: 1, maxLength: 8 }))
  .map(([text, mutations]) =>
    mutations.reduce((result, { at, remove, insert }) => {
      const start = Math.floor(at * result.length)
      return result.slice(0, start) + insert + result.slice(start + remove)
    }, text),
  )
const soup = fc
  .array(fc.constantFrom(...pieces, ...words, ' '), { maxLength: 60 })
  .map((parts) => parts.join(' '))

function diagnose(source: Source) {
  const { file, imports, diagnostics } = parseProgram(source, (path) => {
    if (path !== library.name) throw new Error(`${path}: no such file`)
    return library
  })
  return { file, all: [...diagnostics, ...resolve([file], imports).diagnostics] }
}

function check(text: string): void {
  expect(judge(text)).toBeUndefined()
}

describe('any text', () => {
  it('that was valid once is read to its end', () => {
    fc.assert(fc.property(mutated, check), { numRuns: 1500 })
  })

  it('of words and signs is read to its end', () => {
    fc.assert(fc.property(soup, check), { numRuns: 1500 })
  })

  it('of arbitrary characters is read to its end', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), check), { numRuns: 500 })
  })

  it('that is long is read in linear time', () => {
    for (const unit of [
      '{',
      '}',
      'a-',
      'aaaa',
      '1.',
      'a:',
      ':',
      '[',
      '"',
      'spoke ',
      '10.0.0.1,',
      '# ',
      'hub{',
    ]) {
      check(unit.repeat(20_000))
    }
  })

  it('with one character missing has one report and one follow-on at most', () => {
    for (const text of examples) {
      // A node whose name comes from a `for` is missed at every place that names it.
      const generated = text.includes(' from ')
      for (let i = 0; i < text.length; i += generated ? 5 : 1) {
        const source = new Source('fuzz.lvn', text.slice(0, i) + text.slice(i + 1))
        const { all } = diagnose(source)
        expect(all.length, `${source.text}\n${renderHuman(all)}`).toBeLessThanOrEqual(generated ? 6 : 2)
      }
    }
  })
})

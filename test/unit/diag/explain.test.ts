// SPDX-License-Identifier: MIT
/**
 * Every code has an explanation and every explanation a code; every example provokes what it explains.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parse } from '../../../grammar/parser.ts'
import { explanations } from '../../../src/diag/explain/index.ts'
import { Source } from '../../../src/diag/source.ts'
import { resolve } from '../../../src/interp/1-resolve.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** Codes as the sources name them where they make a message: quoted. */
function codesOfTheSources(): string[] {
  const texts = ['src', 'native', 'grammar'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => readFileSync(join(root, folder, path), 'utf8')),
  )
  return [...new Set(texts.flatMap((text) => text.match(/(?<=')LVN\d{4}(?=')/g) ?? []))].sort()
}

/** Of the language, but no single file that anybody would print provokes them: 65,537 spokes, or several files. */
const withoutExample = ['LVN2036', 'LVN2124', 'LVN2125', 'LVN2126', 'LVN2145']

const ofTheLanguage = [...explanations].filter(([code]) => /^LVN[12]/.test(code))

describe('explanations', () => {
  it('are there for every code, and for nothing else', () => {
    const codes = codesOfTheSources()
    expect(codes.length).toBeGreaterThan(80)
    expect([...explanations.keys()]).toEqual(codes)
  })

  it('stand in one place each', () => {
    const folder = join(root, 'src/diag/explain')
    const keys = readdirSync(folder).flatMap(
      (name) => readFileSync(join(folder, name), 'utf8').match(/^ {2}LVN\d{4}(?=:)/gm) ?? [],
    )
    expect(keys.length).toBe(explanations.size)
  })

  it.each([...explanations])('%s is a title and sentences', (_, { title, means, mend, example, command }) => {
    expect(title).toMatch(/^[^A-Z.][^.]*[^.]$|^[A-Z]+ .*[^.]$/)
    for (const text of [means, mend]) expect(text).toMatch(/^[A-Z`].*[.]$/)
    expect(example === undefined || command === undefined).toBe(true)
  })

  it.each(ofTheLanguage)('%s is what its example provokes, and nothing else is', (code, { example }) => {
    if (withoutExample.includes(code)) return expect(example).toBeUndefined()
    const source = new Source('example.lvn', example ?? '')
    const parsed = parse(source)
    const found = [...parsed.diagnostics, ...resolve([parsed.file]).diagnostics]
    expect([...new Set(found.map((diagnostic) => diagnostic.code))]).toEqual([code])
  })
})

// SPDX-License-Identifier: MIT
/** Every example of the language reference and of the examples folder is valid. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from '../../../grammar/parser.ts'
import { print } from '../../../grammar/printer.ts'
import { parseProgram } from '../../../grammar/program.ts'
import { renderHuman } from '../../../src/diag/render.ts'
import { Source } from '../../../src/diag/source.ts'
import { resolve } from '../../../src/interp/1-resolve.ts'

const root = new URL('../../../', import.meta.url)
const reference = readFileSync(new URL('docs/language.md', root), 'utf8')
const blocks = [...reference.matchAll(/^```lvn\n(.*?)^```$/gms)].map((match) => match[1] as string)
const examples = readdirSync(new URL('examples/', root)).filter((name) => name.endsWith('.lvn'))

/** Blocks that start with a comment of their file name, for those that import them. */
const named = new Map(
  blocks.flatMap((text) => {
    const name = /^# (\S+\.lvn)\n/.exec(text)?.[1]
    return name === undefined ? [] : [[name, text] as const]
  }),
)

function problems(name: string, text: string): string {
  const { file, imports, diagnostics } = parseProgram(new Source(name, text), (path) => {
    return new Source(path, named.get(path) ?? readFileSync(new URL(`examples/${path}`, root), 'utf8'))
  })
  return renderHuman([...diagnostics, ...resolve([file], imports).diagnostics])
}

describe('documentation', () => {
  it('has examples', () => expect(blocks.length).toBeGreaterThanOrEqual(12))

  it.each(blocks.map((text, i) => [i + 1, text] as const))('shows a valid file in block %i', (i, text) => {
    expect(problems(`language.md, block ${i}`, text)).toBe('')
  })

  it.each(blocks.map((text, i) => [i + 1, text] as const))(
    'shows the canonical layout in block %i',
    (i, text) => {
      expect(print(parse(new Source(`language.md, block ${i}`, text)).file)).toBe(text)
    },
  )

  it.each(examples)('%s is valid', (name) => {
    expect(problems(name, readFileSync(new URL(`examples/${name}`, root), 'utf8'))).toBe('')
  })
})

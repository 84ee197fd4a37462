// SPDX-License-Identifier: MIT
/** Every example of the language reference and of the examples folder is valid. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from '../../../grammar/parser.ts'
import { renderHuman } from '../../../src/diag/render.ts'
import { Source } from '../../../src/diag/source.ts'
import { resolve } from '../../../src/interp/1-resolve.ts'

const root = new URL('../../../', import.meta.url)
const reference = readFileSync(new URL('docs/language.md', root), 'utf8')
const blocks = [...reference.matchAll(/^```lvn\n(.*?)^```$/gms)].map((match) => match[1] as string)
const examples = readdirSync(new URL('examples/', root)).filter((name) => name.endsWith('.lvn'))

function problems(name: string, text: string): string {
  const { file, diagnostics } = parse(new Source(name, text))
  return renderHuman([...diagnostics, ...resolve([file]).diagnostics])
}

describe('documentation', () => {
  it('has examples', () => expect(blocks.length).toBeGreaterThanOrEqual(4))

  it.each(blocks.map((text, i) => [i + 1, text] as const))('shows a valid file in block %i', (i, text) => {
    expect(problems(`language.md, block ${i}`, text)).toBe('')
  })

  it.each(examples)('%s is valid', (name) => {
    expect(problems(name, readFileSync(new URL(`examples/${name}`, root), 'utf8'))).toBe('')
  })
})

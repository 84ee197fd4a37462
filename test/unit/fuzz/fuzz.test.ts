// SPDX-License-Identifier: MIT
/** What `scripts/fuzz.mjs` is made of: mutants that come again, an eye for what is wrong, small findings. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { corpus } from '../../support/fuzz/corpus.ts'
import { judge } from '../../support/fuzz/judge.ts'
import { mutant } from '../../support/fuzz/mutate-text.ts'
import { shrink } from '../../support/fuzz/shrink.ts'

const specimens = corpus()

describe('fuzzing', () => {
  it('starts from examples, golden folders and documents', () => {
    const folders = new Set(specimens.map(({ name }) => name.split('/')[0]))
    expect([...folders].sort()).toEqual(['docs', 'examples', 'test'])
    expect(specimens.length).toBeGreaterThan(150)
  })

  it('makes the same mutant of a seed, and another one of another', () => {
    const mutants = Array.from({ length: 200 }, (_, seed) => mutant(specimens, seed))
    expect(Array.from({ length: 200 }, (_, seed) => mutant(specimens, seed))).toEqual(mutants)
    expect(new Set(mutants).size).toBeGreaterThan(190)
  })

  it('finds nothing wrong with any specimen', () => {
    for (const { text } of specimens) expect(judge(text)).toBeUndefined()
  })

  it('makes a finding as small as it gets', () => {
    const text = specimens.map((specimen) => specimen.text).join('')
    // Two characters that stand in no specimen.
    const flawed = `${text.slice(0, 3000)}§¶${text.slice(3000, 6000)}`
    expect(shrink(flawed, (each) => each.includes('§') && each.includes('¶'))).toBe('§¶')
  })

  it('says by its exit code that nothing was found', () => {
    const script = fileURLToPath(new URL('../../../scripts/fuzz.mjs', import.meta.url))
    const ran = spawnSync(process.execPath, [script, '--count', '40', '--jobs', '2'], { encoding: 'utf8' })
    expect(ran.stdout).toMatch(/^fuzz: 40 files, \d+ s CPU, slowest \d+ ms \(seed \d+\), seed 1\n$/)
    expect(ran.status).toBe(0)
  })
})

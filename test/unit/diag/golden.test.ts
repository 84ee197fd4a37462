// SPDX-License-Identifier: MIT
/**
 * One folder per mistake: `input.lvn`, what it imports, and what a user reads about it. Refresh: `UPDATE_GOLDEN=1`.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ImportOutside, parseProgram } from '../../../grammar/program.ts'
import * as catalogue from '../../../src/diag/catalogue.ts'
import { renderHuman } from '../../../src/diag/render.ts'
import { Source } from '../../../src/diag/source.ts'
import { resolve } from '../../../src/interp/1-resolve.ts'
import { expectGolden, goldenCases } from '../../support/golden.ts'

const cases = goldenCases('diagnostics')

function diagnose(folder: string) {
  const read = (path: string) => new Source(path, readFileSync(join(folder, path), 'utf8'))
  const { file, imports, diagnostics } = parseProgram(read('input.lvn'), (path) => {
    if (path.startsWith('..')) throw new ImportOutside(path, 'input.lvn', dirname(path))
    if (!existsSync(join(folder, path))) throw new Error(`${path}: no such file`)
    return read(path)
  })
  return [...diagnostics, ...resolve([file], imports).diagnostics]
}

describe('diagnostics', () => {
  it.each(cases)('$description', ({ folder }) => {
    expectGolden(folder, 'expected.txt', renderHuman(diagnose(folder)))
  })

  it('shows every message of the catalogue once at least', () => {
    const shown = new Set(cases.flatMap(({ folder }) => diagnose(folder).map(({ code }) => code)))
    const codes = Object.values(catalogue).flatMap((make) => /LVN\d{4}/.exec(make.toString()) ?? [])
    expect(codes.length).toBe(Object.keys(catalogue).length)
    expect(new Set(codes).size).toBe(codes.length)
    // Its input would be 65,537 spokes; test/unit/resolve shows it.
    expect(codes.filter((code) => !shown.has(code))).toEqual(['LVN2036'])
  })
})

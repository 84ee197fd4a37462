// SPDX-License-Identifier: MIT
/**
 * Files that are reached under several names, by symlinks: each is one file.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { renderHuman } from '../../../src/diag/render.ts'
import { sourceHash } from '../../../src/interp/index.ts'
import { storeSources } from '../../../src/interp/saved-plan.ts'
import { type Compiled, compile, loadStored } from '../../../src/shell/cli/compile.ts'
import { openOutput } from '../../../src/shell/cli/output.ts'
import { readSource } from '../../../src/shell/cli/source.ts'

const overlay = `overlay city {
  net pool
  hub core { listen 198.51.100.10; address host(pool, 1) }
}
`
const output = openOutput({ json: true, color: false, quiet: true })
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lvn-links-'))
  mkdirSync(join(folder, 'real'))
  symlinkSync('real', join(folder, 'link'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const put = (name: string, text: string) => writeFileSync(join(folder, name), `lvn 1\n${text}`)
const compiled = async (name: string): Promise<Compiled> => compile(await readSource(join(folder, name)))

/** `main.lvn` imports one library under two names. */
async function importedTwice(): Promise<Compiled> {
  put('real/pool.lvn', 'let pool = 10.65.0.0/16\ntemplate ap(n) { endpoint nat; address host(pool, n) }\n')
  put('main.lvn', `import "real/pool.lvn"\nimport "link/pool.lvn"\n${overlay}`)
  return compiled('main.lvn')
}

it('a file that is imported under two names is read once', async () => {
  const { diagnostics, topology } = await importedTwice()
  expect(renderHuman(diagnostics)).toBe('')
  expect(topology.overlays).toHaveLength(1)
})

it('what was read under two names is found again under both once it is stored, and counts once', async () => {
  const { sources, topology } = await importedTwice()
  const stored = storeSources(sources)
  expect(stored.map(({ name, sameAs }) => [name, sameAs])).toEqual([
    [join(folder, 'main.lvn'), undefined],
    [join(folder, 'real/pool.lvn'), undefined],
    [join(folder, 'link/pool.lvn'), join(folder, 'real/pool.lvn')],
  ])
  rmSync(join(folder, 'real'), { recursive: true })
  const again = loadStored(JSON.parse(JSON.stringify(stored)), output)
  expect(again.topology.overlays.map(({ nets }) => nets)).toEqual(topology.overlays.map(({ nets }) => nets))
  expect(sourceHash(again.sources)).toBe(sourceHash(sources))
  expect(sourceHash(sources)).toBe(sourceHash(sources.slice(0, 2)))
})

it('a circle through a symlinked folder is one circle', async () => {
  put('real/main.lvn', `import "../link/main.lvn"\nlet pool = 10.65.0.0/16\n${overlay}`)
  const { diagnostics } = await compiled('real/main.lvn')
  expect(diagnostics.map(({ code }) => code)).toEqual(['LVN2124'])
})

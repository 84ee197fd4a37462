// SPDX-License-Identifier: MIT
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readSource } from '../../../src/shell/cli/source.ts'

const folder = mkdtempSync(join(tmpdir(), 'lvn-source-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('readSource', () => {
  it('reads UTF-8 and keeps the name as given', async () => {
    const path = join(folder, 'a.lvn')
    writeFileSync(path, '\ufefflvn 1 # größer\n')
    expect(await readSource(path)).toMatchObject({ name: path, text: 'lvn 1 # größer\n' })
  })

  it.each([
    ['a missing file', join(folder, 'none.lvn'), /none\.lvn: no such file$/],
    ['a folder', folder, /is a directory$/],
    ['a path through a file', join(folder, 'latin.lvn', 'x'), /not a directory$/],
    ['another encoding', join(folder, 'latin.lvn'), /is not UTF-8 text$/],
  ])('refuses %s in a sentence, exit code 3', async (_name, path, message) => {
    writeFileSync(join(folder, 'latin.lvn'), Buffer.from([0x67, 0xf6]))
    await expect(readSource(path)).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringMatching(message),
    })
  })
})

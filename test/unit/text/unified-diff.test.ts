// SPDX-License-Identifier: MIT
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { unifiedDiff } from '../../../src/text/unified-diff.ts'

const folder = mkdtempSync(join(tmpdir(), 'lvn-diff-'))
afterAll(() => rmSync(folder, { recursive: true }))

const text = fc
  .tuple(fc.array(fc.constantFrom('a', 'b', '', '  c', '-- d'), { maxLength: 30 }), fc.boolean())
  .map(([lines, closed]) => lines.join('\n') + (closed && lines.length > 0 ? '\n' : ''))

/** As somebody else's program applies it. */
function patched(before: string, diff: string): string {
  const file = join(folder, 'file')
  writeFileSync(file, before)
  const ran = spawnSync('git', ['apply', '--whitespace=nowarn', '-'], {
    cwd: folder,
    input: diff,
    encoding: 'utf8',
    env: { ...process.env, GIT_CEILING_DIRECTORIES: tmpdir() },
  })
  expect(ran.stderr).toBe('')
  return readFileSync(file, 'utf8')
}

describe('unifiedDiff', () => {
  it('is empty for the same text', () => {
    fc.assert(fc.property(text, (same) => void expect(unifiedDiff(same, same, 'a', 'b')).toBe('')))
  })

  it('leads from the one text to the other, as git applies it', () => {
    const nonEmpty = text.filter((some) => some !== '')
    fc.assert(
      fc.property(nonEmpty, nonEmpty, (before, after) => {
        fc.pre(before !== after)
        expect(patched(before, unifiedDiff(before, after, 'a/file', 'b/file'))).toBe(after)
      }),
      { numRuns: 60 },
    )
  })

  it('is the shortest there is', () => {
    const before = 'a\nb\nc\na\nb\nb\na\n'
    const after = 'c\nb\na\nb\na\nc\n'
    const changes = unifiedDiff(before, after, 'x', 'y')
      .split('\n')
      .filter((line) => /^[-+](?![-+]{2} )/.test(line))
    expect(changes.length).toBe(5)
  })

  it('shows three lines around a change and says where it is', () => {
    const lines = Array.from({ length: 20 }, (_, i) => `${i + 1}\n`)
    const after = lines.with(9, 'ten\n').join('')
    expect(unifiedDiff(lines.join(''), after, 'old', 'new')).toBe(
      '--- old\n+++ new\n@@ -7,7 +7,7 @@\n 7\n 8\n 9\n-10\n+ten\n 11\n 12\n 13\n',
    )
  })

  it('ends on texts that have nothing in common', () => {
    const many = (sign: string) => Array.from({ length: 30_000 }, (_, i) => `${sign}${i}\n`).join('')
    const diff = unifiedDiff(many('a'), many('b'), 'old', 'new')
    expect(diff.split('\n').length).toBe(2 + 1 + 60_000 + 1)
  })
})

// SPDX-License-Identifier: MIT
/**
 * The words of hovers against the reference.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { keywordMeanings } from '../../../src/lsp/vocabulary.ts'

const reference = readFileSync(new URL('../../../docs/language.md', import.meta.url), 'utf8')
/** Lines of tables, by cell. */
const rows = reference
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))

describe('what the editor says of a word', () => {
  it.each(Object.entries(keywordMeanings))(
    'is in the reference, and its default: %s',
    (word, { default: value }) => {
      expect(new RegExp(`(\`|^\\s*)${word}\\b`, 'm').test(reference)).toBe(true)
      if (value === undefined) return
      const ours = rows.filter((cells) => new RegExp(`^\`${word}\\b`).test(cells[1] ?? ''))
      const plain = (text = '') => text.replaceAll('`', '')
      expect(ours.some((cells) => plain(cells.at(-2)).includes(plain(value)))).toBe(true)
    },
  )
})

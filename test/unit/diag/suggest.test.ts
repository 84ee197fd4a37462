// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest'
import { editDistance, suggest } from '../../../src/diag/suggest.ts'

const words = ['net', 'port', 'keepalive', 'hub', 'spoke', 'endpoint']

describe('suggest', () => {
  it.each([
    ['spok', 'spoke'],
    ['psoke', 'spoke'],
    ['keepalives', 'keepalive'],
    ['keep', 'keepalive'],
    ['PORT', 'port'],
    ['hubb', 'hub'],
    ['networks', 'net'],
    ['endpiont', 'endpoint'],
  ])('%s is meant to be %s', (word, meant) => expect(suggest(word, words)).toBe(meant))

  it('one letter is never meant to be another one', () => {
    expect(suggest('a', ['h', 'b', 'ab'])).toBeUndefined()
    expect(suggest('A', ['h', 'a'])).toBe('a')
    expect(suggest('ab', ['ac'])).toBe('ac')
  })

  it.each(['colour', 'x', 'template', 'a'.repeat(10_000)])('%s is near to none', (word) => {
    expect(suggest(word, words)).toBeUndefined()
  })
})

describe('editDistance', () => {
  it('counts insertions, deletions, replacements and swaps', () => {
    expect(editDistance('', 'abc')).toBe(3)
    expect(editDistance('abc', 'abc')).toBe(0)
    expect(editDistance('abc', 'acb')).toBe(1)
    expect(editDistance('abcd', 'xbd')).toBe(2)
  })
})

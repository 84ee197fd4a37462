// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest'
import { contextAt } from '../../../src/lsp/context.ts'

const at = (text: string) => contextAt(text, text.length)

describe('the context of a place', () => {
  it('is the blocks around it and the statement before it', () => {
    expect(at('lvn 1\noverlay mitte {\n  hub gw1 { port 1; listen 10.0.0.1, 10.0.')).toMatchObject({
      blocks: ['overlay mitte ', 'hub gw1 '],
      statement: 'listen 10.0.0.1, ',
      word: '10.0.',
    })
  })

  it('goes on behind a comma at the end of a line, comments between them or not', () => {
    expect(at('net 10.0.0.0/8,\n').statement).toBe('net 10.0.0.0/8, ')
    expect(at('net 10.0.0.0/8, # and\n  ').statement).toBe('net 10.0.0.0/8, ')
    expect(at('net 10.0.0.0/8\n').statement).toBe('')
  })

  it('knows comments and strings, and what looks like them in each other', () => {
    expect(at('spoke a { # "x').within).toBe('comment')
    expect(at('spoke a { # x\n').within).toBe('code')
    expect(at('spoke "a # {').within).toBe('string')
    expect(at('spoke "a" ').within).toBe('code')
    expect(at('spoke "open\n').within).toBe('code')
  })

  it('counts no braces in comments and strings', () => {
    expect(at('overlay a { # {\n spoke "{" { }\n').blocks).toEqual(['overlay a '])
    expect(at('overlay a { }\n } ').blocks).toEqual([])
  })

  it('lets a statement go on over lines between parentheses', () => {
    expect(at('assert count(\n  spo')).toMatchObject({ statement: 'assert count( ', word: 'spo' })
  })
})

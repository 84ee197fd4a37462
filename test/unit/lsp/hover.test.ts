// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest'
import { hoverAt } from '../../../src/lsp/hover.ts'
import { marked, textIn } from '../../support/editor.ts'

const base = `lvn 1
# ☃ 😀
overlay mitte {
  net 10.64.0.0/16, fd42:64::/48
  keepalive every 20s, dead after 90s
  hub gw1 {
    match hostname gw1.ff.example
    listen 198.51.100.10, [2001:db8:1::1]:50001
    device lvn0 { address 10.64.0.1, fd42:64::1; mtu auto }
  }
  spoke kirche { endpoint 203.0.113.7; address 10.64.1.1; routes 10.64.1.0/24 }
  spoke rathaus { endpoint nat; address 10.64.3.1; keepalive every 15s }
}
`

/** Hovers in the middle of `word`; what it says, and of what. */
function hover(word: string, within = word): { text: string; on: string } | null {
  const at = base.indexOf(word, base.indexOf(within)) + Math.floor(word.length / 2)
  const { text, offset, analysis } = marked(`${base.slice(0, at)}‸${base.slice(at)}`)
  const found = hoverAt(analysis, offset)
  if (found === null || found.range === undefined) return null
  return { text: (found.contents as { value: string }).value, on: textIn(text, found.range) }
}

describe('a hover', () => {
  it('on the first word of a statement says what it means', () => {
    expect(hover('keepalive')).toMatchObject({
      on: 'keepalive',
      text: expect.stringContaining('dead after 90s'),
    })
    expect(hover('endpoint', 'endpoint nat')?.text).toContain('underlay')
  })

  it('on a word that is a value says what it means', () => {
    expect(hover('nat', 'endpoint nat')).toMatchObject({ on: 'nat', text: expect.stringContaining('NAT') })
    expect(hover('after')).toMatchObject({ on: 'after', text: expect.stringContaining('silent peer') })
    expect(hover('auto')?.text).toContain('underlay')
  })

  it('on the name of a node shows what it resolves to', () => {
    const text = hover('kirche')?.text ?? ''
    expect(text).toContain('spoke `kirche` of `mitte`')
    expect(text).toContain('device: lvn0, fixed, MTU auto')
    expect(text).toContain('addresses: `10.64.1.1`')
    expect(text).toContain('endpoint: `203.0.113.7:50000`')
    expect(hover('rathaus')?.text).toContain('every 15s, dead after 90s')
    expect(hover('gw1')?.text).toContain('listens on: `198.51.100.10:50000`, `[2001:db8:1::1]:50001`')
  })

  it('on the name of an overlay shows its size', () => {
    expect(hover('mitte')?.text).toContain('spokes: 2')
  })

  it('on a prefix says what it holds', () => {
    const net = hover('10.64.0.0/16')
    expect(net?.on).toBe('10.64.0.0/16')
    expect(net?.text).toContain('65,536 addresses')
    expect(net?.text).toContain('net of `mitte`')
    expect(net?.text).toContain('`10.64.3.1`, address of `rathaus`')
    expect(hover('10.64.1.0/24')?.text).toContain('within `10.64.0.0/16`, net of `mitte`')
    expect(hover('fd42:64::/48')?.text).toContain('2^80 addresses')
  })

  it('on an address says whose it is', () => {
    const text = hover('10.64.1.1')?.text
    expect(text).toContain('address of `kirche`')
    expect(text).toContain('within `10.64.1.0/24`, route of `kirche`')
    expect(hover('203.0.113.7')?.text).toContain('underlay address of `kirche`, port 50000')
  })

  it('on anything else says nothing', () => {
    expect(hover('☃')).toBeNull()
    expect(hover('{', 'overlay')).toBeNull()
  })
})

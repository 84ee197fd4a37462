// SPDX-License-Identifier: MIT
/**
 * Devices of one tunnel: how many nodes there are at the other end of one that says `mode fixed`.
 */
import { describe, expect, it } from 'vitest'
import { parse } from '../../../grammar/parser.ts'
import { spanText } from '../../../src/diag/message.ts'
import { Source } from '../../../src/diag/source.ts'
import { resolve } from '../../../src/interp/1-resolve.ts'

const mode = (name: string, address: string) => `device lvn0 { address ${address}; mode ${name} }`
const hub = (how: string) => `hub gw { listen 198.51.100.10; ${mode(how, '10.64.0.1')} }`
const fra = 'hub fra { listen 198.51.100.11; address 10.64.0.2 }'
const spoke = (i: number, more = '') => `spoke s${i} { endpoint nat; address 10.64.1.${i}; ${more} }`

/** `MESSAGE`, and the other place that it names. */
function said(...lines: string[]): string[] {
  const { file } = parse(
    new Source('main.lvn', `lvn 1\noverlay o { net 10.64.0.0/16\n${lines.join('\n')}\n}`),
  )
  return resolve([file])
    .diagnostics.filter(({ code }) => !code.startsWith('LVN1'))
    .map(({ code, message, related = [] }) => {
      const numbers = message.match(/(?<=has |joins )\d+/g) ?? []
      return [code, ...numbers, ...related.map(({ span }) => spanText(span))].join(' ')
    })
}

describe('a hub in mode fixed', () => {
  it('has exactly one spoke', () => {
    expect(said(hub('fixed'), spoke(1))).toEqual([])
    expect(said(hub('fixed'))).toEqual(['LVN2037 0'])
    expect(said(hub('fixed'), spoke(1), spoke(2))).toEqual(['LVN2037 2'])
  })

  it('is the only one', () => {
    expect(said(hub('fixed'), fra, spoke(1))).toEqual(['LVN2140 fra'])
    expect(said(hub('fixed'), fra)).toEqual(['LVN2140 fra'])
  })

  it('may be the only one twice, which is another mistake', () => {
    const twice = hub('fixed').replace('.10;', '.11;').replace('64.0.1', '64.0.2')
    expect(said(hub('fixed'), twice, spoke(1))).toEqual(['LVN2021 gw'])
  })

  it('may have spokes that could not be read', () => {
    expect(said(hub('fixed'), 'spoke {')).toEqual([])
  })

  it('is held to nothing where it says `multi`, or nothing', () => {
    expect(said(hub('multi'), spoke(1), spoke(2))).toEqual([])
    expect(said(fra, spoke(1), spoke(2))).toEqual([])
  })
})

describe('a spoke in mode fixed', () => {
  const fixed = (via: string) => `spoke s1 { endpoint nat; ${mode('fixed', '10.64.1.1')}; ${via} }`

  it('joins one hub', () => {
    expect(said(hub('multi'), fra, fixed(''))).toEqual([])
    expect(said(hub('multi'), fra, fixed('via fra'))).toEqual([])
    expect(said(hub('multi'), fra, fixed('via gw, fra'))).toEqual(['LVN2141 2 fra'])
  })

  it('joins no hub that is not there', () => {
    expect(said(hub('multi'), fra, fixed('via gw, frb'))).toEqual(['LVN2123'])
    expect(said(hub('multi'), fra, fixed('via frb, gw, fra'))).toEqual(['LVN2141 2 fra', 'LVN2123'])
  })

  it('is the mode of one that says nothing, and then joins as many as it likes', () => {
    expect(said(hub('multi'), fra, spoke(1, 'via gw, fra'))).toEqual([])
    expect(said(hub('multi'), fra, fixed('via gw, fra').replace('fixed', 'multi'))).toEqual([])
  })
})

// SPDX-License-Identifier: MIT
/**
 * What a message says besides its place: for which value of a `for`, and used from where.
 */
import { describe, expect, it } from 'vitest'
import { parse } from '../../../grammar/parser.ts'
import { spanText } from '../../../src/diag/message.ts'
import { Source } from '../../../src/diag/source.ts'
import { resolve } from '../../../src/interp/1-resolve.ts'

const diagnose = (text: string) =>
  resolve([parse(new Source('main.lvn', `lvn 1\n${text}\n`)).file]).diagnostics

/** `CODE`, and what is said besides, with the place of each. */
function said(text: string): unknown[] {
  return diagnose(text).map(({ code, related }) => {
    return [code, ...(related ?? []).map(({ message, span }) => `${message}: ${spanText(span)}`)]
  })
}

const overlay = (lines: string) =>
  `overlay o { net 10.64.0.0/16; hub gw { listen 198.51.100.10; address 10.64.0.1 }\n${lines}\n}`

describe('a mistake', () => {
  it.each([
    '10.0.0.256',
    '10.0.0.1/24',
    'i + "a"',
    '9007199254740991 + i',
    'first(i)',
    'host(10.0.0.0/30, i)',
  ])('in a `for` is said with the value of its turn: %s', (expression) => {
    const [code, ...notes] = said(`for i in [7] { let a = ${expression} }`)[0] as string[]
    expect([code?.slice(0, 4), notes]).toEqual(['LVN2', ['where i = 7: i']])
  })

  it('is said for all that it is in, from the inside to the outside', () => {
    const template = 'template site(n) { endpoint nat; address host(10.64.0.0/30, n) }'
    expect(
      said(`${template}\n${overlay('for i in 3..4 { for j in ["x"] { spoke "{j}{i}" from site(i) } }')}`),
    ).toEqual([
      ['LVN2113', 'in template `site`, used here: from site(i)', 'where j = x: j', 'where i = 4: i'],
    ])
  })

  it('is said once for all turns', () => {
    expect(said('for i in 1..9 { let a = first(i) }')).toEqual([['LVN2105', 'where i = 1: i']])
  })

  it('elsewhere is said for itself', () => {
    expect(diagnose('let a = 10.0.0.256')[0]).not.toHaveProperty('related')
  })
})

describe('a policy that never decides anything', () => {
  const policies = 'allow any -> gw\ndeny any -> gw'

  it('is a doubt in a file where something is worked out, but not in a `for`', () => {
    expect(said(overlay(`let a = 1\n${policies}`)).flat()).toEqual([
      'LVN2143',
      expect.stringMatching(/deny any -> gw$/),
    ])
    expect(said(overlay(`for i in 1..1 {\n${policies}\n}`))).toEqual([])
  })
})

// SPDX-License-Identifier: MIT
/**
 * Lists of lists: a line names a list four times without copying it, so a short file can hold more values than anybody
 * can go through.
 */
import { describe, expect, test } from 'vitest'
import { parse } from '../../../grammar/parser.ts'
import { Source } from '../../../src/diag/source.ts'
import { resolve } from '../../../src/interp/1-resolve.ts'

function diagnose(text: string) {
  const { file, diagnostics } = parse(new Source('large.lvn', text))
  return { diagnostics: [...diagnostics, ...resolve([file]).diagnostics] }
}

/** `a0` of two prefixes; each after it holds the one before it four times. */
function nested(depth: number, ...statements: readonly string[]): string {
  const lists = Array.from(
    { length: depth },
    (_, i) => `let a${i + 1} = [${new Array(4).fill(`a${i}`).join(', ')}]`,
  )
  return `lvn 1
let a0 = [10.65.1.0/24, 10.65.2.0/24]
${lists.join('\n')}
overlay mitte {
  net 10.64.0.0/15
  hub gw { listen 198.51.100.10; address 10.64.0.1 }
  ${statements.join('\n  ')}
}
`
}

const codes = (text: string) => diagnose(text).diagnostics.map(({ code }) => code)

describe('lists that are gone through in every turn', () => {
  test.each([
    ['compared', 'assert a6 == [a5, a5, a5, a5]'],
    [
      'asked whether they are disjoint',
      `let many = [${new Array(2000).fill('10.64.9.0/24').join(', ')}]; for j in 1..10000 { assert not disjoint(many) }`,
    ],
    ['put in the place of several values', 'spoke "s{i}" { endpoint nat; routes a6 }'],
    ['written out', `assert [${new Array(2000).fill('i').join(', ')}] != [1]`],
  ])('are refused where that is too much: %s', (_, statement) => {
    const found = codes(nested(6, `for i in 1..100000 { ${statement} }`))
    expect(found.filter((code) => code === 'LVN2150')).toHaveLength(1)
  })

  test('are no trouble as often as an overlay needs them', () => {
    expect(codes(nested(2, 'for i in 1..50000 { assert a2 == [a1, a1, a1, a1] }'))).toEqual([])
  })
})

describe('lists that hold each other', () => {
  test.each([
    'assert disjoint(a16)',
    'assert a16 == a16',
    'assert [a16] == [a15]',
    'spoke s { endpoint nat; address 10.64.1.1; routes a13 }',
  ])('are refused where they become too large: %s', (statement) => {
    const { diagnostics } = diagnose(nested(16, statement))
    expect(diagnostics.map(({ code, message }) => `${code} ${message}`)).toEqual([
      'LVN2128 this list becomes larger than 100000 values, with those of the lists in it',
    ])
  })

  test('are compared by what is in them, as large as they may be', () => {
    expect(codes(nested(7, 'assert a7 == [a6, a6, a6, a6]', 'assert a7 != [a6, a6, a6, a5]'))).toEqual([])
    expect(codes(nested(1, 'assert [60s, [/24]] == [1m, [24]]', 'assert [[1]] != [["1"]]'))).toEqual([])
  })

  test('may be as deep as the file is long', () => {
    const deep = (name: string) =>
      Array.from({ length: 20_000 }, (_, i) => `let ${name}${i + 1} = [${name}${i}]`).join('\n')
    const text = `lvn 1
let a0 = 10.65.1.0/24
let b0 = 10.65.1.0/24
${deep('a')}
${deep('b')}
overlay mitte {
  net 10.64.0.0/15
  hub gw { listen 198.51.100.10; address 10.64.0.1 }
  assert a20000 == b20000
  assert "{a20000}" == "{b20000}"
  spoke s { endpoint nat; address 10.64.1.1; routes a20000 }
}
`
    expect(codes(text)).toEqual([])
  })

  test('are cut short in messages', () => {
    const [diagnostic] = diagnose(nested(7, 'assert disjoint(a7)')).diagnostics
    expect(diagnostic?.message).toMatch(/is the list \[{7}10\.65\.1\.0\/24, .*\.\.\.$/)
    expect(diagnostic?.message.length).toBeLessThan(200)
  })
})

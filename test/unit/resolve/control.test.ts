// SPDX-License-Identifier: MIT
/**
 * `for`, `if`, `let` and `assert`: which statements are there, how often, with which names; what is said of them.
 */
import { describe, expect, it } from 'vitest'
import { marked, readFile, sentences } from '../../support/resolved.ts'

const head = 'net 10.64.0.0/16; hub gw { listen 198.51.100.10; address 10.64.0.1 }'
const found = (text: string) => readFile(text).findings
const says = (code: string, written: string) => {
  const { text, finding } = marked(code, written)
  expect(found(text)).toEqual([finding])
}

/** Names of the spokes that lines of an overlay come to. */
function spokes(lines: string, before = ''): string[] {
  const { topology, findings } = readFile(`${before}\noverlay o { ${head}\n${lines}\n}`)
  expect(findings).toEqual([])
  return topology.overlays[0]?.spokes.map(({ name }) => name) ?? []
}
const spoke = (name: string, n = 'i') => `spoke "${name}" { endpoint nat; address host(10.64.0.0/16, ${n}) }`

describe('a `for`', () => {
  it.each([
    ['2..3 + 1', ['s2', 's3', 's4']],
    ['7..7', ['s7']],
    ['[7, 5]', ['s7', 's5']],
    ['[]', []],
  ])('goes through %s', (values, names) => {
    expect(spokes(`for i in ${values} { ${spoke('s{i}')} }`)).toEqual(names)
  })

  it.each([
    ['10.64.1.1', '10.64.1.1'],
    ['10.64.1.0/24', '10.64.1.0/24'],
    ['5s', '5s'],
    ['/24', '/24'],
    ['2mbit', '2mbit'],
  ])('takes what is no list for a list of one: %s', (value, text) => {
    expect(found(`for i in ${value} { assert "{i}" == "${text}" }`)).toEqual([])
    const turns = marked('LVN2117', `for i in ${value} { assert «"{i}" == "x"» }`)
    expect(found(turns.text)).toEqual([`${turns.finding} in 2:5`])
  })

  const hint = 'write `for i in 1..20 { ... }` or `for name in ["a", "b"] { ... }`'
  it.each([
    ['7', 'the number 7'],
    ['"x"', 'the text "x"'],
    ['true', '`true`'],
  ])('does not go through %s', (value, what) => {
    const file = readFile(`for i in ${value} { }`)
    expect(file.findings).toEqual(['LVN2118 2:10'])
    expect(sentences(file)).toEqual([`\`for\` goes through a list or a range, and this is ${what} | ${hint}`])
  })

  it('of a range of two numbers that counts downwards is doubted, with its turn', () => {
    says('LVN2127', 'for i in «3..1» { }')
    expect(found('for j in 5..5 { for i in 3..1 { } }')).toEqual(['LVN2127 2:26 in 2:5'])
    expect(found('for j in 5..5 { for i in 7 { } }')).toEqual(['LVN2118 2:26 in 2:5'])
  })

  it.each([
    'let n = 0\nfor i in 1..n { }',
    'let n = 9\nfor i in n..1 { }',
    'let r = 3..1\nfor i in r { }',
    'for i in [] { }',
    'for i in 1..1 { }',
  ])('that is empty by what is worked out is none to doubt: `%s`', (text) => {
    expect(found(text)).toEqual([])
  })

  it('gives its value a name in its body alone, and each turn names of its own', () => {
    expect(found('for i in 1..3 { let n = i; assert n == i }\nlet i = 1\nlet n = 2')).toEqual([])
    says('LVN2100', 'for i in 1..3 { }\nlet n = «i»')
    expect(found('for i in 1..3 { let i = 7 }')).toEqual(['LVN2102 2:21 < 2:5 in 2:5'])
  })

  it('says which turns have led to a mistake, from the inside to the outside', () => {
    const { diagnostics, findings } = readFile('for i in 1..2 { for j in [10.0.0.1] { assert i == 1 } }')
    expect(findings).toEqual(['LVN2117 2:46 in 2:21 in 2:5'])
    expect(diagnostics[0]?.span?.notes?.map(({ message }) => message)).toEqual([
      'where j = 10.0.0.1',
      'where i = 2',
    ])
  })

  it('that goes through something unknown says nothing else', () => {
    says('LVN2100', 'for i in «x» { let n = host(i, i) }')
    says('LVN2100', `overlay o { ${head}; for i in «x» { ${spoke('s{i}')} }\nexpect ping s1 -> gw }`)
  })

  it.each([7, '"x"', 'x'])('through %s may have given whatever seems to be missing', (values) => {
    expect(found(`overlay o { net 10.64.0.0/16; for i in ${values} { } }`).length).toBe(1)
  })

  it('has as many turns as an overlay may have nodes, and some more', () => {
    const turns = (n: number) => found(`for i in 1..${n} { }`)
    expect(turns(100_000)).toEqual([])
    expect(turns(100_001)).toEqual(['LVN2112 2:1'])
    expect(found('for i in 1..60000 { }\nfor i in 1..60000 { }')).toEqual(['LVN2112 3:1'])
    expect(found(`overlay o { net 10.64.0.0/16; for i in 1..200000 { } }`)).toEqual(['LVN2112 2:31'])
  })
})

describe('an `if`', () => {
  const branches = 'if n == 1 { X } else if n == 2 { Y } else { Z }'
  const made = (n: number | boolean) =>
    spokes(
      branches.replace('X', spoke('x', '7')).replace('Y', spoke('y', '7')).replace('Z', spoke('z', '7')),
      `let n = ${n}`,
    )

  it.each([
    [1, ['x']],
    [2, ['y']],
    [3, ['z']],
  ])('has the first branch whose condition holds: n = %s', (n, names) => {
    expect(made(n)).toEqual(names)
  })

  it('without `else` may have none', () => {
    expect(spokes(`if false { ${spoke('x', '7')} }`)).toEqual([])
    expect(spokes(`if true { ${spoke('x', '7')} }`)).toEqual(['x'])
  })

  it('asks no further than a condition that holds', () => {
    expect(found('if true { } else if 7 { }')).toEqual([])
    says('LVN2107', 'if false { } else if «7» { }')
  })

  it('gives names to its branch alone', () => {
    says('LVN2100', 'if true { let n = 1 }\nlet m = «n»')
    expect(found('let n = 1\nif true { let n = 2; assert n == 2 }\nassert n == 1')).toEqual([])
  })

  it.each(['7', 'x'])('of %s may have given whatever seems to be missing', (condition) => {
    expect(
      found(`overlay o { net 10.64.0.0/16; if ${condition} { ${spoke('x', '7')} } else { } }`).length,
    ).toBe(1)
  })

  it('that holds, or does not, has given what it has', () => {
    const missing = (condition: string) =>
      found(`overlay o { net 10.64.0.0/16; if ${condition} { } else { } }`)
    expect([missing('true'), missing('false')]).toEqual([['LVN2031 2:9'], ['LVN2031 2:9']])
  })

  it('has neither branch where its condition is unknown', () => {
    says('LVN2100', 'if «x» { assert 1 == 2 } else { assert 1 == 2 }')
    says('LVN2100', 'if «x» { assert 1 == 2 } else if true { assert 1 == 2 } else { assert 1 == 2 }')
  })
})

describe('an `assert`', () => {
  const said = (text: string) => sentences(readFile(text))

  it('is refused where it does not hold, and where it is no condition', () => {
    expect(found('assert 1 == 1\nassert true')).toEqual([])
    says('LVN2117', 'assert «1 == 2»')
    says('LVN2107', 'assert «7»')
    expect(said('assert 7')).toEqual([
      '`assert` wants a condition, and this is the number 7 | compare it with something: `count(spokes) == 3`',
    ])
    says('LVN2100', 'assert «x»')
  })

  it('shows what the sides of its comparison are, where that is not written', () => {
    const sides = (condition: string, lets = '') =>
      said(`${lets}\nassert ${condition}`).map((each) => each.split(' | ')[1])
    expect(sides('n == 2', 'let n = 1')).toEqual(['`n` is 1'])
    expect(sides('n > m', 'let n = 1; let m = 2')).toEqual(['`n` is 1, `m` is 2'])
    expect(sides('n + 1 == 3', 'let n = 1')).toEqual(['`n + 1` is 2'])
    expect(sides('m == n', 'let n = "a"; let m = "b"')).toEqual(['`m` is text "b", `n` is text "a"'])
    expect(sides('1 == 2')).toEqual([undefined])
    expect(sides('false')).toEqual([undefined])
    expect(sides('n == 2 and true', 'let n = 1')).toEqual([undefined])
    expect(sides('n == 2 or false', 'let n = 1')).toEqual([undefined])
    expect(sides('not n', 'let n = true')).toEqual([undefined])
  })

  it('says what it was given to say, with the values in it', () => {
    expect(said('let n = 1\nassert n == 2, "not {n}"')).toEqual(['this does not hold: not 1 | `n` is 1'])
    expect(said('let n = 1\nassert n == 2')).toEqual(['this does not hold | `n` is 1'])
    expect(said('assert 1 == 2, "{x}"').length).toBe(2)
  })
})

describe('a `let`', () => {
  it('names a value from there on', () => {
    expect(found('let a = 1\nlet b = a + 1\nassert b == 2')).toEqual([])
    says('LVN2100', 'let b = «a»\nlet a = 1')
  })
  it('names one once', () => {
    says('LVN2102', 'let ‹a› = 1\nlet «a» = 1')
    expect(found('for i in 1..2 { let a = 1; let a = 2 }')).toEqual(['LVN2102 2:32 < 2:21 in 2:5'])
  })
  it('of something wrong is not held against what uses it', () => {
    says('LVN2100', 'let a = «x»\nlet b = host(a, a)\nassert b == 7\nfor i in a { }\nif a { }')
  })
})

// SPDX-License-Identifier: MIT
/**
 * Which value or template a name stands for: in blocks, across files, and where two give the same.
 */
import { describe, expect, it } from 'vitest'
import { parseProgram } from '../../../grammar/program.ts'
import { spanText } from '../../../src/diag/message.ts'
import { Source } from '../../../src/diag/source.ts'
import { resolve } from '../../../src/interp/1-resolve.ts'

/** `CODE at FILE PLACE`, and the hint or where the first one is. */
function said(text: string, files: Record<string, string> = {}): string[] {
  const program = parseProgram(new Source('main', `lvn 1\n${text}\n`), (path) => {
    return new Source(path, `lvn 1\n${files[path]}\n`)
  })
  const { diagnostics } = resolve([program.file], program.imports)
  return [...program.diagnostics, ...diagnostics].map(({ code, span, related, hint }) => {
    const first = related?.[0]?.span
    const more = first === undefined ? hint : `after ${first.source.name} ${spanText(first)}`
    return `${code} at ${span?.source.name} ${span && spanText(span)}; ${more}`
  })
}

const overlay = (lines: string) =>
  `overlay o { net 10.64.0.0/16; hub gw { listen 198.51.100.10; address 10.64.0.1 }\n${lines}\n}`

describe('a name', () => {
  it('is that of the innermost block, and is the outer one again behind it', () => {
    const text = `let n = 1
if true { let n = 2
  assert n == 2
  if true { let n = 3; assert n == 3 } }
for n in [4] { assert n == 4 }
assert n == 1`
    expect(said(text)).toEqual([])
    expect(said(text.replaceAll('==', '!=')).map((each) => each.slice(0, 7))).toEqual(
      new Array(4).fill('LVN2117'),
    )
  })

  it('may be given once in a block, and the first value stays', () => {
    expect(said('let n = 1\nlet n = 2\nassert n == 1')).toEqual(['LVN2102 at main n; after main n'])
    expect(said('for n in [1] { let n = 2 }')).toEqual(['LVN2102 at main n; after main n'])
  })

  it('is unknown before its line', () => {
    expect(said('let a = number\nlet number = 1')).toEqual([
      'LVN2100 at main number; a value gets its name above, with `let number = VALUE`',
    ])
  })

  it('that is unknown is said once in a file, and may be a known one of any block around', () => {
    const known = 'let outermost = 1\nif true { let inner-one = 2\nlet a = '
    expect(said(`${known}outermots }`)).toEqual(['LVN2100 at main outermots; did you mean `outermost`?'])
    expect(said(`${known}inner-ome }`)).toEqual(['LVN2100 at main inner-ome; did you mean `inner-one`?'])
    expect(said(`${known}outermots\nlet b = outermots }\nlet c = outermots`)).toHaveLength(1)
    expect(said(`${known}outermots\nlet b = quite-another }`)).toHaveLength(2)
  })

  it('that may have been given where the file is damaged is not called unknown', () => {
    const codes = said('let = 7\nlet a = number\nif true { let b = number }')
    expect(codes.filter((each) => !each.startsWith('LVN1'))).toEqual([])
    expect(codes).not.toEqual([])
  })

  it.each(['spokes', 'hubs'])(
    '`%s` is a list in assertions of an overlay, or what the file makes of it',
    (name) => {
      const spokes =
        'spoke a { endpoint nat; address 10.64.1.1 }\nspoke b { endpoint nat; address 10.64.1.2 }'
      const list = { spokes: '["a", "b"]', hubs: '["gw"]' }[name]
      expect(said(overlay(`assert ${name} == ${list}\n${spokes}`))).toEqual([])
      expect(said(overlay(`let ${name} = 7\nassert ${name} == 7\n${spokes}`))).toEqual([])
      expect(said(`let ${name} = 7\n${overlay(`assert ${name} == 7\n${spokes}`)}`)).toEqual([])
    },
  )
})

describe('a template', () => {
  const template = 'template site(n) { endpoint nat; address host(10.64.0.0/16, n) }'

  it('sees the names of its file, not those of where it is used', () => {
    const inner = template.replace('n)', 'n)').replace('host(10.64.0.0/16, n)', 'host(pool, n)')
    expect(
      said(`let pool = 10.64.0.0/16\n${inner}\n${overlay('let pool = 7\nspoke a from site(9)')}`),
    ).toEqual([])
    expect(said(`${inner}\n${overlay('let pool = 10.64.0.0/16\nspoke a from site(9)')}`)[0]).toMatch(
      /^LVN2100 at main pool/,
    )
  })

  it('is given once, and the first one stays', () => {
    const other = 'template site { endpoint nat; address 10.64.9.9 }'
    expect(said(`${template}\n${other}\n${overlay('spoke a from site(9)')}`)).toEqual([
      'LVN2102 at main site; after main site',
    ])
  })

  it('that is unknown may be a known one, and is said once', () => {
    expect(said(`${template}\n${overlay('spoke a from sites(8)\nspoke b from sites(9)')}`)).toEqual([
      'LVN2119 at main sites; did you mean `site`?',
    ])
  })
})

describe('an imported file', () => {
  const lib = 'let pool = 10.64.0.0/16\ntemplate site(n) { endpoint nat; address host(pool, n) }'
  const use = overlay('spoke a from site(9)\nspoke b { endpoint nat; address host(pool, 10) }')

  it('gives its values and templates, and those of files that it imports', () => {
    expect(said(`import "lib"\n${use}`, { lib })).toEqual([])
    expect(said(`import "more"\n${use}`, { more: 'import "lib"', lib })).toEqual([])
  })

  it('gives names that may be meant', () => {
    expect(said('import "lib"\nlet a = pol', { lib })).toEqual(['LVN2100 at main pol; did you mean `pool`?'])
    expect(said(`import "lib"\n${overlay('spoke a from sote(9)')}`, { lib })).toEqual([
      'LVN2119 at main sote; did you mean `site`?',
    ])
  })

  it('may come by two ways', () => {
    const [left, right] = ['import "lib"', 'import "lib"']
    expect(said(`import "left"\nimport "right"\n${use}`, { left, right, lib })).toEqual([])
  })

  it('may not give what is there already, and the first one stays', () => {
    const other = 'let pool = 10.65.0.0/16'
    expect(said(`import "lib"\nimport "other"\n${use}`, { lib, other })).toEqual([
      'LVN2102 at main import "other"; after lib pool',
    ])
    expect(said(`let pool = 10.64.0.0/16\nimport "other"\nassert pool == 10.64.0.0/16`, { other })).toEqual([
      'LVN2102 at main import "other"; after main pool',
    ])
    const template = 'template site { endpoint nat; address 10.64.9.9 }'
    expect(said(`import "lib"\nimport "other"\n${use}`, { lib, other: template })).toEqual([
      'LVN2102 at main import "other"; after lib site',
    ])
  })

  it('may be followed by more values and templates', () => {
    expect(said(`import "lib"\nlet more = pool\ntemplate other { endpoint nat }\n${use}`, { lib })).toEqual(
      [],
    )
    expect(said(`import "lib"\nlet pool = 7`, { lib })).toEqual(['LVN2102 at main pool; after lib pool'])
  })
})

// SPDX-License-Identifier: MIT
/**
 * Templates that nobody uses: what is wrong for every use is found, and nothing that could be right.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type * as ast from '../../../grammar/ast.ts'
import { parse } from '../../../grammar/parser.ts'
import { parseProgram } from '../../../grammar/program.ts'
import { formatSpan, Source } from '../../../src/diag/source.ts'
import { resolve } from '../../../src/interp/1-resolve.ts'

function findings(text: string): string[] {
  const parsed = parse(new Source('lib', `lvn 1\n${text}\n`))
  const all = [...parsed.diagnostics, ...resolve([parsed.file]).diagnostics]
  return all.map(({ code, span }) => `${code} ${span ? formatSpan(span) : ''}`)
}

/** A template with a mistake behind so many turns of a `for`. */
function turnsBefore(turns: number): string {
  return `template t { for i in 1..${turns} { }; for i in [10.0.0.0/8] { routes [lan, i] } }`
}

describe('a template that nobody uses', () => {
  it.each([
    ['an unknown name', 'template t { address lan }', 'LVN2100 lib:2:22'],
    ['an unknown name in a text', 'template t { endpoint "{x}.example" }', 'LVN2100 lib:2:24'],
    ['an unknown name in a device', 'template t { device lvn0 { mtu most } }', 'LVN2100 lib:2:32'],
    ['an unknown function', 'template t(p) { address hots(p, 1) }', 'LVN2103 lib:2:25'],
    ['an argument too few', 'template t(p) { address host(p) }', 'LVN2106 lib:2:25'],
    ['a text for a prefix', 'template t { let q = "x"; routes q }', 'LVN2104 lib:2:34'],
    ['two parameters of one name', 'template t(p, p) { routes p }', 'LVN2102 lib:2:15'],
    ['a name behind `and`', 'template t(p) { assert p and q }', 'LVN2100 lib:2:30'],
    ['a name in a branch', 'template t(p) { if p { routes q } }', 'LVN2100 lib:2:31'],
    ['a name in an `else`', 'template t(p) { if p { } else { routes q } }', 'LVN2100 lib:2:40'],
    ['a name in a loop', 'template t(p) { for i in p { routes [i, q] } }', 'LVN2100 lib:2:41'],
    [
      'a name in a branch that is out of question',
      'let on = false\ntemplate t { if on { routes whatever } }',
      'LVN2100 lib:3:29',
    ],
    [
      'a value of a block that has ended',
      'template t(p) { if p { let q = p }; routes q }',
      'LVN2100 lib:2:44',
    ],
    ['an address that is none', 'template t { address 10.0.0.256 }', 'LVN2001 lib:2:22'],
    ['host bits', 'template t { routes 10.0.0.1/24 }', 'LVN2003 lib:2:21'],
    ['a host name that is none', 'template t { match hostname "x y" }', 'LVN2011 lib:2:29'],
    ['a device name that is none', 'template t { device "x/y" { mtu 1400 } }', 'LVN2010 lib:2:21'],
    ['a device name that is none', 'template t { device lo }', 'LVN2010 lib:2:21'],
    ['a name in the name of a device', 'template t { device "lvn{q}" }', 'LVN2100 lib:2:25'],
    ['a name in a path', 'template t { signalling :1 { key file "{q}.pem" } }', 'LVN2100 lib:2:40'],
    ['a name in a message', 'template t(p) { assert p, "{q}" }', 'LVN2100 lib:2:28'],
    [
      'a mistake of each turn of a loop',
      'template t { for i in [1, 2] { routes first(7) } }',
      'LVN2105 lib:2:45',
    ],
    ['a name behind as many turns as are looked at', turnsBefore(9999), 'LVN2100 lib:2:68'],
  ])('is held %s against', (_, text, finding) => {
    expect(findings(text)).toEqual([finding])
  })

  it.each([
    ['values below it', 'template t { routes lan }\nlet lan = 10.0.0.0/24'],
    ['its own values', 'template t(p) { let q = first(p); let r = q; address r }'],
    ['loop variables', 'template t(p) { for i in 1..3 { for j in p { routes subnet(j, /24, i) } } }'],
    [
      'words that stand for themselves',
      'template t { endpoint tower; via fra; prefer ber; match hostname gw }',
    ],
    ['kinds that only a use tells', 'template t(p) { routes p; address p; endpoint "{p:03}"; port p + 1 }'],
    [
      'branches that may be out of question',
      'template t(p) { if p > 2 { routes subnet(10.0.0.0/8, /4, 1) } }',
    ],
    ['what stands behind `and`', 'template t(p) { assert p and host(10.0.0.0/8, 0 - 99999999) == p }'],
    ['an assertion that never holds', 'template t { assert false, "use the other one" }'],
    ['statements of hubs and of spokes', 'template t { listen 10.0.0.1; endpoint nat }'],
    [
      'more turns than are looked at',
      'template t { for i in 1..200000 { routes subnet(10.0.0.0/8, /32, i) } }',
    ],
    [
      'words that would be a host name if they were none of a value',
      'template t(p) { match hostname p, "{p}-x"; routes [p]; address [p] }',
    ],
    ['signalling without files', 'template t { signalling :1 }'],
    ['what comes behind as many turns as are looked at', turnsBefore(10_000)],
    ['a damaged file', 'template t { address lan }\nlet = 10.0.0.0/24'],
  ])('is not held %s against', (_, text) => {
    expect(findings(text).filter((finding) => !finding.startsWith('LVN1'))).toEqual([])
  })

  it('is looked at where it is imported from, and reported once', () => {
    const lib = parse(
      new Source('lib', 'lvn 1\ntemplate t { address lan }\ntemplate u { address lan }\n'),
    ).file
    const main = parse(new Source('main', 'lvn 1\nimport "lib"\nlet lan = 10.0.0.1\n')).file
    const found = resolve([main], new Map([[main.body.statements[0] as ast.Import, lib]])).diagnostics
    expect(found.map(({ code, span }) => [code, span?.source.name])).toEqual([['LVN2100', 'lib']])
  })

  it('has its turns counted once, however many files import it', () => {
    const files: Record<string, string> = {
      a: 'import "lib"',
      b: 'template u { for i in 1..3000 { routes lan } }',
      lib: 'template t { for i in 1..6000 { routes 10.0.0.0/8 } }',
    }
    const { file, imports } = parseProgram(new Source('main', 'lvn 1\nimport "a"\nimport "b"\n'), (path) => {
      return new Source(path, `lvn 1\n${files[path]}\n`)
    })
    const found = resolve([file], imports).diagnostics
    expect(found.map(({ code, span }) => [code, span?.source.name])).toEqual([['LVN2100', 'b']])
  })

  it('is right where its uses are right', () => {
    const folder = new URL('../../../examples/', import.meta.url)
    let templates = 0
    for (const name of readdirSync(folder).filter((each) => each.endsWith('.lvn'))) {
      const { file } = parse(new Source(name, readFileSync(new URL(name, folder), 'utf8')))
      const statements = file.body.statements.filter(({ kind }) => kind === 'let' || kind === 'template')
      templates += statements.filter(({ kind }) => kind === 'template').length
      const { diagnostics } = resolve([{ ...file, body: { ...file.body, statements } }])
      expect(diagnostics).toEqual([])
    }
    expect(templates).toBeGreaterThan(0)
  })
})

/** The overlay's own lines are `lib:3` to `lib:6`; `inside` is `lib:7`, `outside` begins at `lib:9`. */
function inOverlay(inside: string, outside = ''): string[] {
  return findings(`let pool = 10.64.0.0/16
overlay mitte {
  net pool
  hub gw { listen 198.51.100.10; address host(pool, 1) }
  spoke a { endpoint nat; address host(pool, 2) }
${inside}
}
${outside}`)
}

describe('a branch that nothing comes through', () => {
  const template = (body: string) =>
    inOverlay('for i in 5..9 { spoke "s{i}" from t(host(pool, i), i) }', `template t(a, i) { ${body} }`)
  const always = 'address a; endpoint nat'

  it.each([
    ['an unknown name', `${always}; if i > 9 { routes lan }`, 'LVN2100 lib:9:63'],
    ['a name in the `else`', `${always}; if i < 10 { } else { routes lan }`, 'LVN2100 lib:9:73'],
    ['a name in a second condition', `${always}; if i < 10 { } else if x == 1 { }`, 'LVN2100 lib:9:67'],
    ['a name in a branch of a branch', `${always}; if i > 9 { if i > 8 { routes lan } }`, 'LVN2100 lib:9:74'],
    ['a name in a device', `${always}; if i > 9 { device lvn0 { mtu most } }`, 'LVN2100 lib:9:74'],
    ['an unknown function', `${always}; if i > 9 { routes subnt(a) }`, 'LVN2103 lib:9:63'],
    ['a text for a prefix', `${always}; if i > 9 { let q = "x"; routes q }`, 'LVN2104 lib:9:76'],
    ['a number for a prefix in a function', `${always}; if i > 9 { routes first(7) }`, 'LVN2105 lib:9:69'],
    ['host bits', `${always}; if i > 9 { routes 10.64.1.1/24 }`, 'LVN2003 lib:9:63'],
    ['a loop with no turn', `${always}; for j in 1..i - 9 { routes lan }`, 'LVN2100 lib:9:72'],
  ])('of a template that is used is held %s against', (_, body, finding) => {
    expect(template(body)).toEqual([finding])
  })

  it.each([
    ['an unknown name', 'if false { spoke b { endpoint nat; address lan } }', 'LVN2100 lib:7:44'],
    ['an unknown template', 'if false { spoke b from ap() }', 'LVN2119 lib:7:25'],
    ['an argument that the template has no use for', 'if false { spoke b from site(1) }', 'LVN2120 lib:7:20'],
    ['a name in a hub', 'if false { hub b { listen x } }', 'LVN2100 lib:7:27'],
    ['a name in the name of an override', 'if false { on "{x}" { port 1 } }', 'LVN2100 lib:7:16'],
    ['a name in a policy', 'if false { allow a -> host(x, 1) }', 'LVN2100 lib:7:28'],
    ['an address that is none in a list', 'if false { net [10.65.0.1/24] }', 'LVN2003 lib:7:17'],
    ['a name that is none', 'if false { spoke "b c" { endpoint nat } }', 'LVN2009 lib:7:18'],
    ['a name in an override', 'if false { on a { keepalive every fast } }', 'LVN2100 lib:7:35'],
    ['a prefix that is none', 'if false { net 10.65.0.0/33 }', 'LVN2002 lib:7:16'],
    ['a name that a condition lacks', 'if x == 1 { spoke b { endpoint nat; address y } }', 'LVN2100 lib:7:4'],
  ])('of an overlay is held %s against', (_, inside, finding) => {
    expect(inOverlay(inside, 'template site { endpoint nat }')[0]).toBe(finding)
  })

  it.each([
    ['a spoke', 'if false { spoke "b c" { endpoint nat } }'],
    ['a hub', 'if false { hub "b c" { listen 192.0.2.1 } }'],
    ['an overlay', '} if false { overlay "b c" { }'],
  ])('says what a name is none for: %s', (what, inside) => {
    const text = `overlay o { net 10.64.0.0/16; hub gw { listen 198.51.100.10; address 10.64.0.1 }; ${inside} }`
    const { file } = parse(new Source('main', `lvn 1\n${text}`))
    const said = resolve([file]).diagnostics.map(({ message }) => message)
    expect(said).toEqual([`this is not a name for ${what}`])
  })

  it('with a use of a template is looked at as if it came about', () => {
    const template = 'template t(p) { endpoint nat; address p }'
    expect(inOverlay('if false { spoke b from t(1, 2) }', template)).toEqual(['LVN2120 lib:7:20'])
    expect(inOverlay('if false { spoke b from t(host(7, 1)) }', template)).toEqual(['LVN2105 lib:7:32'])
  })

  it('of a file is looked at, overlays in it included', () => {
    expect(findings('if false { overlay x { net 10.0.0.0/8; hub g { address lan } } }')).toEqual([
      'LVN2100 lib:2:56',
    ])
  })

  it.each([
    ['a value that its condition asks for', 'let gate = "none"', 'if gate != "none" { routes gate }'],
    [
      'a value that an address length decides',
      'let lan = 10.0.0.0/24',
      'if family(lan) == 6 { address host(lan, 300) }',
    ],
    ['a list that is empty', 'let extra = []', 'for each in extra { routes subnet(each, /24, 300) }'],
    ['what another turn comes through', '', 'for n in 5..9 { if n == 7 { address host(pool, i + n * 20) } }'],
    ['an assertion', '', 'if i > 9 { assert false, "too many" }'],
    ['a value of its own', '', 'if i > 9 { let far = subnet(10.64.0.0/16, /24, i); routes far }'],
    ['an address out of range', '', 'if i > 9 { address host(10.64.0.0/30, 7) }'],
    ['a word that stands for itself', '', 'if i > 9 { via fra; prefer fra; match hostname tower }'],
  ])('is not held %s against', (_, outside, body) => {
    const text = `template t(i) { endpoint nat; address host(pool, i + 40); ${body} }\n${outside}`
    expect(inOverlay('for i in 5..6 { spoke "s{i}" from t(i) }', text)).toEqual([])
  })

  it.each(['n == 7', 'n == 5'])(
    'is not looked at where something comes through it before or later: %s',
    (is) => {
      const text = `for n in 5..7 { if ${is} { assert ${is} or whatever } }`
      expect(findings(text)).toEqual([])
      expect(findings(text.replace('5..7', '8..9'))).toEqual([expect.stringMatching(/^LVN2100/)])
    },
  )

  it('may be about a node whose name no device could have', () => {
    expect(inOverlay('if false { on "a-node-of-a-long-name" { port 1 } }')).toEqual([])
  })

  it('knows the spokes of the overlay', () => {
    expect(inOverlay('if false { assert count(spokes) == 7 }')).toEqual([])
  })

  it('says nothing twice', () => {
    const text = 'if i > 9 { routes lan } else if 1 == "x" { routes lan }'
    expect(template(`${always}; ${text}`).sort()).toEqual(['LVN2100 lib:9:63', 'LVN2108 lib:9:77'])
  })
})

describe('in a branch that may never come about', () => {
  const codes = (text: string) =>
    findings(`template t(p) { if p { ${text} } }`).map((each) => each.slice(0, 7))

  it.each([
    ['LVN2001', 'address 10.0.0.256'],
    ['LVN2002', 'routes 10.0.0.0/33'],
    ['LVN2003', 'routes 10.0.0.1/24'],
    ['LVN2010', 'device "a/b"'],
    ['LVN2011', 'match hostname "a..b"'],
    ['LVN2100', 'routes lan'],
    ['LVN2101', 'routes spokes'],
    ['LVN2102', 'let a = 1; let a = 2'],
    ['LVN2103', 'routes hots(p)'],
    ['LVN2104', 'routes 7 + 1'],
    ['LVN2105', 'routes first(7)'],
    ['LVN2106', 'routes first()'],
    ['LVN2107', 'routes 1 + "a"'],
    ['LVN2108', 'assert 1 == "a"'],
    ['LVN2118', 'for i in 7 { routes p }'],
  ])('%s is wrong in any case: %s', (code, text) => {
    expect(codes(text)).toEqual([code])
  })

  it.each([
    ['a number too large', 'port 9007199254740991 + 1'],
    ['a text too long', `let a = "${'x'.repeat(600)}"; let b = "{a}{a}"`],
    ['a text filled up with zeros', 'let a = "x"; let b = "{a:03}"'],
    ['an address out of range', 'address host(10.0.0.0/30, 4)'],
    ['a subnet out of range', 'routes subnet(10.0.0.0/8, /9, 2)'],
    ['a length out of range', 'routes subnet(10.0.0.0/8, /7, 0)'],
    ['an address of another family', 'assert contains(10.0.0.0/8, ::1)'],
    ['an assertion that does not hold', 'assert 1 == 2'],
  ])('%s may be just what keeps it from coming about', (_, text) => {
    expect(codes(text)).toEqual([])
  })
})

// SPDX-License-Identifier: MIT
/**
 * Several files, several overlays, and what is held against nothing because a part of it may be elsewhere.
 */
import { describe, expect, it } from 'vitest'
import { parse } from '../../../grammar/parser.ts'
import { Source } from '../../../src/diag/source.ts'
import { resolve } from '../../../src/interp/1-resolve.ts'
import { marked, readFile } from '../../support/resolved.ts'

const net = 'net 10.64.0.0/16'
const hub = 'hub gw { listen 198.51.100.10; address 10.64.0.1 }'
const spoke = 'spoke a { endpoint nat; address 10.64.0.2 }'

const found = (text: string, files?: Record<string, string>) => readFile(text, files).findings
const names = (text: string, files?: Record<string, string>) =>
  readFile(text, files).topology.overlays.map(({ name }) => name)

describe('a second overlay of a name', () => {
  const second = (body: string) =>
    marked('LVN2020', `overlay ‹o› { ${net}; ${hub} }\noverlay «o» { ${body} }`)

  it('is one too many in a file, and lacks nothing, since it may be in the first', () => {
    const { text, finding } = second('spoke b { endpoint nat; address 10.64.0.3 }')
    expect(found(text)).toEqual([finding])
    expect(found(second('').text)).toEqual([finding])
  })

  it('is read all the same', () => {
    const { text, finding } = second('spoke b { endpoint nat; address 10.64.0.300 }')
    expect(found(text)).toEqual([finding, 'LVN2001 3:45'])
    expect(found(second('net 10.65.0.1/16').text)).toEqual([finding, 'LVN2003 3:17'])
  })

  it('leads to no other mistake: names that an expectation lacks may be in either', () => {
    const { text, finding } = second(`${net}; hub x { listen 198.51.100.11; address 10.64.0.9 }`)
    expect(found(`${text}\nexpect ping gw -> nowhere`)).toEqual([finding])
    expect(found(`${text}\nexpect ping gw -> 10.64.7.7`)).toEqual([finding])
  })

  it('continues the first where another file has that', () => {
    const files = { lib: `lvn 1\noverlay o { ${net}; ${hub} }` }
    const { topology, findings } = readFile(`import "lib"\noverlay o { ${spoke} }`, files)
    expect(findings).toEqual([])
    expect(topology.overlays).toMatchObject([{ name: 'o', hub: { name: 'gw' }, spokes: [{ name: 'a' }] }])
  })

  it('continues it once: a third in the same file is too many', () => {
    const files = { lib: `lvn 1\noverlay o { ${net}; ${hub} }` }
    const { text, finding } = marked('LVN2020', `import "lib"; overlay ‹o› { ${spoke} }\noverlay «o» { }`)
    expect(found(text, files)).toEqual([finding])
  })

  it('is none of another name', () => {
    const other = `overlay p { net 10.65.0.0/16; hub h { listen 198.51.100.11; address 10.65.0.1 } }`
    expect(names(`overlay o { ${net}; ${hub} }\n${other}`)).toEqual(['o', 'p'])
    expect(found(`overlay o { ${net}; ${hub} }\n${other}`)).toEqual([])
  })
})

describe('an expectation outside overlays', () => {
  const whole = `overlay o { ${net}; ${hub}; ${spoke} }`
  it.each([
    ['nodes of two overlays', whole, []],
    ['a file without overlays', '', ['LVN2123']],
    ['an overlay that has no hub', `overlay o { ${net}; ${spoke} }`, ['LVN2031']],
    ['an overlay without a hub beside another', `overlay p { net 10.65.0.0/16 }\n${whole}`, ['LVN2031']],
  ])('is about %s', (_, text, codes) => {
    const findings = found(`${text}\nexpect ping a -> ${codes.length === 0 ? 'gw' : 'nowhere'}`)
    expect([...new Set(findings.map((each) => each.split(' ')[0]))]).toEqual(codes)
  })

  it('names a node that is in none of them', () => {
    expect(found(`${whole}\nexpect ping a -> nowhere`)).toEqual(['LVN2123 3:18'])
    expect(found(`${whole}\nexpect ping a -> 10.64.0.7`)).toEqual(['LVN2133 3:18'])
  })

  it.each([
    ['a line of the file', `let = 5\n${whole}\nexpect ping a -> nowhere`],
    [
      'a line of an overlay',
      `overlay o { ${net}; ${hub}; ${spoke}\nspoke ? { }\n}\nexpect ping a -> nowhere`,
    ],
    [
      'a line of an overlay, for one in it',
      `overlay o { ${net}; ${hub}; ${spoke}\nspoke ? { }\nexpect ping a -> nowhere\n}`,
    ],
  ])('is not held against a name that may be in %s that could not be read', (_, text) => {
    expect(found(text).filter((each) => !each.startsWith('LVN1'))).toEqual([])
  })

  it('is not held against one that may be in a file that could not be read', () => {
    const files = { lib: 'lvn 1\nlet = 5' }
    expect(
      found(`import "lib"\n${whole}\nexpect ping a -> nowhere`, files).filter((each) => !/ lib:/.test(each)),
    ).toEqual([])
  })

  it.each([
    ['an overlay without a name', `overlay "{x}" { ${net}; ${hub}; ${spoke} }`],
    ['a `for` that goes through nothing known', `for i in x { overlay "{i}" { ${net}; ${hub}; ${spoke} } }`],
    ['an `if` of which nothing is known', `if x { overlay p { ${net}; ${hub}; ${spoke} } }`],
  ])('is not held against a name that may be in %s', (_, text) => {
    const one = `overlay o { ${net}; ${hub} }`
    expect(found(`${one}\n${text}\nexpect ping a -> 10.64.7.7`).map((each) => each.split(' ')[0])).toEqual([
      'LVN2100',
    ])
  })

  it('is not held against one that may be in a file that is not there', () => {
    const main = parse(new Source('main', `lvn 1\nimport "gone"\n${whole}\nexpect ping a -> nowhere`)).file
    expect(resolve([main]).diagnostics).toEqual([])
  })

  it('is judged by itself whatever could not be read', () => {
    const { topology, findings } = readFile(
      `let = 5\n${whole}\nexpect ping a -> gw within 0s\nexpect ping a -> gw`,
    )
    expect(findings.filter((each) => !/^LVN1/.test(each))).toEqual(['LVN2137 4:28'])
    expect(topology.expects.length).toBe(1)
  })

  it('that is imported counts', () => {
    const { topology } = readFile(`import "lib"\n${whole}`, { lib: 'lvn 1\nexpect ping a -> gw' })
    expect(topology.expects).toMatchObject([{ from: { node: 'a' }, to: { node: 'gw' } }])
  })

  it('stands behind those of overlays', () => {
    const { topology } = readFile(
      `expect ping a -> gw\noverlay o { ${net}; ${hub}; ${spoke}; expect ping gw -> a }`,
    )
    expect(topology.expects.map(({ from }) => from.node)).toEqual(['gw', 'a'])
  })

  it('that could not be read is left out', () => {
    const read = readFile(`${whole}\nexpect ping a -> host(7, 1)\nexpect ping gw -> a`)
    expect(read.findings).toEqual(['LVN2105 3:23'])
    expect(read.topology.expects.map(({ from }) => from.node)).toEqual(['gw'])
  })
})

describe('findings', () => {
  it('are by file, the first one first, then in source order', () => {
    const files = { lib: 'lvn 1\nlet a = host(1, 1)\nlet b = host(2, 2)' }
    expect(
      found(
        'let x = first(1)\nimport "lib"\noverlay o { net 10.0.0.1/8; hub gw { }; port 0 }\nlet y = first(2)',
        files,
      ),
    ).toEqual([
      'LVN2105 2:15',
      'LVN2003 4:17',
      'LVN2033 4:33',
      'LVN2034 4:33',
      'LVN2004 4:46',
      'LVN2105 5:15',
      'LVN2105 lib:2:14',
      'LVN2105 lib:3:14',
    ])
  })

  it('of several files are in the order of these', () => {
    const file = (name: string) => parse(new Source(name, 'lvn 1\nlet a = first(1)\nlet b = first(2)\n')).file
    const { diagnostics } = resolve([file('b'), file('a')])
    expect(diagnostics.map(({ span }) => span?.source.name)).toEqual(['b', 'b', 'a', 'a'])
  })

  it('of a place in a `for` or a template are said once', () => {
    expect(found('for i in 1..9 { let a = first(i) }')).toEqual(['LVN2105 2:31 in 2:5'])
    const template = 'template t { endpoint nat; address 10.64.0.3; port 0 }'
    const uses = 'spoke b from t; spoke c from t { address 10.64.0.4 }'
    const all = found(`${template}\noverlay o { ${net}; ${hub}; ${uses} }`)
    expect(all.filter((each) => each.startsWith('LVN2004'))).toEqual(['LVN2004 2:52 in 3:91'])
  })

  it('of one place outside of these are all said: a list may be wrong in several ways', () => {
    const text = `let v = [10.65.0.1, 10.66.0.1]
      overlay o { ${net}; ${hub}; spoke a { endpoint nat; address v } }`
    expect(found(text).map((each) => each.split(' ')[0])).toEqual(['LVN2040', 'LVN2040'])
  })

  it('of an overlay in a `for` are said with its turn', () => {
    const { text, finding } = marked('LVN2003', `for i in 1..1 { overlay o { net «10.64.0.1/16»; ${hub} } }`)
    expect(found(text)).toEqual([`${finding} in 2:5`])
  })

  it('of one place are all said that differ', () => {
    const codes = found('for i in [1, 10.0.0.1] { let a = first(i); let b = host(10.0.0.0/30, i + 9) }')
    expect(codes.map((each) => each.split(' ')[0])).toEqual(['LVN2105', 'LVN2113', 'LVN2107'])
  })
})

describe('an import', () => {
  it('is read once, however often it is imported', () => {
    const files = { lib: 'lvn 1\nlet a = first(1)\nassert a == 2\nexpect ping x -> y' }
    expect(found('import "lib"\nimport "lib"', files)).toEqual([
      'LVN2105 lib:2:15',
      'LVN2123 lib:4:13',
      'LVN2123 lib:4:18',
    ])
  })

  it('gives its values and templates, and those that it imports', () => {
    const files = {
      lib: 'lvn 1\nimport "pool"\ntemplate t(n) { endpoint nat; address host(pool, n) }',
      pool: 'lvn 1\nlet pool = 10.64.0.0/16',
    }
    const { topology, findings } = readFile(
      `import "lib"\noverlay o { net pool; ${hub}; spoke a from t(7) }`,
      files,
    )
    expect(findings).toEqual([])
    expect(topology.overlays[0]?.spokes[0]?.device.addresses).toEqual(['10.64.0.7'])
  })

  it('that could not be read may have given every name', () => {
    const main = parse(new Source('main', 'lvn 1\nimport "gone"\nlet a = pool\n')).file
    expect(resolve([main]).diagnostics).toEqual([])
  })

  it('gives a name that the file has already', () => {
    const { text, finding } = marked('LVN2102', 'let ‹a› = 1\n«import "lib"»')
    expect(found(text, { lib: 'lvn 1\nlet a = 2' })).toEqual([finding])
  })
})

describe('a parameter of a template', () => {
  it.each([
    'address p',
    'address host(p, 1)',
    'endpoint "{p}.example"',
    'endpoint "{p:03}.example"',
    'if p == 1 { port 1 }',
    'if 1 == 1 { port p }',
    'for i in [p] { routes i }',
    'assert true, "{p}"',
    'device "d{p}" { mtu 1400 }',
    'device d { mtu p }',
    'device d { address [10.0.0.1, p] }',
    'let q = -p',
    'let q = (p)',
    'let q = not p',
    'listen 10.0.0.1 at p',
  ])('is used in `%s`', (body) => {
    expect(found(`template t(p) { ${body} }`).filter((each) => each.startsWith('LVN2121'))).toEqual([])
  })

  it.each([
    'template t(«p») { address 10.0.0.1 }',
    'template t(q, «p») { address q }',
    'template t(«p») { endpoint "p" }',
    'template t(«p») { endpoint "{q}-p" }\nlet q = "x"',
    'template t(«p») { device p { } }',
    'template t(«p») { let p1 = 1 }',
  ])('is used nowhere in `%s`', (template) => {
    const { text, finding } = marked('LVN2121', template)
    expect(found(text)).toContain(finding)
  })

  it('may be used in a line that could not be read', () => {
    expect(found('template t(p) { address }').filter((each) => each.startsWith('LVN2'))).toEqual([])
  })
})

describe('a name that nothing has', () => {
  it('is one, whatever else is wrong above or below', () => {
    expect(found('let a = first(1)\nlet b = c')).toEqual(['LVN2105 2:15', 'LVN2100 3:9'])
  })
  it('may be in a line that could not be read', () => {
    expect(found('let b = c\nlet = 5').filter((each) => each.startsWith('LVN2'))).toEqual([])
  })
})

// SPDX-License-Identifier: MIT
/**
 * What a node is: from its own statements, its template, an `on`, and its overlay; what is held against it.
 */
import { describe, expect, it } from 'vitest'
import type { Node } from '../../../src/model/topology.ts'
import { marked, meaning, readFile, sentences } from '../../support/resolved.ts'

const net = 'net 10.64.0.0/16, fd42:64::/48'
const hub = 'hub gw { listen 198.51.100.10; address 10.64.0.1 }'
const found = (text: string) => readFile(text).findings

/** The node beside `gw`; `before` are templates and values, `lines` stand in the overlay. */
function node(lines: string, before = ''): Node {
  const { topology, findings } = readFile(`${before}\noverlay o { ${net}; ${hub}\n${lines}\n}`)
  expect(findings).toEqual([])
  const [overlay] = topology.overlays
  return [...(overlay?.spokes ?? []), ...(overlay?.hubs ?? [])].find(({ name }) => name !== 'gw') as Node
}

const without = (one: Node) => meaning({ overlays: [], policies: [], expects: [], one } as never)

describe('a statement that is there twice', () => {
  it.each([
    '‹endpoint nat›; «endpoint 192.0.2.1»; address 10.64.0.2',
    'endpoint nat; address 10.64.0.2; ‹port 1›; «port 2»',
    'endpoint nat; address 10.64.0.2; ‹keepalive every 5s›; «keepalive dead after 1m»',
    'endpoint nat; address 10.64.0.2; ‹auth none›; «auth none»',
    'endpoint nat; address 10.64.0.2; ‹prefer gw›; «prefer gw»',
    'endpoint nat; address 10.64.0.2; ‹device lvn1›; «device lvn2»',
    'endpoint nat; device lvn1 { address 10.64.0.2; ‹mtu 1400›; «mtu 1500» }',
    'endpoint nat; device lvn1 { address 10.64.0.2; ‹mode fixed›; «mode multi» }',
  ])('is refused: `%s`', (body) => {
    const { text, finding } = marked('LVN2026', `overlay o { ${net}; ${hub}\nspoke a { ${body} } }`)
    expect(found(text)).toEqual([finding])
  })

  it.each([
    'listen 198.51.100.11; address 10.64.0.2; auth none; ‹signalling :1›; «signalling :2»',
    'listen 198.51.100.11; address 10.64.0.2; auth none; signalling :1 { ‹key file "a"›; «key file "b"» }',
    'listen 198.51.100.11; address 10.64.0.2; auth none; signalling :1 { ‹ca file "a"›; «ca file "b"» }',
  ])('is refused: `%s`', (body) => {
    const { text, finding } = marked('LVN2026', `overlay o { ${net}; ${hub}\nhub h { ${body} } }`)
    expect(found(text)).toEqual([finding])
  })

  it.each(['‹port 1›; «port 2»', '‹keepalive every 5s›; «keepalive every 6s»', '‹auth none›; «auth server»'])(
    'is refused to an overlay: `%s`',
    (body) => {
      const { text, finding } = marked('LVN2026', `overlay o { ${net}; ${hub}; ${body} }`)
      expect(found(text)).toEqual([finding])
    },
  )

  it('counts as the first says', () => {
    const { topology } = readFile(`overlay o { port 1; port 2; auth none; auth server; ${net}
      hub gw { listen 198.51.100.10; address 10.64.0.1; keepalive every 1s; keepalive every 2s } }`)
    const [overlay] = topology.overlays
    expect(overlay?.hub).toMatchObject({ port: 1, auth: 'none', keepalive: { intervalMs: 1000 } })
  })
})

describe('a value that is there twice', () => {
  it.each([
    'match hostname ‹a›, «a»',
    'match hostname ‹a›; match hostname «A»',
    'underlay ‹eth0›, eth1, «eth0»',
    'underlay ‹eth0›; underlay «eth0»',
    'via ‹gw›, «gw»',
    'via ‹gw›; via «gw»',
    'routes ‹10.64.7.0/24›, «10.64.7.0/24»',
    'address ‹10.64.0.7›, «10.64.0.7»',
  ])('is refused: `%s`', (body) => {
    const { text, finding } = marked(
      'LVN2027',
      `overlay o { ${net}; ${hub}\nspoke a { endpoint nat; address 10.64.0.2; ${body} } }`,
    )
    expect(found(text)).toEqual([finding])
  })

  it('is refused to `net`', () => {
    const { text, finding } = marked('LVN2027', `overlay o { net ‹10.64.0.0/16›, «10.64.0.0/16»; ${hub} }`)
    expect(found(text)).toEqual([finding])
    expect(readFile(text).topology.overlays[0]?.nets).toEqual(['10.64.0.0/16'])
  })

  it('is there once', () => {
    const { topology } = readFile(`overlay o { ${net}; ${hub}
      spoke a { endpoint nat; address 10.64.0.2; underlay eth0, eth0; via gw, gw } }`)
    expect(topology.overlays[0]?.spokes).toMatchObject([{ underlay: { interfaces: ['eth0'] }, via: ['gw'] }])
  })
})

describe('a node', () => {
  it.each([
    ['LVN2035', 'spoke «a» { address 10.64.0.2 }'],
    ['LVN2034', 'spoke «a» { endpoint nat }'],
    ['LVN2034', 'spoke «a» { endpoint nat; device lvn1 }'],
    ['LVN2034', 'spoke «a» { endpoint nat; device lvn1 { mtu 1400 } }'],
    ['LVN2033', 'hub «h» { address 10.64.0.2 }'],
    ['LVN2034', 'hub «h» { listen 198.51.100.11 }'],
    ['LVN2009', 'spoke «"a b"» { endpoint nat; address 10.64.0.2 }'],
    ['LVN2009', 'hub «"."» { listen 198.51.100.11; address 10.64.0.2 }'],
  ])('is refused: %s `%s`', (code, line) => {
    const { text, finding } = marked(code, `overlay o { ${net}; ${hub}\n${line} }`)
    expect(found(text)).toEqual([finding])
  })

  it.each([
    ['an address', 'spoke a { endpoint nat; address ? }'],
    ['an address', 'spoke a { endpoint nat; device lvn1 { address ? } }'],
    ['an address', 'spoke a { endpoint nat; address 10.64.0.300 }'],
    ['an endpoint', 'spoke a { endpoint ?; address 10.64.0.2 }'],
    ['an endpoint', 'spoke a { endpoint 192.0.2.300; address 10.64.0.2 }'],
    ['a `listen`', 'hub h { listen ?; address 10.64.0.2 }'],
    ['a `listen`', 'hub h { listen 192.0.2.300; address 10.64.0.2 }'],
    ['an address', 'let v = 7\nspoke a { endpoint nat; address v }'],
    ['an address', 'let v = 7\nspoke a { endpoint nat; device lvn1 { address v } }'],
    ['an endpoint', 'let v = 7\nspoke a { endpoint v; address 10.64.0.2 }'],
    ['a `listen`', 'let v = 7\nhub h { listen v; address 10.64.0.2 }'],
    ['an address', 'spoke a from t'],
    ['an address', 'for v in 7 { }\nspoke a { endpoint nat; for v in 7 { address 10.64.0.2 } }'],
    ['an address', 'spoke a { endpoint nat; if 7 { address 10.64.0.2 } }'],
  ])('does not lack %s that could not be read: `%s`', (_, line) => {
    const lacks = found(`overlay o { ${net}; ${hub}\n${line}\n}`).filter((each) => /^LVN203/.test(each))
    expect(lacks).toEqual([])
  })

  it('lacks what it lacks whatever else of it could not be read', () => {
    for (const wrong of [
      'keepalive every v',
      'match hostname v',
      'underlay v',
      'prefer v',
      'device d { mtu v }',
    ]) {
      const codes = found(`let v = /24\noverlay o { ${net}; ${hub}\nspoke a { endpoint nat; ${wrong} } }`)
      expect(codes.map((each) => each.split(' ')[0]).sort()).toEqual(['LVN2034', 'LVN2104'])
    }
  })

  it.each([
    ['endpoint 203.0.113.7', 50000],
    ['endpoint 203.0.113.7:7', 7],
    ['endpoint a.example:7', 7],
    ['endpoint 203.0.113.7:7; port 8', 8],
    ['endpoint nat', 50000],
    ['endpoint nat; port 8', 8],
  ])('with `%s` sends from port %s', (body, port) => {
    expect(node(`spoke a { ${body}; address 10.64.0.2 }`).port).toBe(port)
  })

  it('with a port that is none has that of its overlay', () => {
    const { topology } =
      readFile(`overlay o { ${net}; ${hub}; port 7\nspoke a { endpoint 203.0.113.7:0; address 10.64.0.2 }
      spoke b { endpoint nat; address 10.64.0.3; port 0 } }`)
    expect(topology.overlays[0]?.spokes.map(({ port }) => port)).toEqual([7, 7])
    expect(topology.overlays[0]?.spokes.map(({ endpoint }) => endpoint)).toMatchObject([
      null,
      { kind: 'nat' },
    ])
  })

  it('that has parts which cannot be read has the others', () => {
    const { topology } =
      readFile(`overlay o { ${net}; ${hub}\nspoke a { endpoint 192.0.2.300; address 10.64.0.2, 10.64.0.300
      routes 10.64.1.0/24, 10.64.2.1/24; match hostname "x y", b; device lvn3 { mtu 7; mode multi } } }`)
    expect(topology.overlays[0]?.spokes[0]).toMatchObject({
      endpoint: null,
      device: { name: 'lvn3', mtu: 'auto', mode: 'multi', addresses: ['10.64.0.2'] },
      routes: ['10.64.1.0/24'],
      hostnames: ['b'],
    })
  })

  it('is found at its device, or at its name where it says none', () => {
    const { topology } = readFile(
      `overlay o { ${net}; ${hub}\nspoke a { endpoint nat; address 10.64.0.2; device lvn1 } }`,
    )
    const [{ hub: gw, spokes }] = topology.overlays as never as [{ hub: Node; spokes: Node[] }]
    const text = ({ device: { span } }: Node) => span.source.text.slice(span.start, span.end)
    expect([text(gw), text(spokes[0] as Node)]).toEqual(['gw', 'device lvn1'])
  })
})

describe('an MTU', () => {
  it.each([
    ['fd42:64::2', 1279, ['LVN2006']],
    ['fd42:64::2', 1280, []],
    ['10.64.0.2', 1279, []],
    ['10.64.0.2; routes 10.64.7.0/24', 1279, []],
    ['10.64.0.2; routes fd42:64:7::/64', 1279, ['LVN2006']],
    ['fd42:64::2', 'auto', []],
    ['10.64.0.2', 576, []],
    ['10.64.0.2', 575, ['LVN2005']],
    ['10.64.0.2', 65535, []],
    ['10.64.0.2', 65536, ['LVN2005']],
    ['fd42:64::2', 575, ['LVN2005']],
  ])('of a node with address %s may be %s, or not', (address, mtu, codes) => {
    const line = `spoke a { endpoint nat; address ${address}; device d { mtu ${mtu} } }`
    expect(found(`overlay o { ${net}; ${hub}\n${line} }`).map((each) => each.split(' ')[0])).toEqual(codes)
  })

  it('too small for IPv6 is said with the first of it', () => {
    const { text, finding } = marked(
      'LVN2006',
      `overlay o { ${net}; ${hub}
        spoke a { endpoint nat; address 10.64.0.2, ‹fd42:64::2›, fd42:64::3; device d { mtu «1000» } } }`,
    )
    expect(found(text)).toEqual([finding])
  })
})

describe('signalling', () => {
  const with_ = (auth: string, files: string) =>
    `overlay o { ${net}; hub gw { listen 198.51.100.10; address 10.64.0.1; ${auth}; signalling :8443 ${files} } }`

  it.each([
    ['auth mutual', '', 'cert` and `key` and `ca'],
    ['auth mutual', '{ cert file "c" }', 'key` and `ca'],
    ['auth mutual', '{ cert file "c"; key file "k" }', 'ca'],
    ['auth server', '', 'cert` and `key'],
    ['auth server', '{ ca file "a"; key file "k" }', 'cert'],
  ])('with `%s` and `%s` lacks %s', (auth, files, lacks) => {
    const said = sentences(readFile(with_(auth, files)))
    expect(said).toEqual([expect.stringContaining(`\`signalling\` lacks \`${lacks}\` | `)])
  })

  it.each([
    ['auth mutual', '{ cert file "c"; key file "k"; ca file "a" }'],
    ['auth server', '{ cert file "c"; key file "k" }'],
    ['auth none', ''],
    ['auth none', '{ }'],
  ])('with `%s` and `%s` lacks nothing', (auth, files) => {
    expect(found(with_(auth, files))).toEqual([])
  })

  it('lacks nothing that may be in a line which could not be read', () => {
    expect(
      found(with_('auth server', '{ cert file "c"; key ? }')).filter((each) => !/^LVN1/.test(each)),
    ).toEqual([])
  })

  it('wants what the overlay says where the hub says nothing', () => {
    const file = (auth: string) =>
      `overlay o { ${net}; ${auth}\nhub gw { listen 198.51.100.10; address 10.64.0.1; signalling :1 } }`
    expect(found(file(''))).toEqual(['LVN2138 3:51'])
    expect(found(file('auth none'))).toEqual([])
  })

  it('is data: a port and paths', () => {
    const files = 'cert file "c.pem"; key file "k"; ca file "a"'
    expect(
      node(`hub h { listen 198.51.100.11; address 10.64.0.2; signalling :8443 { ${files} } }`).signalling,
    ).toMatchObject({ port: 8443, cert: 'c.pem', key: 'k', ca: 'a' })
    expect(
      node('hub h { listen 198.51.100.11; address 10.64.0.2; auth none; signalling :1 }').signalling,
    ).toMatchObject({ port: 1, cert: null, key: null, ca: null })
  })

  it('takes paths that are worked out', () => {
    const h = node(
      `for n in ["h"] { hub "{n}" { listen 198.51.100.11; address 10.64.0.2
        signalling :1 { cert file "{n}.pem"; key file "k"; ca file "a" } } }`,
    )
    expect(h.signalling).toMatchObject({ cert: 'h.pem' })
  })

  it('on no port that there is is none', () => {
    const { topology, findings } = readFile(with_('auth none', '').replace('8443', '65536'))
    expect(findings.map((each) => each.split(' ')[0])).toEqual(['LVN2004'])
    expect(topology.overlays[0]?.hub.signalling).toBe(null)
  })
})

describe('a template', () => {
  const as = (written: string, plain: string, before: string) =>
    expect(without(node(written, before))).toEqual(without(node(plain)))
  const all = `endpoint nat; address 10.64.0.2; routes 10.64.7.0/24; match hostname a; underlay eth0
    keepalive every 5s, dead after 50s; port 7; auth server; via gw; prefer gw
    device lvn3 { address 10.64.0.3; mtu 1400; mode multi }`

  it('stands for its statements', () => {
    as('spoke a from t', `spoke a { ${all} }`, `template t { ${all} }`)
    as('spoke a from t { }', `spoke a { ${all} }`, `template t { ${all} }`)
    as('spoke a from t()', `spoke a { ${all} }`, `template t() { ${all} }`)
    as(`spoke a from t { ${all} }`, `spoke a { ${all} }`, 'template t { }')
  })

  it.each([
    ['endpoint nat', 'endpoint 192.0.2.1'],
    ['port 7', 'port 8'],
    ['auth none', 'auth server'],
    ['prefer gw', 'prefer gw'],
    ['keepalive every 5s, dead after 50s', 'keepalive every 6s, dead after 60s'],
    ['device lvn1', 'device lvn2'],
    ['device lvn1', 'device lvn2 { mtu 1400 }'],
    ['device lvn1 { mtu 1300; mode multi }', 'device lvn2 { mtu 1400; mode fixed }'],
  ])('is overruled by a node in what can be said once: `%s` by `%s`', (base, over) => {
    const rest = 'address 10.64.0.2'
    const end = over.startsWith('endpoint') ? '' : 'endpoint nat; '
    as(
      `spoke a from t { ${end}${over} }`,
      `spoke a { ${end}${rest}; ${over} }`,
      `template t { ${rest}; ${base} }`,
    )
    as(`spoke a { ${end}${rest}; ${base} }\non a { ${over} }`, `spoke a { ${end}${rest}; ${over} }`, '')
  })

  it.each([
    ['address 10.64.0.2', 'address 10.64.0.3', 'address 10.64.0.2, 10.64.0.3'],
    ['routes 10.64.1.0/24', 'routes 10.64.2.0/24', 'routes 10.64.1.0/24, 10.64.2.0/24'],
    ['match hostname b', 'match hostname c', 'match hostname b, c'],
    ['underlay eth0', 'underlay eth1', 'underlay eth0, eth1'],
    ['via gw', 'via gw2', 'via gw, gw2'],
    ['keepalive every 5s', 'keepalive dead after 50s', 'keepalive every 5s, dead after 50s'],
    ['keepalive dead after 50s', 'keepalive every 5s', 'keepalive every 5s, dead after 50s'],
    ['keepalive every 5s, dead after 50s', 'keepalive every 6s', 'keepalive every 6s, dead after 50s'],
    ['device d { mtu 1400 }', 'device e', 'device e { mtu 1400 }'],
    ['device d { mtu 1400 }', 'device e { mode multi }', 'device e { mtu 1400; mode multi }'],
    ['device d { mtu 1400; mode fixed }', 'device e { mode multi }', 'device e { mtu 1400; mode multi }'],
    [
      'device d { address 10.64.0.7 }',
      'device e { address 10.64.0.8 }',
      'device e { address 10.64.0.7, 10.64.0.8 }',
    ],
  ])('adds up with a node in what is a list, or has parts: `%s` and `%s`', (base, over, both) => {
    const rest = 'endpoint nat; address 10.64.0.9'
    const gw2 = 'hub gw { listen 198.51.100.20; address 10.64.0.20 }'.replace('gw', 'gw2')
    const spokes = (lines: string, before = '') => {
      const { topology, findings } = readFile(`${before}\noverlay o { ${net}; ${hub}; ${gw2}\n${lines}\n}`)
      expect(findings).toEqual([])
      return meaning({ ...topology, overlays: topology.overlays.map((each) => ({ ...each, nets: [] })) })
    }
    const plain = spokes(`spoke a { ${rest}; ${both} }`)
    expect(spokes(`spoke a from t { ${over} }`, `template t { ${rest}; ${base} }`)).toEqual(plain)
    expect(spokes(`spoke a { ${rest}; ${base} }\non a { ${over} }`)).toEqual(plain)
    expect(spokes(`on a { ${over} }\nspoke a { ${rest}; ${base} }`)).toEqual(plain)
  })

  it.each([
    ['spoke', 'listen 198.51.100.11', 'listen'],
    ['spoke', 'auth none; signalling :1', 'signalling'],
    ['hub', 'endpoint nat', 'endpoint'],
    ['hub', 'via gw', 'via'],
    ['hub', 'prefer gw', 'prefer'],
  ])('for other nodes is refused to a %s: `%s`', (role, body, word) => {
    const own = role === 'hub' ? 'listen 198.51.100.12' : 'endpoint nat'
    const said = `\`${word}\` does not belong in a ${role}, and \`a\` is one`
    const at = `overlay o { ${net}; ${hub}\n`
    const template = readFile(`template t { address 10.64.0.2; ${body} }\n${at}${role} a from t { ${own} } }`)
    expect(sentences(template)).toEqual([said])
    const on = readFile(`${at}${role} a { address 10.64.0.2; ${own} }\non a { ${body} } }`)
    expect(sentences(on)).toEqual([said])
  })

  it('for other nodes leaves a node without what it would have, and that is all that is said', () => {
    expect(
      found(
        `template t { listen 198.51.100.11; address 10.64.0.2 }
          overlay o { ${net}; ${hub}
          spoke a from t }`,
      ),
    ).toEqual(['LVN2122 2:14 in 4:19'])
  })

  it('for other nodes takes nothing else from a node', () => {
    const { topology } = readFile(
      `template t { listen 192.0.2.1; port 7; address 10.64.0.2 }
        overlay o { ${net}; ${hub}
        spoke a from t { endpoint nat } }`,
    )
    expect(topology.overlays[0]?.spokes).toMatchObject([{ port: 7, device: { addresses: ['10.64.0.2'] } }])
  })

  it('has one time of two, and the overlay the other', () => {
    as(
      'spoke a from t { keepalive every 5s }',
      'spoke a { endpoint nat; address 10.64.0.2; keepalive every 5s }',
      'template t { endpoint nat; address 10.64.0.2 }',
    )
  })

  it.each([
    ['device d { address x }', 'device d { mtu 1400 }', ['LVN2100']],
    ['device d { mtu 1400 }', 'device d { address x }', ['LVN2100']],
    ['device d { mtu 1400 }', 'device d { mode multi }', ['LVN2034']],
    ['device d { mtu 1400 }', 'device e', ['LVN2034']],
  ])('with `%s` and a node with `%s` may have an address, or has none', (base, over, lacks) => {
    const template = `template t { ${base} }
      overlay o { ${net}; ${hub}; spoke a from t { endpoint nat; ${over} } }`
    expect(found(template).map((each) => each.split(' ')[0])).toEqual(lacks)
    const on = `overlay o { ${net}; ${hub}; spoke a { endpoint nat; ${base} }; on a { ${over} } }`
    expect(found(on).map((each) => each.split(' ')[0])).toEqual(lacks)
  })

  it('that is used is judged by its uses: what a node overrules is nothing to it', () => {
    const text = (use: string) =>
      `template t { endpoint nat; address 10.64.0.2; device lo }\noverlay o { ${net}; ${hub}\n${use} }`
    expect(found(text('spoke a from t { device d }'))).toEqual([])
    expect(found(text('')).map((each) => each.split(' ')[0])).toEqual(['LVN2010'])
  })

  it('that there is not is said, with one that is near', () => {
    const use = (name: string) =>
      sentences(
        readFile(
          `template tower { endpoint nat; address 10.64.0.2 }
            overlay o { ${net}; ${hub}; spoke a from ${name} }`,
        ),
      )
    expect(use('towr')).toEqual(['there is no template `towr` | did you mean `tower`?'])
    expect(use('gate')).toEqual([
      'there is no template `gate` | a template is written `template gate(lan) { ... }`, outside overlays',
    ])
  })

  it('may be in a line that could not be read', () => {
    expect(
      found(`template ? { }\noverlay o { ${net}; ${hub}; spoke a from t }`).filter(
        (each) => !/^LVN1/.test(each),
      ),
    ).toEqual([])
  })

  it.each([
    ['t', '(1)', '`t()` takes 0 arguments, 1 given'],
    ['t()', '(1)', '`t()` takes 0 arguments, 1 given'],
    ['t(p)', '', '`t(p)` takes 1 argument, 0 given'],
    ['t(p)', '()', '`t(p)` takes 1 argument, 0 given'],
    ['t(p)', '(1, 2)', '`t(p)` takes 1 argument, 2 given'],
    ['t(p, q)', '(1)', '`t(p, q)` takes 2 arguments, 1 given'],
  ])('written `%s` is not used as `t%s`', (written, use, said) => {
    const used = /\((.*)\)/.exec(written)?.[1] ?? ''
    const template = `template ‹t›${written.slice(1)} { endpoint nat; address 10.64.0.2; let l = [${used}] }`
    const { text, finding } = marked(
      'LVN2120',
      `${template}\noverlay o { ${net}; ${hub}; spoke a «from t»${use} }`,
    )
    const file = readFile(text)
    expect(file.findings).toEqual([finding])
    expect(sentences(file)).toEqual([`template ${said}`])
  })

  it('gets its arguments in their order', () => {
    const spoke = node(
      'spoke a from t(7, lan)',
      'let lan = 10.64.1.0/24; template t(n, p) { endpoint nat; address host(p, n) }',
    )
    expect(spoke.device.addresses).toEqual(['10.64.1.7'])
  })

  it('knows the names of where it stands, not of where it is used', () => {
    const before = 'let n = 5\ntemplate t { endpoint nat; address host(10.64.0.0/16, n) }'
    expect(node('let n = 6\nspoke a from t', before).device.addresses).toEqual(['10.64.0.5'])
  })

  it('with an argument that could not be worked out makes a node that lacks nothing', () => {
    expect(
      found(
        `template t(p) { endpoint nat; if p == 1 { address 10.64.0.2 } }\noverlay o { ${net}; ${hub}; spoke a from t(x) }`,
      ),
    ).toEqual(['LVN2100 3:112'])
  })

  it('is not one that nobody uses where a node is made after it', () => {
    const text = (use: string) =>
      `template t(p) { endpoint nat; address host(10.64.0.0/30, p + 9) }\noverlay o { ${net}; ${hub}; ${use} }`
    expect(found(text(''))).toEqual([])
    expect(found(text('spoke a from t(1)'))).toEqual(['LVN2113 2:58 in 3:105'])
  })
})

describe('a name that is worked out', () => {
  it.each([
    ['spoke "a{n}" { endpoint nat; address 10.64.0.2 }', 'a7'],
    ['spoke "{n}" { endpoint nat; address 10.64.0.2 }', '7'],
    ['hub "a{n:03}" { listen 198.51.100.11; address 10.64.0.2 }', 'a007'],
  ])('names a node: `%s`', (line, name) => {
    expect(node(line, 'let n = 7').name).toBe(name)
  })

  it('names a device, and what an `on` is about', () => {
    const a = node(
      'spoke "a{n}" { endpoint nat; address 10.64.0.2 }\non "a{n}" { device "lvn{n}" }',
      'let n = 7',
    )
    expect(a.device.name).toBe('lvn7')
  })

  it.each([
    'spoke "{x}" { endpoint nat; address 10.64.0.2 }',
    'spoke b { endpoint nat; address 10.64.0.2; device "{x}" }',
    'on "{x}" { port 7 }',
  ])('and cannot be is left out: `%s`', (line) => {
    const codes = found(`overlay o { ${net}; ${hub}\n${line}\nassert count(hubs) == 7\n}`)
    expect(codes.map((each) => each.split(' ')[0])).toEqual(
      line.startsWith('spoke "') ? ['LVN2100'] : ['LVN2100', 'LVN2117'],
    )
  })
})

describe('an `on`', () => {
  const lines = (text: string) =>
    sentences(
      readFile(`overlay o { ${net}; ${hub}; spoke tower { endpoint nat; address 10.64.0.2 }\n${text} }`),
    )
  it('names a node', () => {
    expect(lines('on towr { port 7 }')).toEqual(['there is no node named `towr` | did you mean `tower`?'])
    expect(lines('on gate { port 7 }')).toEqual(['there is no node named `gate`'])
    expect(lines('on gw { port 7 }')).toEqual([])
  })
  it('may name one that could not be read', () => {
    expect(lines('on b { port 7 }\nspoke ? { }').join()).not.toContain('no node')
    expect(lines('on b { port 7 }\nspoke "{x}" { endpoint nat }').join()).not.toContain('no node')
  })
  it('that comes later counts', () => {
    expect(node('spoke a { endpoint nat; address 10.64.0.2 }\non a { port 7 }\non a { port 8 }').port).toBe(8)
  })
  it('is carried out with the values of its turn', () => {
    expect(
      node('spoke a7 { endpoint nat; address 10.64.0.2 }\nfor i in 7..7 { on "a{i}" { port i } }').port,
    ).toBe(7)
  })
  it('without a mistake leaves a node that lacks what it lacks', () => {
    expect(
      found(`overlay o { ${net}; ${hub}; spoke a { endpoint nat }\non a { port 7 } }`).map(
        (each) => each.split(' ')[0],
      ),
    ).toEqual(['LVN2034'])
  })
  it('with a mistake leaves the rest of the node as it is, which lacks nothing', () => {
    const text = `overlay o { ${net}; ${hub}; spoke a { endpoint nat }\non a { address x } }`
    expect(found(text)).toEqual(['LVN2100 3:16'])
  })
})

describe('an assertion', () => {
  const asserts = (condition: string, lines = '', before = '') =>
    found(
      `${before}\noverlay o { ${net}; ${hub}; spoke a { endpoint nat; address 10.64.0.2 }\nassert ${condition}\n${lines} }`,
    )

  it.each(['count(spokes) == 2', 'count(hubs) == 1', 'spokes == ["a", "b7"]', 'hubs == ["gw"]'])(
    'counts nodes once all are there: %s',
    (condition) => {
      expect(
        asserts(condition, 'for i in 7..7 { spoke "b{i}" { endpoint nat; address 10.64.0.3 } }'),
      ).toEqual([])
    },
  )

  it('takes what the file itself names', () => {
    expect(asserts('spokes == 7', '', 'let spokes = 7')).toEqual([])
    expect(asserts('hubs == 7', '', 'let hubs = 7')).toEqual([])
  })

  it('does not count nodes where one could not be read', () => {
    expect(asserts('count(spokes) == 7', 'spoke "{x}" { endpoint nat }')).toEqual(['LVN2100 5:8'])
    expect(
      asserts('count(spokes) == 7', 'spoke ? { endpoint nat }').filter((each) => /^LVN2/.test(each)),
    ).toEqual([])
  })

  it('does not care for a statement that nothing depends on', () => {
    expect(asserts('count(spokes) == 7', 'allow a -> host(7, 1)').map((each) => each.split(' ')[0])).toEqual([
      'LVN2117',
      'LVN2105',
    ])
  })

  it('of a node is asked in the end, too', () => {
    const text = (n: number) =>
      `overlay o { ${net}; ${hub}; spoke a { endpoint nat; address 10.64.0.2; assert count(spokes) == ${n} } }`
    expect([found(text(1)), found(text(2))]).toEqual([[], ['LVN2117 2:147']])
  })

  it('of a template is asked, too, and does not know the overlay', () => {
    const text = (condition: string) =>
      `template t(p) { endpoint nat; address 10.64.0.2; assert ${condition} }\noverlay o { ${net}; ${hub}; spoke a from t(7) }`
    expect(found(text('p == 8'))).toEqual(['LVN2117 2:57 in 3:105'])
    expect(found(text('p == count(spokes)'))).toEqual(['LVN2101 2:68 in 3:105'])
  })

  it('of a device is asked, too', () => {
    expect(
      found(
        `overlay o { ${net}; ${hub}; spoke a { endpoint nat; device d { address 10.64.0.2; assert 1 == 2 } } }`,
      ),
    ).toEqual(['LVN2117 2:158'])
  })
})

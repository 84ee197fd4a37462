// SPDX-License-Identifier: MIT
/**
 * What holds among the nodes of an overlay: names, networks, endpoints, addresses, hubs; what hosts have once.
 */
import { describe, expect, it } from 'vitest'
import { marked, readFile, sentences } from '../../support/resolved.ts'

const net = 'net 10.64.0.0/16, fd42:64::/48'
const hub = 'hub gw { listen 198.51.100.10; address 10.64.0.1 }'
const found = (text: string) => readFile(text).findings
const codes = (text: string) => found(text).map((each) => each.split(' ')[0])

/** The one finding of an overlay with these lines. */
function says(code: string, lines: string, head = `${net}; ${hub}`) {
  const { text, finding } = marked(code, `overlay o { ${head}\n${lines}\n}`)
  expect(found(text)).toEqual([finding])
}

const without = (head: string, lines: string) => codes(`overlay o { ${head}\n${lines}\n}`)

describe('an overlay', () => {
  it.each([
    ['LVN2030', 'overlay «o» { hub gw { listen 198.51.100.10; address 10.64.0.1 } }'],
    ['LVN2031', 'overlay «o» { net 10.64.0.0/16 }'],
    ['LVN2031', 'overlay «o» { net 10.64.0.0/16; spoke a { endpoint nat; address 10.64.0.2 } }'],
    ['LVN2009', 'overlay «"a b"» { net 10.64.0.0/16; hub gw { listen 198.51.100.10; address 10.64.0.1 } }'],
  ])('is refused: %s `%s`', (code, written) => {
    const { text, finding } = marked(code, written)
    expect(found(text)).toEqual([finding])
  })

  it('names itself where its name is none', () => {
    expect(sentences(readFile(`overlay "a b" { ${net}; ${hub} }`))[0]).toContain('not a name for an overlay')
    expect(
      sentences(readFile(`overlay o { ${net}; hub "a b" { listen 192.0.2.1; address 10.64.0.1 } }`))[0],
    ).toContain('not a name for a hub')
  })

  it.each([
    ['a network', `net ?; ${hub}`],
    ['a network', `net 10.64.0.1/16; ${hub}`],
    ['a network', `net v; ${hub}`],
    ['a hub', `${net}; hub ? { }`],
    ['a hub', `${net}; hub "{v}" { listen 192.0.2.1; address 10.64.0.1 }`],
    ['a hub', `${net}; for i in v { ${hub} }`],
  ])('does not lack %s that could not be read: `%s`', (_, body) => {
    expect(codes(`overlay o { ${body} }`).filter((code) => /^LVN203/.test(code as string))).toEqual([])
  })

  it('lacks what it lacks whatever stands in it that nothing depends on', () => {
    expect(codes('overlay o { net 10.64.0.0/16; keepalive every v }')).toEqual(['LVN2031', 'LVN2100'])
  })

  it('hands its defaults to its nodes', () => {
    const { topology } =
      readFile(`overlay o { ${net}; port 7; keepalive every 5s, dead after 1m; auth none; ${hub}
      spoke a { endpoint 192.0.2.1; address 10.64.0.2 } }`)
    const defaults = { overlay: 'o', port: 7, auth: 'none', keepalive: { intervalMs: 5000, deadMs: 60_000 } }
    expect(topology.overlays).toMatchObject([
      { hub: { ...defaults, listens: [{ port: 7 }] }, spokes: [{ ...defaults, endpoint: { port: 7 } }] },
    ])
  })

  it('with a default that is none has the one that it would have had', () => {
    const { topology } = readFile(`overlay o { ${net}; port 0; keepalive every 1ms; ${hub} }`)
    expect(topology.overlays[0]?.hub).toMatchObject({
      port: 50000,
      keepalive: { intervalMs: 20_000 },
      auth: 'mutual',
    })
  })
})

describe('a name', () => {
  it('is that of one node', () => {
    says(
      'LVN2021',
      'spoke ‹a› { endpoint nat; address 10.64.0.2 }\nspoke «a» { endpoint nat; address 10.64.0.3 }',
    )
    // Hubs are read before spokes.
    says(
      'LVN2021',
      'spoke «a» { endpoint nat; address 10.64.0.2 }\nhub ‹a› { listen 192.0.2.9; address 10.64.0.3 }',
    )
  })
})

describe('an address', () => {
  it.each([
    ['outside the networks', 'LVN2040', 'spoke a { endpoint nat; address «10.65.0.2» }'],
    ['outside the networks', 'LVN2040', 'spoke a { endpoint nat; address «10.63.255.255», 10.64.255.255 }'],
    [
      'outside the networks of its family',
      'LVN2040',
      'spoke a { endpoint nat; address «fd42:65::2», 10.64.0.2 }',
    ],
    ['outside the networks', 'LVN2040', 'spoke a { endpoint nat; device d { address «10.65.0.2» } }'],
  ])('%s is refused: %s `%s`', (_, code, lines) => {
    says(code, lines, `net ‹10.64.0.0/16›, fd42:64::/48; ${hub}`)
  })

  it('is not outside where a network could not be read', () => {
    expect(
      without(`net 10.65.0.0/33, 10.64.0.0/16; ${hub}`, 'spoke a { endpoint nat; address 10.65.0.2 }'),
    ).toEqual(['LVN2002'])
    expect(without(`net v, 10.64.0.0/16; ${hub}`, 'spoke a { endpoint nat; address 10.65.0.2 }')).toEqual([
      'LVN2100',
    ])
    expect(
      without(`net ?; net 10.64.0.0/16; ${hub}`, 'spoke a { endpoint nat; address 10.65.0.2 }').filter(
        (code) => /^LVN2/.test(code as string),
      ),
    ).toEqual([])
    expect(without(hub, 'spoke a { endpoint nat; address 10.65.0.2 }')).toEqual(['LVN2030'])
  })

  it('is not the one that is wrong where none of several is inside', () => {
    const two = `spoke a { endpoint nat; address ‹10.65.0.2›; routes 10.64.9.0/24 }
        spoke b { endpoint nat; address 10.65.0.3 }`
    says('LVN2043', two, `net «fd42:64::/48»; hub gw { listen 198.51.100.10; address fd42:64::1 }`)
    says(
      'LVN2043',
      two.replaceAll(/[‹›]/g, ''),
      'net «10.0.0.0/16»; hub gw { listen 198.51.100.10; address ‹10.64.0.1› }',
    )
    says(
      'LVN2043',
      'spoke a { endpoint nat; address fd43::2 }',
      `net «10.64.0.0/16»; hub gw { listen 198.51.100.10; address 10.64.0.1, ‹fd43::1› }`,
    )
  })

  it('is wrong by itself where it is the only one of its family', () => {
    says('LVN2040', 'spoke a { endpoint nat; address «fd43::2» }', `net ‹10.64.0.0/16›; ${hub}`)
  })

  it('names the family of those that are outside', () => {
    const six = readFile(
      `overlay o { net 10.64.0.0/16; hub gw { listen 198.51.100.10; address 10.64.0.1, fd43::1, fd43::2 } }`,
    )
    expect(sentences(six)[0]).toContain('no IPv6 address of the overlay is within 10.64.0.0/16')
  })

  it('that is outside, one by one, is not said to be there twice, too', () => {
    const lines = 'spoke a { endpoint nat; address 10.65.0.2 }\nspoke b { endpoint nat; address 10.65.0.2 }'
    expect(without(`${net}; ${hub}`, lines)).toEqual(['LVN2040', 'LVN2040'])
  })

  it('of two nodes is refused to the second', () => {
    says(
      'LVN2022',
      'spoke a { endpoint nat; address ‹10.64.0.2› }\nspoke b { endpoint nat; address «10.64.0.2» }',
    )
    says(
      'LVN2022',
      'spoke a { endpoint nat; address ‹fd42:64::2› }\nspoke b { endpoint nat; address «fd42:64:0::2» }',
    )
    says(
      'LVN2022',
      'spoke a { endpoint nat; address «10.64.0.1» }',
      `${net}; ${hub.replace('10.64.0.1 ', '‹10.64.0.1› ')}`,
    )
  })

  it('of three nodes is refused to each behind the first', () => {
    const spoke = (name: string) => `spoke ${name} { endpoint nat; address 10.64.0.2 }`
    expect(without(`${net}; ${hub}`, ['a', 'b', 'c'].map(spoke).join('\n'))).toEqual(['LVN2022', 'LVN2022'])
  })

  it('of three nodes is refused where it stands later, each time with the place before', () => {
    const [a, b, h] = ['a', 'b']
      .map((name) => `spoke ${name} { endpoint nat; address 10.64.0.2 }`)
      .concat('hub h { listen 192.0.2.1; address 10.64.0.2 }')
    expect(found(`overlay o { ${net}; ${hub}\n${a}\n${b}\n${h} }`)).toEqual([
      'LVN2022 4:33 < 3:33',
      'LVN2022 5:35 < 4:33',
    ])
  })

  it('that is the route of another node is refused', () => {
    says(
      'LVN2023',
      `spoke a { endpoint nat; address ‹10.64.0.2› }
        spoke b { endpoint nat; address 10.64.0.3; routes «10.64.0.2/32» }`,
    )
    says(
      'LVN2023',
      `spoke b { endpoint nat; address 10.64.0.3; routes ‹10.64.0.2/32› }
        spoke a { endpoint nat; address «10.64.0.2» }`,
    )
  })

  it('that is the route of its own node is there twice', () => {
    says('LVN2027', 'spoke b { endpoint nat; address ‹10.64.0.3›; routes «10.64.0.3/32» }')
  })
})

describe('a route', () => {
  const routes = (...lists: string[]) =>
    lists
      .map((list, i) => `spoke s${i} { endpoint nat; address 10.64.0.${i + 2}; routes ${list} }`)
      .join('\n')

  it('of two nodes is refused to the second', () => {
    says('LVN2023', routes('‹10.64.7.0/24›', '«10.64.7.0/24»'))
    says('LVN2023', routes('10.64.7.0/25, ‹10.64.7.0/24›, 10.64.7.0/26', '10.64.7.0/27, «10.64.7.0/24»'))
    says('LVN2023', routes('‹0.0.0.0/0›', '«0.0.0.0/0»'))
    says('LVN2023', routes('‹::/0›', '«::/0»'))
  })

  it('may lie in that of another', () => {
    expect(
      without(`${net}; ${hub}`, routes('10.64.7.0/24', '10.64.7.0/25', '10.64.7.128/25', '10.64.6.0/23')),
    ).toEqual([])
    expect(without(`${net}; ${hub}`, routes('0.0.0.0/0', '::/0', '10.64.0.0/16', '10.0.0.0/8'))).toEqual([])
  })

  it('says whose it is already, and how that is written', () => {
    const { diagnostics } = readFile(
      `overlay o { ${net}; ${hub}\n${routes('10.64.7.7/32')}\nspoke b { endpoint nat; address 10.64.7.7 } }`,
    )
    expect(diagnostics[0]).toMatchObject({
      message: '10.64.7.7 is already behind `s0`',
      related: [{ message: '10.64.7.7/32 is here' }],
    })
  })

  it('that a list of values has three times is said once, where the list stands', () => {
    const lines =
      'let r = 10.64.7.0/24; let all = [r, r, r]; spoke a { endpoint nat; address 10.64.0.2; routes all }'
    expect(without(`${net}; ${hub}`, lines)).toEqual(['LVN2027'])
  })

  it('that several turns have is said once for each place', () => {
    const lines =
      'for i in 2..9 { spoke "s{i}" { endpoint nat; address host(10.64.0.0/16, i); routes 10.64.7.0/24 } }'
    expect(without(`${net}; ${hub}`, lines)).toEqual(['LVN2023'])
  })
})

describe('an endpoint', () => {
  it.each([
    ['a spoke', 'spoke a { endpoint «10.64.9.9»; address 10.64.0.2 }'],
    ['a spoke', 'spoke a { endpoint «10.64.9.9:7»; address 10.64.0.2 }'],
    ['a hub', 'hub h { listen «10.64.9.9»; address 10.64.0.2 }'],
    ['a hub behind a NAT', 'hub h { listen 192.0.2.1 at «10.64.9.9»; address 10.64.0.2 }'],
  ])('of %s inside the overlay is refused: `%s`', (_, lines) => {
    says('LVN2041', lines, `net ‹10.64.0.0/16›, fd42:64::/48; ${hub}`)
    says('LVN2041', lines, `net 10.63.0.0/16, ‹10.64.0.0/16›, fd42:64::/48; ${hub}`)
  })

  it('behind a NAT that keeps the address is inside once', () => {
    says(
      'LVN2041',
      'hub h { listen «10.64.9.9» at 10.64.9.9:7; address 10.64.0.2 }',
      `net ‹10.64.0.0/16›; ${hub}`,
    )
  })

  it('is that of one node', () => {
    says(
      'LVN2024',
      `spoke a { endpoint ‹192.0.2.1›; address 10.64.0.2 }
        spoke b { endpoint «192.0.2.1:50000»; address 10.64.0.3 }`,
    )
    says(
      'LVN2024',
      `spoke a { endpoint ‹A.example›; address 10.64.0.2 }
        spoke b { endpoint «a.example:50000»; address 10.64.0.3 }`,
    )
    says(
      'LVN2024',
      'spoke a { endpoint «198.51.100.10»; address 10.64.0.2 }',
      `${net}; ${hub.replace('198.51.100.10', '‹198.51.100.10›')}`,
    )
    says('LVN2024', 'hub h { listen ‹192.0.2.1›, «192.0.2.1»; address 10.64.0.2 }')
  })

  it('names its node', () => {
    const { diagnostics } = readFile(
      `overlay o { ${net}; ${hub}; spoke a { endpoint 198.51.100.10; address 10.64.0.2 } }`,
    )
    expect(diagnostics[0]?.message).toBe('198.51.100.10:50000 is already an endpoint of `gw`')
  })

  it.each([
    ['another port', '192.0.2.1:7', '192.0.2.1:8'],
    ['another name', 'a.example', 'b.example'],
    ['another port of a name', 'a.example:7', 'a.example:8'],
    ['behind NATs', 'nat', 'nat'],
  ])('with %s is another one', (_, one, two) => {
    const lines = `spoke a { endpoint ${one}; address 10.64.0.2 }
      spoke b { endpoint ${two}; address 10.64.0.3 }`
    expect(without(`${net}; ${hub}`, lines)).toEqual([])
  })

  it('is that of one node among all overlays', () => {
    const other = (at: string) => `overlay p { net 10.65.0.0/16; hub g { listen ${at}; address 10.65.0.1 } }`
    const { text, finding } = marked(
      'LVN2024',
      `overlay o { ${net}; ${hub.replace('198.51.100.10', '‹198.51.100.10›')} }\n${other('«198.51.100.10»')}`,
    )
    expect(found(text)).toEqual([finding])
    expect(found(`overlay o { ${net}; ${hub} }\n${other('198.51.100.10:7')}`)).toEqual([])
  })

  it('behind a NAT is that of one `listen` of a hub', () => {
    says('LVN2024', 'hub h { listen 192.0.2.1 at ‹10.0.0.5›, 192.0.2.2 at «10.0.0.5»; address 10.64.0.2 }')
    says('LVN2024', 'hub h { listen ‹192.0.2.1›, 192.0.2.2 at «192.0.2.1»; address 10.64.0.2 }')
    says('LVN2024', 'hub h { listen 192.0.2.2 at ‹192.0.2.1›, «192.0.2.1»; address 10.64.0.2 }')
    expect(
      without(
        `${net}; ${hub}`,
        'hub h { listen 192.0.2.1 at 10.0.0.5, 192.0.2.2 at 10.0.0.5:7; address 10.64.0.2 }',
      ),
    ).toEqual([])
  })

  it('behind NATs of their own may be that of several hubs', () => {
    const lines = `hub h { listen 192.0.2.1 at 10.0.0.5; address 10.64.0.2 }
        hub i { listen 192.0.2.2 at 10.0.0.5; address 10.64.0.3 }`
    expect(without(`${net}; ${hub}`, lines)).toEqual([])
  })

  const reach = (endpoint: string, listen: string) =>
    [
      `spoke a { endpoint ${endpoint}; address 10.64.0.2 }`,
      `${net}; hub gw { listen ${listen}; address 10.64.0.1 }`,
    ] as const
  const reached = (endpoint: string, listen: string) => {
    const [lines, head] = reach(endpoint, listen)
    return without(head, lines)
  }

  it('has a family that its hub listens on', () => {
    says('LVN2042', ...reach('«2001:db8::1»', '‹198.51.100.10›, 198.51.100.11'))
    says('LVN2042', ...reach('«198.51.100.1»', '‹2001:db8::1›'))
    expect(reached('2001:db8::1', '198.51.100.10, 2001:db8::2')).toEqual([])
    expect(reached('gate.example', '198.51.100.10')).toEqual([])
    expect(reached('nat', '2001:db8::2')).toEqual([])
  })

  it('has no family that a hub lacks where a `listen` of it could not be read', () => {
    expect(reached('2001:db8::1', '198.51.100.10, 198.51.100.300')).toEqual(['LVN2001'])
    expect(reached('2001:db8::1', '198.51.100.10, v')).toEqual(['LVN2100'])
  })

  it('has a family of each hub that it joins, said for the first', () => {
    const second = 'hub six { listen ‹2001:db8::1›; address 10.64.0.9 }'
    says('LVN2042', `${second}\nspoke a { endpoint «192.0.2.1»; address 10.64.0.2; via gw, six }`)
    expect(
      without(
        `${net}; ${hub}`,
        `${second.replace(/[‹›]/g, '')}\nspoke a { endpoint 192.0.2.1; address 10.64.0.2 }`,
      ),
    ).toEqual([])
    const two = `hub five { listen ‹2001:db8::2›; address 10.64.0.8 }
        hub six { listen 2001:db8::1; address 10.64.0.9 }`
    says('LVN2042', `${two}\nspoke a { endpoint «192.0.2.1»; address 10.64.0.2; via five, six }`)
  })
})

describe('a host', () => {
  it('is one node of an overlay', () => {
    says(
      'LVN2025',
      `spoke a { endpoint nat; address 10.64.0.2; match hostname ‹x› }
        spoke b { endpoint nat; address 10.64.0.3; match hostname y, «X» }`,
    )
  })

  const other = (lines: string) =>
    `overlay p { net 10.65.0.0/16; hub g { listen 198.51.100.11; address 10.65.0.1; ${lines} } }`
  const first = (lines: string) =>
    `overlay o { ${net}; hub gw { listen 198.51.100.10; address 10.64.0.1; ${lines} } }`

  it('has devices of different names in different overlays', () => {
    const { text, finding } = marked(
      'LVN2028',
      `${first('match hostname x').replace('hub gw', 'hub ‹gw›')}
        ${other('match hostname x').replace('hub g ', 'hub «g» ')}`,
    )
    expect(found(text)).toEqual([finding])
    const named = marked(
      'LVN2028',
      `${first('match hostname x; ‹device d›')}\n${other('match hostname x; «device d»')}`,
    )
    expect(found(named.text)).toEqual([named.finding])
    expect(found(`${first('match hostname x; device d')}\n${other('match hostname x; device e')}`)).toEqual(
      [],
    )
    expect(found(`${first('match hostname x')}\n${other('match hostname y')}`)).toEqual([])
  })
})

describe('a hub that a spoke joins', () => {
  const fra = 'hub fra { listen 198.51.100.11; address 10.64.0.9 }'
  const joins = (more: string) => {
    const { topology, findings } = readFile(
      `overlay o { ${net}; ${hub}; ${fra}\nspoke a { endpoint nat; address 10.64.0.2; ${more} } }`,
    )
    const [spoke] = topology.overlays[0]?.spokes ?? []
    return [spoke?.via, spoke?.prefer, ...findings.map((each) => each.split(' ')[0])]
  }
  it.each([
    ['', ['gw'], 'gw', []],
    ['via fra', ['fra'], 'fra', []],
    ['via gw, fra', ['gw', 'fra'], 'gw', []],
    ['via gw, fra; prefer fra', ['gw', 'fra'], 'fra', []],
    ['via fra; via gw', ['fra', 'gw'], 'fra', []],
    ['prefer gw', ['gw'], 'gw', []],
    ['prefer fra', ['gw'], 'fra', ['LVN2130']],
    ['via fra; prefer gw', ['fra'], 'gw', ['LVN2130']],
    ['via frb', ['gw'], 'gw', ['LVN2123']],
    ['via frb, fra', ['fra'], 'fra', ['LVN2123']],
    ['via frb, fra; prefer gw', ['fra'], 'gw', ['LVN2123']],
    ['prefer frb', ['gw'], 'frb', ['LVN2123']],
  ])('with `%s` is one of %s, at home at %s', (more, via, prefer, errors) => {
    expect(joins(more)).toEqual([via, prefer, ...errors])
  })

  it('is said to be missing with one that is near', () => {
    const said = (more: string) =>
      sentences(
        readFile(
          `overlay o { ${net}; ${hub}; ${fra}; spoke a { endpoint nat; address 10.64.0.2; ${more} } }`,
        ),
      )
    expect(said('via frb')).toEqual(['there is no hub named `frb` | did you mean `fra`?'])
    expect(said('prefer frb')).toEqual(['there is no hub named `frb` | did you mean `fra`?'])
    expect(said('via a')).toEqual(['there is no hub named `a`'])
    expect(said('prefer fra')).toEqual(['`fra` is not a hub that this spoke joins | write `via gw, fra`'])
    says('LVN2130', `${fra}\nspoke a { endpoint nat; address 10.64.0.2; via ‹fra›; prefer «gw» }`)
  })

  it('may be one that could not be read', () => {
    for (const more of ['via x', 'prefer x', 'prefer gw; via x']) {
      const text = `overlay o { ${net}; ${hub}; hub ? { }
        spoke a { endpoint nat; address 10.64.0.2; ${more} } }`
      expect(codes(text).filter((code) => /^LVN2/.test(code as string))).toEqual([])
    }
  })
})

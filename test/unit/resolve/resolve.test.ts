// SPDX-License-Identifier: MIT
/**
 * What a file means. What is wrong with a file is in test/golden/diagnostics.
 */
import { describe, expect, it } from 'vitest'
import { parse } from '../../../grammar/parser.ts'
import { renderHuman } from '../../../src/diag/render.ts'
import { Source } from '../../../src/diag/source.ts'
import { resolve } from '../../../src/interp/1-resolve.ts'
import { nodesOf, type Overlay } from '../../../src/model/topology.ts'

function diagnose(...texts: string[]) {
  const parsed = texts.map((text, i) => parse(new Source(`${i + 1}.lvn`, text)))
  const resolved = resolve(parsed.map(({ file }) => file))
  return { ...resolved, diagnostics: [...parsed.flatMap((one) => one.diagnostics), ...resolved.diagnostics] }
}

function overlay(text: string): Overlay {
  const { topology, diagnostics } = diagnose(`lvn 1\noverlay o {\n${text}\n}\n`)
  expect(renderHuman(diagnostics)).toBe('')
  return topology.overlays[0] as Overlay
}

const hub = 'hub gw { listen 198.51.100.10; address 10.64.0.1 }'

describe('resolve', () => {
  it('fills in the defaults', () => {
    const {
      nets,
      hub: gw,
      spokes,
    } = overlay(`net 10.64.0.0/16\n${hub}\nspoke a { endpoint 203.0.113.7; address 10.64.1.1 }`)
    expect(nets).toEqual(['10.64.0.0/16'])
    expect(gw).toMatchObject({
      overlay: 'o',
      name: 'gw',
      role: 'hub',
      hostnames: [],
      listens: [{ address: '198.51.100.10', port: 50000 }],
      endpoint: null,
      device: { name: 'lvn0', mode: 'multi', mtu: 'auto', addresses: ['10.64.0.1'] },
      routes: [],
      port: 50000,
      keepalive: { intervalMs: 20_000, deadMs: 90_000 },
    })
    expect(spokes).toMatchObject([
      {
        role: 'spoke',
        listens: [],
        endpoint: { kind: 'address', address: '203.0.113.7', port: 50000 },
        device: { name: 'lvn0', mode: 'fixed' },
        port: 50000,
      },
    ])
  })

  it('takes what is written over what is inherited', () => {
    const { hub: gw, spokes } = overlay(`
      net 10.64.0.0/16, fd42:64::/48
      port 51000
      keepalive every 5s, dead after 30s
      hub gw {
        match hostname GW.example, gw2
        listen 198.51.100.10, [2001:DB8::1]:7
        address 10.64.0.1
        device wan0 { address fd42:64::1; mtu 1400; mode multi }
        keepalive dead after 1m
      }
      spoke a { endpoint A.example.org; address 10.64.1.1; keepalive every 10s; port 6000 }
      spoke b { endpoint nat; address 10.64.2.1; routes 10.64.2.0/24; routes fd42:64:0:2::/64 }
      spoke c { endpoint 203.0.113.7:6001; address 10.64.3.1 }
      spoke d { endpoint 203.0.113.7:6002; address 10.64.4.1; port 6003 }`)
    expect(gw.hostnames).toEqual(['gw.example', 'gw2'])
    expect(gw.listens).toMatchObject([
      { address: '198.51.100.10', port: 51000 },
      { address: '2001:db8::1', port: 7 },
    ])
    expect(gw.device).toMatchObject({ name: 'wan0', mtu: 1400, addresses: ['10.64.0.1', 'fd42:64::1'] })
    expect(gw.keepalive).toEqual({ intervalMs: 5000, deadMs: 60_000 })
    expect(spokes.map(({ endpoint }) => endpoint)).toMatchObject([
      { kind: 'name', host: 'a.example.org', port: 6000 },
      { kind: 'nat' },
      { kind: 'address', port: 6001 },
      { kind: 'address', port: 6002 },
    ])
    expect(spokes.map(({ port }) => port)).toEqual([6000, 51000, 6001, 6003])
    expect(spokes[0]?.keepalive).toEqual({ intervalMs: 10_000, deadMs: 30_000 })
    expect(spokes[1]?.routes).toEqual(['10.64.2.0/24', 'fd42:64:0:2::/64'])
  })

  it('leads every node back to its name in the source', () => {
    const { hub: gw } = overlay(`net 10.64.0.0/16\n${hub}`)
    const { source, start, end } = gw.span
    expect(source.text.slice(start, end)).toBe('gw')
  })

  it('lets a node own addresses within its routes, and one underlay address have many ports', () => {
    const { spokes } = overlay(`
      net 10.64.0.0/16
      ${hub}
      spoke a { endpoint 203.0.113.7:1; address 10.64.1.1; routes 10.64.1.0/24, 10.64.1.0/25 }
      spoke b { endpoint 203.0.113.7:2; address 10.64.2.1 }`)
    expect(spokes.length).toBe(2)
  })

  it('takes several files and compares them', () => {
    const one = `lvn 1\noverlay a { net 10.64.0.0/16; ${hub} }`
    const two = 'lvn 1\noverlay b { net 10.65.0.0/16; hub x { listen 198.51.100.10; address 10.65.0.1 } }'
    const { topology, diagnostics } = diagnose(one, two)
    expect(topology.overlays.map(({ name }) => name)).toEqual(['a', 'b'])
    expect(diagnostics.map(({ code, span }) => [code, span?.source.name])).toEqual([['LVN2024', '2.lvn']])
  })

  it('does not hold what could not be read against what depends on it', () => {
    const { diagnostics } = diagnose('lvn 1\noverlay o {\n net 10.0.0.0/x\n hub gw { listen ?; address }\n}')
    expect(diagnostics.map(({ code }) => code)).toEqual(['LVN1001', 'LVN1002', 'LVN1024', 'LVN1024'])
  })
})

describe('an expectation', () => {
  const nodes = (address: string) => `
    net 10.64.0.0/16, fd42:64::/48
    ${hub}
    spoke a { endpoint nat; address ${address} }`
  const codes = (address: string, expectation: string) =>
    diagnose(`lvn 1\noverlay o {${nodes(address)}\n  ${expectation}\n}`).diagnostics.map(({ code }) => code)

  it('of packets wants a family that both ends have', () => {
    expect(codes('fd42:64::2', 'expect ping a -> gw')).toEqual(['LVN2139'])
    expect(codes('fd42:64::2', 'expect throughput gw -> a >= 1mbit')).toEqual(['LVN2139'])
    expect(codes('fd42:64::2, 10.64.0.2', 'expect ping gw -> fd42:64::2')).toEqual(['LVN2139'])
    expect(codes('fd42:64::2, 10.64.0.2', 'expect ping gw -> a')).toEqual([])
  })

  it('of silence wants one, too: what cannot be sent proves nothing', () => {
    expect(codes('fd42:64::2', 'expect no ping a -> gw')).toEqual(['LVN2142'])
    expect(codes('fd42:64::2, 10.64.0.2', 'expect no ping a -> gw')).toEqual([])
  })

  it('is not held against an address that could not be read', () => {
    expect(codes('fd42:64::2, 10.64.0.300', 'expect ping a -> gw')).toEqual(['LVN2001'])
    expect(codes('fd42:64::2, 10.64.0.300/', 'expect ping a -> gw')).toEqual(['LVN1001'])
    expect(codes('fd42:64::2, host(10.64.0.0/16, x)', 'expect ping a -> gw')).toEqual(['LVN2100'])
  })
})

describe('underlay', () => {
  const names = (text: string) =>
    diagnose(`lvn 1\n${text}`).topology?.overlays.map((one) =>
      [...one.hubs, ...one.spokes].map(({ underlay }) => underlay?.interfaces ?? null),
    )

  it('adds up, over a template and an `on`, and is null where it is not written', () => {
    const text = `let up = "eth1"
template site { underlay eth0; endpoint nat }
overlay o {
  net 10.64.0.0/16
  ${hub}
  spoke a from site { underlay up, "wan-{up}"; underlay br.7; address 10.64.1.1 }
  spoke b from site { address 10.64.2.1 }
  on b { underlay ppp0 }
}`
    expect(names(text)).toEqual([[null, ['eth0', 'eth1', 'wan-eth1', 'br.7'], ['eth0', 'ppp0']]])
  })
})

describe('a mistake in a `for`', () => {
  const codes = (at: number) =>
    diagnose(`lvn 1
      for i in 1..90000 {
        let a = i (7)
        if i == ${at} { let b = host(10.0.0.0/30, i) }
      }`).diagnostics.map(({ code }) => code)

  it('does not hide others', () => {
    expect(codes(900)).toEqual(['LVN2103', 'LVN2113'])
  })

  it('that is made over and over ends it', () => {
    expect(codes(80_000)).toEqual(['LVN2103'])
  })
})

describe('a large overlay', () => {
  function large(count: number): string {
    const lines = [
      'lvn 1',
      'overlay big {',
      '  net 10.0.0.0/8',
      '  hub gw { listen 192.0.2.1; address 10.0.0.1 }',
    ]
    for (let i = 0; i < count; i++) {
      const [high, low] = [(i >> 8) & 255, i & 255]
      const block = (1 << 16) + i
      const lan = `10.${128 + (i >> 10)}.${(i >> 2) & 255}.${(i & 3) * 64}/26`
      lines.push(
        `  spoke s${i} { endpoint 198.18.${high}.${low}:${50000 + (i >> 16)}; address 10.${block >> 16}.${high}.${low}; routes ${lan} }`,
      )
    }
    return `${lines.join('\n')}\n}\n`
  }

  it('of 10,000 spokes resolves', () => {
    const { topology, diagnostics } = diagnose(large(10_000))
    expect(diagnostics).toEqual([])
    expect(nodesOf(topology.overlays[0] as Overlay).length).toBe(10_001)
  })

  it('has at most 65,536 spokes', () => {
    expect(diagnose(large(65_536)).diagnostics).toEqual([])
    expect(diagnose(large(65_537)).diagnostics.map(({ code }) => code)).toContain('LVN2036')
  }, 300_000)

  it('of which a `for` made too many spokes has too many turns, and that is all', () => {
    const { diagnostics } = diagnose(`lvn 1
overlay big {
  net 10.0.0.0/8
  hub gw { listen 198.51.100.10; address 10.0.0.1 }
  for i in 1..200000 { spoke "s{i}" { endpoint nat; address host(10.0.0.0/8, i + 1) } }
}
`)
    expect(diagnostics.map(({ code }) => code)).toEqual(['LVN2112'])
  })
})

// SPDX-License-Identifier: MIT
/**
 * What statements, templates, overrides and imports come to. What is wrong with them is in test/golden/diagnostics.
 */
import { describe, expect, it } from 'vitest'
import { parseProgram } from '../../../grammar/program.ts'
import { renderHuman } from '../../../src/diag/render.ts'
import { Source } from '../../../src/diag/source.ts'
import { resolve } from '../../../src/interp/1-resolve.ts'
import type { Topology } from '../../../src/model/topology.ts'

function topology(text: string, files: Record<string, string> = {}): Topology {
  const { file, imports, diagnostics } = parseProgram(new Source('main.lvn', text), (path) => {
    return new Source(path, files[path] as string)
  })
  const resolved = resolve([file], imports)
  expect(renderHuman([...diagnostics, ...resolved.diagnostics])).toBe('')
  return resolved.topology
}

const hub = 'hub gw { listen 198.51.100.10; address 10.64.0.1 }'

function inOverlay(body: string, before = ''): Topology['overlays'][0] {
  const made = topology(`lvn 1\n${before}\noverlay o { net 10.64.0.0/16, fd42:64::/48; ${hub}\n${body}\n}`)
  return made.overlays[0] as Topology['overlays'][0]
}

describe('statements', () => {
  it('are there as often as `for` and `if` say, with their values', () => {
    const { spokes } = inOverlay(`for i in 9..11 {
      let lan = subnet(10.64.0.0/16, /24, i)
      if i != 10 { spoke "ap{i:03}" { endpoint "ap{i}.example.org:7"; address host(lan, 1); routes [lan, subnet(fd42:64::/48, /64, i)] } }
    }`)
    expect(spokes).toMatchObject([
      {
        name: 'ap009',
        endpoint: { kind: 'name', host: 'ap9.example.org', port: 7 },
        routes: ['10.64.9.0/24', 'fd42:64:0:9::/64'],
      },
      { name: 'ap011', device: { addresses: ['10.64.11.1'] } },
    ])
  })

  it('of a node replace or add to those of its template, and `on` those of both', () => {
    const { spokes } = inOverlay(
      `on a { keepalive dead after 1m; routes 10.64.3.0/24; device lvn7 { mtu 1300 } }
       spoke a from ap(10.64.1.0/24) { endpoint 203.0.113.7; routes 10.64.2.0/24 }`,
      'template ap(lan) { endpoint nat; routes lan; keepalive every 5s; device lvn1 { address host(lan, 1); mtu 1400 } }',
    )
    expect(spokes[0]).toMatchObject({
      endpoint: { kind: 'address', address: '203.0.113.7' },
      routes: ['10.64.1.0/24', '10.64.2.0/24', '10.64.3.0/24'],
      keepalive: { intervalMs: 5000, deadMs: 60_000 },
      device: { name: 'lvn7', mtu: 1300, addresses: ['10.64.1.1'] },
    })
  })

  it('take a word for a value of that name, and for itself where there is none', () => {
    const { spokes } = inOverlay(
      'spoke a { endpoint tower; address 10.64.1.1 }\nspoke b { endpoint mast; address 10.64.2.1 }',
      'let tower = 203.0.113.7',
    )
    expect(spokes.map(({ endpoint }) => endpoint)).toMatchObject([
      { kind: 'address', address: '203.0.113.7' },
      { kind: 'name', host: 'mast' },
    ])
  })

  it('join spokes to hubs', () => {
    const { hubs, spokes } =
      inOverlay(`hub fra { listen 198.51.100.11; address 10.64.0.2; auth none; signalling :8443 }
      spoke a { endpoint nat; address 10.64.1.1 }
      spoke b { endpoint nat; address 10.64.2.1; via fra, gw; prefer gw }`)
    expect(hubs.map(({ name, signalling, auth }) => [name, signalling?.port, auth])).toEqual([
      ['gw', undefined, 'mutual'],
      ['fra', 8443, 'none'],
    ])
    expect(spokes.map(({ via, prefer }) => [via, prefer])).toEqual([
      [['gw'], 'gw'],
      [['fra', 'gw'], 'gw'],
    ])
  })

  it('of policies and expectations become data', () => {
    const made = topology(`lvn 1
      overlay o {
        net 10.64.0.0/16
        ${hub}
        spoke a { endpoint nat; address 10.64.1.1; routes 10.64.1.0/24 }
        deny any -> a
        allow gw -> 10.64.1.7
        expect no ping a -> gw
      }
      expect ping gw -> 10.64.1.9 within 2s
      expect throughput a -> gw >= 10mbit`)
    expect(made.policies).toMatchObject([
      { overlay: 'o', action: 'deny', from: { kind: 'any' }, to: { kind: 'node', node: 'a' } },
      { action: 'allow', from: { kind: 'node', node: 'gw' }, to: { kind: 'prefix', prefix: '10.64.1.7/32' } },
    ])
    expect(made.expects).toMatchObject([
      { kind: 'no-ping', from: { node: 'a', address: null } },
      { kind: 'ping', to: { node: 'a', address: '10.64.1.9' }, withinMs: 2000 },
      { kind: 'throughput', leastBitsPerSecond: 10_000_000 },
    ])
  })

  it('of imported files are there once, and a file continues an imported overlay', () => {
    const library = 'lvn 1\nlet pool = 10.64.0.0/16\noverlay o { net pool }'
    const made = topology(
      `lvn 1\nimport "a.lvn"\nimport "b.lvn"\noverlay o { ${hub}; spoke s { endpoint nat; address host(pool, 7) } }`,
      { 'a.lvn': 'lvn 1\nimport "lib.lvn"', 'b.lvn': 'lvn 1\nimport "lib.lvn"', 'lib.lvn': library },
    )
    expect(made.overlays).toMatchObject([{ nets: ['10.64.0.0/16'], spokes: [{ name: 's' }] }])
  })
})

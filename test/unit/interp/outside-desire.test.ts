// SPDX-License-Identifier: MIT
/** Routes outside the nets as desire makes them: which table, what is thrown out of it, and which sources keep out. */
import { describe, expect, it, test } from 'vitest'
import { outsideDesire, outsideOf, outsideRoutes } from '../../../src/interp/desire-outside.ts'
import type { Address } from '../../../src/model/address.ts'
import type { LiveState, TunnelSpec } from '../../../src/model/state.ts'
import type { Node, Overlay } from '../../../src/model/topology.ts'
import { address, ipRule, liveState, route } from '../../support/live-state.ts'
import { at, hub, lineOf, named, nat, overlay, spoke } from '../../support/topologies.ts'

const nets = ['10.64.0.0/16', 'fd42:64::/48']
const gw = (routes: readonly string[] = []) =>
  hub('gw1', ['198.51.100.10'], { addresses: ['10.64.0.1', 'fd42:64::1'], routes })
const site = (name: string, routes: readonly string[] = [], endpoint = at('203.0.113.7')) =>
  spoke(name, endpoint, { addresses: ['10.64.1.1', 'fd42:64:0:1::1'], routes })

const tunnel = (name: string, remote: string | null, more: Partial<TunnelSpec> = {}): TunnelSpec => ({
  ...{ device: 'lvn0', name, keepalive: { intervalMs: 20_000, deadMs: 90_000 } },
  local: { address: '192.0.2.1' as Address, port: 50000 },
  remote: remote === null ? null : { address: remote as Address, port: 50000 },
  underlay: remote === null ? null : 'eth0',
  ...more,
})

function desired(
  node: Node,
  over: Overlay,
  tunnels: readonly TunnelSpec[],
  live: Partial<LiveState> = {},
  taken = new Set<number>(),
) {
  const { routes, ipRules } = outsideDesire(node, over, liveState(live), { mtu: 1400, tunnels }, taken)
  return {
    routes: routes.map(({ type, destination, device, table, metric, mtu }) =>
      [type, destination, device ?? '-', table, metric, mtu ?? '-'].join(' '),
    ),
    rules: ipRules.map(({ family, priority, from, mark, table, suppressedLength }) =>
      [`-${family}`, priority, from ?? mark?.value ?? 'all', table, suppressedLength ?? '-'].join(' '),
    ),
    taken: [...taken],
  }
}

test('outside is what lies in none of the nets, of the families that a spoke has; a hub passes on both', () => {
  const exit = site('exit', ['10.64.2.0/24', '0.0.0.0/0', '10.0.0.0/8', 'fd42:64:0:9::/64', 'fd00::/8'])
  const four = spoke('four', nat, { addresses: ['10.64.3.1'] })
  const over = overlay(nets, { ...gw(), device: four.device }, [exit, four])
  expect(outsideRoutes(exit, over)).toEqual(['0.0.0.0/0', '10.0.0.0/8', 'fd00::/8'])
  const seen = (node: Node) => outsideOf(node, over).map(({ prefix, owner }) => `${owner.name} ${prefix}`)
  expect(seen(four)).toEqual(['exit 0.0.0.0/0', 'exit 10.0.0.0/8'])
  expect(seen(over.hub)).toEqual(['exit 0.0.0.0/0', 'exit 10.0.0.0/8', 'exit fd00::/8'])
  expect(seen(exit)).toEqual([])
})

describe('a node', () => {
  const over = overlay(nets, gw(['0.0.0.0/0']), [site('a')])
  const [a] = over.spokes as [Node]

  it('without any of them has no table', () => {
    expect(desired(over.hub, over, [])).toEqual({ routes: [], rules: [], taken: [] })
  })

  it('has each in its table, with the endpoints in them thrown out, and both lines of ip rule for each length', () => {
    expect(desired(a, over, [tunnel('gw1', '198.51.100.10')])).toEqual({
      routes: ['throw 198.51.100.10/32 - 7600 0 -', 'unicast 0.0.0.0/0 lvn0 7600 0 -'],
      rules: [
        '-4 20000 76 254 -',
        '-4 20000 192.0.2.1/32 254 -',
        '-4 28292 all 254 0',
        '-4 28293 all 7600 -',
      ],
      taken: [7600],
    })
    const six = overlay(nets, gw(['2000::/3']), [site('a')])
    expect(desired(a, six, [tunnel('gw1', '2001:db8::1')])).toMatchObject({
      routes: ['throw 2001:db8::1/128 - 7600 1024 -', 'unicast 2000::/3 lvn0 7600 1024 -'],
      rules: [expect.stringMatching(/^-6 .* 76 254 -$/), expect.any(String), expect.any(String)],
    })
  })

  it('throws out what is its own, and no endpoint that lies in none of them', () => {
    const some = overlay(nets, gw(['198.18.0.0/15', '198.18.3.0/24']), [
      site('a', ['198.18.1.0/24', '172.16.0.0/12']),
    ])
    const [own] = some.spokes as [Node]
    expect(desired(own, some, [tunnel('gw1', '198.51.100.10')]).routes).toEqual([
      'throw 198.18.1.0/24 - 7600 0 -',
      'unicast 198.18.0.0/15 lvn0 7600 0 -',
      'unicast 198.18.3.0/24 lvn0 7600 0 -',
    ])
    const inside = desired(own, some, [tunnel('gw1', '198.18.3.9')]).routes
    expect(inside[0]).toBe('throw 198.18.3.9/32 - 7600 0 -')
  })

  it('throws out nothing that is wider than what it has there of others', () => {
    const wide = overlay(nets, gw(['198.18.0.0/24']), [site('a', ['198.18.0.0/15'])])
    expect(desired(wide.spokes[0] as Node, wide, []).routes).toEqual(['unicast 198.18.0.0/24 lvn0 7600 0 -'])
  })

  it('leads nothing to another that is thrown out, as where an endpoint is all that lies behind it', () => {
    const same = overlay(nets, gw(['198.51.100.10/32', '198.51.100.11/32']), [site('a')])
    expect(desired(a, same, [tunnel('gw1', '198.51.100.10')]).routes).toEqual([
      'throw 198.51.100.10/32 - 7600 0 -',
      'unicast 198.51.100.11/32 lvn0 7600 0 -',
    ])
  })

  it('sends packets there that its home takes', () => {
    const slim = overlay(nets, { ...gw(['0.0.0.0/0']), device: { ...gw().device, mtu: 1300 } }, [site('a')])
    expect(desired(a, slim, []).routes).toEqual(['unicast 0.0.0.0/0 lvn0 7600 0 1300'])
  })
})

test('at a hub the endpoint of a peer behind a NAT is not thrown out, for it comes and goes', () => {
  const spokes = [site('exit', ['0.0.0.0/0']), site('r', [], nat), site('k', [], named('k.example'))]
  const over = overlay(nets, gw(), spokes)
  const tunnels = [
    tunnel('exit', '203.0.113.7'),
    tunnel('r', '203.0.113.8'),
    tunnel('k', '203.0.113.9'),
    tunnel('waits', null),
  ]
  const thrown = (node: Node, of = over) =>
    desired(node, of, tunnels).routes.flatMap((line) => (line.startsWith('throw') ? line.split(' ')[1] : []))
  expect(thrown(over.hub)).toEqual(['203.0.113.7/32', '203.0.113.9/32'])
  // A spoke's hubs are where the file says, whatever they are called.
  const r = spokes[1] as Node
  expect(thrown(r)).toEqual(['203.0.113.7/32', '203.0.113.8/32', '203.0.113.9/32'])
})

describe('packets from this host’s own addresses keep out', () => {
  const over = overlay(nets, gw(['0.0.0.0/0', '::/0']), [site('a')])
  const [a] = over.spokes as [Node]
  const sources = (live: Partial<LiveState>, ...tunnels: TunnelSpec[]) =>
    desired(a, over, tunnels, live).rules.flatMap((line) =>
      / [\d.a-f:]+\/\d+ /.test(line) ? line.split(' ')[2] : [],
    )
  const addresses = [
    address('eth0', '203.0.113.7'),
    address('eth0', 'fe80::7'),
    address('eth0', '203.0.113.8', { flaw: 'duplicate' }),
    address('eth0', '203.0.113.6', { flaw: 'deprecated' }),
    address('eth1', '2001:db8::7'),
    address('lan0', '192.168.1.1'),
  ]
  const through = (underlay: string, local = '203.0.113.7') =>
    tunnel('gw1', '198.51.100.10', { underlay, local: { address: local as Address, port: 50000 } })

  it('on interfaces that tunnels leave by, but link-local ones and those that another host has', () => {
    expect(sources({ addresses }, through('eth0'))).toEqual(['203.0.113.6/32', '203.0.113.7/32'])
    expect(sources({ addresses }, through('lan0', '192.168.1.1'))).toEqual(['192.168.1.1/32'])
  })

  it('on interfaces that default routes of others in the main table lead out by', () => {
    const by = (...routes: LiveState['routes']) => sources({ addresses, routes }, through('eth0'))
    const plain = ['203.0.113.6/32', '203.0.113.7/32']
    expect(by(route('::/0', 'eth1'))).toEqual([...plain, '2001:db8::7/128'])
    expect(by(route('::/0', 'eth1', { owned: true }))).toEqual(plain)
    expect(by(route('::/0', 'eth1', { table: 100 }))).toEqual(plain)
    expect(by(route('2000::/3', 'eth1'))).toEqual(plain)
  })

  it('that tunnels have as their local endpoint, wherever they are, and once', () => {
    expect(sources({ addresses }, through('eth0', '192.168.1.1'))).toEqual([
      '192.168.1.1/32',
      '203.0.113.6/32',
      '203.0.113.7/32',
    ])
    const waiting = (local: string) =>
      tunnel('gw1', null, { local: { address: local as Address, port: 50000 } })
    expect(sources({ addresses }, waiting('192.0.2.9'))).toEqual(['192.0.2.9/32'])
    expect(sources({ addresses }, waiting('0.0.0.0'), waiting('::'))).toEqual([])
  })
})

describe('the table of a device', () => {
  const over = overlay(nets, gw(['0.0.0.0/0']), [site('a')])
  const [a] = over.spokes as [Node]
  const table = (live: Partial<LiveState>, taken: readonly number[] = []) =>
    desired(a, over, [], live, new Set(taken)).taken.at(-1)
  const has = (device: string, table: number, owned = true) => route('0.0.0.0/0', device, { table, owned })

  it('is the one that it has', () => {
    expect(table({ routes: [has('lvn9', 7600), has('lvn0', 7603)] })).toBe(7603)
    expect(table({ routes: [has('lvn0', 7603)] }, [7603])).toBe(7600)
  })

  it('is else the first that no other device has, here or in this plan, and no rule of others leads to', () => {
    expect(table({})).toBe(7600)
    expect(table({ routes: [has('lvn9', 7600)] }, [7601])).toBe(7602)
    expect(table({ routes: [has('eth0', 7600, false)] })).toBe(7600)
    expect(table({ ipRules: [ipRule(500, 7600)] })).toBe(7601)
    expect(table({ ipRules: [ipRule(500, 7600, { owned: true })] })).toBe(7600)
  })

  it('is refused where all are in use', () => {
    const all = Array.from({ length: 32 }, (_, i) => has(`lvn${i + 1}`, 7600 + i))
    expect(() => table({ routes: all })).toThrow(
      expect.objectContaining({
        code: 'LVN4022',
        message: 'no routing table is left for the routes of lvn0 outside its nets',
        hint: expect.stringContaining('L-VN uses 32 tables'),
        span: lineOf(20),
      }),
    )
    expect(table({ routes: all.slice(0, 31) })).toBe(7631)
  })
})

test('a prefix of another family than an endpoint’s holds it not', () => {
  const over = overlay(nets, gw(['::/0']), [site('a')])
  const [a] = over.spokes as [Node]
  expect(desired(a, over, [tunnel('gw1', '198.51.100.10')]).routes).toEqual(['unicast ::/0 lvn0 7600 1024 -'])
})

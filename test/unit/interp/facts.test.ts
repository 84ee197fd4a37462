// SPDX-License-Identifier: MIT
/** What a plan rests on: each part of a state that counts, changed alone, and what does not count. */
import { describe, expect, it } from 'vitest'
import { differingFacts, factsOf } from '../../../src/interp/facts.ts'
import { openFamily } from '../../../src/model/filter.ts'
import type { DesiredState, LiveState } from '../../../src/model/state.ts'
import {
  device,
  endpoint,
  link,
  live,
  liveDevice,
  liveIpRule,
  liveRoute,
  liveTunnel,
  route,
  rule,
  tunnel,
  us,
  wanted,
} from '../../support/states.ts'
import { at, hub, nat, overlay, spoke, topology } from '../../support/topologies.ts'

const file = topology(
  overlay(['10.64.0.0/16'], hub('gw1', ['198.51.100.10']), [
    spoke('given', at('203.0.113.1')),
    spoke('roams', nat),
  ]),
)
const desired = wanted({ routes: [route('10.64.0.0/16', 'lvn0')] })
const address = (on: string, text: string) => ({
  ...{ device: on, address: text as never, prefixLength: 24, owned: false },
})
const links = [link('lvn0', us), link('eth0'), link('eth1')]
const given = liveTunnel('given', '203.0.113.1:50000')
const roams = liveTunnel('roams', '203.0.113.9:40000')
const filter = { owner: us, policies: [], ipv4: openFamily, ipv6: openFamily, intact: true }
const before = live({
  links,
  devices: [liveDevice()],
  addresses: [address('eth0', '198.51.100.10'), address('lvn0', '10.64.0.1'), address('eth1', '192.0.2.1')],
  tunnels: [given, roams],
  rules: [rule('10.64.1.0/24', 'given')],
  filters: [{ device: 'lvn0', ...filter }],
  saved: [{ device: 'lvn0', path: 'a/b', value: '0' }],
  sysctls: [
    { path: 'net/ipv4/conf/all/forwarding', value: '1' },
    { path: 'net/ipv4/conf/eth0/forwarding', value: '1' },
    { path: 'net/ipv4/conf/eth1/forwarding', value: '1' },
  ],
  routes: [
    liveRoute('10.64.0.0/16', 'lvn0'),
    liveRoute('10.64.9.0/24', null),
    liveRoute('10.99.0.0/16', 'lvn0', { owned: false }),
    liveRoute('172.16.0.0/12', 'eth1', { owned: false }),
  ],
  ipRules: [liveIpRule(20_000, 254)],
  paths: [
    {
      remote: '203.0.113.1' as never,
      via: { interface: 'eth0', source: '198.51.100.10' as never, mtu: 1500 },
    },
  ],
})

/** Ids of what is no longer the same. */
const moved = (change: Partial<LiveState>, want: Partial<DesiredState> = {}, from: LiveState = before) => {
  const plan = { desired: { ...desired, ...want } }
  return differingFacts(factsOf(from, plan, file), factsOf({ ...from, ...change }, plan, file))
}

describe('what counts', () => {
  const one = <K extends keyof LiveState>(key: K, index: number, more: object): Partial<LiveState> => ({
    [key]: (before[key] as readonly object[]).map((each, i) => (i === index ? { ...each, ...more } : each)),
  })
  it.each<[string, Partial<LiveState>]>([
    ['interface lvn0', one('links', 0, { kind: 'bridge' })],
    ['interface lvn0', one('links', 0, { mtu: 1280 })],
    ['interface lvn0', one('links', 0, { owner: { overlay: 'mitte', node: 'gw2' } })],
    ['interface eth0', one('links', 1, { mtu: 1280 })],
    ['device lvn0', one('devices', 0, { mtu: 1280 })],
    ['device lvn0', one('devices', 0, { up: false })],
    ['device lvn0', one('devices', 0, { intact: false })],
    ['device lvn0', one('devices', 0, { capacity: 1 })],
    ['device lvn0', one('devices', 0, { destinations: ['10.0.0.0/8'] })],
    ['address eth0 198.51.100.10', one('addresses', 0, { flaw: 'deprecated' })],
    ['address lvn0 10.64.0.1', one('addresses', 1, { owned: true })],
    ['tunnel lvn0/given', one('tunnels', 0, { remote: endpoint('203.0.113.7:1') })],
    ['tunnel lvn0/given', one('tunnels', 0, { underlay: 'eth1' })],
    ['tunnel lvn0/roams', one('tunnels', 1, { keepalive: { intervalMs: 1, deadMs: 2 } })],
    ['rule lvn0 10.64.1.0/24', one('rules', 0, { tunnel: 'roams' })],
    ['filter of lvn0', one('filters', 0, { intact: false })],
    ['value of a/b kept with lvn0', one('saved', 0, { value: '1' })],
    ['sysctl net/ipv4/conf/all/forwarding', one('sysctls', 0, { value: '0' })],
    ['sysctl net/ipv4/conf/eth0/forwarding', one('sysctls', 1, { value: '0' })],
    ['route 10.64.0.0/16', one('routes', 0, { metric: 7 })],
    ['route 10.64.0.0/16', one('routes', 0, { mtu: 1300 })],
    ['route 10.64.0.0/16', one('routes', 0, { device: 'eth0' })],
    ['route 10.64.0.0/16', one('routes', 0, { owned: false })],
    ['route 10.64.0.0/16', one('routes', 0, { gateway: '10.64.0.7' })],
    ['route 10.64.0.0/16', one('routes', 0, { source: '10.64.0.7' })],
    ['route unreachable 10.64.9.0/24', one('routes', 1, { metric: 7 })],
    ['route 10.99.0.0/16', one('routes', 2, { metric: 7 })],
    ['route 10.99.0.0/16', one('routes', 2, { gateway: '10.64.0.7' })],
    ['path to 203.0.113.1', one('paths', 0, { via: null })],
  ])('%s (%#)', (id, change) => expect(moved(change)).toContain(id))

  it('what comes and what goes, by its id, in order', () => {
    expect(moved({ rules: [], ipRules: [] })).toEqual([
      'ip-rule -4 20000 lookup main',
      'rule lvn0 10.64.1.0/24',
    ])
    expect(
      moved({ rules: [...before.rules, rule('10.64.2.0/24', 'roams'), rule('10.0.0.0/8', 'x')] }),
    ).toEqual(['rule lvn0 10.0.0.0/8', 'rule lvn0 10.64.2.0/24'])
  })

  it('a gateway or a source of a route of ours that is another', () => {
    const by = (more: object) => ({ routes: [liveRoute('10.64.0.0/16', 'lvn0', more)] })
    const from = { ...before, ...by({ gateway: '10.64.0.7' }) }
    expect(moved(by({ gateway: '10.64.0.8' }), {}, from)).toEqual(['route 10.64.0.0/16'])
    expect(moved(by({ source: '10.64.0.7' }), {}, from)).toEqual(['route 10.64.0.0/16'])
  })

  it('an interface with our mark that the plane does not know', () => {
    const marked = (mtu: number) => ({ links: [...links, link('lvn9', us, { ifindex: 99, mtu })] })
    expect(moved(marked(1280), {}, { ...before, ...marked(1400) })).toEqual(['interface lvn9'])
  })

  it('two objects of one id, each of them', () => {
    const twins = [...before.routes, liveRoute('10.64.0.0/16', 'lvn0', { metric: 7 })]
    expect(moved({ routes: twins })).toEqual(['route 10.64.0.0/16'])
    const from = { ...before, routes: twins }
    const others = twins.map((each, i) => (i === 0 ? { ...each, mtu: 1300 } : each))
    expect(moved({ routes: others }, {}, from)).toEqual(['route 10.64.0.0/16'])
  })

  it('a route of others in a place that is wanted', () => {
    const there = { routes: [...before.routes, liveRoute('10.77.0.0/16', 'eth1', { owned: false })] }
    expect(moved(there)).toEqual([])
    expect(moved(there, { routes: [route('10.77.0.0/16', 'lvn0')] })).toEqual(['route 10.77.0.0/16'])
  })

  it('an interface that the plan wants by name, by a tunnel, or that a path leads over', () => {
    const mtu = { links: links.map((each) => (each.name === 'eth1' ? { ...each, mtu: 1280 } : each)) }
    const id = ['interface eth1']
    expect(moved(mtu)).toEqual([])
    expect(moved(mtu, { devices: [device({ name: 'eth1' })] })).toEqual(id)
    expect(moved(mtu, { tunnels: [tunnel('t', '203.0.113.1:1', { underlay: 'eth1' })] })).toEqual(id)
    expect(moved(mtu, { tunnels: [tunnel('t', null, { local: endpoint('192.0.2.1:1') })] })).toEqual(id)
    const over = {
      remote: '203.0.113.2' as never,
      via: { interface: 'eth1', source: '192.0.2.1' as never, mtu: 1 },
    }
    expect(moved(mtu, {}, { ...before, paths: [over] })).toEqual(id)
    const known = { ...before, devices: [...before.devices, liveDevice({ name: 'eth1' })] }
    expect(moved(mtu, {}, known)).toEqual(id)
  })
})

describe('what does not count', () => {
  it('where packets may come in, counters, and what a peer has signalled', () => {
    const learned = {
      ...roams,
      remote: endpoint('203.0.113.8:1'),
      local: endpoint('192.0.2.1:1'),
      underlay: 'eth1',
    }
    expect(
      moved({
        devices: [liveDevice({ underlays: ['eth1'], drops: { ...liveDevice().drops, malformed: 7 } })],
        tunnels: [{ ...given, counters: { ...given.counters, rxBytes: 7 } }, roams],
      }),
    ).toEqual([])
    // Its new underlay is one that counts; the tunnel is the same.
    expect(moved({ tunnels: [given, learned] })).not.toContain('tunnel lvn0/roams')
  })

  it('the order of what is told', () => {
    const turned = Object.fromEntries(
      Object.entries(before).map(([key, each]) => [key, Array.isArray(each) ? each.toReversed() : each]),
    )
    expect(moved(turned)).toEqual([])
    const keys = Object.keys(factsOf(before, { desired }, file))
    expect(keys).toEqual(keys.toSorted())
    expect(keys.length).toBeGreaterThan(12)
  })

  it('what others have elsewhere', () => {
    expect(
      moved({
        links: [...links, link('veth7')],
        addresses: [...before.addresses, address('eth1', '192.0.2.2')],
        sysctls: before.sysctls.map((each) => (each.path.includes('eth1') ? { ...each, value: '0' } : each)),
        routes: before.routes.filter(({ destination }) => destination !== '172.16.0.0/12'),
        ipRules: [...before.ipRules, liveIpRule(100, 7, { owned: false })],
      }),
    ).toEqual([])
  })

  it('a gateway of a route of others in a wanted place, which earlier versions did not note', () => {
    const there = liveRoute('10.64.0.0/16', 'eth1', { owned: false, metric: 7 })
    const from = { ...before, routes: [there] }
    expect(moved({ routes: [{ ...there, gateway: '192.0.2.7' as never }] }, {}, from)).toEqual([])
  })

  it('paths and values that only one of the two was asked for', () => {
    expect(moved({ paths: [], sysctls: [] })).toEqual([])
    expect(differingFacts({ b: '1', 'path to x': '1' }, { a: '1', 'value of sysctl x': '1' })).toEqual([
      ...['a', 'b', 'value of sysctl x'],
    ])
    expect(moved({ paths: [], sysctls: [], saved: [] })).toEqual(['value of a/b kept with lvn0'])
  })
})

it('a digest is of what is said, and stays the same from version to version', () => {
  const small = live({
    rules: [rule('10.64.1.0/24', 'given')],
    paths: [{ remote: '::1' as never, via: null }],
  })
  expect(factsOf(small, { desired }, file)).toEqual({
    'path to ::1': '1d8fc6ceb1f94c63',
    'rule lvn0 10.64.1.0/24': 'b48a3d7653882a5b',
  })
  const foreign = liveRoute('10.64.0.0/16', 'eth1', { owned: false })
  const two = live({ routes: [liveRoute('10.99.0.0/16', 'lvn0'), foreign] })
  expect(factsOf(two, { desired }, file)).toEqual({
    'route 10.64.0.0/16': '2cae6655f8256e3f',
    'route 10.99.0.0/16': '7491ceba322d9118',
  })
})

// SPDX-License-Identifier: MIT
/** Which ways into an overlay the kernel is asked about, and what is said of those that lead past it. */
import { describe, expect, it } from 'vitest'
import type { Ownership } from '../../../src/interp/scope.ts'
import { behindOf, diversionsByRule, questionsOf } from '../../../src/interp/ways.ts'
import type { Address, Prefix } from '../../../src/model/address.ts'
import type { LiveDevice, LiveIpRule, LiveRoute, Way } from '../../../src/model/state.ts'
import { address, ipRule, liveState, route } from '../../support/live-state.ts'
import { at, hub, overlay, spoke } from '../../support/topologies.ts'

describe('what is behind a device', () => {
  const gw = hub('gw1', ['198.51.100.10'], { addresses: ['10.64.0.1', 'fd42:64::1'] })
  const four = spoke('four', at('203.0.113.7'), { addresses: ['10.64.1.1'], routes: ['10.64.1.0/24'] })
  const six = spoke('six', at('203.0.113.8'), {
    addresses: ['fd42:64:0:2::1'],
    routes: ['fd42:64:0:2::/64', '10.64.1.0/24'],
  })
  const over = overlay(['10.64.0.0/16', 'fd42:64::/48'], gw, [four, six])

  it('is each address of another node, and one of each network behind it, once', () => {
    expect(behindOf(gw, over)).toEqual({
      device: 'lvn0',
      destinations: ['10.64.1.1', '10.64.1.0', 'fd42:64:0:2::1', 'fd42:64:0:2::'],
    })
  })

  it('is of the families that a spoke has; a hub passes on both', () => {
    expect(behindOf(four, over).destinations).toEqual(['10.64.0.1', '10.64.1.0'])
    const narrow = { ...gw, device: { ...gw.device, addresses: ['10.64.0.1' as Address] } }
    expect(behindOf(narrow, overlay(over.nets, narrow, [six])).destinations).toContain('fd42:64:0:2::1')
  })

  it.each([
    ['0.0.0.0/0', '128.0.0.0'],
    ['0.0.0.0/1', '64.0.0.0'],
    ['0.0.0.0/8', '0.128.0.0'],
    ['0.0.0.0/12', '0.8.0.0'],
    ['0.0.0.0/31', '0.0.0.1'],
    ['0.0.0.0/32', '0.0.0.0'],
    ['128.0.0.0/1', '128.0.0.0'],
    ['0.1.0.0/16', '0.1.0.0'],
    ['198.18.0.0/15', '198.18.0.0'],
    ['::/0', '8000::'],
    ['::/64', '::8000:0:0:0'],
    ['::/128', '::'],
    ['2000::/3', '2000::'],
  ])('of %s is asked for by %s, which the kernel does not take for the host itself', (network, asked) => {
    const exit = spoke('exit', at('203.0.113.9'), { routes: [network] })
    expect(behindOf(gw, overlay(over.nets, gw, [exit])).destinations).toEqual([asked])
  })
})

describe('the kernel is asked', () => {
  const behind = [{ device: 'lvn0', destinations: ['10.64.1.1', 'fd42:64:0:2::1'] as Address[] }]
  const device = { name: 'lvn0' } as LiveDevice
  const asked = (rules: readonly LiveIpRule[], parts: Parameters<typeof liveState>[0] = {}) => {
    const live = liveState({ devices: [device], ipRules: rules, ...parts })
    return questionsOf(behind, live, live).map(({ destination }) => destination)
  }

  it('about the families that others have rules for', () => {
    expect(asked([ipRule(500, 100)])).toEqual(['10.64.1.1'])
    expect(asked([ipRule(500, 100, { family: 6 })])).toEqual(['fd42:64:0:2::1'])
    expect(asked([ipRule(500, 100), ipRule(500, 100, { family: 6 })])).toEqual([
      '10.64.1.1',
      'fd42:64:0:2::1',
    ])
  })

  it('nothing where there are only rules of ours, and those that every host has', () => {
    const fromTheStart = [ipRule(0, 255), ipRule(32766, 254), ipRule(32767, 253)]
    expect(asked(fromTheStart)).toEqual([])
    expect(asked([ipRule(500, 100, { owned: true })])).toEqual([])
    expect(asked([ipRule(0, 100)])).toEqual(['10.64.1.1'])
    expect(asked([ipRule(32765, 254)])).toEqual(['10.64.1.1'])
  })

  it('once the device is there', () => {
    expect(asked([ipRule(500, 100)], { devices: [] })).toEqual([])
  })

  it('as from the first address of the device in the family, or from whatever it would choose', () => {
    const addresses = [
      address('eth0', '198.51.100.10'),
      address('lvn0', 'fd42:64::1'),
      address('lvn0', '10.64.0.1'),
      address('lvn0', '10.64.0.2'),
    ]
    const rules = [ipRule(500, 100), ipRule(500, 100, { family: 6 })]
    const sources = (of: typeof addresses) => {
      const live = liveState({ devices: [device], ipRules: rules, addresses: of })
      return questionsOf(behind, live, live)
    }
    expect(sources(addresses)).toEqual([
      { device: 'lvn0', destination: '10.64.1.1', source: '10.64.0.1' },
      { device: 'lvn0', destination: 'fd42:64:0:2::1', source: 'fd42:64::1' },
    ])
    expect(sources(addresses.slice(0, 2)).map(({ source }) => source)).toEqual([null, 'fd42:64::1'])
  })
})

describe('an answer that leads past the device', () => {
  const owners: Ownership = {
    ours: new Map([['lvn0', { overlay: 'mitte', node: 'gw1' }]]),
    others: new Map(),
    byHand: new Set(),
  }
  const way = (destination: string, more: Partial<Way> = {}): Way => ({
    question: { device: 'lvn0', destination: destination as Address, source: '10.64.0.1' as Address },
    ...{ device: 'eth0', type: 'unicast', table: 100, route: '10.64.0.0/16' as Prefix },
    ...more,
  })
  const refused = (destination: string, type: Way['type'] = 'unreachable') =>
    way(destination, { device: null, type, table: null, route: null })
  const ours = route('10.64.0.0/16', 'lvn0', { owned: true })
  const told = (ways: readonly Way[], ipRules: LiveIpRule[] = [], routes: LiveRoute[] = [ours]) =>
    diversionsByRule(liveState({ ways, ipRules, routes }), owners)

  it('is told with its route, its table and the rule that asks it', () => {
    expect(told([way('10.64.1.1')], [ipRule(500, 100)])).toEqual([
      {
        id: 'route 10.64.0.0/16 of table 100 (ip rule 500)',
        note: 'leads to eth0 what the overlay has behind lvn0: 10.64.1.1',
      },
    ])
    const several = [ipRule(400, 99), ipRule(500, 100), ipRule(600, 101)]
    expect(told([way('10.64.1.1')], several)[0]?.id).toBe('route 10.64.0.0/16 of table 100 (ip rule 500)')
    expect(told([way('10.64.1.1')])[0]?.id).toBe('route 10.64.0.0/16 of table 100')
    expect(told([way('10.64.1.1', { route: null })])[0]?.id).toBe('a route of table 100')
    expect(diversionsByRule(liveState(), owners)).toEqual([])
  })

  it('is none where it leads into the device, or is about a device that is not ours', () => {
    expect(told([way('10.64.1.1', { device: 'lvn0' })])).toEqual([])
    const question = { ...way('10.64.1.1').question, device: 'lvn9' }
    expect(told([way('10.64.1.1', { question })])).toEqual([])
  })

  it('is not told twice: what a route of the main table, or one in a table of ours, does is told of the route', () => {
    expect(told([way('10.64.1.1', { table: 254 })])).toEqual([])
    const theirs = (more: Partial<LiveRoute>) => [ours, route('10.64.1.0/24', 'eth0', more)]
    const astray = [way('10.64.1.1', { table: 7600, route: '10.64.1.0/24' as Prefix })]
    expect(told(astray, [], theirs({ table: 7600 }))).toEqual([])
    expect(told(astray, [], theirs({ table: 7600, owned: true }))).toHaveLength(1)
    expect(told(astray, [], theirs({ table: 7601 }))).toHaveLength(1)
    expect(told(astray, [], [ours, route('10.64.2.0/24', 'eth0', { table: 7600 })])).toHaveLength(1)
    const unnamed = [way('10.64.1.1', { table: null, route: '10.64.1.0/24' as Prefix })]
    expect(told(unnamed, [], theirs({}))).toHaveLength(1)
  })

  it('that goes nowhere is not told either where a route of others in the nets says so', () => {
    const drop = (destination: string, more: Partial<LiveRoute> = {}) => [
      ours,
      route(destination, null, more),
    ]
    expect(told([refused('10.64.1.1')], [], drop('10.64.1.0/24'))).toEqual([])
    expect(told([refused('10.64.1.1')], [], drop('10.64.2.0/24'))).toHaveLength(1)
    expect(told([refused('10.64.1.1')], [], drop('10.0.0.0/8'))).toHaveLength(1)
    expect(told([refused('10.64.1.1')], [], drop('10.64.1.0/24', { owned: true }))).toHaveLength(1)
    expect(told([refused('10.64.1.1')], [], [ours, route('10.64.1.0/24', 'eth0')])).toHaveLength(1)
    // Only what is ours, and leads into our device, says what is in the nets.
    for (const net of [
      route('10.64.0.0/16', 'lvn0'),
      route('10.64.0.0/16', 'lvn9', { owned: true }),
      route('10.64.0.0/16', null, { owned: true }),
    ])
      expect(told([refused('10.64.1.1')], [], [net, route('10.64.1.0/24', null)])).toHaveLength(1)
    // A table that is named is another one than the main table.
    expect(told([way('10.64.1.1', { device: null })], [], drop('10.64.1.0/24'))).toHaveLength(1)
  })

  it('is told once for all that it holds for, by name up to three', () => {
    const ways = [1, 2, 3, 4, 5].map((n) => way(`10.64.${n}.1`))
    const note = (count: number) => told(ways.slice(0, count)).map((each) => each.note)
    const start = 'leads to eth0 what the overlay has behind lvn0: 10.64.1.1, 10.64.2.1, 10.64.3.1'
    expect(note(3)).toEqual([start])
    expect(note(5)).toEqual([`${start} and 2 more`])
    const apart: Partial<Way>[] = [
      {},
      { device: 'eth1' },
      { table: 101 },
      { route: '10.0.0.0/8' as Prefix },
      { device: null, type: 'blackhole' },
      { device: null, type: 'prohibit' },
    ]
    expect(told(apart.map((more, n) => way(`10.64.${n}.1`, more)))).toHaveLength(apart.length)
  })

  it('that goes nowhere is told with the rule that drops, else with the only table that can', () => {
    const id = (...rules: LiveIpRule[]) => told([refused('10.64.1.1')], rules).map((each) => each.id)
    expect(told([refused('10.64.1.1', 'blackhole')])[0]?.note).toBe(
      'leads nowhere (blackhole) what the overlay has behind lvn0: 10.64.1.1',
    )
    expect(id(ipRule(500, 100), ipRule(600, 0, { action: 'unreachable' }))).toEqual(['ip rule 600'])
    expect(id(ipRule(600, 0, { action: 'blackhole' }), ipRule(500, 100))).toEqual(['table 100 (ip rule 500)'])
    const unclear = 'a rule or a route of another table'
    expect(id(ipRule(500, 100), ipRule(600, 101))).toEqual([unclear])
    expect(id()).toEqual([unclear])
    expect(id(ipRule(32766, 254), ipRule(500, 100, { owned: true }))).toEqual([unclear])
  })

  it.each<[matches: boolean, what: string, rule: Partial<LiveIpRule>]>([
    [true, 'every packet', {}],
    [true, 'what goes there', { to: '10.64.1.0/24' as Prefix }],
    [false, 'what goes elsewhere', { to: '10.64.2.0/24' as Prefix }],
    [true, 'what comes from there', { from: '10.64.0.0/24' as Prefix }],
    [false, 'what comes from elsewhere', { from: '10.64.2.0/24' as Prefix }],
    [true, 'what the host itself sends', { iif: 'lo' }],
    [false, 'what comes in by an interface', { iif: 'eth1' }],
    [false, 'IPv6', { family: 6 }],
    [false, 'what does not match', { inverted: true }],
  ])('is the doing of a rule (%s) for %s', (matches, _, rule) => {
    const [found] = told([way('10.64.1.1')], [ipRule(500, 100, rule)])
    expect(found?.id.endsWith('(ip rule 500)')).toBe(matches)
  })

  it('is not the doing of a rule for some sources where the source is not known', () => {
    const question = { ...way('10.64.1.1').question, source: null }
    const from = ipRule(500, 100, { from: '0.0.0.0/0' as Prefix })
    expect(told([way('10.64.1.1', { question })], [from])[0]?.id).not.toContain('ip rule')
    expect(told([way('10.64.1.1', { question })], [ipRule(500, 100)])[0]?.id).toContain('ip rule')
  })
})

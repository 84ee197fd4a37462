// SPDX-License-Identifier: MIT
/** The order of a plan: what has to be there before what, and what goes when. */
import { describe, expect, it } from 'vitest'
import { diff } from '../../../src/interp/3-diff.ts'
import { plan } from '../../../src/interp/4-plan.ts'
import { openFamily } from '../../../src/model/filter.ts'
import type { DesiredState, LiveState } from '../../../src/model/state.ts'
import {
  device,
  ipRule,
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

const there = { links: [link('lvn0', us), link('eth0')], devices: [liveDevice()] }
/** `add tunnel lvn0/s`, with the sysctls of a kernel that has all that is wanted. */
function order(state: Partial<LiveState>, desired: Partial<DesiredState>): string[] {
  const from = live(state)
  const want = wanted(desired)
  const steps = plan(from, { desired: want, spans: new Map() }, diff(from, want, { owners: [us], nets: [] }))
  return steps.map(({ change: { op, id } }) => `${op} ${id}`)
}

/** Kinds of what the kernel is asked for, in order. */
const kindsOf = (state: LiveState, want: DesiredState) =>
  plan(state, { desired: want, spans: new Map() }, diff(state, want, { owners: [us], nets: [] })).map(
    ({ operations }) => operations.at(-1)?.operation.kind,
  )

const filter = { device: 'lvn0', owner: us, policies: ['deny a -> b'], ipv4: openFamily, ipv6: openFamily }
const path = 'net/ipv4/conf/eth0/send_redirects'
const six = 'net/ipv6/conf/all/forwarding'
const ra = 'net/ipv6/conf/eth0/accept_ra'
const own6 = 'net/ipv6/conf/lvn0/disable_ipv6'
const sysctl = (of: string, value: string) => ({ path: of, value, device: 'lvn0' })
const all: DesiredState = {
  devices: [device()],
  addresses: [{ device: 'lvn0', address: '10.64.0.1' as never }],
  tunnels: [tunnel('s', '203.0.113.1:1')],
  rules: [rule('10.64.1.0/24', 's')],
  sysctls: [sysctl(path, '0'), sysctl(own6, '0')],
  routes: [
    route('198.18.0.0/15', 'lvn0', { table: 7600 }),
    route('203.0.113.1/32', null, { table: 7600, type: 'throw' }),
  ],
  ipRules: [ipRule(26_759, 7600), ipRule(26_758, 254), ipRule(20_000, 254)],
  filters: [filter],
}
/** As if all of it were there. */
const whole = {
  ...there,
  addresses: [{ device: 'lvn0', address: '10.64.0.1' as never, prefixLength: 32, owned: true }],
  tunnels: [liveTunnel('s', '203.0.113.1:1')],
  rules: all.rules,
  filters: [{ ...filter, intact: true }],
  routes: [
    liveRoute('198.18.0.0/15', 'lvn0', { table: 7600 }),
    liveRoute('203.0.113.1/32', null, { table: 7600, type: 'throw' }),
  ],
  ipRules: [liveIpRule(26_758, 254), liveIpRule(26_759, 7600), liveIpRule(20_000, 254)],
  saved: [{ device: 'lvn0', path, value: '1' }],
  sysctls: [
    { path, value: '0' },
    { path: own6, value: '0' },
  ],
}

const built = [
  'add filter lvn0',
  'add route throw 203.0.113.1/32 table 7600',
  'add ip-rule -4 20000 lookup main',
  'add device lvn0',
  `add sysctl ${own6}`,
  'add address lvn0 10.64.0.1',
  'add tunnel lvn0/s',
  'add rule lvn0 10.64.1.0/24',
  `change sysctl ${path}`,
  'add route 198.18.0.0/15 table 7600',
  'add ip-rule -4 26758 lookup main',
  'add ip-rule -4 26759 lookup 7600',
]

describe('a plan', () => {
  it('builds from what keeps packets out to what leads them in', () => {
    const sysctls = [{ path, value: '1' }]
    expect(order({ links: [link('eth0')], sysctls }, all)).toEqual(built)
    expect(kindsOf(live({ links: [link('eth0')], sysctls }), all)).toEqual(
      built.map((step) => step.split(' ')[1]),
    )
  })

  it('takes a device away the other way round', () => {
    expect(order(whole, {})).toEqual([
      'remove ip-rule -4 26759 lookup 7600',
      'remove ip-rule -4 26758 lookup main',
      'remove route 198.18.0.0/15 table 7600',
      `remove sysctl ${path}`,
      'remove rule lvn0 10.64.1.0/24',
      'remove tunnel lvn0/s',
      'remove address lvn0 10.64.0.1',
      'remove device lvn0',
      'remove ip-rule -4 20000 lookup main',
      'remove route throw 203.0.113.1/32 table 7600',
      'remove filter lvn0',
    ])
  })

  it('has one of another mode go as a whole before it is built', () => {
    const steps = order({ ...whole, devices: [liveDevice({ mode: 'fixed' })] }, all)
    const gone = steps.indexOf('remove device lvn0')
    expect(steps.slice(0, gone).every((step) => step.startsWith('remove '))).toBe(true)
    expect(steps.indexOf('add device lvn0')).toBeGreaterThan(gone)
  })

  it('of a device that stays adds first; then goes what is wanted no more', () => {
    expect(order({ ...whole, sysctls: [...whole.sysctls] }, { devices: [device()] })).toEqual([
      `remove sysctl ${path}`,
      'remove ip-rule -4 26759 lookup 7600',
      'remove ip-rule -4 26758 lookup main',
      'remove route 198.18.0.0/15 table 7600',
      'remove rule lvn0 10.64.1.0/24',
      'remove tunnel lvn0/s',
      'remove address lvn0 10.64.0.1',
      'remove ip-rule -4 20000 lookup main',
      'remove route throw 203.0.113.1/32 table 7600',
      'remove filter lvn0',
    ])
    const moved = {
      devices: [device()],
      tunnels: [tunnel('t', '203.0.113.9:1')],
      rules: [rule('10.64.2.0/24', 't')],
    }
    expect(order({ ...there, tunnels: whole.tunnels, rules: whole.rules }, moved)).toEqual([
      ...['add tunnel lvn0/t', 'add rule lvn0 10.64.2.0/24'],
      ...['remove rule lvn0 10.64.1.0/24', 'remove tunnel lvn0/s'],
    ])
  })

  it('has what is of no device go with the first where a device goes', () => {
    const two = {
      ...whole,
      links: [...there.links, link('lvn1', us)],
      devices: [liveDevice(), liveDevice({ name: 'lvn1' })],
      saved: [],
      filters: [],
      sysctls: [],
      routes: [liveRoute('10.64.9.0/24', null), liveRoute('10.64.0.0/16', 'lvn1')],
      ipRules: [],
    }
    const keeps = { devices: [device({ name: 'lvn1' })], tunnels: [tunnel('n', null, { device: 'lvn1' })] }
    expect(order(two, keeps)).toEqual([
      'remove route unreachable 10.64.9.0/24',
      'remove rule lvn0 10.64.1.0/24',
      'remove tunnel lvn0/s',
      'remove address lvn0 10.64.0.1',
      'remove device lvn0',
      'add tunnel lvn1/n',
      'remove route 10.64.0.0/16',
    ])
  })
})

describe('a filter', () => {
  const other = { ...filter, policies: [] }
  const change = (rules: DesiredState['rules']) =>
    order(
      {
        ...there,
        tunnels: [liveTunnel('s', null)],
        rules: whole.rules,
        filters: [{ ...filter, intact: true }],
      },
      { devices: [device()], tunnels: [tunnel('s', null), tunnel('t', null)], rules, filters: [other] },
    ).filter((step) => !step.includes('tunnel'))

  it('is changed before rules come or change', () => {
    const [is, more] = [rule('10.64.1.0/24', 's'), rule('10.64.2.0/24', 's')]
    expect(change([is, more])).toEqual(['change filter lvn0', 'add rule lvn0 10.64.2.0/24'])
    expect(change([rule('10.64.1.0/24', 't')])).toEqual([
      'change filter lvn0',
      'change rule lvn0 10.64.1.0/24',
    ])
    expect(change([more])).toEqual([
      ...['change filter lvn0', 'add rule lvn0 10.64.2.0/24', 'remove rule lvn0 10.64.1.0/24'],
    ])
  })

  it('is changed after rules have gone, where they only go', () => {
    expect(change([])).toEqual(['remove rule lvn0 10.64.1.0/24', 'change filter lvn0'])
  })

  it('that is new comes first, and so do tunnels that change, also where rules only go', () => {
    const state = { ...there, tunnels: [liveTunnel('s', null)], rules: whole.rules }
    const slow = tunnel('s', null, { keepalive: { intervalMs: 1, deadMs: 2 } })
    expect(order(state, { devices: [device()], tunnels: [slow], filters: [filter] })).toEqual([
      ...['add filter lvn0', 'change tunnel lvn0/s', 'remove rule lvn0 10.64.1.0/24'],
    ])
  })

  it('is changed at once where no rule goes, or those of another device do', () => {
    const state = { ...there, tunnels: [liveTunnel('s', null)], filters: [{ ...filter, intact: true }] }
    const want = { devices: [device()], tunnels: [tunnel('s', null)], filters: [other] }
    const goes = { tunnels: [...state.tunnels, liveTunnel('t', null)] }
    expect(order({ ...state, ...goes }, want)).toEqual(['change filter lvn0', 'remove tunnel lvn0/t'])
    const two = {
      ...state,
      links: [...there.links, link('lvn1', us)],
      devices: [liveDevice(), liveDevice({ name: 'lvn1' })],
      tunnels: [...state.tunnels, liveTunnel('s', null, { device: 'lvn1' })],
      rules: [rule('10.65.1.0/24', 's', 'lvn1')],
    }
    const both = {
      ...want,
      devices: [device(), device({ name: 'lvn1' })],
      tunnels: [...want.tunnels, tunnel('s', null, { device: 'lvn1' })],
    }
    expect(order(two, both)).toEqual(['change filter lvn0', 'remove rule lvn1 10.65.1.0/24'])
  })
})

describe('values', () => {
  const two = 'net/ipv4/conf/all/send_redirects'
  const now = (...list: [string, string][]) => list.map(([of, value]) => ({ path: of, value }))

  it('are put back before others are set', () => {
    const state = {
      ...there,
      saved: [{ device: 'lvn0', path: two, value: '1' }],
      sysctls: now([two, '0'], [path, '1'], ['net/core/a', '1']),
    }
    const want = { devices: [device()], sysctls: [sysctl(path, '0'), sysctl('net/core/a', '0')] }
    expect(order(state, want)).toEqual([
      ...[`remove sysctl ${two}`, `change sysctl ${path}`, 'change sysctl net/core/a'],
    ])
  })

  it('of router advertisements are set before forwarding is', () => {
    const state = { ...there, sysctls: now([six, '0'], [ra, '1'], ['net/ipv6/conf/default/forwarding', '0']) }
    const want = { devices: [device()], sysctls: [sysctl(six, '1'), sysctl(ra, '2')] }
    expect(order(state, want)).toEqual([`change sysctl ${ra}`, `change sysctl ${six}`])
  })

  it('of router advertisements are put back after forwarding is, or where others are set', () => {
    const saved = [
      { device: 'lvn0', path: ra, value: '1' },
      { device: 'lvn0', path: six, value: '0' },
    ]
    const state = { ...there, saved, sysctls: now([six, '1'], [ra, '2']) }
    expect(order(state, { devices: [device()] })).toEqual([`remove sysctl ${six}`, `remove sysctl ${ra}`])
    const off = { ...there, sysctls: now([path, '1'], [ra, '2']) }
    const want = { devices: [device()], sysctls: [sysctl(ra, '0'), sysctl(path, '0')] }
    expect(order(off, want)).toEqual([`change sysctl ${path}`, `change sysctl ${ra}`])
  })

  it('that give a device IPv6 are written before it gets an address, those of others with the rest', () => {
    const elsewhere = 'net/ipv6/conf/eth0/forwarding'
    const state = { ...there, sysctls: now([own6, '1'], [elsewhere, '0']) }
    const want = {
      devices: [device()],
      addresses: [{ device: 'lvn0', address: 'fd42::1' as never }],
      tunnels: [tunnel('s', null)],
      sysctls: [sysctl(elsewhere, '1'), sysctl(own6, '0')],
    }
    expect(order(state, want)).toEqual([
      ...[`change sysctl ${own6}`, 'add address lvn0 fd42::1', 'add tunnel lvn0/s'],
      `change sysctl ${elsewhere}`,
    ])
  })
})

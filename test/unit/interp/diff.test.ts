// SPDX-License-Identifier: MIT
/** Live against desired, object by object: what is a change, what is refused, and whose it is. */
import { describe, expect, it, test } from 'vitest'
import type { LvnError } from '../../../src/diag/error.ts'
import { diff } from '../../../src/interp/3-diff.ts'
import type { Change } from '../../../src/interp/types.ts'
import { openFamily } from '../../../src/model/filter.ts'
import type { DesiredState, LiveState } from '../../../src/model/state.ts'
import {
  device,
  endpoint,
  ipRule,
  link,
  live,
  liveDevice,
  liveIpRule,
  liveRoute,
  liveTunnel,
  others,
  route,
  rule,
  tunnel,
  us,
  wanted,
} from '../../support/states.ts'
import { lineOf } from '../../support/topologies.ts'

const scope = { owners: [us], nets: ['10.64.0.0/16', 'fd42:64::/48'] as never[] }
const ours = { links: [link('lvn0', us), link('eth0')], devices: [liveDevice()] }
const both = {
  links: [...ours.links, link('lvn5', others)],
  devices: [...ours.devices, liveDevice({ name: 'lvn5', owner: others })],
}
const textOf = ({ op, id, fields }: Change) => [op, id, ...fields].join(' ')

/** Our device is there, and wanted. */
function changes(state: Partial<LiveState>, desired: Partial<DesiredState> = {}): string[] {
  const want = wanted({ devices: [device()], ...desired })
  return diff(live({ ...ours, ...state }), want, scope).changes.map(textOf)
}

function refusal(state: Partial<LiveState>, desired: Partial<DesiredState>, id: string): LvnError {
  const want = wanted({ devices: [device()], ...desired })
  const spans = new Map([[id, lineOf(7)]])
  try {
    diff(live({ ...ours, ...state }), want, scope, spans)
  } catch (error) {
    expect((error as LvnError).span).toBe(spans.get(id))
    return error as LvnError
  }
  throw new Error('was not refused')
}

describe('a device', () => {
  it('that is there and as wanted does not change; where it is not, it is added', () => {
    expect(changes({})).toEqual([])
    expect(changes({ links: [], devices: [] })).toEqual(['add device lvn0'])
  })

  it.each<[string, object]>([
    ['overlay', { owner: { ...us, overlay: 'old' } }],
    ['node', { owner: { ...us, node: 'old' } }],
    ['mtu', { mtu: 1300 }],
    ['underlays', { underlays: ['eth1'] }],
    ['destinations', { destinations: ['10.0.0.0/8'] }],
    ['up', { up: false }],
    ['intact', { intact: false }],
    ['intact', { intact: false, destinations: ['10.0.0.0/8'] }],
    ['underlays', { underlays: ['eth', '0'] }],
    [
      'first',
      { ahead: [true, false].map((stays) => ({ interface: 'eth0', side: 'ingress', who: 'x', stays })) },
    ],
  ])('is changed in place in its %s (%#)', (field, more) => {
    const former = { owners: [us, (more as { owner?: typeof us }).owner ?? us], nets: [] }
    const state = live({ ...ours, devices: [liveDevice(more)] })
    const found = diff(state, wanted({ devices: [device()] }), former).changes
    expect(found.map(textOf)).toEqual([`change device lvn0 ${field}`])
    expect(found[0]).toMatchObject({ before: { name: 'lvn0' }, after: device() })
    expect(found[0]?.before).not.toHaveProperty('capacity')
  })

  it('is not, where a program that has to stay before it is all', () => {
    const ahead = [{ interface: 'eth0', side: 'ingress' as const, who: 'x', stays: true }]
    expect(changes({ devices: [liveDevice({ ahead })] })).toEqual([])
  })

  it.each<[string, Partial<LiveState>]>([
    ['of another mode', { devices: [liveDevice({ mode: 'fixed' })] }],
    ['that the plane does not know', { devices: [] }],
    ['without its interface', { links: [] }],
  ])('%s is made anew, with all that was on it', (_, state) => {
    expect(changes(state)).toEqual(['remove device lvn0', 'add device lvn0'])
  })

  it('that the plane does not know was none by its underlays', () => {
    const { changes: found } = diff(live({ ...ours, devices: [] }), wanted({ devices: [device()] }), scope)
    expect(found[0]?.before).toEqual(device({ underlays: [] }))
  })

  it('that is wanted no more goes, also where only its interface is left', () => {
    expect(changes({}, { devices: [] })).toEqual(['remove device lvn0'])
    const left = diff(live({ links: [link('lvn0', us, { mtu: 1234 })] }), wanted(), scope).changes
    expect(left.map(textOf)).toEqual(['remove device lvn0'])
    expect(left[0]?.before).toEqual(device({ mtu: 1234, underlays: [] }))
    expect(changes({ ...both, links: [] }, { devices: [] })).toEqual(['remove device lvn0'])
    const gone = diff(live({ devices: [liveDevice()] }), wanted(), scope).changes
    expect(gone[0]?.before).toEqual(device())
  })

  it('keeps its name where another has it', () => {
    const taken = (owner: Parameters<typeof link>[1]) =>
      refusal({ links: [link('lvn0', owner)], devices: [] }, {}, 'device lvn0').message
    expect(taken(null)).toContain('a foreign device (kind veth)')
    expect(taken(others)).toContain('belongs to city/hub')
    expect(taken({ overlay: '+', node: 'hand' })).toContain('made by hand')
  })
})

describe('a tunnel or a rule', () => {
  const there = { tunnels: [liveTunnel('s1', '203.0.113.1:1')], rules: [rule('10.64.1.0/24', 's1')] }
  const want = { tunnels: [tunnel('s1', '203.0.113.1:1')], rules: [rule('10.64.1.0/24', 's1')] }

  it.each<[string, object]>([
    ['local', { local: endpoint('192.0.2.1:7') }],
    ['remote', { remote: endpoint('203.0.113.1:2') }],
    ['remote', { remote: null }],
    ['underlay', { underlay: 'eth7' }],
    ['keepalive', { keepalive: { intervalMs: 1, deadMs: 90_000 } }],
    ['keepalive', { keepalive: { intervalMs: 20_000, deadMs: 1 } }],
    ['onDead', { onDead: 'remove' }],
  ])('is changed in its %s (%#)', (field, more) => {
    expect(changes(there, { ...want, tunnels: [tunnel('s1', '203.0.113.1:1', more)] })).toEqual([
      `change tunnel lvn0/s1 ${field}`,
    ])
  })

  it('is the same where only what the plane adds differs', () => {
    const kept = [liveTunnel('s1', '203.0.113.1:1', { onDead: 'keep' })]
    expect(changes({ ...there, tunnels: kept }, want)).toEqual([])
    expect(changes(there, { ...want, tunnels: [tunnel('s1', '203.0.113.1:1', { onDead: 'keep' })] })).toEqual(
      [],
    )
  })

  it('comes and goes by its name and prefix', () => {
    expect(changes({}, want)).toEqual(['add tunnel lvn0/s1', 'add rule lvn0 10.64.1.0/24'])
    expect(changes(there)).toEqual(['remove tunnel lvn0/s1', 'remove rule lvn0 10.64.1.0/24'])
    expect(changes(there, { ...want, rules: [rule('10.64.1.0/24', 's2')] })).toEqual([
      'change rule lvn0 10.64.1.0/24 tunnel',
    ])
  })

  it('of a device that is made anew goes with it and comes again', () => {
    expect(changes({ ...there, devices: [liveDevice({ mode: 'fixed' })] }, want)).toEqual([
      ...['remove device lvn0', 'add device lvn0', 'add tunnel lvn0/s1', 'remove tunnel lvn0/s1'],
      ...['add rule lvn0 10.64.1.0/24', 'remove rule lvn0 10.64.1.0/24'],
    ])
  })

  it('of another overlay is not ours', () => {
    const theirs = {
      tunnels: [liveTunnel('t', null, { device: 'lvn5' })],
      rules: [rule('10.0.0.0/8', 't', 'lvn5')],
    }
    expect(changes({ ...both, ...theirs })).toEqual([])
  })
})

describe('an address', () => {
  const address = (on: string, text: string, owned: boolean) => ({
    ...{ device: on, address: text as never, prefixLength: 32, owned },
  })
  const want = { addresses: [{ device: 'lvn0', address: '10.64.0.1' as never }] }

  it('is added where nobody has set it, and taken away where it is ours alone', () => {
    expect(changes({}, want)).toEqual(['add address lvn0 10.64.0.1'])
    expect(changes({ addresses: [address('lvn0', '10.64.0.1', false)] }, want)).toEqual([])
    expect(changes({ addresses: [address('eth0', '10.64.0.1', true)] }, want)).toEqual([
      'add address lvn0 10.64.0.1',
    ])
    const some = [address('lvn0', '10.64.0.1', true), address('lvn0', '10.64.0.2', true)]
    expect(changes({ addresses: some }, want)).toEqual(['remove address lvn0 10.64.0.2'])
    expect(changes({ addresses: [address('lvn0', '10.64.0.2', false)] })).toEqual([])
    expect(changes({ ...both, addresses: [address('lvn5', '10.64.0.2', true)] })).toEqual([])
  })

  it('goes with a device that is made anew, and comes again', () => {
    const state = {
      addresses: [address('lvn0', '10.64.0.1', true)],
      devices: [liveDevice({ mode: 'fixed' })],
    }
    expect(changes(state, want).filter((text) => text.includes('address'))).toEqual([
      'add address lvn0 10.64.0.1',
      'remove address lvn0 10.64.0.1',
    ])
  })
})

describe('a value', () => {
  const path = 'net/ipv4/conf/eth0/send_redirects'
  const own = 'net/ipv4/conf/lvn0/forwarding'
  const sysctl = (of: string, value: string) => ({ path: of, value, device: 'lvn0' })
  const now = (of: string, value: string) => ({ sysctls: [{ path: of, value }] })

  it('is changed where it is another, once', () => {
    const twice = { sysctls: [sysctl(path, '0'), sysctl(path, '1')] }
    expect(changes(now(path, '0'), twice)).toEqual([])
    expect(changes(now(path, '1'), twice)).toEqual([`change sysctl ${path} value`])
    const { changes: found } = diff(
      live({ ...ours, ...now(path, '1') }),
      wanted({ ...twice, devices: [device()] }),
      scope,
    )
    expect(found[0]).toMatchObject({ before: sysctl(path, '1'), after: sysctl(path, '0') })
  })

  it('that the kernel does not have is refused', () => {
    const want = { sysctls: [sysctl('net/ipv6/conf/all/forwarding', '1')] }
    const refused = refusal({}, want, 'sysctl net/ipv6/conf/all/forwarding')
    expect([refused.code, refused.message]).toEqual([
      'LVN4006',
      'this kernel has no net/ipv6/conf/all/forwarding',
    ])
  })

  it('of a device that is to come is set once it is there', () => {
    const want = { sysctls: [sysctl(own, '1')] }
    expect(changes({ links: [], devices: [] }, want)).toEqual(['add device lvn0', `add sysctl ${own}`])
    expect(changes({ ...now(own, '1'), devices: [liveDevice({ mode: 'fixed' })] }, want)).toContain(
      `add sysctl ${own}`,
    )
    expect(changes(now(own, '1'), want)).toEqual([])
  })

  it('that is wanted no more is put back, from what it is now', () => {
    const saved = [{ device: 'lvn0', path, value: '1' }]
    const state = live({ ...ours, saved, ...now(path, '0') })
    const { changes: found } = diff(state, wanted({ devices: [device()] }), scope)
    expect(found.map(textOf)).toEqual([`remove sysctl ${path}`])
    expect(found[0]?.before).toEqual({ path, value: '0', device: 'lvn0' })
    const unknown = diff({ ...state, sysctls: [] }, wanted({ devices: [device()] }), scope)
    expect(unknown.changes[0]?.before).toEqual({ path, value: '1', device: 'lvn0' })
  })

  it('of an interface that has gone is forgotten along with other changes, and is none by itself', () => {
    const saved = [{ device: 'lvn0', path: 'net/ipv4/conf/usb0/send_redirects', value: '1' }]
    expect(changes({ saved })).toEqual([])
    expect(changes({ saved, tunnels: [liveTunnel('s', null)] })).toEqual([
      'remove tunnel lvn0/s',
      'remove sysctl net/ipv4/conf/usb0/send_redirects',
    ])
    expect(changes({ saved: [{ device: 'lvn0', path: 'net/core/x', value: '1' }] })).toHaveLength(1)
  })
})

describe('a filter', () => {
  const spec = { device: 'lvn0', owner: us, policies: ['deny a -> b'], ipv4: openFamily, ipv6: openFamily }
  const filter = (more: object = {}) => ({ ...spec, intact: true, ...more })
  const closed = { sources: [], lists: [{ targets: [], otherwise: 'deny' as const }] }

  it('comes, stays and goes', () => {
    expect(changes({}, { filters: [spec] })).toEqual(['add filter lvn0'])
    expect(changes({ filters: [filter()] }, { filters: [spec] })).toEqual([])
    expect(changes({ filters: [filter()] })).toEqual(['remove filter lvn0'])
    expect(changes({ filters: [filter({ device: 'lvn9' })] })).toEqual(['remove filter lvn9'])
    expect(changes({ filters: [filter({ owner: others }), filter({ device: 'x', owner: null })] })).toEqual(
      [],
    )
  })

  it.each<[string, object]>([
    ['policies', { policies: [] }],
    ['ipv4', { ipv4: closed }],
    ['ipv6', { ipv6: closed }],
    ['intact', { intact: false }],
  ])('is changed in its %s', (field, more) => {
    expect(changes({ filters: [filter(more)] }, { filters: [spec] })).toEqual([`change filter lvn0 ${field}`])
  })

  it('passes from a former owner', () => {
    const former = { overlay: 'mitte', node: 'old' }
    const state = live({ ...ours, filters: [filter({ owner: former })] })
    const want = wanted({ devices: [device()], filters: [spec] })
    const { changes: found } = diff(state, want, { owners: [us, former], nets: [] })
    expect(found.map(textOf)).toEqual(['change filter lvn0 owner'])
  })

  it('whose table another has is refused', () => {
    const taken = (owner: typeof us | null) =>
      refusal({ filters: [filter({ owner })] }, { filters: [spec] }, 'filter lvn0')
    expect([taken(null).code, taken(null).message]).toEqual([
      'LVN5201',
      'the policies cannot be enforced: the nftables table lvn_lvn0 is not ours',
    ])
    expect(taken(others).message).toContain('table lvn_lvn0 belongs to city/hub')
  })
})

describe('a route', () => {
  const net = route('10.64.0.0/16', 'lvn0')
  const there = (...[to, more]: [string | null, Parameters<typeof liveRoute>[2]?]) =>
    liveRoute('10.64.0.0/16', to, more)
  const state = (...routes: ReturnType<typeof liveRoute>[]) => ({ ...both, routes })
  const want = { routes: [net] }

  it('comes, stays and goes', () => {
    expect(changes({}, want)).toEqual(['add route 10.64.0.0/16'])
    expect(changes(state(there('lvn0')), want)).toEqual([])
    expect(changes(state(there('lvn0')))).toEqual(['remove route 10.64.0.0/16'])
    expect(changes(state(there('lvn5')))).toEqual([])
    expect(changes(state(there('lvn0', { owned: false })))).toEqual([])
    expect(changes(state(there('eth0', { owned: true })))).toEqual([])
    const nowhere = liveRoute('10.64.9.0/24', null)
    expect(changes(state(nowhere), { routes: [route('10.64.9.0/24', null)] })).toEqual([])
    // Of two in one place, one serves.
    expect(changes(state(there('lvn0'), there('eth0', { owned: false })), want)).toEqual([])
  })

  it.each<[string, object]>([
    ['mtu', { mtu: 1300 }],
    ['gateway', { gateway: '10.64.0.7' }],
    ['source', { source: '10.64.0.7' }],
  ])('of ours is changed in its %s, one of another serves as it is', (field, more) => {
    expect(changes(state(there('lvn0', more)), want)).toEqual([`change route 10.64.0.0/16 ${field}`])
    expect(changes(state(there('lvn0', { ...more, owned: false })), want)).toEqual([])
  })

  it('of ours in its place is replaced, whatever it is', () => {
    expect(changes(state(there(null)), want)).toEqual(['change route 10.64.0.0/16 device'])
    const [is, to] = [
      { table: 7600, type: 'unreachable' as const },
      { table: 7600, type: 'throw' as const },
    ]
    const thrown = { routes: [route('203.0.113.1/32', null, to)] }
    expect(changes(state(liveRoute('203.0.113.1/32', null, is)), thrown)).toEqual([
      'change route throw 203.0.113.1/32 table 7600',
    ])
  })

  it('of others into another device of ours is in its place', () => {
    const two = {
      links: [...both.links, link('lvn1', us)],
      devices: [...both.devices, liveDevice({ name: 'lvn1' })],
      routes: [there('lvn1', { owned: false })],
    }
    const wish = { ...want, devices: [device(), device({ name: 'lvn1' })] }
    expect(refusal(two, wish, 'route 10.64.0.0/16').message).toContain('on lvn1 is in its place')
  })

  it('in whose place another is, is refused, and told where that leads', () => {
    const refused = (one: ReturnType<typeof liveRoute>) =>
      refusal(state(one), want, 'route 10.64.0.0/16').message
    expect(refused(there('eth0', { owned: false }))).toContain('another route to it on eth0 is in its place')
    expect(refused(there('lvn5'))).toContain('on lvn5 is in its place')
    expect(refused(there(null, { owned: false }))).toContain('another route to it (unreachable)')
  })

  it('of another on a device that goes is in the place of none', () => {
    const anew = { ...state(there('lvn0', { owned: false })), devices: [liveDevice({ mode: 'fixed' })] }
    expect(changes(anew, want)).toEqual(['remove device lvn0', 'add device lvn0', 'add route 10.64.0.0/16'])
    const mine = { ...state(there('lvn0')), devices: [liveDevice({ mode: 'fixed' })] }
    expect(changes(mine, want).slice(2)).toEqual(['add route 10.64.0.0/16', 'remove route 10.64.0.0/16'])
  })

  it('wanted twice is wanted once where it is on one device, and refused on two', () => {
    expect(changes({}, { routes: [net, net] })).toEqual(['add route 10.64.0.0/16'])
    const two = { routes: [net, route('10.64.0.0/16', 'lvn1')] }
    expect(refusal({}, two, 'route 10.64.0.0/16').message).toContain(
      'on two devices of this node: lvn0 and lvn1',
    )
    const nowhere = { routes: [route('10.64.0.0/16', null), net] }
    expect(refusal({}, nowhere, 'route 10.64.0.0/16').message).toContain('this node: lo and lvn0')
    const after = { routes: [net, route('10.64.0.0/16', null)] }
    expect(refusal({}, after, 'route unreachable 10.64.0.0/16').message).toContain('this node: lvn0 and lo')
  })

  it('that leads nowhere is of the device into which the net around it leads', () => {
    const nowhere = liveRoute('10.64.9.0/24', null)
    const goes = ['remove route unreachable 10.64.9.0/24']
    const by = (...routes: ReturnType<typeof liveRoute>[]) =>
      changes(state(...routes, nowhere)).filter((text) => text.includes('unreachable'))
    expect(by(there('lvn0'))).toEqual(goes)
    expect(by(there('lvn5'))).toEqual([])
    // The narrowest counts, in whatever order they come.
    const narrow = liveRoute('10.64.8.0/21', 'lvn5')
    expect([by(there('lvn0'), narrow), by(narrow, there('lvn0'))]).toEqual([[], []])
    const mine = liveRoute('10.64.8.0/21', 'lvn0')
    expect([by(there('lvn5'), mine), by(mine, there('lvn5'))]).toEqual([goes, goes])
    // What is beside it, another's, or in another table, says nothing.
    expect(by(there('lvn0'), liveRoute('10.99.9.0/25', 'lvn5'))).toEqual(goes)
    expect(by(there('lvn5', { owned: false }))).toEqual(goes)
    expect(by(there('lvn5', { table: 7600 }))).toEqual(goes)
  })

  it('that leads nowhere, with no device around it, is ours in our nets or where we are alone', () => {
    const outside = liveRoute('10.99.9.0/24', null)
    const goes = ['remove route unreachable 10.99.9.0/24']
    expect(changes({ ...ours, routes: [outside] })).toEqual(goes)
    expect(changes(state(outside))).toEqual([])
    expect(changes(state(liveRoute('10.64.9.0/24', null)))).toEqual(['remove route unreachable 10.64.9.0/24'])
    expect(changes({ ...ours, routes: [{ ...outside, owned: false }] })).toEqual([])
  })

  it('of a table is of the device into which that leads', () => {
    const keepsOut = liveRoute('198.18.0.0/15', null, { table: 7600, type: 'throw' })
    const into = (to: string) => liveRoute('192.0.2.0/24', to, { table: 7600 })
    const by = (...routes: ReturnType<typeof liveRoute>[]) =>
      changes(state(...routes, keepsOut)).filter((text) => text.includes('throw'))
    const goes = ['remove route throw 198.18.0.0/15 table 7600']
    expect([by(into('lvn0')), by(into('lvn5')), by()]).toEqual([goes, [], goes])
    expect(by(into('lvn0'), { ...keepsOut, metric: 7, owned: false })).toEqual(goes)
    const strayed = liveRoute('192.0.3.0/24', 'lvn5', { table: 7600 })
    expect(changes(state(into('lvn0'), strayed))).toEqual(['remove route 192.0.2.0/24 table 7600'])
  })

  it('that is of a table, and that others have too, is refused', () => {
    const outside = { routes: [route('198.18.0.0/15', 'lvn0', { table: 7600 })] }
    const id = 'route 198.18.0.0/15 table 7600'
    const held = (...routes: ReturnType<typeof liveRoute>[]) => refusal(state(...routes), outside, id).message
    const main = liveRoute('198.18.0.0/15', 'eth0', { owned: false })
    expect(held(main)).toContain('another route to it on eth0 is in its place')
    expect(held(liveRoute('198.18.0.0/15', 'lvn5', { table: 7601 }))).toContain('this node: lvn0 and lvn5')
    const shared = {
      routes: [route('198.18.0.0/15', null, { table: 7601, type: 'throw' }), ...outside.routes],
    }
    const theirs = liveRoute('198.18.0.0/15', 'lvn5', { table: 7602 })
    expect(refusal(state(theirs), shared, id).message).toContain('this node: lvn0 and lvn5')
    const second = { routes: [...outside.routes, route('198.18.0.0/15', 'lvn1', { table: 7601 })] }
    expect(refusal({}, second, id).message).toContain('this node: lvn0 and lvn1')
  })

  it('of a table is not compared with one outside it', () => {
    const outside = { routes: [route('198.18.0.0/15', 'lvn0', { table: 7600 })] }
    const added = ['add route 198.18.0.0/15 table 7600']
    const beside = (one: ReturnType<typeof liveRoute>) => changes(state(one), outside)
    expect(beside(liveRoute('198.18.0.0/16', 'eth0', { owned: false }))).toEqual(added)
    expect(beside(liveRoute('198.18.0.0/15', 'lvn0', { owned: false }))).toEqual(added)
    expect(beside(liveRoute('198.18.0.0/15', 'eth0', { owned: false, table: 100 }))).toEqual(added)
    expect(beside(liveRoute('198.18.0.0/15', 'lvn5'))).toEqual(added)
    expect(beside(liveRoute('198.18.0.0/15', 'lvn5', { table: 7601, owned: false }))).toEqual(added)
    expect(beside(liveRoute('198.18.0.0/15', null, { table: 7601 }))).toEqual([
      ...added,
      'remove route unreachable 198.18.0.0/15 table 7601',
    ])
    expect(changes(state(liveRoute('10.64.0.0/16', 'lvn5', { table: 7601 })), want)).toEqual([
      'add route 10.64.0.0/16',
    ])
    // A default route of the underlay loses nothing that it should not.
    const exit = { routes: [route('0.0.0.0/0', 'lvn0', { table: 7600 })] }
    expect(changes(state(liveRoute('0.0.0.0/0', 'eth0', { owned: false })), exit)).toEqual([
      'add route 0.0.0.0/0 table 7600',
    ])
    // Of the main table are the nets; two overlays may share a throw.
    const thrown = {
      routes: [...outside.routes, route('198.18.0.0/15', null, { table: 7601, type: 'throw' })],
    }
    expect(changes({}, thrown)).toHaveLength(2)
    expect(
      changes(state(liveRoute('198.18.0.0/15', 'eth0', { owned: false })), { routes: [net] }),
    ).toHaveLength(1)
  })
})

describe('a rule of routing', () => {
  const into = liveRoute('198.18.0.0/15', 'lvn0', { table: 7600 })
  const theirs = liveRoute('198.18.0.0/15', 'lvn5', { table: 7601 })
  const only = (state: Partial<LiveState>, want: Partial<DesiredState> = {}) =>
    changes(state, want).filter((text) => text.includes('ip-rule'))

  it('comes, stays and goes by all that it says', () => {
    const want = { ipRules: [ipRule(20_000, 254)] }
    expect(only({}, want)).toEqual(['add ip-rule -4 20000 lookup main'])
    expect(only({ ipRules: [liveIpRule(20_000, 254)] }, want)).toEqual([])
    expect(only({ ipRules: [liveIpRule(20_000, 254, { owned: false })] }, want)).toHaveLength(1)
    expect(only({ ipRules: [liveIpRule(20_000, 254)], routes: [into] })).toEqual([
      'remove ip-rule -4 20000 lookup main',
    ])
  })

  it('is ours by the table that its priority stands for, or where that leads nowhere', () => {
    const state = { ...both, routes: [into, theirs] }
    expect(only({ ...state, ipRules: [liveIpRule(20_001, 254)] })).toEqual([])
    expect(only({ ...state, ipRules: [liveIpRule(20_002, 254)] })).toHaveLength(1)
    expect(only({ ...state, ipRules: [liveIpRule(7, 254)] })).toHaveLength(1)
    expect(only({ ...state, ipRules: [liveIpRule(7, 254, { owned: false })] })).toEqual([])
  })
})

test('a change says which line asks for it, where one does', () => {
  const spans = new Map([['device lvn0', lineOf(7)]])
  const want = wanted({ devices: [device()], tunnels: [tunnel('s', null)] })
  const [first, second] = diff(live(), want, scope, spans).changes
  expect(first).toEqual({
    ...{ op: 'add', kind: 'device', id: 'device lvn0', before: null, after: device(), fields: [] },
    span: lineOf(7),
  })
  expect(second).not.toHaveProperty('span')
})

test('devices that go are told, those to be made anew among them', () => {
  const doomed = (state: Partial<LiveState>, desired: Partial<DesiredState>) => [
    ...diff(live({ ...ours, ...state }), wanted(desired), scope).doomed,
  ]
  expect(doomed({}, { devices: [device({ mtu: 1 })] })).toEqual([])
  expect(doomed({}, { devices: [device({ mode: 'fixed' })] })).toEqual(['lvn0'])
  expect(doomed({}, {})).toEqual(['lvn0'])
})

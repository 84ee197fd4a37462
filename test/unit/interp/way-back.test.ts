// SPDX-License-Identifier: MIT
/** What a state from before comes to on a kernel that is another by now, part by part. */
import { describe, expect, it, test } from 'vitest'
import { underPresentNames } from '../../../src/interp/renamed.ts'
import { stateBefore, type WayBack, wantsOfWayBack, wayBack } from '../../../src/interp/restore.ts'
import type { Change, Kind, Step } from '../../../src/interp/types.ts'
import { openFamily } from '../../../src/model/filter.ts'
import type { LiveState } from '../../../src/model/state.ts'
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

const scope = { owners: [us], nets: [] }
const eth0 = link('eth0', null, { ifindex: 2 })
const usb0 = link('usb0', null, { ifindex: 3 })
const links = [link('lvn0', us), link('lvn5', others), eth0, usb0]
const base = live({ links, devices: [liveDevice(), liveDevice({ name: 'lvn5', owner: others })] })

/** What is wanted of `state` on the kernel as `now` says; there it is all as it was, unless said otherwise. */
const back = (state: Partial<LiveState>, now: Partial<LiveState> = {}, touched: readonly string[] = []) => {
  const before = { ...base, ...state }
  const wayBackTo: WayBack = { before, scope, nodes: [], touched }
  return stateBefore(wayBackTo, { ...before, ...now })
}

describe('what comes back', () => {
  it('is what was ours, and nothing else', () => {
    const filter = { device: 'lvn0', owner: us, policies: [], ipv4: openFamily, ipv6: openFamily }
    const address = (on: string, text: string, owned: boolean) => ({
      ...{ device: on, address: text as never, prefixLength: 32, owned },
    })
    expect(
      back({
        addresses: [
          address('lvn0', '10.64.0.1', true),
          address('lvn0', '10.64.0.2', false),
          address('lvn5', '10.65.0.1', true),
        ],
        tunnels: [liveTunnel('s1', '203.0.113.1:1'), liveTunnel('s1', null, { device: 'lvn5' })],
        rules: [rule('10.64.1.0/24', 's1'), rule('10.65.1.0/24', 's1', 'lvn5')],
        filters: [
          { ...filter, intact: false },
          { ...filter, device: 'lvn5', owner: others, intact: true },
        ],
        routes: [
          liveRoute('10.64.0.0/16', 'lvn0'),
          liveRoute('10.65.0.0/16', 'lvn5'),
          liveRoute('10.99.0.0/16', 'lvn0', { owned: false }),
          liveRoute('10.64.9.0/24', null),
          liveRoute('10.98.0.0/24', null, { owned: false }),
        ],
      }),
    ).toEqual(
      wanted({
        devices: [device()],
        addresses: [{ device: 'lvn0', address: '10.64.0.1' as never }],
        tunnels: [tunnel('s1', '203.0.113.1:1')],
        rules: [rule('10.64.1.0/24', 's1')],
        filters: [filter],
        routes: [route('10.64.0.0/16', 'lvn0'), route('10.64.9.0/24', null)],
      }),
    )
  })

  it('is no table of another that had the name of ours', () => {
    const foreign = {
      device: 'lvn0',
      owner: null,
      policies: [],
      ipv4: openFamily,
      ipv6: openFamily,
      intact: false,
    }
    expect(back({ filters: [foreign] }).filters).toEqual([])
  })

  it('is no device that a death had left half made', () => {
    expect(back({ links: [eth0] }).devices).toEqual([])
    expect(back({ devices: [] }).devices).toEqual([])
    expect(back({ links: [eth0], addresses: [] }).tunnels).toEqual([])
  })

  it('has the underlays that are still there', () => {
    const two = { devices: [liveDevice({ underlays: ['eth0', 'usb0'] })] }
    expect(back(two).devices[0]?.underlays).toEqual(['eth0', 'usb0'])
    expect(back(two, { links: [eth0] }).devices[0]?.underlays).toEqual(['eth0'])
  })

  it('of a table of ours are its routes and rules, if it led into our device', () => {
    const into = (to: string) => liveRoute('198.18.0.0/15', to, { table: 7600 })
    const thrown = liveRoute('203.0.113.1/32', null, { table: 7600, type: 'throw' })
    const rules = [
      liveIpRule(20_000, 254),
      liveIpRule(20_000, 254, { owned: false, family: 6 }),
      liveIpRule(7, 254),
    ]
    const ours = back({ routes: [into('lvn0'), thrown], ipRules: rules })
    expect(ours.routes).toEqual([
      route('198.18.0.0/15', 'lvn0', { table: 7600 }),
      route('203.0.113.1/32', null, { table: 7600, type: 'throw' }),
    ])
    expect(ours.ipRules).toEqual([ipRule(20_000, 254)])
    const theirs = back({ routes: [into('lvn5'), thrown], ipRules: rules })
    expect([theirs.routes, theirs.ipRules]).toEqual([[], []])
    expect(back({ ipRules: rules }).ipRules).toEqual([])
  })
})

describe('a value', () => {
  const path = 'net/ipv4/conf/eth0/send_redirects'
  const values = (...list: [string, string][]) => ({
    sysctls: list.map(([of, value]) => ({ path: of, value })),
  })
  const saved = (of: string, by = 'lvn0') => ({ device: by, path: of, value: 'x' })
  const set = (of: string, value: string) => ({ path: of, value, device: 'lvn0' })

  it('comes back where one of our devices had set it, or has it', () => {
    const own = 'net/ipv4/conf/lvn0/forwarding'
    const now = values([path, '0'], [own, '1'], ['net/ipv4/conf/lvn5/forwarding', '1'], ['net/core/x', '1'])
    expect(back({ ...now, saved: [saved(path)] }).sysctls).toEqual([set(path, '0'), set(own, '1')])
    expect(back({ ...now, saved: [saved(path, 'lvn5')] }).sysctls).toEqual([set(own, '1')])
    expect(back({ saved: [saved(path)] }).sysctls).toEqual([])
  })

  it('that a switch turns comes back with the switch, once', () => {
    const all = 'net/ipv4/conf/all/forwarding'
    const now = values([all, '1'], ['net/ipv4/conf/eth0/forwarding', '0'])
    const two = { saved: [saved('net/ipv4/conf/eth0/forwarding'), saved(all)] }
    expect(back({ ...now, ...two }).sysctls).toEqual([set(all, '1')])
  })

  it('of an interface that has gone does not', () => {
    const state = { ...values([path, '0'], ['net/ipv4/conf/lvn0/forwarding', '1']), saved: [saved(path)] }
    expect(back(state, { links: [] }).sysctls).toEqual([set('net/ipv4/conf/lvn0/forwarding', '1')])
  })
})

describe('a tunnel', () => {
  const [a, b] = ['203.0.113.1:1', '203.0.113.2:2']
  const then = { tunnels: [liveTunnel('s', a)] }
  const only = (
    now: Partial<LiveState>,
    touched: readonly string[] = [],
    before: Partial<LiveState> = then,
  ) => back(before, now, touched).tunnels[0]
  const here = { local: endpoint('192.0.2.7:7') }

  it('keeps what it has now, unless the apply had set it', () => {
    const now = { tunnels: [liveTunnel('s', b, here)] }
    expect(only(now)).toEqual(tunnel('s', b, here))
    expect(only(now, ['tunnel lvn0/s'])).toEqual(tunnel('s', a))
    expect(only(now, ['tunnel lvn0/other'])).toEqual(tunnel('s', b, here))
    expect(only({ tunnels: [] })).toEqual(tunnel('s', a))
    const pending = { tunnels: [liveTunnel('s', null)] }
    expect(only(now, ['tunnel lvn0/s'], pending)).toEqual(tunnel('s', null))
  })

  it('keeps its own interval whatever it has learned', () => {
    const slow = { keepalive: { intervalMs: 1, deadMs: 2 } }
    expect(only({ tunnels: [liveTunnel('s', b, slow)] })?.keepalive).toEqual(tunnel('s', a).keepalive)
  })

  it('whose path has gone takes the one that it has now, or is pending', () => {
    const gone = { links: links.filter((each) => each !== eth0) }
    const over = liveTunnel('s', b, { underlay: 'usb0', ...here })
    expect(only({ ...gone, tunnels: [over] }, ['tunnel lvn0/s'])).toEqual(
      tunnel('s', b, { underlay: 'usb0', ...here }),
    )
    expect(only({ ...gone, tunnels: [] }, ['tunnel lvn0/s'])).toEqual(tunnel('s', null))
    expect(only({ ...gone, tunnels: then.tunnels })).toEqual(tunnel('s', null))
  })
})

describe('an interface under another name', () => {
  const named = (now: readonly ReturnType<typeof link>[], then: Partial<LiveState>) =>
    underPresentNames({ ...base, ...then }, { links: now })
  const lan0 = { ...eth0, name: 'lan0' }
  const state = {
    devices: [liveDevice({ underlays: ['eth0', 'usb0'] })],
    tunnels: [
      liveTunnel('s', '203.0.113.1:1'),
      liveTunnel('p', null),
      liveTunnel('u', '203.0.113.2:1', { underlay: 'usb0' }),
    ],
    sysctls: [
      { path: 'net/ipv4/conf/eth0/forwarding', value: '1' },
      { path: 'net/ipv4/conf/all/forwarding', value: '1' },
    ],
    saved: [{ device: 'lvn0', path: 'net/ipv4/conf/eth0/send_redirects', value: '1' }],
  }

  it('has its values and the paths over it under that', () => {
    const now = named([link('lvn0', us), lan0, usb0], state)
    expect(now.links.map(({ name }) => name)).toEqual(['lvn0', 'lvn5', 'lan0', 'usb0'])
    expect(now.devices[0]?.underlays).toEqual(['lan0', 'usb0'])
    expect(now.tunnels.map(({ underlay }) => underlay)).toEqual(['lan0', null, 'usb0'])
    expect(now.sysctls.map(({ path }) => path)).toEqual([
      ...['net/ipv4/conf/lan0/forwarding', 'net/ipv4/conf/all/forwarding'],
    ])
    expect(now.saved).toEqual([{ device: 'lvn0', path: 'net/ipv4/conf/lan0/send_redirects', value: '1' }])
  })

  it('has its underlays sorted by the names of now', () => {
    const now = named([{ ...eth0, name: 'z0' }, usb0], state)
    expect(now.devices[0]?.underlays).toEqual(['usb0', 'z0'])
  })

  it('keeps its name where it has gone, unless another from before has that', () => {
    expect(named([usb0], state).devices[0]?.underlays).toEqual(['eth0', 'usb0'])
    expect(named([{ ...usb0, name: 'eth0' }], state).devices[0]?.underlays).toEqual(['eth0', 'ifindex 2'])
    // One that is new by that name is not from before.
    expect(named([usb0, link('eth0', null, { ifindex: 99 })], state).devices[0]?.underlays).toEqual([
      'eth0',
      'usb0',
    ])
  })

  it('is one of others: devices of ours go by their names', () => {
    const then = { links: [link('lvn0', us, { ifindex: 2 })], devices: [liveDevice()] }
    expect(named([{ ...eth0, ifindex: 2 }], then).links[0]?.name).toBe('lvn0')
    const now = [link('lvn7', us, { ifindex: 2 })]
    expect(named(now, { links: [eth0] }).links[0]?.name).toBe('eth0')
  })
})

test('of a way back the kernel is asked for the values of then, and for others in the places of our routes', () => {
  const before = {
    ...base,
    sysctls: [{ path: 'net/ipv4/conf/all/forwarding', value: '1' }],
    routes: [
      liveRoute('10.64.0.0/16', 'lvn0'),
      liveRoute('198.18.0.0/15', 'lvn0', { table: 7600 }),
      liveRoute('10.99.0.0/16', 'eth0', { owned: false }),
    ],
  }
  expect(wantsOfWayBack({ before, scope, nodes: [], touched: [] })).toEqual({
    remotes: [],
    sysctls: ['net/ipv4/conf/all/forwarding'],
    nets: ['10.64.0.0/16'],
  })
})

test('an apply has set the endpoints of tunnels that came, went, or changed in them', () => {
  const step = (op: Change['op'], kind: Kind, id: string, ...fields: string[]): Step => ({
    change: { op, kind, id, fields, before: null, after: null } as Change,
    operations: [],
    undo: [],
  })
  const steps = [
    step('add', 'tunnel', 'added'),
    step('remove', 'tunnel', 'removed'),
    step('change', 'tunnel', 'local', 'local'),
    step('change', 'tunnel', 'remote', 'keepalive', 'remote'),
    step('change', 'tunnel', 'underlay', 'underlay'),
    step('change', 'tunnel', 'keepalive', 'keepalive', 'onDead'),
    step('add', 'rule', 'rule'),
  ]
  const nodes = [{ overlay: 'mitte', name: 'gw1', role: 'hub' as const }]
  expect(wayBack(base, { scope, nodes, steps })).toEqual({
    ...{ before: base, scope, nodes },
    touched: ['added', 'removed', 'local', 'remote', 'underlay'],
  })
})

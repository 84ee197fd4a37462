// SPDX-License-Identifier: MIT
/** Each change as operations, with what takes each of them back. */
import { describe, expect, it, test } from 'vitest'
import type { LvnError } from '../../../src/diag/error.ts'
import { diff } from '../../../src/interp/3-diff.ts'
import { plan } from '../../../src/interp/4-plan.ts'
import {
  addressWork,
  capacityFor,
  deviceWork,
  filterWork,
  ipRuleWork,
  restoreWork,
  routeWork,
  sysctlWork,
  type Work,
} from '../../../src/interp/steps.ts'
import type { ChangeOf, KernelOperation, Kind, Specs } from '../../../src/interp/types.ts'
import { openFamily } from '../../../src/model/filter.ts'
import type { DesiredState, LiveState, SavedValue } from '../../../src/model/state.ts'
import {
  device,
  empty,
  ipRule,
  link,
  live,
  liveDevice,
  liveTunnel,
  others,
  route,
  rule,
  tunnel,
  us,
  wanted,
} from '../../support/states.ts'

const change = <K extends Kind>(kind: K, before: Specs[K] | null, after: Specs[K] | null): ChangeOf<K> => ({
  ...{ kind, before, after, id: kind, fields: [] },
  op: before === null ? 'add' : after === null ? 'remove' : 'change',
})
const onHost = (operation: object) => ({ target: 'host', operation })
const onPlane = (operation: object) => ({ target: 'plane', operation })
const scope = { owners: [us], nets: [] }

/** `write PATH VALUE`, `save lvn0 PATH VALUE`, `set device lvn0`. */
function lineOf({ operation }: KernelOperation): string {
  if (operation.kind === 'sysctl') return `write ${operation.path} ${operation.value}`
  if (operation.kind === 'saved') {
    const { device: with_, path, value } = operation.saved
    return `${operation.op} ${with_} ${path} ${value}`
  }
  return `${operation.op} ${operation.kind}`
}
const lines = ({ operations, undo }: Work) =>
  operations.map((operation, i) => [lineOf(operation), ...(undo[i] ?? []).map(lineOf)])

describe('what is there or not', () => {
  const pairs: [kind: 'address' | 'route' | 'ip-rule' | 'filter', spec: object, work: (of: never) => Work][] =
    [
      ['address', { device: 'lvn0', address: '10.64.0.1' }, addressWork],
      ['route', route('10.64.0.0/16', 'lvn0'), routeWork],
      ['ip-rule', ipRule(20_000, 254), ipRuleWork],
      ['filter', { device: 'lvn0', owner: us, policies: [], ipv4: openFamily, ipv6: openFamily }, filterWork],
    ]
  it.each(pairs)('an %s is added and deleted, each the inverse of the other', (kind, spec, work) => {
    const add = onHost({ op: 'add', kind, spec })
    const remove = onHost({ op: 'delete', kind, spec })
    const step = (before: object | null, after: object | null) => {
      const { operations, undo } = work(change(kind, before as never, after as never) as never)
      return { operations, undo }
    }
    expect(step(null, spec)).toEqual({ operations: [add], undo: [[remove]] })
    expect(step(spec, null)).toEqual({ operations: [remove], undo: [[add]] })
  })

  it('is changed by setting the other, and back', () => {
    const [one, other] = [route('10.64.0.0/16', 'lvn0'), route('10.64.0.0/16', 'lvn0', { mtu: 1300 })]
    expect(routeWork(change('route', one, other))).toMatchObject({
      operations: [onHost({ op: 'set', kind: 'route', before: one, spec: other })],
      undo: [[onHost({ op: 'set', kind: 'route', before: other, spec: one })]],
    })
    const filter = { device: 'lvn0', owner: us, policies: [], ipv4: openFamily, ipv6: openFamily }
    const more = { ...filter, policies: ['deny any -> any'] }
    expect(filterWork(change('filter', filter, more))).toMatchObject({
      operations: [onHost({ op: 'set', kind: 'filter', spec: more })],
      undo: [[onHost({ op: 'set', kind: 'filter', spec: filter })]],
    })
  })
})

test.each([
  ['fixed', 5, 4096, 1],
  ['multi', 0, 4096, 1024],
  ['multi', 512, 4096, 1024],
  ['multi', 513, 4096, 2048],
  ['multi', 2000, 1 << 16, 4096],
  ['multi', 3000, 4096, 4096],
  ['multi', 1, 100, 100],
] as const)('a %s device for %i tunnels, of at most %i, is made for %i', (mode, tunnels, most, room) => {
  expect(capacityFor(mode, tunnels, most)).toBe(room)
})

describe('a device', () => {
  const work = (of: ChangeOf<'device'>, state: LiveState, tunnels = 1) =>
    deviceWork(of, state, tunnels, diff(state, empty, scope))

  it('that is new gets room for its tunnels, and goes again', () => {
    expect(work(change('device', null, device()), live(), 600)).toMatchObject({
      operations: [onPlane({ op: 'add', kind: 'device', spec: device(), capacity: 2048 })],
      undo: [[onPlane({ op: 'delete', kind: 'device', name: 'lvn0' })]],
    })
  })

  it('that is new has nothing of another', () => {
    const state = live({
      links: [link('lvn5', others)],
      devices: [liveDevice({ name: 'lvn5', owner: others, capacity: 77 })],
    })
    expect(work(change('device', null, device()), state)).toMatchObject({
      operations: [onPlane({ op: 'add', kind: 'device', spec: device(), capacity: 1024 })],
    })
  })

  it('that changes keeps its room, and what it was is set again', () => {
    const state = live({ links: [link('lvn0', us)], devices: [liveDevice({ capacity: 77 })] })
    const after = device({ mtu: 1300 })
    expect(work(change('device', device(), after), state)).toMatchObject({
      operations: [onPlane({ op: 'set', kind: 'device', spec: after, capacity: 77 })],
      undo: [[onPlane({ op: 'set', kind: 'device', spec: device(), capacity: 77 })]],
    })
  })

  it('that has lost its tables gets new ones', () => {
    const state = live({ links: [link('lvn0', us)], devices: [liveDevice({ capacity: 0 })] })
    expect(work(change('device', device(), device()), state)).toMatchObject({
      operations: [onPlane({ op: 'set', kind: 'device', spec: device(), capacity: 1024 })],
    })
  })

  it('that goes is rebuilt with all that was on it, and nothing of another', () => {
    const state = live({
      links: [link('lvn0', us), link('lvn1', us)],
      devices: [liveDevice({ capacity: 77 }), liveDevice({ name: 'lvn1' })],
      sysctls: [
        { path: 'net/ipv4/conf/lvn0/forwarding', value: '1' },
        { path: 'net/ipv4/conf/lvn1/forwarding', value: '1' },
        { path: 'net/ipv4/conf/all/forwarding', value: '1' },
      ],
      saved: [
        { device: 'lvn0', path: 'a', value: '0' },
        { device: 'lvn1', path: 'a', value: '0' },
      ],
      tunnels: [liveTunnel('s1', '203.0.113.1:1'), liveTunnel('s1', null, { device: 'lvn1' })],
      rules: [rule('10.64.1.0/24', 's1'), rule('10.64.1.0/24', 's1', 'lvn1')],
    })
    const { operations, undo } = work(change('device', device(), null), state)
    expect(operations).toEqual([onPlane({ op: 'delete', kind: 'device', name: 'lvn0' })])
    expect(undo).toEqual([
      [
        onPlane({ op: 'add', kind: 'device', spec: device(), capacity: 77 }),
        onHost({ op: 'write', kind: 'sysctl', path: 'net/ipv4/conf/lvn0/forwarding', value: '1' }),
        onPlane({ op: 'save', kind: 'saved', saved: { device: 'lvn0', path: 'a', value: '0' } }),
        onPlane({ op: 'add', kind: 'tunnel', spec: tunnel('s1', '203.0.113.1:1') }),
        onPlane({ op: 'add', kind: 'rule', spec: rule('10.64.1.0/24', 's1') }),
      ],
    ])
  })

  it.each([
    ['the interface', { devices: [liveDevice()] }],
    ['the device in the plane', { links: [link('lvn0', us), link('lvn1')] }],
  ])('that goes without %s cannot be rebuilt', (_, state) => {
    expect(lines(work(change('device', device(), null), live(state)))).toEqual([['delete device']])
  })

  it('that goes hands values over to one of another overlay that relies on them, and gets them back', () => {
    const path = 'net/ipv4/ip_local_reserved_ports/50000'
    const saved = { device: 'lvn0', path, value: '0' }
    const state = live({
      links: [link('lvn0', us), link('lvn5', others)],
      devices: [liveDevice(), liveDevice({ name: 'lvn5', owner: others })],
      tunnels: [liveTunnel('t', null, { device: 'lvn5' })],
      saved: [saved, { ...saved, device: 'lvn9' }],
      sysctls: [{ path, value: '1' }],
    })
    expect(lines(work(change('device', device(), null), state))).toEqual([
      [`save lvn5 ${path} 0`, `forget lvn5 ${path} 0`],
      ['delete device', 'add device', `save lvn0 ${path} 0`],
    ])
    // What is handed over is that of the device that goes, and of no other.
    expect(lines(work(change('device', device({ name: 'lvn1' }), null), state))).toEqual([['delete device']])
    const gone = { ...state, links: [link('lvn5', others)] }
    expect(lines(work(change('device', device(), null), gone))).toEqual([
      [`save lvn5 ${path} 0`],
      ['delete device'],
    ])
  })
})

const all = 'net/ipv4/conf/all/forwarding'
const fan = [
  ['net/ipv4/conf/all/accept_redirects', '1'],
  ['net/ipv4/conf/default/forwarding', '0'],
] as const
const sysctls = (...more: (readonly [string, string])[]) =>
  [...fan, ...more].map(([path, value]) => ({ path, value }))

describe('a value that is set', () => {
  const setting = (path: string, state: LiveState, desired: DesiredState = empty) => {
    const difference = diff(state, desired, scope)
    return sysctlWork(
      change('sysctl', null, { path, value: '1', device: 'lvn0' }),
      state,
      desired,
      difference,
    )
  }

  it('is kept with the device before it is written', () => {
    const path = 'net/ipv4/conf/eth0/send_redirects'
    const state = live({ links: [link('eth0')], sysctls: [{ path, value: '0' }] })
    expect(lines(setting(path, state))).toEqual([
      [`save lvn0 ${path} 0`, `forget lvn0 ${path} 0`],
      [`write ${path} 1`, `write ${path} 0`],
    ])
  })

  it('is kept once: what the device has from before stays', () => {
    const path = 'net/ipv4/conf/eth0/send_redirects'
    const saved = { device: 'lvn0', path, value: '7' }
    const mine = live({
      links: [link('lvn0', us), link('eth0')],
      devices: [liveDevice()],
      sysctls: [{ path, value: '0' }],
      saved: [saved],
    })
    const desired = wanted({ devices: [device()], sysctls: [{ path, value: '1', device: 'lvn0' }] })
    expect(lines(setting(path, mine, desired))).toEqual([[`write ${path} 1`, `write ${path} 0`]])
    const foreign = { ...mine, saved: [{ ...saved, device: 'lvn5' }] }
    expect(lines(setting(path, foreign, desired))).toHaveLength(2)
  })

  it('of a switch has all that it turns kept and taken back, but for devices of L-VN', () => {
    const state = live({
      links: [link('lvn0', us), link('lvn5', others), link('eth0')],
      devices: [liveDevice()],
      sysctls: sysctls(
        ...([
          [all, '0'],
          ['net/ipv4/conf/eth0/forwarding', '0'],
          ['net/ipv4/conf/lvn0/forwarding', '0'],
          ['net/ipv4/conf/lvn5/forwarding', '0'],
        ] as const),
      ),
    })
    const desired = wanted({ devices: [device(), device({ name: 'lvn2' })] })
    expect(lines(setting(all, state, desired))).toEqual([
      [`save lvn0 ${all} 0`, `forget lvn0 ${all} 0`],
      ...fan.map(([path, value]) => [`save lvn0 ${path} ${value}`, `forget lvn0 ${path} ${value}`]),
      ['save lvn0 net/ipv4/conf/eth0/forwarding 0', 'forget lvn0 net/ipv4/conf/eth0/forwarding 0'],
      [
        `write ${all} 1`,
        `write ${all} 0`,
        ...fan.map(([path, value]) => `write ${path} ${value}`),
        'write net/ipv4/conf/lvn0/forwarding 0',
        'write net/ipv4/conf/lvn5/forwarding 0',
        'write net/ipv4/conf/eth0/forwarding 0',
      ],
    ])
  })

  it('of a switch leaves out what an interface does not have', () => {
    const state = live({ links: [link('eth0')], sysctls: [{ path: all, value: '0' }] })
    expect(lines(setting(all, state))).toEqual([
      [`save lvn0 ${all} 0`, `forget lvn0 ${all} 0`],
      [`write ${all} 1`, `write ${all} 0`],
    ])
  })

  it('on a device that is to be made anew: the one that goes has nothing to keep it with', () => {
    const path = 'net/ipv4/conf/eth0/send_redirects'
    const own = 'net/ipv4/conf/lvn0/forwarding'
    const state = live({
      links: [link('lvn0', us), link('eth0')],
      devices: [liveDevice({ mode: 'fixed' })],
      sysctls: [
        { path, value: '1' },
        { path: own, value: '0' },
      ],
      saved: [{ device: 'lvn0', path, value: '0' }],
    })
    const desired = wanted({ devices: [device()] })
    expect(lines(setting(path, state, desired))).toEqual([
      [`save lvn0 ${path} 0`, `forget lvn0 ${path} 0`],
      [`write ${path} 1`, `write ${path} 0`],
    ])
    // It vanishes with the device: there is nothing to write back.
    expect(lines(setting(own, state, desired))).toEqual([[`write ${own} 1`]])
  })
})

describe('a value that is put back', () => {
  const redirects = 'net/ipv4/conf/eth0/send_redirects'
  const saved = (path: string, value: string, with_ = 'lvn0'): SavedValue => ({ device: with_, path, value })
  const mine = (some: Partial<LiveState>) =>
    live({ links: [link('lvn0', us), link('eth0')], devices: [liveDevice()], ...some })
  const restoring = (root: string, state: LiveState, desired: DesiredState) =>
    lines(restoreWork(root, state, desired, diff(state, desired, scope)))
  const kept = wanted({ devices: [device()] })

  it('is written and forgotten, and both taken back', () => {
    const state = mine({ sysctls: [{ path: redirects, value: '0' }], saved: [saved(redirects, '1')] })
    expect(restoring(redirects, state, kept)).toEqual([
      [`write ${redirects} 1`, `write ${redirects} 0`],
      [`forget lvn0 ${redirects} 1`, `save lvn0 ${redirects} 1`],
    ])
  })

  it('is only forgotten where it is that again, or there is no such path any more', () => {
    const forgotten = [[`forget lvn0 ${redirects} 1`, `save lvn0 ${redirects} 1`]]
    const again = mine({ sysctls: [{ path: redirects, value: '1' }], saved: [saved(redirects, '1')] })
    expect(restoring(redirects, again, kept)).toEqual(forgotten)
    const gone = mine({ links: [link('lvn0', us)], saved: [saved(redirects, '1')] })
    expect(restoring(redirects, gone, kept)).toEqual(forgotten)
  })

  it('goes with the device that goes, the first of several counts', () => {
    const state = mine({
      links: [link('lvn0', us), link('lvn1', us), link('eth0')],
      devices: [liveDevice(), liveDevice({ name: 'lvn1' })],
      sysctls: [{ path: redirects, value: '0' }],
      saved: [saved(redirects, '1'), saved(redirects, '0', 'lvn1')],
    })
    expect(restoring(redirects, state, empty)).toEqual([[`write ${redirects} 1`, `write ${redirects} 0`]])
  })

  it('is not taken back where the device that keeps it cannot be made again', () => {
    const state = mine({
      links: [link('eth0')],
      sysctls: [{ path: redirects, value: '0' }],
      saved: [saved(redirects, '1')],
    })
    expect(restoring(redirects, state, empty)).toEqual([[`write ${redirects} 1`]])
    const one = {
      ...state,
      links: [link('eth0'), link('lvn1', us)],
      saved: [saved(redirects, '1', 'lvn1'), ...state.saved],
    }
    expect(restoring(redirects, one, empty)).toEqual([[`write ${redirects} 1`]])
  })

  it('of a switch comes first; what it turns is put to rights at once', () => {
    const state = mine({
      links: [link('lvn0', us), link('lvn5', others), link('eth0'), link('eth1')],
      devices: [liveDevice(), liveDevice({ name: 'lvn5', owner: others })],
      sysctls: sysctls(
        ...([
          [all, '1'],
          ['net/ipv4/conf/lvn0/forwarding', '1'],
          ['net/ipv4/conf/lvn5/forwarding', '0'],
          ['net/ipv4/conf/eth0/forwarding', '1'],
        ] as const),
      ),
      saved: [saved(all, '0'), saved('net/ipv4/conf/eth0/forwarding', '1')],
    })
    const desired = wanted({
      devices: [device()],
      sysctls: [
        { path: 'net/ipv4/conf/lvn0/forwarding', value: '1', device: 'lvn0' },
        { path: 'net/ipv4/conf/default/forwarding', value: '0', device: 'lvn0' },
        { path: 'net/ipv4/conf/lvn0/send_redirects', value: '1', device: 'lvn0' },
      ],
    })
    const lineUp = restoreWork(all, state, desired, {
      ...diff(state, empty, scope),
      doomed: new Set(),
      fate: { restore: new Map([[all, state.saved]]), handOver: [] },
    })
    expect(lines(lineUp)).toEqual([
      [
        `write ${all} 0`,
        `write ${all} 1`,
        ...fan.map(([path, value]) => `write ${path} ${value}`),
        'write net/ipv4/conf/lvn0/forwarding 1',
        'write net/ipv4/conf/lvn5/forwarding 0',
        'write net/ipv4/conf/eth0/forwarding 1',
      ],
      ['write net/ipv4/conf/lvn0/forwarding 1'],
      ['write net/ipv4/conf/eth0/forwarding 1'],
      ['write net/ipv4/conf/lvn5/forwarding 0'],
      [`forget lvn0 ${all} 0`, `save lvn0 ${all} 0`],
      ['forget lvn0 net/ipv4/conf/eth0/forwarding 1', 'save lvn0 net/ipv4/conf/eth0/forwarding 1'],
    ])
  })

  it('of what a switch turns is written alone where the switch stays', () => {
    const eth0 = 'net/ipv4/conf/eth0/forwarding'
    const state = mine({ sysctls: sysctls([all, '1'], [eth0, '1']), saved: [saved(eth0, '0')] })
    expect(restoring(all, state, kept)[0]).toEqual([`write ${eth0} 0`, `write ${eth0} 1`])
  })

  it('of a switch leaves out devices that go, and those of others that have none', () => {
    const state = mine({
      links: [link('lvn0', us), link('lvn5', others)],
      devices: [liveDevice({ mode: 'fixed' }), liveDevice({ name: 'lvn5', owner: others })],
      sysctls: [{ path: all, value: '1' }],
      saved: [saved(all, '0')],
    })
    const sysctl = { path: 'net/ipv4/conf/lvn0/forwarding', value: '1', device: 'lvn0' }
    const desired = wanted({ devices: [device()], sysctls: [sysctl] })
    const fate = { restore: new Map([[all, state.saved]]), handOver: [] }
    const work = restoreWork(all, state, desired, { ...diff(state, desired, scope), fate })
    expect(lines(work)).toEqual([[`write ${all} 0`, `write ${all} 1`]])
  })

  it('of a switch that is so already turns nothing: only what differs is written', () => {
    const eth0 = 'net/ipv4/conf/eth0/forwarding'
    const state = mine({
      sysctls: sysctls([all, '0'], [eth0, '1']),
      saved: [saved(all, '0'), saved(eth0, '0'), saved('net/ipv4/conf/default/forwarding', '0')],
    })
    expect(restoring(all, state, kept)).toEqual([
      [`write ${eth0} 0`, `write ${eth0} 1`],
      ...state.saved.map(({ path, value }) => [`forget lvn0 ${path} ${value}`, `save lvn0 ${path} ${value}`]),
    ])
  })
})

test('a plan is refused where a device has no room for what is wanted, and says how much it has', () => {
  const refusalOf = (mode: 'fixed' | 'multi', tunnels: number, state: LiveState) => {
    const desired = wanted({
      devices: [device({ mode })],
      tunnels: Array.from({ length: tunnels }, (_, i) => tunnel(`s${i}`, null)),
    })
    try {
      plan(state, { desired, spans: new Map() }, diff(state, desired, scope))
    } catch (error) {
      const { message, hint } = error as LvnError
      return `${message}: ${hint?.slice(0, 20)}`
    }
    return null
  }
  const there = (more: object) => live({ links: [link('lvn0', us)], devices: [liveDevice(more)] })
  const refused = (room: number, asked: number, hint: string) =>
    `map full: lvn0 has room for ${room} tunnels, the file asks for ${asked}: ${hint}`
  const [grows, most] = ['the room is set when', 'this is the most tha']
  expect(refusalOf('multi', 3, live({ maxTunnels: 3 }))).toBeNull()
  expect(refusalOf('multi', 4, live({ maxTunnels: 3 }))).toBe(refused(3, 4, most))
  expect(refusalOf('fixed', 1, live())).toBeNull()
  expect(refusalOf('fixed', 2, live())).toBe(refused(1, 2, most))
  expect(refusalOf('multi', 2, there({ capacity: 2 }))).toBeNull()
  expect(refusalOf('multi', 3, there({ capacity: 2 }))).toBe(refused(2, 3, grows))
  expect(refusalOf('multi', 3, { ...there({ capacity: 2 }), maxTunnels: 3 })).toBe(refused(2, 3, grows))
  const beside = liveDevice({ name: 'lvn5', owner: others, capacity: 1 })
  expect(refusalOf('multi', 3, live({ links: [link('lvn5', others)], devices: [beside] }))).toBeNull()
  // Its tables are lost, or it is made anew: the room is not that of before.
  expect(refusalOf('multi', 3, there({ capacity: 0 }))).toBeNull()
  expect(refusalOf('multi', 3, there({ capacity: 1, mode: 'fixed' }))).toBeNull()
})

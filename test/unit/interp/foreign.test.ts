// SPDX-License-Identifier: MIT
/** What is not ours and touches the overlay: what is told, with which words, and what is not worth telling. */
import { describe, expect, it } from 'vitest'
import { diff } from '../../../src/interp/3-diff.ts'
import { foreignObjects, xdpPrograms } from '../../../src/interp/foreign.ts'
import { openFamily } from '../../../src/model/filter.ts'
import { hand } from '../../../src/model/hand.ts'
import type { DesiredState, LiveAddress, LiveState } from '../../../src/model/state.ts'
import { device, link, live, liveDevice, liveRoute, others, route, us, wanted } from '../../support/states.ts'

const address = (on: string, text: string, owned = false): LiveAddress => ({
  ...{ device: on, address: text as never, prefixLength: 32, owned },
})
const foreignRoute = (...[destination, to, more]: Parameters<typeof liveRoute>) =>
  liveRoute(destination, to, { ...more, owned: false })

const ours = { links: [link('lvn0', us), link('eth0')], devices: [liveDevice()] }
/** `ID: NOTE` of all that is told with our device there, and wanted. */
function told(state: Partial<LiveState>, desired: Partial<DesiredState> = {}): string[] {
  const want = wanted({ devices: [device()], ...desired })
  const found = diff(live({ ...ours, ...state }), want, { owners: [us], nets: ['10.64.0.0/16' as never] })
  return found.foreign.map(({ id, note }) => `${id}: ${note}`)
}

describe('an interface', () => {
  it('made by hand is told', () => {
    expect(told({ links: [...ours.links, link('lvn7', hand)] })).toEqual(['device lvn7: made by hand'])
  })

  it('that carries our mark and cannot be ours is told', () => {
    const pretending = (more: object) => told({ links: [...ours.links, link('x0', null, more)] })
    expect(pretending({ alias: 'lvn:mitte/gw1' })).toEqual([
      'interface x0: its alias is `lvn:mitte/gw1`, but it is no device of L-VN (kind veth); left alone',
    ])
    expect(pretending({ alias: 'lvn:\u001b', kind: null })[0]).toContain('no device of L-VN (kind none)')
    expect(pretending({ alias: 'x lvn:mitte/gw1' })).toEqual([])
    expect(told({ links: [link('lvn0', us, { alias: 'lvn:mitte/gw1' }), link('eth0')] })).toEqual([])
  })
})

describe('a program', () => {
  const ahead = { interface: 'eth0', side: 'ingress', who: 'program drop (id 12)', stays: false } as const

  it('that runs before ours is told, and what to do where ours cannot be put before it', () => {
    expect(told({ devices: [liveDevice({ ahead: [ahead, { ...ahead, stays: true }] })] })).toEqual([
      'program drop (id 12): runs before lvn0 on the ingress of eth0, and may take its packets',
      'program drop (id 12): runs before lvn0 on the ingress of eth0, and may take its packets: ' +
        'ours cannot be put before it, give it a larger preference',
    ])
    const theirs = liveDevice({ name: 'lvn5', owner: others, ahead: [ahead] })
    expect(told({ devices: [liveDevice(), theirs] })).toEqual([])
  })

  it('of XDP is told where devices receive', () => {
    const said = (xdp: number | undefined, ...on: string[][]) =>
      xdpPrograms(
        on.map((underlays, i) => ({ name: `lvn${i}`, underlays })),
        [link('eth0', null, xdp === undefined ? {} : { xdp })],
      ).map(({ id, note }) => `${id}: ${note}`)
    expect(said(3, ['eth0', 'eth1'])).toEqual([
      'XDP program (id 3): runs on eth0 before lvn0 receives there, and may take its packets',
    ])
    expect(said(0, ['eth0'], [], ['eth0'])).toEqual([
      'XDP programs: run on eth0 before lvn0 and lvn2 receives there, and may take its packets',
    ])
    expect(said(undefined, ['eth0'])).toEqual([])
    expect(said(3, ['eth1'])).toEqual([])
  })
})

describe('a qdisc on our device', () => {
  const shaped = (qdisc: string | undefined, more: Partial<LiveState> = {}) =>
    told({ links: [link('lvn0', us, qdisc === undefined ? {} : { qdisc }), link('eth0')], ...more })

  it('is without effect on the eBPF plane', () => {
    expect(shaped('htb')).toEqual([
      'qdisc htb: without effect on lvn0, whose packets leave before it; shape on the underlay interface',
    ])
    expect(shaped('htb', { plane: 'kmod' })).toEqual([])
    expect(told({ links: [link('lvn0', us), link('eth0', null, { qdisc: 'htb' })] })).toEqual([])
  })

  it.each([...['noop', 'noqueue', 'pfifo_fast', 'mq', 'fq_codel', 'fq', 'fq_pie', 'cake', 'sfq'], undefined])(
    'is not somebody’s where the kernel gives %s by itself',
    (qdisc) => expect(shaped(qdisc)).toEqual([]),
  )
})

describe('an address', () => {
  const desired = { addresses: [{ device: 'lvn0', address: '10.64.0.1' as never }] }

  it('on our device is told: it serves, or it does not', () => {
    expect(told({ addresses: [address('lvn0', '10.64.0.1')] }, desired)).toEqual([
      'address lvn0 10.64.0.1: set by someone else; it serves, and is left alone',
    ])
    expect(told({ addresses: [address('lvn0', '10.64.0.2')] }, desired)).toEqual([
      'address lvn0 10.64.0.2: set by someone else on our lvn0',
    ])
  })

  it('of ours elsewhere is told', () => {
    expect(
      told({ addresses: [address('eth0', '10.64.0.1'), address('eth0', '10.64.0.2')] }, desired),
    ).toEqual(['address eth0 10.64.0.1: the overlay device has the same address'])
  })

  it('that is ours, or that the kernel gives to every interface, is not', () => {
    const some = [address('lvn0', '10.64.0.2', true), address('lvn0', 'fe80::1')]
    expect(told({ addresses: some }, desired)).toEqual([])
  })

  it('on a device that goes is said to go with it', () => {
    expect(told({ addresses: [address('lvn0', '10.64.0.2')] }, { devices: [] })).toEqual([
      'address lvn0 10.64.0.2: goes with lvn0, which is removed',
    ])
  })
})

describe('a route', () => {
  const desired = { routes: [route('10.64.0.0/16', 'lvn0'), route('10.64.9.0/24', null, { metric: 9 })] }
  const there = (...routes: ReturnType<typeof liveRoute>[]) => told({ routes }, desired)

  it('on our device is told: it serves, or it does not', () => {
    expect(there(foreignRoute('10.64.0.0/16', 'lvn0'))).toEqual([
      'route 10.64.0.0/16: set by someone else; it serves, and is left alone',
    ])
    expect(there(foreignRoute('10.99.0.0/16', 'lvn0'))).toEqual([
      'route 10.99.0.0/16: set by someone else on our lvn0',
    ])
    expect(there(foreignRoute('10.64.0.0/16', 'lvn0', { metric: 7 }))).toEqual([
      'route 10.64.0.0/16: set by someone else on our lvn0',
    ])
    expect(there(liveRoute('10.99.0.0/16', 'lvn0'), foreignRoute('10.99.0.0/16', 'eth0'))).toEqual([])
  })

  it('that leads nowhere serves where it is what we want', () => {
    expect(there(foreignRoute('10.64.9.0/24', null, { metric: 9 }))).toEqual([
      'route unreachable 10.64.9.0/24: set by someone else; it serves, and is left alone',
    ])
    expect(told({ routes: [foreignRoute('10.99.0.0/16', null)] }, desired)).toEqual([])
  })

  it('that serves is told of where it gives packets a source that is not of the device', () => {
    const source = '10.64.0.1' as never
    const serves = foreignRoute('10.64.0.0/16', 'lvn0', { source })
    const note =
      "route 10.64.0.0/16: set by someone else, and gives this host's packets the source 10.64.0.1; left alone"
    expect(there(serves)).toEqual([note])
    expect(told({ routes: [serves], addresses: [address('eth0', source, true)] }, desired)).toEqual([note])
    expect(told({ routes: [serves], addresses: [address('lvn0', '10.64.0.7', true)] }, desired)).toEqual([
      note,
    ])
    expect(told({ routes: [serves], addresses: [address('lvn0', source, true)] }, desired)).toEqual([
      'route 10.64.0.0/16: set by someone else; it serves, and is left alone',
    ])
  })

  it('that the kernel makes with an address or an interface is not told', () => {
    const automatic = [
      foreignRoute('fe80::/64', 'lvn0'),
      foreignRoute('ff00::/8', 'lvn0'),
      foreignRoute('fd42::1/128', 'lvn0'),
    ]
    expect(told({ routes: automatic, addresses: [address('lvn0', 'fd42::1', true)] }, desired)).toEqual([])
    expect(there(foreignRoute('ff05::/16', 'lvn0'))).toHaveLength(1)
  })
})

describe('a route past our devices', () => {
  const into = { routes: [route('10.64.0.0/16', 'lvn0', { metric: 5 })] }
  const past = (one: ReturnType<typeof liveRoute>, desired: Partial<DesiredState> = into) =>
    told({ links: [...ours.links, link('lvn5', others)], routes: [one] }, desired)
  const leads = (id: string, where: string) => [`${id}: leads ${where} what the overlay has behind lvn0`]

  it('is told where it is longer, for some packets only, or preferred', () => {
    expect(past(foreignRoute('10.64.7.0/24', 'eth0'))).toEqual(leads('route 10.64.7.0/24', 'to eth0'))
    expect(past(foreignRoute('10.64.0.0/16', 'eth0', { metric: 4 }))).toEqual(
      leads('route 10.64.0.0/16', 'to eth0'),
    )
    expect(past(foreignRoute('10.64.0.0/16', 'eth0', { metric: 9, tos: 16 }))).toEqual(
      leads('route 10.64.0.0/16 tos 0x10', 'to eth0'),
    )
    expect(past(foreignRoute('10.64.7.0/24', null))).toEqual(
      leads('route unreachable 10.64.7.0/24', 'nowhere'),
    )
  })

  it('is not where ours comes first, or it is of an overlay', () => {
    expect(past(foreignRoute('10.64.0.0/16', 'eth0', { metric: 9 }))).toEqual([])
    expect(past(foreignRoute('10.0.0.0/8', 'eth0'))).toEqual([])
    expect(past(foreignRoute('10.65.0.0/24', 'eth0'))).toEqual([])
    expect(past(liveRoute('10.64.7.0/24', 'lvn5'))).toEqual([])
    expect(past(liveRoute('10.64.7.0/24', null))).toEqual([])
    expect(past(foreignRoute('10.64.7.0/24', 'lvn5'))).toEqual(leads('route 10.64.7.0/24', 'to lvn5'))
    expect(past(liveRoute('10.64.7.0/24', 'eth0'))).toEqual(leads('route 10.64.7.0/24', 'to eth0'))
  })

  it('is not where it is behind this node: there it is to go elsewhere', () => {
    const behind = { routes: [...into.routes, route('10.64.9.0/24', null, { metric: 99 })] }
    expect(past(foreignRoute('10.64.9.0/25', 'eth0'), behind)).toEqual([])
    expect(past(foreignRoute('10.64.8.0/25', 'eth0'), behind)).toHaveLength(1)
  })

  it('counts in the table that it is in', () => {
    const outside = { routes: [...into.routes, route('198.18.0.0/15', 'lvn0', { table: 7600 })] }
    const inTable = { table: 7600 }
    expect(past(foreignRoute('198.18.7.0/24', 'eth0', inTable), outside)).toEqual(
      leads('route 198.18.7.0/24 table 7600', 'to eth0'),
    )
    expect(past(foreignRoute('198.18.7.0/24', null, { ...inTable, type: 'throw' }), outside)).toEqual(
      leads('route throw 198.18.7.0/24 table 7600', 'to later tables'),
    )
    expect(past(foreignRoute('198.18.7.0/24', 'eth0'), outside)).toEqual([])
    expect(past(foreignRoute('10.64.7.0/24', 'eth0', inTable), outside)).toEqual([])
  })

  it('is held against the narrowest of our routes that holds it', () => {
    const two = {
      routes: [
        route('198.18.0.0/15', 'lvn0', { table: 7600, metric: 9 }),
        route('198.18.7.0/24', 'lvn0', { table: 7600, metric: 2 }),
      ],
    }
    const one = (metric: number) => past(foreignRoute('198.18.7.0/24', 'eth0', { table: 7600, metric }), two)
    expect([one(1).length, one(5).length]).toEqual([1, 0])
  })

  it('of the main table outside the nets is nothing to us', () => {
    const host = { routes: [route('192.0.2.0/24', 'lvn0')] }
    expect(past(foreignRoute('192.0.2.7/32', 'eth0'), host)).toEqual([])
  })
})

it('a table that has the name of ours, but not our mark, is told', () => {
  const filter = { owner: null, policies: [], ipv4: openFamily, ipv6: openFamily, intact: false }
  expect(
    told({
      filters: [
        { ...filter, device: 'lvn0' },
        { ...filter, device: 'lvn7' },
      ],
    }),
  ).toEqual(['table inet lvn_lvn0: it has the name of our own, but not our mark'])
  expect(told({ filters: [{ ...filter, device: 'lvn0', owner: us }] })).toEqual([])
})

it('what is told does not depend on whether anything is wanted of the device', () => {
  const state = live({ ...ours, addresses: [address('lvn0', '10.64.0.2')] })
  const owners = { ours: new Map([['lvn0', us]]), others: new Map(), byHand: new Set<string>() }
  expect(foreignObjects(state, wanted(), owners, new Set(), [])).toHaveLength(1)
})

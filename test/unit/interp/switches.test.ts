// SPDX-License-Identifier: MIT
/** Switches and ports, MTU, source lines and notes of what a node should have. */
import { describe, expect, it, test } from 'vitest'
import {
  type Desire,
  desire,
  linkdownPath,
  overlayOf,
  sysctlsOf,
  withReservedPorts,
} from '../../../src/interp/desire.ts'
import type { Address } from '../../../src/model/address.ts'
import type { LiveDevice, LiveState } from '../../../src/model/state.ts'
import type { Node, Overlay } from '../../../src/model/topology.ts'
import { joined } from '../../support/hub-topologies.ts'
import { address, link, liveState, route } from '../../support/live-state.ts'
import { policy, withPolicies } from '../../support/policies.ts'
import { at, hub, type NodeOptions, nat, overlay, spoke, topology } from '../../support/topologies.ts'

const nets = ['10.64.0.0/16', 'fd42:64::/48']
const listens = ['198.51.100.10', '2001:db8:1::1']
const kirche = spoke('kirche', at('203.0.113.7'), { addresses: ['10.64.1.1'] })
const rathaus = spoke('rathaus', nat, { addresses: ['10.64.3.1'] })

/** IPv4 by `eth0`, IPv6 by `eth1`, which takes less. */
const host = (more: Partial<LiveState> = {}) =>
  liveState({
    links: [link('lo'), link('eth0'), link('eth1', { mtu: 1400 })],
    addresses: [address('eth0', '198.51.100.10'), address('eth1', '2001:db8:1::1')],
    routes: [route('0.0.0.0/0', 'eth0'), route('::/0', 'eth1')],
    sysctls: [{ path: 'net/ipv6/conf/default/disable_ipv6', value: '0' }],
    ...more,
  })
const desired = (node: Node, over: Overlay, live = host()): Desire =>
  desire(topology(over), [node], live, new Map())

describe('a node wants the switches', () => {
  const wants = (node: Node, of = nets) =>
    sysctlsOf(node, overlay(of, hub('gw1', listens), [])).map(({ path, value }) => `${path}=${value}`)
  const port = 'net/ipv4/ip_local_reserved_ports/50000=1'
  const [all4, all6] = ['net/ipv4/conf/all/forwarding=1', 'net/ipv6/conf/all/forwarding=1']
  const hub4 = [
    'net/ipv4/conf/all/send_redirects=0',
    'net/ipv4/conf/lvn0/forwarding=1',
    'net/ipv4/conf/lvn0/send_redirects=0',
  ]

  it('that a hub forwards by, of the families of the nets, and those of what has networks behind it', () => {
    const gw = hub('gw1', listens)
    expect(wants(gw)).toEqual([all6, ...hub4, port])
    expect(wants(gw, nets.slice(0, 1))).toEqual([...hub4, port])
    expect(wants(gw, nets.slice(1))).toEqual([all6, port])
    expect(wants(hub('gw1', listens, { routes: ['192.168.1.0/24'] }), nets.slice(1))).toEqual([
      all4,
      all6,
      port,
    ])
    expect(wants(kirche)).toEqual([port])
    const lan = (...routes: string[]) => wants(spoke('a', nat, { routes }))
    expect(lan('10.64.1.0/24')).toEqual([all4, port])
    expect(lan('fd42:64:0:1::/64')).toEqual([all6, port])
  })

  it('on account of its device', () => {
    const [first] = sysctlsOf({ ...kirche, routes: [] }, overlay(nets, hub('gw1', listens), []))
    expect(first?.device).toBe('lvn0')
  })

  it('that keep each of its local ports from others: a spoke’s own, of a hub those behind its NAT', () => {
    expect(wants(spoke('a', nat, { port: 4000 }))).toEqual(['net/ipv4/ip_local_reserved_ports/4000=1'])
    const gw = hub('gw1', ['192.0.2.1 at 10.0.0.5', '192.0.2.2', '192.0.2.3'])
    const ports = [4001, 4002, 4002]
    const moved = gw.listens.map((listen, i) => ({
      ...listen,
      local: { ...listen.local, port: ports[i] as number },
    }))
    expect(wants({ ...gw, listens: moved }, ['fd42:64::/48']).slice(1)).toEqual([
      'net/ipv4/ip_local_reserved_ports/4001=1',
      'net/ipv4/ip_local_reserved_ports/4002=1',
    ])
  })

  it('of ports alone where the host tells of them', () => {
    const paths = (live: LiveState) =>
      desired(kirche, overlay(nets, hub('gw1', listens), [kirche]), live).desired.sysctls
    expect(paths(host())).toEqual([])
    const path = 'net/ipv4/ip_local_reserved_ports/50000'
    const told = [{ path, value: '0' }, ...host().sysctls]
    expect(paths(host({ sysctls: told }))).toEqual([{ path, value: '1', device: 'lvn0' }])
  })
})

describe('beside these a node wants', () => {
  const conf = (scope: string, key: string, value: string) => ({
    path: `net/ipv6/conf/${scope}/${key}`,
    value,
  })
  const paths = (node: Node, sysctls: LiveState['sysctls']) =>
    desired(
      node,
      overlay(nets, hub('gw1', listens, { addresses: ['10.64.0.1'] }), [kirche]),
      host({ sysctls }),
    )
      .desired.sysctls.map(({ path }) => path)
      .filter((path) => path.startsWith('net/ipv6/'))
  const gw = hub('gw1', listens, { addresses: ['10.64.0.1'] })

  it('that advertisements are taken on, before it forwards IPv6, where it does', () => {
    const sysctls = [
      ...[conf('all', 'forwarding', '0'), conf('eth0', 'forwarding', '0'), conf('eth0', 'accept_ra', '1')],
      conf('eth1', 'accept_ra', '2'),
    ]
    const kept = ['net/ipv6/conf/eth0/accept_ra', 'net/ipv6/conf/eth1/accept_ra']
    expect(paths(gw, sysctls)).toEqual([...kept, 'net/ipv6/conf/all/forwarding'])
    expect(paths(kirche, sysctls)).toEqual([])
  })

  it('IPv6 on its device, where routes of it lead there', () => {
    const off = [conf('default', 'disable_ipv6', '1')]
    expect(paths(gw, off)).toContain('net/ipv6/conf/lvn0/disable_ipv6')
    expect(paths(kirche, off)).toEqual([])
  })
})

describe('what the host says of reserved ports', () => {
  const list = 'net/ipv4/ip_local_reserved_ports'
  const told = (value: string, nodes: readonly Node[], more: Partial<LiveState> = {}) =>
    withReservedPorts(liveState({ sysctls: [{ path: list, value }], ...more }), nodes).sysctls.map(
      ({ path, value }) => `${path.slice(list.length)}=${value}`,
    )

  it('is told of each port that is wanted, or that a device has reserved', () => {
    expect(told('50000,50010-50019', [kirche])).toEqual(['=50000,50010-50019', '/50000=1'])
    expect(told('', [kirche, spoke('a', nat, { port: 4000 })])).toEqual(['=', '/50000=0', '/4000=0'])
    const saved = [
      { device: 'lvn0', path: `${list}/4001`, value: '0' },
      { device: 'lvn0', path: 'net/ipv4/conf/all/forwarding', value: '0' },
    ]
    expect(told('4001', [kirche], { saved })).toEqual(['=4001', '/50000=0', '/4001=1'])
  })

  it('is told once, and not where there is no list', () => {
    const sysctls = [
      { path: list, value: '' },
      { path: `${list}/50000`, value: '1' },
    ]
    expect(told('', [kirche], { sysctls })).toEqual(['=', '/50000=1'])
    const without = liveState()
    expect(withReservedPorts(without, [kirche])).toBe(without)
  })
})

describe('the MTU of a device', () => {
  const at6 = spoke('dach', at('2001:db8:7::7'), { addresses: ['10.64.4.1'] })
  const mtu = (node: Node, spokes: readonly Node[], live = host()) =>
    desired(node, overlay(['10.64.0.0/16'], node.role === 'hub' ? node : hub('gw1', listens), spokes), live)
      .desired.devices[0]?.mtu
  const gw = (options: NodeOptions = {}, of = listens) =>
    hub('gw1', of, { addresses: ['10.64.0.1'], ...options })

  it('is what the narrowest of its tunnels carries', () => {
    expect(mtu(gw(), [kirche])).toBe(1472)
    expect(mtu(gw(), [kirche, at6])).toBe(1352)
    expect(mtu(gw(), [at6, kirche])).toBe(1352)
  })

  it('reckons at a hub with every listen, where a tunnel is still to be learned or there is none', () => {
    expect(mtu(gw(), [kirche, rathaus])).toBe(1352)
    expect(mtu(gw(), [])).toBe(1352)
    expect(mtu(gw({}, ['198.51.100.10']), [rathaus])).toBe(1472)
    expect(mtu(gw({}, ['192.0.2.1 at 198.51.100.10']), [rathaus])).toBe(1472)
    // One that this host does not have is not reckoned with.
    expect(mtu(gw({}, ['198.51.100.10', '2001:db8:1::2']), [rathaus])).toBe(1472)
    expect(mtu(gw({}, ['198.51.100.11']), [rathaus])).toBe(1452)
    const gone = host({ links: [link('eth0')] })
    expect(mtu(gw(), [rathaus], gone)).toBe(1472)
  })

  it('is what it was, or fits Ethernet with IPv6 outside, while no way is known', () => {
    const away = (devices: readonly Partial<LiveDevice>[]) =>
      host({ routes: [], devices: devices.map((each) => ({ underlays: [], ...each })) as LiveDevice[] })
    expect(mtu(kirche, [kirche], away([]))).toBe(1452)
    expect(mtu(kirche, [kirche], away([{ name: 'lvn9', mtu: 1200 }]))).toBe(1452)
    expect(
      mtu(
        kirche,
        [kirche],
        away([
          { name: 'lvn9', mtu: 1200 },
          { name: 'lvn0', mtu: 1300 },
        ]),
      ),
    ).toBe(1300)
  })

  it('is at least what the families inside need: 1280 bytes of IPv6, 68 of IPv4', () => {
    const over = (bytes: number, ...addresses: string[]) => {
      const live = host({ links: [link('eth0', { mtu: bytes })] })
      const node = hub('gw1', ['198.51.100.10'], { addresses })
      return () => desired(node, overlay(nets.slice(0, 1), node, [kirche]), live).desired.devices[0]?.mtu
    }
    expect(over(1308, '10.64.0.1', 'fd42:64::1')()).toBe(1280)
    expect(over(1307, '10.64.0.1', 'fd42:64::1')).toThrow(
      expect.objectContaining({
        message: 'underlay MTU too small: lvn0 could carry 1279 bytes',
        hint: 'IPv6 inside the overlay needs 1280 bytes or more',
      }),
    )
    expect(over(96, '10.64.0.1')()).toBe(68)
    expect(over(95, '10.64.0.1')).toThrow(
      expect.objectContaining({ hint: 'IPv4 inside the overlay needs 68 bytes or more' }),
    )
  })

  it('that the file gives counts as it is, with a note where it is above what the underlay carries', () => {
    const given = (bytes: number, live = host()) => {
      const node = hub('gw1', ['198.51.100.10'], { addresses: ['10.64.0.1'], mtu: bytes })
      const { desired: state, notes } = desired(node, overlay(['10.64.0.0/16'], node, [kirche]), live)
      expect(state.devices[0]?.mtu).toBe(bytes)
      return notes
    }
    expect(given(1473)).toEqual([
      { id: 'device lvn0', note: 'MTU 1473 is above the 1472 bytes that the underlay carries in one packet' },
    ])
    expect(given(1472)).toEqual([])
    expect(given(9000, host({ addresses: [], routes: [] }))).toEqual([])
  })
})

test('a spoke of several hubs sends all of the nets, and what others have outside of them, to its home', () => {
  const [one, two] = [
    hub('one', ['198.51.100.1']),
    hub('two', ['198.51.100.2'], { routes: ['192.168.1.0/24'] }),
  ]
  const both = joined('both', '203.0.113.1', ['one', 'two'], { addresses: ['10.64.1.1'] }, 'two')
  const over = { ...overlay(nets, one, [both]), hubs: [one, two] }
  const { desired: state, spans } = desired(both, over)
  expect(state.rules.map(({ device, prefix, tunnel }) => `${device} ${prefix} ${tunnel}`)).toEqual([
    'lvn0 10.64.0.0/16 two',
    'lvn0 fd42:64::/48 two',
    'lvn0 192.168.1.0/24 two',
  ])
  expect(spans.get('rule lvn0 10.64.0.0/16')).toEqual(two.span)
})

test('a hub may be fixed where it has one peer, and a spoke of one hub is what the file says', () => {
  const fixed = hub('gw1', ['198.51.100.10'], { addresses: ['10.64.0.1'], mode: 'fixed' })
  const mode = (node: Node, ...spokes: Node[]) =>
    desired(node, overlay(['10.64.0.0/16'], fixed, spokes)).desired
  expect(mode(fixed, kirche)).toMatchObject({ devices: [{ mode: 'fixed' }], rules: [] })
  expect(() => mode(fixed, kirche, rathaus)).toThrow(expect.objectContaining({ code: 'LVN5301' }))
  const many = { ...kirche, device: { ...kirche.device, mode: 'multi' as const } }
  expect(mode(many, many)).toMatchObject({ devices: [{ mode: 'multi' }], rules: [{ tunnel: 'gw1' }] })
})

test('the line of each object is the one that asks for it', () => {
  const gw = hub('gw1', ['198.51.100.10'], { addresses: ['10.64.0.1'], routes: ['10.64.9.0/24'] })
  const exit = spoke('exit', at('203.0.113.7'), { addresses: ['10.64.1.1'], routes: ['0.0.0.0/0'] })
  const file = withPolicies(
    topology(overlay(['10.64.0.0/16'], gw, [exit])),
    { ...policy('deny', 'any', 'any', 'city'), span: kirche.span },
    policy('deny', 'exit', 'gw1'),
  )
  const { spans } = desire(file, [gw], host(), new Map())
  const lines = [...spans].map(([id, span]) => `${span.source.position(span.start).line} ${id}`)
  expect(lines).toEqual(
    expect.arrayContaining([
      '20 device lvn0',
      '20 address lvn0 10.64.0.1',
      '40 tunnel lvn0/exit',
      '30 rule lvn0 0.0.0.0/0',
      '10 sysctl net/ipv4/conf/lvn0/forwarding',
      '2 route 10.64.0.0/16',
      '10 route unreachable 10.64.9.0/24',
      '10 route throw 203.0.113.7/32 table 7600',
      '2 route 0.0.0.0/0 table 7600',
      '2 ip-rule -4 28293 lookup 7600',
      '50 filter lvn0',
    ]),
  )
})

describe('a note tells where packets would be lost', () => {
  const over = overlay(['10.64.0.0/16'], hub('gw1', listens, { addresses: ['10.64.0.1'] }), [kirche])
  const notes = (more: Partial<LiveState>) =>
    desired(over.hub, over, host(more)).notes.map(({ id, note }) => `${id}: ${note}`)

  it('IPv4 leaves out routes through devices without carrier, as those of the eBPF plane are', () => {
    const another = { path: 'net/ipv4/conf/all/forwarding', value: '0' }
    const set = (value: string) => ({ sysctls: [another, { path: linkdownPath, value }] })
    expect(linkdownPath).toBe('net/ipv4/conf/all/ignore_routes_with_linkdown')
    expect(notes(set('1'))).toEqual([
      'device lvn0: its IPv4 routes will not be used: it has no carrier, and ' +
        'net/ipv4/conf/all/ignore_routes_with_linkdown is 1; set it to 0',
    ])
    expect(notes(set('0'))).toEqual([])
    expect(notes({ ...set('1'), plane: 'kmod' })).toEqual([])
    expect(
      notes({ sysctls: [{ path: 'net/ipv4/conf/lvn0/ignore_routes_with_linkdown', value: '1' }] }),
    ).toEqual([])
  })

  it('the eBPF plane has frames cut by `lo`, which is down', () => {
    const lo = (up: boolean) => ({ links: [link('eth2', { up: false }), link('eth0'), link('lo', { up })] })
    expect(notes(lo(true))).toEqual([])
    expect(notes(lo(false))).toEqual([
      'device lvn0: the interface lo is down: datagrams that another node sends many at a time (UDP_SEGMENT) ' +
        'may be lost; set it up',
    ])
    expect(notes({ ...lo(false), plane: 'kmod' })).toEqual([])
  })
})

test('a node of no overlay of the file is a mistake of the program', () => {
  const file = topology(overlay(nets, hub('gw1', listens), []))
  expect(() => overlayOf(file, spoke('a', nat, { overlay: 'city' }))).toThrow('node a is of no overlay')
  expect(overlayOf(file, kirche).hub.listens.map((each): Address => each.address)).toEqual(listens)
})

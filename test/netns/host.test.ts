// SPDX-License-Identifier: MIT
/**
 * The host network on a real kernel:
 *
 *   a: v0 192.0.2.1/24, 2001:db8::1/64  ----  v1: b
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hostNetwork } from '../../native/host/index.ts'
import { withNetns } from '../../native/netns.ts'
import type { Address, Prefix } from '../../src/model/address.ts'
import type { HostNetwork, HostOperation, OperationResult } from '../../src/model/kernel.ts'
import type { HostState, IpRuleAction, LiveIpRule, RouteSpec } from '../../src/model/state.ts'
import { connect, Netns, until } from '../support/netns.ts'

let a: Netns
let b: Netns
let host: HostNetwork

beforeEach(() => {
  a = new Netns('a')
  b = new Netns('b')
  connect(
    { ns: a, dev: 'v0', addresses: ['192.0.2.1/24', '2001:db8::1/64'] },
    { ns: b, dev: 'v1', addresses: ['192.0.2.2/24', '2001:db8::2/64'] },
  )
  host = withNetns(a.path, hostNetwork)
})

afterEach(() => {
  host.close()
  a.dispose()
  b.dispose()
})

const address = (op: 'add' | 'delete', address: string, device = 'v0'): HostOperation => ({
  op,
  kind: 'address',
  spec: { device, address: address as Address },
})

const route = (op: 'add' | 'delete', destination: string, metric = 50, device: string | null = 'v0') =>
  ({
    op,
    kind: 'route',
    spec: {
      ...{ destination: destination as Prefix, metric, device, mtu: null },
      type: device ? ('unicast' as const) : ('unreachable' as const),
    },
  }) satisfies HostOperation

function apply(...operations: HostOperation[]): readonly OperationResult[] {
  // Sysctls are of the namespace that the thread is in.
  return withNetns(a.path, () => host.apply(operations))
}

const statuses = (results: readonly OperationResult[]) => results.map(({ status }) => status)
const errorOf = (results: readonly OperationResult[]) =>
  results.flatMap((result) => (result.status === 'failed' ? [result.error.message] : [])).join('\n')

/** Without link-local addresses and their routes, which come when the kernel has the time. */
function settled({ addresses, routes }: HostState) {
  return {
    addresses: addresses.filter(({ address }) => !address.startsWith('fe80')),
    routes: routes.filter(({ destination }) => !destination.startsWith('fe80')),
  }
}

describe('snapshot', () => {
  test('reads links with kind and alias, and takes no interface of another kind for ours', () => {
    const alias = 'lvn:mitte/gw1'
    a.run('ip', 'link', 'set', 'v0', 'alias', alias, 'mtu', '1400')
    const { links } = host.snapshot()
    expect(links).toMatchObject([
      { name: 'lo', kind: null, hardwareType: 772, up: true, owner: null },
      { name: 'v0', kind: 'veth', hardwareType: 1, mtu: 1400, alias, owner: null },
    ])
  })

  test('reads foreign addresses and routes as foreign', () => {
    a.run('ip', 'route', 'add', '198.51.100.0/24', 'via', '192.0.2.2')
    a.run('ip', 'route', 'add', 'unreachable', '203.0.113.0/24', 'metric', '7')
    a.run('ip', 'route', 'add', '10.9.0.0/16', 'nexthop', 'via', '192.0.2.2', 'nexthop', 'via', '192.0.2.3')
    const { addresses, routes } = host.snapshot()
    expect(addresses).toContainEqual({ device: 'v0', address: '192.0.2.1', prefixLength: 24, owned: false })
    const foreign = { device: 'v0', type: 'unicast', metric: 0, mtu: null, owned: false }
    const gateway = '192.0.2.2'
    expect(routes).toContainEqual({ ...foreign, destination: '192.0.2.0/24', source: '192.0.2.1' })
    expect(routes).toContainEqual({ ...foreign, destination: '198.51.100.0/24', gateway })
    expect(routes).toContainEqual({ ...foreign, destination: '10.9.0.0/16', gateway })
    const unreachable = { device: null, type: 'unreachable', metric: 7, mtu: null, owned: false }
    expect(routes).toContainEqual({ ...unreachable, destination: '203.0.113.0/24' })
  })

  test('reads the rules of routing, those of others too', () => {
    const rule = {
      ...{ priority: 500, from: null, to: null, iif: null, oif: null, mark: null, table: 254 },
      ...{ suppressedLength: null, action: 'lookup', inverted: false, narrowed: false, owned: false },
    }
    expect(host.snapshot().ipRules).toEqual([
      { ...rule, family: 4, priority: 0, table: 255 },
      { ...rule, family: 4, priority: 32766 },
      { ...rule, family: 4, priority: 32767, table: 253 },
      { ...rule, family: 6, priority: 0, table: 255 },
      { ...rule, family: 6, priority: 32766 },
    ])
    const added: [words: string, IpRuleAction | null, Partial<LiveIpRule>][] = [
      ['from 10.1.0.0/16 to 10.2.0.1 table 7', null, { from: '10.1.0.0/16', to: '10.2.0.1/32', table: 7 }],
      ['iif v0 oif lo table 1000', null, { iif: 'v0', oif: 'lo', table: 1000 }],
      ['fwmark 0x10/0xff table 9', null, { mark: { value: 0x10, mask: 0xff }, table: 9 }],
      ['not from 10.3.0.0/16 table 8', null, { inverted: true, from: '10.3.0.0/16', table: 8 }],
      ['table main suppress_prefixlength 0', null, { suppressedLength: 0 }],
      ['ipproto tcp dport 22 table 8', null, { narrowed: true, table: 8 }],
      ['tos 0x10 table 8', null, { narrowed: true, table: 8 }],
      ['uidrange 0-7 table 8', null, { narrowed: true, table: 8 }],
      ['from 10.4.0.0/16 unreachable', 'unreachable', { from: '10.4.0.0/16', table: 0 }],
      ['from 10.4.0.0/16 blackhole', 'blackhole', { from: '10.4.0.0/16', table: 0 }],
      ['from 10.4.0.0/16 prohibit', 'prohibit', { from: '10.4.0.0/16', table: 0 }],
      ['from 10.4.0.0/16 goto 32766', 'goto', { from: '10.4.0.0/16', table: 0 }],
      ['from 10.5.0.1 protocol 76 table main', null, { from: '10.5.0.1/32', owned: true }],
    ] as const as never
    for (const [words, action, says] of added) {
      const one = `rule add priority 500 ${words}`
      a.ip(one)
      expect(host.snapshot().ipRules[1], words).toEqual({
        ...{ ...rule, family: 4 },
        ...(action === null ? {} : { action }),
        ...says,
      })
      a.ip(one.replace('add', 'del'))
    }
    a.run('ip', '-6', 'rule', 'add', 'priority', '500', 'from', 'fd42::/48', 'table', '7')
    expect(host.snapshot().ipRules).toContainEqual({ ...rule, family: 6, from: 'fd42::/48', table: 7 })
  })

  test('tells of the routes of others those that matter to some nets', () => {
    a.ip(
      ...[
        'tuntap add tun7 mode tun',
        'tuntap add lvn0 mode tun',
        'link set lvn0 alias lvn:mitte/gw1',
        'link set lvn0 up',
      ],
      ...['link set tun7 up', 'route add default via 192.0.2.2', 'route add default via 2001:db8::2'],
      ...['route add 10.64.1.0/24 dev tun7', 'route add 10.64.0.0/16 dev tun7 metric 9'],
      ...[
        'route add 10.0.0.0/8 dev tun7',
        'route add blackhole 10.64.2.0/23',
        'route add 10.65.0.0/16 dev tun7',
      ],
      ...['route add 10.99.0.0/16 dev lvn0', 'route add 10.98.0.0/16 proto 76 dev tun7'],
      ...[
        'route add 10.97.0.0/16 nexthop dev tun7 nexthop dev lvn0',
        'route add 10.64.9.0/24 dev tun7 table 9',
      ],
      ...['route add fd42:64:0:1::/64 dev tun7', 'route add fd42:65::/48 dev tun7'],
    )
    const nets = ['10.64.0.0/16', 'fd42:64::/48'] as Prefix[]
    const found = host.snapshot(nets).routes.map(({ destination, device }) => `${destination} ${device}`)
    expect(found.filter((route) => !/^(fe80|ff00)::/.test(route)).sort()).toEqual([
      ...['0.0.0.0/0 v0', '10.64.0.0/16 tun7', '10.64.1.0/24 tun7', '10.64.2.0/23 null', '10.97.0.0/16 tun7'],
      ...['10.98.0.0/16 tun7', '10.99.0.0/16 lvn0', '::/0 v0', 'fd42:64:0:1::/64 tun7'],
    ])
    expect(host.interfaces()).toEqual(
      (({ hostname, links, addresses }) => ({ hostname, links, addresses }))(host.snapshot()),
    )
  })

  test('of a namespace whose tables were never used is empty', () => {
    const fresh = new Netns('fresh')
    const its = withNetns(fresh.path, hostNetwork)
    expect(its.snapshot().routes).toEqual([])
    its.close()
    fresh.dispose()
  })
})

describe('apply', () => {
  const all = (op: 'add' | 'delete') => [
    address(op, '10.64.0.1'),
    address(op, 'fd42::1'),
    route(op, '10.64.0.0/16'),
    route(op, 'fd42::/48'),
    route(op, '10.64.0.0/16', 500, null),
    route(op, 'fd42::/48', 500, null),
  ]

  test('puts in marked addresses and routes, and takes exactly them out', () => {
    const before = settled(host.snapshot())
    expect(statuses(apply(...all('add')))).toEqual(Array(6).fill('done'))
    const { addresses, routes } = host.snapshot()
    expect(addresses.filter(({ owned }) => owned)).toEqual([
      { device: 'v0', address: '10.64.0.1', prefixLength: 32, owned: true },
      { device: 'v0', address: 'fd42::1', prefixLength: 128, owned: true },
    ])
    expect(routes.filter(({ owned }) => owned)).toEqual([
      { destination: '10.64.0.0/16', device: 'v0', type: 'unicast', metric: 50, mtu: null, owned: true },
      { destination: '10.64.0.0/16', device: null, type: 'unreachable', metric: 500, mtu: null, owned: true },
      { destination: 'fd42::/48', device: 'v0', type: 'unicast', metric: 50, mtu: null, owned: true },
      { destination: 'fd42::/48', device: null, type: 'unreachable', metric: 500, mtu: null, owned: true },
    ])
    // Usable at once: not tentative.
    expect(a.run('ip', '-6', 'addr', 'show', 'to', 'fd42::1')).toContain('scope global nodad noprefixroute')
    expect(statuses(apply(...all('delete')))).toEqual(Array(6).fill('done'))
    expect(settled(host.snapshot())).toEqual(before)
  })

  test('puts a route in the place of another without a moment between', async () => {
    const of = (destination: string, metric: number, mtu: number | null, device: string | null = 'v0') => ({
      ...route('add', destination, metric, device).spec,
      mtu,
    })
    const set = (before: RouteSpec, spec: RouteSpec) =>
      ({ op: 'set', kind: 'route', before, spec }) satisfies HostOperation
    const places = ['10.64.0.0/16', 'fd42::/48'].map((destination) => [
      of(destination, 50, null),
      of(destination, 50, 1400),
      of(destination, 50, null, null),
    ]) as [RouteSpec, RouteSpec, RouteSpec][]
    const owned = () => host.snapshot().routes.filter((each) => each.owned)
    const events: string[] = []
    apply(...places.map(([first]) => ({ op: 'add', kind: 'route', spec: first }) as const))
    const stop = withNetns(a.path, () =>
      host.watch((event) => {
        if (event.kind === 'route') events.push(event.change)
      }),
    )
    try {
      for (const [before, after] of [
        [0, 1],
        [1, 2],
        [2, 0],
      ] as const) {
        expect(statuses(apply(...places.map((each) => set(each[before], each[after]))))).toEqual([
          'done',
          'done',
        ])
        expect(owned()).toEqual(places.map((each) => ({ ...each[after], owned: true })))
      }
      await until('all is told', () => events.length >= 6)
      expect(events).toEqual(Array(6).fill('new'))
      const nowhere = { ...places[0]?.[1], device: 'nix' } as RouteSpec
      const results = apply(
        set(places[1]?.[0] as RouteSpec, places[1]?.[1] as RouteSpec),
        set(nowhere, nowhere),
      )
      expect(statuses(results)).toEqual(['done', 'failed'])
    } finally {
      stop()
      apply(...places.map(([first]) => ({ op: 'delete', kind: 'route', spec: first }) as const))
    }
  })

  test('leaves foreign twins alone', () => {
    a.run('ip', 'addr', 'add', '10.64.0.1/32', 'dev', 'v0')
    a.run('ip', 'route', 'add', '10.64.0.0/16', 'dev', 'v0', 'metric', '50')
    const before = settled(host.snapshot())
    expect(statuses(apply(...all('delete')))).toEqual(Array(6).fill('done'))
    expect(settled(host.snapshot())).toEqual(before)
    expect(errorOf(apply(address('add', '10.64.0.1')))).toBe(
      'cannot add the address 10.64.0.1 to v0: ipv4: Address already assigned (EEXIST)',
    )
    expect(errorOf(apply(route('add', '10.64.0.0/16')))).toContain('cannot add the route 10.64.0.0/16: ')
    expect(settled(host.snapshot())).toEqual(before)
  })

  test('stops at the first failure, and nothing after it stays', () => {
    a.run('ip', 'route', 'add', '10.2.0.0/16', 'dev', 'v0', 'metric', '50')
    const routes = [1, 2, 3, 4].map((i) => route('add', `10.${i}.0.0/16`))
    const results = apply(...routes, address('delete', '192.0.2.1'))
    expect(statuses(results)).toEqual(['done', 'failed', 'not-tried', 'not-tried', 'not-tried'])
    const owned = host.snapshot().routes.filter((route) => route.owned)
    expect(owned.map(({ destination }) => destination)).toEqual(['10.1.0.0/16'])
  })

  test('stops at an interface that is not there', () => {
    const results = apply(
      address('add', '10.0.0.1'),
      address('add', '10.0.0.2', 'nix'),
      address('add', '10.0.0.3'),
    )
    expect(statuses(results)).toEqual(['done', 'failed', 'not-tried'])
    expect(errorOf(results)).toBe('there is no interface nix')
    expect(
      statuses(apply(address('delete', '10.0.0.2', 'nix'), route('delete', '10.0.0.0/8', 50, 'nix'))),
    ).toEqual(['done', 'done'])
  })

  test('writes sysctls between netlink operations', () => {
    const path = 'net/ipv4/conf/v0/forwarding'
    const write = (path: string, value: string): HostOperation => ({
      op: 'write',
      kind: 'sysctl',
      path,
      value,
    })
    const read = () => withNetns(a.path, () => host.sysctls([path, 'net/ipv4/conf/nix/forwarding']))
    expect(read()).toEqual(new Map([[path, '0']]))
    const results = apply(address('add', '10.0.0.1'), write(path, '1'), route('add', '10.64.0.0/16'))
    expect(statuses(results)).toEqual(['done', 'done', 'done'])
    expect(read()).toEqual(new Map([[path, '1']]))
    const refused = apply(write('net/ipv4/conf/v0/nix', '1'), address('add', '10.0.0.2'))
    expect(statuses(refused)).toEqual(['failed', 'not-tried'])
    expect(statuses(apply(write('net/../../uptime', '1')))).toEqual(['failed'])
  })

  test('a sysctl of an interface that has gone counts as written, any other that is not there does not', () => {
    const write = (path: string): HostOperation => ({ op: 'write', kind: 'sysctl', path, value: '1' })
    const gone = ['net/ipv4/conf/gone0/forwarding', 'net/ipv6/conf/gone0/accept_ra']
    expect(statuses(apply(...gone.map(write)))).toEqual(['done', 'done'])
    for (const path of ['net/ipv4/conf/v0/nix', 'net/ipv4/conf/all/nix', 'net/ipv4/nix'])
      expect(statuses(apply(write(path), ...gone.map(write)))).toEqual(['failed', 'not-tried', 'not-tried'])
  })

  test('a sysctl of an interface that was renamed since it was seen does not count as written', () => {
    const path = 'net/ipv4/conf/v0/forwarding'
    host.snapshot()
    a.run('ip', 'link', 'set', 'v0', 'name', 'wan0')
    // As udev does: the old name is still good for a look-up, and for no path below /proc/sys.
    a.run('ip', 'link', 'property', 'add', 'dev', 'wan0', 'altname', 'v0')
    const results = apply({ op: 'write', kind: 'sysctl', path, value: '1' })
    expect(errorOf(results)).toBe('the interface v0 is not there: it is named wan0 by now')
    host.snapshot()
    expect(statuses(apply({ op: 'write', kind: 'sysctl', path, value: '1' }))).toEqual(['done'])
  })

  test('an interface name with a dot has its sysctls', () => {
    a.run('ip', 'link', 'set', 'v0', 'name', 'v0.7')
    const path = 'net/ipv4/conf/v0.7/forwarding'
    expect(withNetns(a.path, () => host.sysctls([path]))).toEqual(new Map([[path, '0']]))
  })

  test('reports progress on 10,000 routes', () => {
    const routes = Array.from({ length: 10_000 }, (_, i) => route('add', `10.${i >> 8}.${i & 255}.0/24`))
    const seen: number[] = []
    const results = host.apply(routes, (done) => seen.push(done))
    expect(results.every(({ status }) => status === 'done')).toBe(true)
    expect(seen.at(-1)).toBe(10_000)
    expect(seen.length).toBeGreaterThan(10)
    expect(host.snapshot().routes.filter(({ owned }) => owned)).toHaveLength(10_000)
  })
})

describe('paths', () => {
  const paths = (...remotes: string[]) => host.paths(remotes as Address[])

  test("are the kernel's own decisions, in order", () => {
    a.run('ip', 'link', 'set', 'v0', 'mtu', '1400')
    a.run('ip', 'route', 'add', '198.51.100.0/24', 'via', '192.0.2.2', 'mtu', '1300')
    a.run('ip', 'route', 'add', 'unreachable', '203.0.113.0/24')
    a.run('ip', '-6', 'route', 'add', 'unreachable', '2001:db8:bad::/48')
    const v4 = { interface: 'v0', source: '192.0.2.1' }
    expect(
      paths(
        '192.0.2.9',
        '203.0.113.1',
        '198.51.100.7',
        '2001:db8::9',
        '2001:db8:bad::1',
        '198.18.0.1',
        '2001:db9::1',
      ),
    ).toEqual([
      { remote: '192.0.2.9', via: { ...v4, mtu: 1400 } },
      { remote: '203.0.113.1', via: null },
      { remote: '198.51.100.7', via: { ...v4, mtu: 1300 } },
      { remote: '2001:db8::9', via: { interface: 'v0', source: '2001:db8::1', mtu: 1400 } },
      { remote: '2001:db8:bad::1', via: null },
      { remote: '198.18.0.1', via: null },
      { remote: '2001:db9::1', via: null },
    ])
  })

  test('are none where only a table of ours has an answer', () => {
    for (const [family, everything, gateway] of [
      ['-4', '0.0.0.0/0', '192.0.2.2'],
      ['-6', '::/0', '2001:db8::2'],
    ] as const) {
      a.run('ip', family, 'rule', 'add', 'fwmark', '76', 'lookup', 'main', 'priority', '20000')
      a.run('ip', family, 'rule', 'add', 'lookup', '7600', 'priority', '28293')
      a.run('ip', family, 'route', 'add', everything, 'dev', 'v0', 'table', '7600')
      const [far, near] = family === '-4' ? ['203.0.113.1', '192.0.2.9'] : ['2001:db9::1', '2001:db8::9']
      expect(paths(far, near)).toMatchObject([{ via: null }, { via: { interface: 'v0' } }])
      a.run('ip', family, 'route', 'add', 'default', 'via', gateway)
      expect(paths(far)).toMatchObject([{ via: { interface: 'v0' } }])
    }
  })

  test('10,000 of them are answered in order', () => {
    a.run('ip', 'route', 'add', 'default', 'via', '192.0.2.2')
    const remotes = Array.from({ length: 10_000 }, (_, i) => `10.${i >> 8}.${i & 255}.1`)
    const found = paths(...remotes)
    expect(found.map(({ remote }) => remote)).toEqual(remotes)
    expect(found.every(({ via }) => via?.interface === 'v0')).toBe(true)
  })
})

test('watch tells of links, addresses, routes and filters until it is stopped', async () => {
  const events: string[] = []
  const stop = withNetns(a.path, () => host.watch((event) => events.push(Object.values(event).join(' '))))
  a.run('ip', 'link', 'add', 'w0', 'type', 'veth', 'peer', 'name', 'w1')
  a.run('ip', 'addr', 'add', '10.1.0.1/24', 'dev', 'v0')
  a.run('ip', '-6', 'route', 'add', 'fd99::/48', 'dev', 'v0')
  a.run('ip', 'addr', 'del', '10.1.0.1/24', 'dev', 'v0')
  a.run('ip', 'link', 'del', 'w0')
  // One transaction is one event, and a table of others none.
  a.run('nft', 'add table inet theirs; add chain inet theirs lvn_c')
  a.run('nft', 'add table inet lvn_w; add chain inet lvn_w c; add rule inet lvn_w c counter accept')
  a.run('nft', 'add table ip lvn_v')
  a.run('nft', 'delete table inet lvn_w')
  const wanted = [
    'link new w0',
    'address new',
    'route new',
    'address removed',
    'route removed',
    'link removed w0',
  ]
  const ofFilters = () => events.filter((event) => event.startsWith('filter '))
  await until(
    'every event came',
    () => wanted.every((event) => events.includes(event)) && ofFilters().length >= 2,
  )
  expect(ofFilters()).toEqual(['filter w', 'filter w'])
  stop()
  const count = events.length
  a.run('ip', 'addr', 'add', '10.1.0.1/24', 'dev', 'v0')
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(events).toHaveLength(count)
})

// SPDX-License-Identifier: MIT
/** Every field of a snapshot: it is kept, and where it is not as it should be, the message gives its place. */
import { describe, expect, it, test } from 'vitest'
import { ShapeError } from '../../../src/model/shape.ts'
import { readSnapshot, snapshotToJson } from '../../../src/model/snapshot.ts'
import type { LiveState } from '../../../src/model/state.ts'
import { edited } from '../../support/edited.ts'

const owner = { overlay: 'mitte', node: 'gw1' }
const family = {
  sources: [{ first: '10.64.0.1', last: '10.64.0.9', list: 1 }],
  lists: [
    { targets: [], otherwise: 'allow' },
    { targets: [{ first: '10.64.1.1', last: '10.64.1.9', verdict: 'deny' }], otherwise: 'base' },
  ],
}

/** With all that may be absent. */
const full = {
  formatVersion: 1,
  hostname: 'rathaus',
  links: [
    {
      ...{ name: 'lvn0', ifindex: 7, kind: 'tun', mtu: 1400, up: true, hardwareType: 65534 },
      ...{ alias: 'lvn:mitte/gw1', owner, master: 3, xdp: 0, qdisc: 'noqueue', tunOwner: 1000 },
    },
  ],
  addresses: [
    { device: 'eth0', address: '198.51.100.10', prefixLength: 24, owned: false, flaw: 'tentative' },
  ],
  routes: [
    {
      ...{ destination: '10.64.0.0/16', device: 'lvn0', type: 'unicast', metric: 5, mtu: 1300, table: 7600 },
      ...{ tos: 16, from: 'fd42::/64', source: '10.64.0.1', gateway: '10.64.0.2', owned: true },
    },
  ],
  ipRules: [
    {
      ...{ family: 6, priority: 20_000, from: 'fd42::/64', to: '::/0', iif: 'lo', oif: 'eth0' },
      ...{ mark: { value: 76, mask: 255 }, inverted: false, action: 'lookup', table: 254 },
      ...{ suppressedLength: 0, narrowed: true, owned: true },
    },
  ],
  devices: [
    {
      ...{
        name: 'lvn0',
        mode: 'multi',
        owner,
        mtu: 1400,
        underlays: ['eth0'],
        destinations: ['10.64.0.0/16'],
      },
      ...{ plane: 'ebpf', ifindex: 7, up: true, capacity: 1024, drops: { 'no-rule': 1 }, intact: true },
      ahead: [{ interface: 'eth0', side: 'ingress', who: 'program drop (id 12)', stays: false }],
    },
  ],
  tunnels: [
    {
      ...{ device: 'lvn0', name: 's1', local: { address: '198.51.100.10', port: 1 } },
      ...{ remote: { address: '203.0.113.1', port: 65_535 }, underlay: 'eth0', onDead: 'remove', id: 1 },
      keepalive: { intervalMs: 20_000, deadMs: 90_000 },
      counters: {
        ...{ rxPackets: 1, rxBytes: 2, txPackets: 3, txBytes: 4, dropped: 5, sinceRxMs: 0, sinceTxMs: 1.5 },
      },
    },
  ],
  rules: [{ device: 'lvn0', prefix: '10.64.1.0/24', tunnel: 's1' }],
  filters: [
    { device: 'lvn0', owner, policies: ['deny any -> any'], ipv4: family, ipv6: family, intact: true },
  ],
  saved: [{ device: 'lvn0', path: 'net/ipv4/conf/all/forwarding', value: '0' }],
  plane: 'kmod',
  maxTunnels: 65_536,
  sysctls: [{ path: 'net/ipv4/conf/all/forwarding', value: '1' }],
  ways: [
    {
      question: { device: 'lvn0', destination: '10.64.1.1', source: '10.64.0.1' },
      ...{ device: 'eth0', type: 'unicast', table: 100, route: '10.64.0.0/16' },
    },
  ],
  paths: [{ remote: '203.0.113.1', via: { interface: 'eth0', source: '198.51.100.10', mtu: 1500 } }],
}

function complaint(json: unknown): string {
  try {
    readSnapshot(json)
  } catch (error) {
    if (error instanceof ShapeError) return error.message
    throw error
  }
  return 'none'
}

/** `tunnels/0/remote/port`, of every value that holds no others. */
function leaves(json: unknown, at = ''): string[] {
  if (typeof json !== 'object' || json === null) return [at]
  return Object.entries(json).flatMap(([name, each]) => leaves(each, at === '' ? name : `${at}/${name}`))
}

/** `tunnels[0].remote.port` */
const placeOf = (leaf: string) => leaf.replace(/\/(\d+)/g, '[$1]').replaceAll('/', '.')

test('a snapshot that has everything is kept as it is', () => {
  const { formatVersion: _, ...state } = full
  expect(readSnapshot(full)).toEqual(state)
  expect(snapshotToJson(state as unknown as LiveState)).toEqual(full)
})

describe.each(leaves(full).filter((leaf) => leaf !== 'formatVersion'))('%s', (leaf) => {
  it('is told of by its place where it is something else', () => {
    const place = placeOf(leaf).replace('drops.no-rule', 'drops["no-rule"]')
    expect(complaint(edited(full, { [leaf]: { unlike: 'any' } }))).toMatch(/: expected .+, found an object$/)
    expect(complaint(edited(full, { [leaf]: { unlike: 'any' } })).startsWith(`${place}: `)).toBe(true)
  })
})

test.each([
  ['links/0/kind', 'links/0/alias', 'links/0/owner', 'routes/0/device', 'routes/0/mtu', 'ipRules/0/from'],
  ['ipRules/0/to', 'ipRules/0/iif', 'ipRules/0/oif', 'ipRules/0/mark', 'ipRules/0/suppressedLength'],
  ['tunnels/0/remote', 'tunnels/0/underlay', 'tunnels/0/counters/sinceRxMs', 'tunnels/0/counters/sinceTxMs'],
  [
    'filters/0/owner',
    'ways/0/question/source',
    'ways/0/device',
    'ways/0/table',
    'ways/0/route',
    'paths/0/via',
  ],
])('null is kept where it means something: %s, …', (...places) => {
  const none = edited(full, Object.fromEntries(places.map((place) => [place, null])))
  expect(snapshotToJson(readSnapshot(none))).toEqual(none)
})

test.each([
  [
    'links/0/master',
    'links/0/xdp',
    'links/0/qdisc',
    'links/0/tunOwner',
    'addresses/0/flaw',
    'routes/0/table',
  ],
  ['routes/0/tos', 'routes/0/from', 'routes/0/source', 'routes/0/gateway', 'devices/0/ahead'],
  ['tunnels/0/onDead', 'ways'],
])('what may be absent stays absent: %s, …', (...places) => {
  const none = edited(full, Object.fromEntries(places.map((place) => [place, undefined])))
  expect(snapshotToJson(readSnapshot(none))).toEqual(none)
})

test('fields that earlier versions did not write have the value of nothing', () => {
  const old = readSnapshot(
    edited(full, { 'routes/0/mtu': undefined, ipRules: undefined, 'devices/0/destinations': undefined }),
  )
  expect([old.routes[0]?.mtu, old.ipRules, old.devices[0]?.destinations]).toEqual([null, [], []])
})

test.each([
  ['addresses/0/address', '010.64.0.1', 'an IP address'],
  ['addresses/0/address', 'FD42::1', 'an IP address'],
  ['rules/0/prefix', '10.64.1.1/24', 'a prefix'],
  ['rules/0/prefix', '10.64.1.0', 'a prefix'],
  ['tunnels/0/local/port', 0, 'a port from 1 to 65535'],
  ['tunnels/0/local/port', 65_536, 'a port from 1 to 65535'],
  ['tunnels/0/local/port', 1.5, 'a port from 1 to 65535'],
  ['links/0/name', '', 'a name'],
  ['tunnels/0/counters/sinceRxMs', -1, 'milliseconds'],
  ['tunnels/0/counters/sinceRxMs', '1', 'milliseconds'],
  ['filters/0/ipv4/lists/0/otherwise', 'drop', '"allow" or "deny" or "base"'],
  ['filters/0/ipv4/lists/1/targets/0/verdict', 'base', '"allow" or "deny"'],
  ['devices/0/mode', 'single', '"fixed" or "multi"'],
  ['devices/0/ahead/0/side', 'in', '"ingress" or "egress"'],
  ['ipRules/0/family', 5, '4 or 6'],
  ['routes/0/type', 'blackhole', '"unicast" or "unreachable" or "throw"'],
  ['addresses/0/flaw', 'old', '"tentative" or "duplicate" or "deprecated"'],
  ['tunnels/0/onDead', 'drop', '"keep" or "remove"'],
])('%s is not %j', (leaf, found, what) => {
  expect(complaint(edited(full, { [leaf]: found }))).toBe(
    `${placeOf(leaf)}: expected ${what}, found ${JSON.stringify(found)}`,
  )
})

test('every word that the kernel may have for an action or a way is known', () => {
  for (const action of ['lookup', 'goto', 'nop', 'blackhole', 'unreachable', 'prohibit'])
    expect(complaint(edited(full, { 'ipRules/0/action': action }))).toBe('none')
  for (const type of ['unicast', 'local', 'blackhole', 'unreachable', 'prohibit', 'none'])
    expect(complaint(edited(full, { 'ways/0/type': type }))).toBe('none')
  for (const [leaf, words] of [
    ['ipRules/0/family', [4, 6]],
    ['routes/0/type', ['unicast', 'unreachable', 'throw']],
    ['devices/0/mode', ['fixed', 'multi']],
    ['devices/0/ahead/0/side', ['ingress', 'egress']],
    ['tunnels/0/onDead', ['keep', 'remove']],
    ['addresses/0/flaw', ['tentative', 'duplicate', 'deprecated']],
  ] as const)
    for (const word of words) expect(complaint(edited(full, { [leaf]: word }))).toBe('none')
})

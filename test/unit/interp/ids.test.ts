// SPDX-License-Identifier: MIT
/** Identities of objects, as a plan has them: like the words of `ip`, and apart for objects that are apart. */
import { expect, test } from 'vitest'
import { idOf, ownerKey, routeKey } from '../../../src/interp/ids.ts'
import { routeOf, tunnelOf } from '../../../src/interp/intended.ts'
import type { Address, Endpoint, Prefix } from '../../../src/model/address.ts'
import type { RouteSpec, TunnelSpec } from '../../../src/model/state.ts'
import { ipRule, route } from '../../support/live-state.ts'

const from = '10.0.0.0/8' as Prefix

test.each<[string, RouteSpec]>([
  ['route 10.64.0.0/16', route('10.64.0.0/16', 'lvn0')],
  ['route unreachable 10.64.1.0/24', route('10.64.1.0/24', null)],
  ['route throw 10.64.1.0/24 table 7600', route('10.64.1.0/24', null, { type: 'throw', table: 7600 })],
  ['route 10.64.0.0/16 from 10.0.0.0/8', route('10.64.0.0/16', 'lvn0', { from })],
  ['route 10.64.0.0/16 tos 0x10', route('10.64.0.0/16', 'lvn0', { tos: 16 })],
  ['route 10.64.0.0/16 tos 0x04', route('10.64.0.0/16', 'lvn0', { tos: 4 })],
])('%s', (id, spec) => {
  expect(idOf.route(spec)).toBe(id)
})

test.each([
  ['ip-rule -4 500 lookup 100', ipRule(500, 100)],
  ['ip-rule -6 500 lookup main', ipRule(500, 254, { family: 6 })],
  ['ip-rule -4 500 from 10.0.0.0/8 lookup 100', ipRule(500, 100, { from })],
  ['ip-rule -4 500 fwmark 76 lookup 100', ipRule(500, 100, { mark: { value: 76, mask: 0xffffffff } })],
  ['ip-rule -4 500 fwmark 76/255 lookup 100', ipRule(500, 100, { mark: { value: 76, mask: 255 } })],
  ['ip-rule -4 500 lookup main suppress_prefixlength 0', ipRule(500, 254, { suppressedLength: 0 })],
])('%s', (id, spec) => {
  expect(idOf['ip-rule'](spec)).toBe(id)
})

test('a route is another one to the kernel by its destination, metric, table, TOS or source alone', () => {
  const plain = route('10.64.0.0/16', 'lvn0')
  const keys = [
    plain,
    { ...plain, destination: '10.65.0.0/16' as Prefix },
    { ...plain, metric: 16 },
    { ...plain, table: 16 },
    { ...plain, tos: 16 },
    { ...plain, from },
  ].map(routeKey)
  expect(new Set(keys).size).toBe(keys.length)
  expect(routeKey({ ...plain, device: 'eth0', type: 'throw', mtu: 1400 })).toBe(routeKey(plain))
})

test('an owner is overlay and node', () => {
  expect(ownerKey({ overlay: 'mitte', node: 'gw1' })).toBe('mitte/gw1')
})

test('of what is observed the intended part alone is compared', () => {
  const end = { address: '192.0.2.1' as Address, port: 50000 } satisfies Endpoint
  const spec: TunnelSpec = {
    ...{ device: 'lvn0', name: 'kirche', local: end, remote: null, underlay: null },
    keepalive: { intervalMs: 20_000, deadMs: 90_000 },
  }
  expect(tunnelOf({ ...spec, id: 7, key: 'ab' })).toStrictEqual(spec)
  expect(tunnelOf({ ...spec, onDead: 'keep' })).toStrictEqual(spec)
  expect(tunnelOf({ ...spec, onDead: 'remove' })).toEqual({ ...spec, onDead: 'remove' })
  const { owned: _, ...plain } = route('10.64.0.0/16', 'lvn0')
  expect(routeOf(route('10.64.0.0/16', 'lvn0'))).toEqual(plain)
  const whole = { ...plain, table: 7600, tos: 16, from, source: end.address, gateway: end.address }
  expect(routeOf(whole)).toEqual(whole)
  expect(Object.keys(routeOf({ ...plain, table: undefined } as never))).not.toContain('table')
})

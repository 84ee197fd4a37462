// SPDX-License-Identifier: MIT
/** Tunnels and rules of a plan in the order of carrying out: endpoints that change hands, and devices that are full. */
import { expect, it, test } from 'vitest'
import { diff } from '../../../src/interp/3-diff.ts'
import { plan } from '../../../src/interp/4-plan.ts'
import type { KernelOperation } from '../../../src/interp/types.ts'
import type { LiveState, RuleSpec, TunnelSpec } from '../../../src/model/state.ts'
import { device, link, live, liveDevice, liveTunnel, rule, tunnel, us, wanted } from '../../support/states.ts'

const state = (
  tunnels: readonly TunnelSpec[],
  rules: readonly RuleSpec[] = [],
  more: object = {},
): LiveState =>
  live({
    links: [link('lvn0', us), link('eth0')],
    devices: [liveDevice(more)],
    tunnels: tunnels.map((spec) => ({ ...liveTunnel(spec.name, null), ...spec })),
    rules,
  })

/** `set s1 203.0.113.1:1`, `add 10.64.1.0/24 s1`, `delete s1`. */
function lineOf({ operation }: KernelOperation): string {
  if (operation.kind === 'rule') return `${operation.op} ${operation.spec.prefix} ${operation.spec.tunnel}`
  if (operation.kind === 'device') return `${operation.op} device`
  if (operation.kind !== 'tunnel') throw new Error(operation.kind)
  if (operation.op === 'delete') return `delete ${operation.name}`
  const { name, remote, underlay } = operation.spec
  return `${operation.op} ${name} ${remote === null ? `pending ${underlay}` : remote.address.slice(-1)}`
}

/** Each operation with its inverses; steps without any are left out. */
function planned(
  from: LiveState,
  tunnels: readonly TunnelSpec[],
  rules: readonly RuleSpec[] = [],
): string[][] {
  const desired = wanted({ devices: [device()], tunnels, rules })
  const steps = plan(from, { desired, spans: new Map() }, diff(from, desired, { owners: [us], nets: [] }))
  return steps.flatMap(({ operations, undo }) =>
    operations.map((operation, i) => [lineOf(operation), ...(undo[i] ?? []).map(lineOf)]),
  )
}

const [a, b, c] = ['203.0.113.1:1', '203.0.113.2:1', '203.0.113.3:1']

test('tunnels and rules come, change and go, each with its inverse', () => {
  const from = state(
    [tunnel('old', a), tunnel('stays', b)],
    [rule('10.64.1.0/24', 'old'), rule('10.64.2.0/24', 'old'), rule('10.64.4.0/24', 'stays')],
  )
  const to = [tunnel('stays', c), tunnel('new', null)]
  const rules = [rule('10.64.2.0/24', 'stays'), rule('10.64.3.0/24', 'new'), rule('10.64.4.0/24', 'stays')]
  expect(planned(from, to, rules)).toEqual([
    ['set stays 3', 'set stays 2'],
    ['add new pending null', 'delete new'],
    ['set 10.64.2.0/24 stays', 'set 10.64.2.0/24 old'],
    ['add 10.64.3.0/24 new', 'delete 10.64.3.0/24 new'],
    ['delete 10.64.1.0/24 old', 'add 10.64.1.0/24 old'],
    ['delete old', 'add old 1'],
  ])
})

test('two that swap endpoints: the one that holds what comes first lets go of it', () => {
  expect(planned(state([tunnel('s1', a), tunnel('s2', b)]), [tunnel('s1', b), tunnel('s2', a)])).toEqual([
    ['set s2 pending null', 'set s2 2'],
    ['set s1 2', 'set s1 1'],
    ['set s2 1', 'set s2 pending null'],
  ])
})

test('three that pass endpoints on: what one has let go of meanwhile is free', () => {
  const from = state([tunnel('s1', a), tunnel('s2', b), tunnel('s3', null)])
  expect(planned(from, [tunnel('s1', c), tunnel('s2', a), tunnel('s3', b)])).toEqual([
    ['set s1 3', 'set s1 1'],
    ['set s2 1', 'set s2 2'],
    ['set s3 2', 'set s3 pending null'],
  ])
})

test('one that comes in the place of one that goes: that lets go first, and is taken back to what it then was', () => {
  expect(planned(state([tunnel('old', a)]), [tunnel('new', a)])).toEqual([
    ['set old pending null', 'set old 1'],
    ['add new 1', 'delete new'],
    ['delete old', 'add old pending null'],
  ])
})

test('of two that hold one endpoint, from addresses of their own, the one that stays lets go', () => {
  const from = state([
    tunnel('s1', a),
    tunnel('s2', a, { local: { address: '192.0.2.7', port: 50_000 } as never }),
  ])
  const stays = from.tunnels[1] as TunnelSpec
  const to = [tunnel('s1', b), tunnel('s3', a), { ...stays, remote: null, underlay: null }]
  expect(planned(from, to)).toEqual([
    ['set s1 2', 'set s1 1'],
    ['set s2 pending null', 'set s2 1'],
    ['add s3 1', 'delete s3'],
    ['set s2 pending null', 'set s2 pending null'],
  ])
})

test('nobody has to let go where the port of this end is another, nor of an endpoint of its own', () => {
  const port = { local: { address: '198.51.100.10', port: 7 } as never }
  expect(planned(state([tunnel('s1', a)]), [tunnel('s1', a), tunnel('s2', a, port)])).toEqual([
    ['add s2 1', 'delete s2'],
  ])
  const keepalive = { keepalive: { intervalMs: 1, deadMs: 2 } }
  expect(planned(state([tunnel('s1', a)]), [tunnel('s1', a, keepalive)])).toEqual([['set s1 1', 'set s1 1']])
  expect(planned(state([tunnel('s1', a)]), [tunnel('s1', null), tunnel('s2', null)])).toEqual([
    ['set s1 pending null', 'set s1 1'],
    ['add s2 pending null', 'delete s2'],
  ])
})

test('what goes with its device needs no operation, and what comes with the new one finds all endpoints free', () => {
  const from = state([tunnel('old', a)], [rule('10.64.1.0/24', 'old')], { mode: 'fixed' })
  expect(planned(from, [tunnel('new', a)], [rule('10.64.1.0/24', 'new')])).toEqual([
    ['delete device', 'add device', 'add old 1', 'add 10.64.1.0/24 old'],
    ['add device', 'delete device'],
    ['add new 1', 'delete new'],
    ['add 10.64.1.0/24 new', 'delete 10.64.1.0/24 new'],
  ])
})

it('a full device has tunnels go before others come, with the rules that led to them', () => {
  const from = state(
    [tunnel('old', a), tunnel('stays', b)],
    [
      rule('10.64.1.0/24', 'old'),
      rule('10.64.2.0/24', 'old'),
      rule('10.64.3.0/24', 'stays'),
      rule('10.64.4.0/24', 'stays'),
    ],
    { capacity: 2 },
  )
  const slow = { keepalive: { intervalMs: 1, deadMs: 2 } }
  const to = [tunnel('stays', b, slow), tunnel('new', c)]
  const rules = [rule('10.64.2.0/24', 'new'), rule('10.64.4.0/24', 'new')]
  expect(planned(from, to, rules)).toEqual([
    ['delete 10.64.1.0/24 old', 'add 10.64.1.0/24 old'],
    ['delete 10.64.2.0/24 old', 'add 10.64.2.0/24 old'],
    ['delete old', 'add old 1'],
    ['set stays 2', 'set stays 2'],
    ['add new 3', 'delete new'],
    ['add 10.64.2.0/24 new', 'delete 10.64.2.0/24 new'],
    ['set 10.64.4.0/24 new', 'set 10.64.4.0/24 stays'],
    ['delete 10.64.3.0/24 stays', 'add 10.64.3.0/24 stays'],
  ])
})

it('a device that is full, but takes no more, has tunnels go last', () => {
  const from = state([tunnel('old', a), tunnel('stays', b)], [rule('10.64.1.0/24', 'old')], { capacity: 2 })
  const slow = { keepalive: { intervalMs: 1, deadMs: 2 } }
  const rules = [rule('10.64.1.0/24', 'stays'), rule('10.64.2.0/24', 'stays')]
  expect(planned(from, [tunnel('stays', b, slow)], rules)).toEqual([
    ['set stays 2', 'set stays 2'],
    ['set 10.64.1.0/24 stays', 'set 10.64.1.0/24 old'],
    ['add 10.64.2.0/24 stays', 'delete 10.64.2.0/24 stays'],
    ['delete old', 'add old 1'],
  ])
})

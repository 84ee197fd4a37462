// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest'
import { isDenied } from '../../../src/lab/denied.ts'
import type { Address, Prefix } from '../../../src/model/address.ts'
import type { Expect, Policy, PolicyEnd, Topology } from '../../../src/model/topology.ts'
import { at, hub, lineOf, overlay, spoke, topology } from '../../support/topologies.ts'

const any: PolicyEnd = { kind: 'any' }
const node = (name: string): PolicyEnd => ({ kind: 'node', node: name })
const within = (prefix: string): PolicyEnd => ({ kind: 'prefix', prefix: prefix as Prefix })
const policy = (action: Policy['action'], from: PolicyEnd, to: PolicyEnd, name = 'mitte'): Policy => ({
  overlay: name,
  action,
  from,
  to,
  span: lineOf(5),
})
const noPing = (from: string, to: string, address: string | null = null): Expect => ({
  kind: 'no-ping',
  overlay: 'mitte',
  from: { node: from, address: null },
  to: { node: to, address: address as Address | null },
  span: lineOf(6),
})

const a = spoke('a', at('203.0.113.1'), { addresses: ['10.64.1.1'] })
const b = spoke('b', at('203.0.113.2'), { addresses: ['10.64.2.1'], routes: ['10.64.2.0/24'] })
const whole = topology(
  overlay(['10.64.0.0/16'], hub('gw1', ['198.51.100.10'], { addresses: ['10.64.0.1'] }), [a, b]),
)
const ends = {
  a: { node: a, address: '10.64.1.1' as Address },
  b: { node: b, address: '10.64.2.9' as Address },
}
const aToB = (more: Partial<Topology>) => isDenied({ ...whole, ...more }, ends.a, ends.b)

describe('a ping is denied', () => {
  test('by the last policy that matches, by node or by prefix', () => {
    const deny = policy('deny', node('a'), node('b'))
    expect(aToB({})).toBe(false)
    expect(aToB({ policies: [deny] })).toBe(true)
    expect(aToB({ policies: [deny, policy('allow', any, within('10.64.2.0/28'))] })).toBe(false)
    expect(aToB({ policies: [deny, policy('allow', any, within('10.64.2.128/28'))] })).toBe(true)
    expect(aToB({ policies: [policy('allow', any, any), policy('deny', within('10.64.1.1/32'), any)] })).toBe(
      true,
    )
  })

  test('one way only, and in its own overlay only', () => {
    const policies = [policy('deny', node('b'), node('a')), policy('deny', any, any, 'other')]
    expect(aToB({ policies })).toBe(false)
  })

  test('where no ping is expected, to all addresses or to the one that is written', () => {
    expect(aToB({ expects: [noPing('a', 'b')] })).toBe(true)
    expect(aToB({ expects: [noPing('a', 'b', '10.64.2.9')] })).toBe(true)
    expect(aToB({ expects: [noPing('a', 'b', '10.64.2.1')] })).toBe(false)
    expect(aToB({ expects: [noPing('b', 'a'), { ...noPing('a', 'b'), kind: 'ping', withinMs: null }] })).toBe(
      false,
    )
  })
})

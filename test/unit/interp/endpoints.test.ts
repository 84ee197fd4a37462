// SPDX-License-Identifier: MIT
/** Choices between endpoints: among the listens of a hub, between two hubs, and which claim their place first. */
import { describe, expect, it, test } from 'vitest'
import { certainty, choose, endsBetween, listenFor, quicker } from '../../../src/interp/desire-endpoints.ts'
import { Underlay } from '../../../src/interp/underlay.ts'
import type { Address } from '../../../src/model/address.ts'
import { hubOverlay } from '../../support/hub-topologies.ts'
import { liveState } from '../../support/live-state.ts'
import { at, hub, lineOf, named, nat } from '../../support/topologies.ts'

test('a hub is spoken to from the first of its listens that is of the family', () => {
  const gw = hub('gw1', ['2001:db8:1::1', '198.51.100.10', '198.51.100.11'])
  expect(listenFor(gw, 4)?.address).toBe('198.51.100.10')
  expect(listenFor(gw, 6)?.address).toBe('2001:db8:1::1')
  expect(listenFor(hub('gw1', ['198.51.100.10']), 6)).toBeUndefined()
})

test('what the file gives comes before what is looked up, and that before what is learned', () => {
  const order = [nat, null, named('k.example'), at('203.0.113.7')].map(certainty)
  expect(order).toEqual([2, 2, 1, 0])
})

test('of a name without a way to any of its addresses the first that the hub can speak to is taken', () => {
  const addresses = ['2001:db8:7::7', '203.0.113.7', '203.0.113.8'] as Address[]
  const gw = hub('gw1', ['198.51.100.10'])
  const underlay = new Underlay(liveState())
  expect(choose(addresses, gw, underlay, undefined)).toBe('203.0.113.7')
  expect(choose(addresses.slice(0, 1), gw, underlay, undefined)).toBeUndefined()
})

describe('two hubs', () => {
  const [a, b] = [
    hub('a', ['2001:db8:1::1', '198.51.100.1 at 10.0.0.1'], { port: 4001 }),
    hub('b', ['198.51.100.2', '2001:db8:1::2 at fd00::2'], { port: 4002 }),
  ]

  it('meet on the first family of the earlier one that the other has too, each at its own end of it', () => {
    const six = hubOverlay([], [a, b], [])
    expect(endsBetween(six, a, b)).toEqual({
      local: { address: '2001:db8:1::1', port: 4001 },
      remote: { address: '2001:db8:1::2', port: 4002 },
      span: lineOf(11),
    })
    expect(endsBetween(six, b, a)).toMatchObject({
      local: { address: 'fd00::2', port: 4002 },
      remote: { address: '2001:db8:1::1', port: 4001 },
    })
    const four = hubOverlay([], [b, a], [])
    expect(endsBetween(four, a, b)).toMatchObject({
      local: { address: '10.0.0.1', port: 4001 },
      remote: { address: '198.51.100.2', port: 4002 },
    })
    const only4 = hub('b', ['198.51.100.2'])
    expect(endsBetween(hubOverlay([], [a, only4], []), a, only4)?.remote.address).toBe('198.51.100.2')
  })

  it('are not kept from it by a third that comes before them, and do not meet without a family', () => {
    const third = hub('c', ['198.51.100.3'])
    expect(endsBetween(hubOverlay([], [third, a, b], []), b, a)?.remote.address).toBe('2001:db8:1::1')
    const only6 = hub('a', ['2001:db8:1::1'])
    expect(endsBetween(hubOverlay([], [only6, third], []), only6, third)).toBeUndefined()
  })

  it('keep their tunnel alive as the quicker of them says, the shorter patience where they are alike', () => {
    const k = (intervalMs: number, deadMs: number) => ({ intervalMs, deadMs })
    for (const [quick, slow] of [
      [k(5000, 90_000), k(20_000, 60_000)],
      [k(5000, 60_000), k(5000, 90_000)],
    ] as const) {
      expect(quicker(quick, slow)).toBe(quick)
      expect(quicker(slow, quick)).toBe(quick)
    }
  })
})

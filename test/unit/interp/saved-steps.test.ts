// SPDX-License-Identifier: MIT
/** Steps of a saved plan beside those of now: the first place that is another, and what may be another. */
import { describe, expect, it } from 'vitest'
import { differingStep, type SavedOperation } from '../../../src/interp/saved-steps.ts'
import type { Step } from '../../../src/interp/types.ts'
import { device, endpoint, rule, tunnel } from '../../support/states.ts'
import { at, hub, nat, overlay, spoke, topology } from '../../support/topologies.ts'

const file = topology(
  overlay(['10.64.0.0/16'], hub('gw1', ['198.51.100.10']), [
    spoke('given', at('203.0.113.1')),
    spoke('roams', nat),
  ]),
)
const of = (kind: string, id: string, before: object | null, after: object | null): SavedOperation => ({
  ...{ kind: kind as never, id, before, after },
  op: before === null ? 'add' : after === null ? 'remove' : 'change',
})
const place = (was: readonly SavedOperation[], is: readonly SavedOperation[]) =>
  differingStep(
    was,
    is.map((change): Step => ({ change: change as never, operations: [], undo: [] })),
    file,
  )
const [a, b] = ['203.0.113.1:1', '203.0.113.2:2']
const some = of('rule', 'rule r', null, rule('10.64.1.0/24', 'given'))

describe('a place is another', () => {
  it.each<[string, object]>([
    ['op', { op: 'change' }],
    ['kind', { kind: 'route' }],
    ['id', { id: 'rule s' }],
    ['before', { before: {} }],
    ['after', { after: rule('10.64.2.0/24', 'given') }],
    ['after', { after: null }],
  ])('by its %s (%#)', (field, more) => {
    expect(place([some, some], [some, { ...some, ...more }])).toBe(`plan.operations[1].${field}`)
    expect(place([some, { ...some, ...more }], [some, some])).toBe(`plan.operations[1].${field}`)
  })

  it('where there are more or fewer', () => {
    expect([place([some], []), place([], [some]), place([], [])]).toEqual([
      ...['plan.operations[0]', 'plan.operations[0]', null],
    ])
    expect(place([some], [some, some])).toBe('plan.operations[1]')
  })

  it('and is none where a field is only left unsaid', () => {
    expect(place([some], [{ ...some, after: { ...some.after, id: undefined } }])).toBeNull()
  })
})

describe('a device', () => {
  const change = (before: object | null, after: object | null) => of('device', 'device lvn0', before, after)
  const other = { underlays: ['eth1'] }

  it('may receive by other interfaces than when it was planned', () => {
    expect(place([change(null, device())], [change(null, device(other))])).toBeNull()
    expect(place([change(device(), null)], [change(device(other), null)])).toBeNull()
    expect(place([change(device(), device())], [change(device(other), device(other))])).toBeNull()
  })

  it('may not be another in anything else', () => {
    expect(place([change(null, device())], [change(null, device({ mtu: 1 }))])).toBe(
      'plan.operations[0].after',
    )
    expect(place([change(device(), null)], [change(device({ mtu: 1 }), null)])).toBe(
      'plan.operations[0].before',
    )
    expect(place([change(null, null)], [change(null, device())])).toContain('plan.operations[0]')
  })
})

describe('a tunnel', () => {
  const change = (name: string, before: object | null, after: object | null) =>
    of('tunnel', `tunnel lvn0/${name}`, before, after)
  const moved = (name: string, from: string | null, to: string | null) =>
    change(name, tunnel(name, from), tunnel(name, to))

  it('that learns may have learned another endpoint, which it keeps', () => {
    expect(place([moved('roams', a, a)], [moved('roams', b, b)])).toBeNull()
    expect(place([moved('roams', null, null)], [moved('roams', b, b)])).toBeNull()
    expect(
      place([change('roams', tunnel('roams', a), null)], [change('roams', tunnel('roams', b), null)]),
    ).toBeNull()
    const local = { local: endpoint('192.0.2.1:1'), underlay: 'eth7' }
    const there = change('roams', tunnel('roams', a, local), tunnel('roams', a, local))
    expect(place([moved('roams', a, a)], [there])).toBeNull()
  })

  it('that learns is given no other endpoint than was planned', () => {
    expect(place([moved('roams', a, a)], [moved('roams', a, b)])).toBe('plan.operations[0].after')
    expect(place([moved('roams', a, b)], [moved('roams', a, null)])).toBe('plan.operations[0].after')
    expect(
      place([change('roams', null, tunnel('roams', a))], [change('roams', null, tunnel('roams', b))]),
    ).toBe('plan.operations[0].after')
    expect(
      place([change('roams', null, tunnel('roams', a))], [change('roams', null, tunnel('roams', null))]),
    ).toBe('plan.operations[0].after')
  })

  it('that learns is the same in all that it does not learn', () => {
    const slow = { keepalive: { intervalMs: 1, deadMs: 2 } }
    const [one, other] = [tunnel('roams', a), tunnel('roams', a, slow)]
    expect(place([change('roams', one, one)], [change('roams', other, one)])).toBe(
      'plan.operations[0].before',
    )
    expect(place([change('roams', one, one)], [change('roams', one, other)])).toBe('plan.operations[0].after')
    expect(place([change('roams', one, null)], [change('roams', other, null)])).toBe(
      'plan.operations[0].before',
    )
  })

  it('of which the file gives the endpoint has that', () => {
    expect(place([moved('given', a, a)], [moved('given', b, a)])).toBe('plan.operations[0].before')
    expect(place([moved('given', a, a)], [moved('given', a, b)])).toBe('plan.operations[0].after')
  })
})

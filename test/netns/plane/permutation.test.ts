// SPDX-License-Identifier: MIT
/**
 * Whatever tunnels hand to each other in one batch, names, endpoints, local ports, addresses and prefixes, and in
 * whatever order: every data plane takes it, and what is read back is what was asked for.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PlaneOperation } from '../../../src/model/kernel.ts'
import type { PlaneState, RuleSpec, TunnelSpec } from '../../../src/model/state.ts'
import { connect, Netns } from '../../support/netns.ts'
import { add, applyAll, device, endpoint, rule, snapshot, tryAll, tunnel } from '../../support/plane-world.ts'
import { emulated, planesOfOwnLogic } from '../../support/planes.ts'
import '../../support/seed.ts'

interface Wanted {
  readonly tunnels: readonly TunnelSpec[]
  readonly rules: readonly RuleSpec[]
}

const capacity = 5
const names = ['kirche', 'dom', 'dach', 'rathaus', 'hafen']
const prefixes = ['10.64.1.1/32', '10.64.1.0/24', '10.64.2.0/24', 'fd42:1::/64', 'fd42:2::1/128']

/** Up to five tunnels of which no two have one remote endpoint, with rules to some of them. */
const anyState: fc.Arbitrary<Wanted> = fc
  .record({
    names: fc.shuffledSubarray(names, { minLength: 1 }),
    ends: fc.shuffledSubarray(
      [2, 3, 4].flatMap((host) => [50_000, 50_001].map((port) => endpoint(`192.0.2.${host}`, port))),
      { minLength: names.length },
    ),
    pending: fc.array(fc.nat({ max: 4 }), { maxLength: 1 }),
    locals: fc.array(fc.constantFrom(50_000, 50_001), { minLength: 5, maxLength: 5 }),
    owners: fc.array(fc.nat({ max: 5 }), { minLength: 5, maxLength: 5 }),
  })
  .map((x) => ({
    tunnels: x.names.map((name, i) =>
      tunnel(
        name,
        endpoint('192.0.2.1', x.locals[i]),
        x.pending.includes(i) ? null : (x.ends[i] as ReturnType<typeof endpoint>),
      ),
    ),
    rules: prefixes.flatMap((prefix, i) => {
      const name = x.names[x.owners[i] as number]
      return name === undefined ? [] : rule(prefix, name)
    }),
  }))

/** From one state to the other, the operations on tunnels in any order. */
const anyMove = fc.tuple(anyState, anyState).chain(([from, to]) => {
  const kept = new Set(to.tunnels.map(({ name }) => name))
  const there = new Set(from.tunnels.map(({ name }) => name))
  const onTunnels: PlaneOperation[] = [
    ...to.tunnels.map(
      (spec): PlaneOperation => ({ op: there.has(spec.name) ? 'set' : 'add', kind: 'tunnel', spec }),
    ),
    ...from.tunnels
      .filter(({ name }) => !kept.has(name))
      .map(({ name }): PlaneOperation => ({ op: 'delete', kind: 'tunnel', device: 'lvn0', name })),
  ]
  return fc.record({
    from: fc.constant(from),
    to: fc.constant(to),
    onTunnels: fc.shuffledSubarray(onTunnels, { minLength: onTunnels.length }),
  })
})

/** Rules of tunnels that went are gone with them. */
function onRules(from: Wanted, to: Wanted): PlaneOperation[] {
  const kept = new Set(to.tunnels.map(({ name }) => name))
  const before = new Set(from.rules.filter(({ tunnel }) => kept.has(tunnel)).map(({ prefix }) => prefix))
  const wanted = new Set(to.rules.map(({ prefix }) => prefix))
  return [
    ...to.rules.map(
      (spec): PlaneOperation => ({ op: before.has(spec.prefix) ? 'set' : 'add', kind: 'rule', spec }),
    ),
    ...from.rules
      .filter(({ prefix }) => before.has(prefix) && !wanted.has(prefix))
      .map((spec): PlaneOperation => ({ op: 'delete', kind: 'rule', spec })),
  ]
}

const sorted = (list: readonly unknown[]) => list.map((each) => JSON.stringify(each)).sort()
const asWanted = ({ tunnels, rules }: PlaneState | Wanted) => ({
  tunnels: sorted(
    tunnels.map(({ name, local, remote, underlay, keepalive }) => ({
      name,
      local,
      remote,
      underlay,
      keepalive,
    })),
  ),
  rules: sorted(rules.map(({ prefix, tunnel }) => ({ prefix, tunnel }))),
})

describe.each(planesOfOwnLogic)('plane %s', (_, open) => {
  let hub: Netns
  let other: Netns

  beforeAll(() => {
    hub = new Netns('hub')
    other = new Netns('other')
    connect(
      { ns: hub, dev: 'eth0', addresses: ['192.0.2.1/24'] },
      { ns: other, dev: 'eth0', addresses: ['192.0.2.2/24'] },
    )
  })

  afterAll(() => {
    for (const ns of [hub, other]) ns?.dispose()
  })

  test('a batch in which tunnels hand to each other what they have, in any order, is carried out', () => {
    fc.assert(
      fc.property(anyMove, ({ from, to, onTunnels }) => {
        applyAll(hub, open, [
          add.device(device('lvn0', 'multi', 1472, 'eth0'), capacity),
          ...from.tunnels.map(add.tunnel),
          ...from.rules.map(add.rule),
        ])
        try {
          expect(asWanted(snapshot(hub, open))).toEqual(asWanted(from))
          applyAll(hub, open, [...onTunnels, ...onRules(from, to)])
          expect(asWanted(snapshot(hub, open))).toEqual(asWanted(to))
        } finally {
          applyAll(hub, open, [{ op: 'delete', kind: 'device', name: 'lvn0' }])
        }
      }),
      { numRuns: emulated ? 20 : 60 },
    )
  })

  test('what relies on an operation that is refused is refused with it, and the rest is as it was', () => {
    const at = (host: number) => endpoint(`192.0.2.${host}`)
    const own = endpoint('192.0.2.1')
    const before: Wanted = { tunnels: [tunnel('kirche', own, at(2)), tunnel('dach', own, at(3))], rules: [] }
    applyAll(hub, open, [
      add.device(device('lvn0', 'multi', 1472, 'eth0'), capacity),
      ...before.tunnels.map(add.tunnel),
    ])
    try {
      const results = tryAll(hub, open, [
        add.tunnel(tunnel('hafen', own, at(9))),
        add.tunnel(tunnel('dom', own, at(2))),
        add.tunnel(tunnel('rathaus', own, at(3))),
        { op: 'set', kind: 'tunnel', spec: tunnel('kirche', own, at(4)) },
      ])
      expect(results.map(({ status }) => status)).toEqual(['done', 'failed', 'not-tried', 'not-tried'])
      const { tunnels } = asWanted(snapshot(hub, open))
      const hafen = tunnel('hafen', own, at(9))
      expect(tunnels).toEqual(asWanted({ tunnels: [...before.tunnels, hafen], rules: [] }).tunnels)
    } finally {
      applyAll(hub, open, [{ op: 'delete', kind: 'device', name: 'lvn0' }])
    }
  })
})

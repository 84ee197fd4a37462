// SPDX-License-Identifier: MIT
/**
 * Which operations both planes admit and what is written for them, on values: no state in between may be wrong.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  Admission,
  type Admitted,
  type Limits,
  type TunnelOperation,
  type TunnelRow,
  type TunnelWrite,
} from '../../../native/admission/index.ts'
import type { LvnError } from '../../../src/diag/error.ts'
import { type Address, formatEndpoint, type Prefix } from '../../../src/model/address.ts'
import type { RuleSpec, TunnelSpec } from '../../../src/model/state.ts'
import '../../support/seed.ts'

const limits: Limits = {
  ...{ device: 'lvn0', capacity: 8, rules: 3, locals: 4, ports: 3 },
  ...{ peersBy: 'local port', control: true, isUnderlay: (name) => name === 'eth0' },
}

const spec = (name: string, host: number | null, localPort = 50_000, local = 1): TunnelSpec => ({
  device: 'lvn0',
  name,
  local: { address: `192.0.2.${local}` as Address, port: localPort },
  remote: host === null ? null : { address: `203.0.113.${host}` as Address, port: 50_000 },
  underlay: host === null ? null : 'eth0',
  keepalive: { intervalMs: 0, deadMs: 0 },
})
const put = (...of: Parameters<typeof spec>): TunnelOperation => ({ op: 'set', spec: spec(...of) })
const remove = (name: string): TunnelOperation => ({ op: 'delete', name })
const rule = (prefix: string, tunnel: string): RuleSpec => ({
  device: 'lvn0',
  prefix: prefix as Prefix,
  tunnel,
})

const rows = (...specs: readonly TunnelSpec[]): TunnelRow[] =>
  specs.map((each, i) => ({ id: i + 1, spec: each }))
const text = (row: TunnelRow | null) =>
  row === null ? '-' : `${row.id}:${row.spec.name}@${row.spec.remote?.address.split('.')[3] ?? '?'}`
const asText = ({ writes, done, error }: Admitted<TunnelWrite>) => ({
  writes: writes.map(({ item, before, after }) => `${item} ${text(before)} → ${text(after)}`),
  done,
  error: error === null ? null : `${(error as LvnError).code} ${error.message}`,
})

describe('what is admitted, and in which order it is written', () => {
  const a1 = spec('a', 1)
  const b2 = spec('b', 2)
  const cases: readonly [
    what: string,
    present: readonly TunnelSpec[],
    batch: readonly TunnelOperation[],
    writes: readonly string[],
  ][] = [
    [
      'two that swap endpoints',
      [a1, b2],
      [put('a', 2), put('b', 1)],
      ['0 2:b@2 → 2:b@?', '0 1:a@1 → 1:a@2', '1 2:b@? → 2:b@1'],
    ],
    [
      'two that swap, as a plan says it',
      [a1, b2],
      [put('b', null), put('a', 2), put('b', 1)],
      ['0 2:b@2 → 2:b@?', '1 1:a@1 → 1:a@2', '2 2:b@? → 2:b@1'],
    ],
    [
      'a chain, the last free first',
      [a1, b2],
      [put('b', 3), put('a', 2)],
      ['0 2:b@2 → 2:b@3', '1 1:a@1 → 1:a@2'],
    ],
    [
      'a chain, the other way round',
      [a1, b2],
      [put('a', 2), put('b', 3)],
      ['0 2:b@2 → 2:b@?', '0 1:a@1 → 1:a@2', '1 2:b@? → 2:b@3'],
    ],
    [
      'one renamed: another comes before it goes',
      [a1],
      [put('c', 1), remove('a')],
      ['0 1:a@1 → 1:a@?', '0 - → 2:c@1', '1 1:a@? → -'],
    ],
    ['one that goes before another comes', [a1], [remove('a'), put('c', 1)], ['0 1:a@1 → -', '1 - → 1:c@1']],
    ['what is the same', [a1], [put('a', 1)], ['0 1:a@1 → 1:a@1']],
    ['an endpoint on another local port', [a1], [put('c', 1, 50_001)], ['0 - → 2:c@1']],
  ]
  test.each(cases)('%s', (_, present, batch, writes) => {
    const admission = new Admission(limits, rows(...present), [])
    expect(asText(admission.tunnels(batch))).toEqual({ writes, done: batch.length, error: null })
  })

  test('where there is no room, what the batch takes away goes first, with its rules', () => {
    const admission = new Admission({ ...limits, capacity: 2 }, rows(a1, b2), [rule('10.0.0.0/8', 'b')])
    const admitted = admission.tunnels([put('c', 1), put('a', 3), remove('b')])
    expect(asText(admitted).writes).toEqual([
      '0 1:a@1 → 1:a@?',
      '0 2:b@2 → -',
      '0 - → 2:c@1',
      '1 1:a@? → 1:a@3',
    ])
    expect(admitted.writes.map(({ rules }) => rules)).toEqual([[], ['10.0.0.0/8'], [], []])
    expect(admission.rules([rule('10.0.0.0/8', 'c')]).writes).toEqual([
      { item: 0, prefix: '10.0.0.0/8', tunnel: 2, before: null },
    ])
  })

  test('a number that a later removal frees is had', () => {
    const admission = new Admission(limits, rows(a1, b2), [])
    const batch: TunnelOperation[] = [{ op: 'add', spec: { ...spec('c', 3), id: 2 } }, remove('b')]
    expect(asText(admission.tunnels(batch))).toEqual({
      writes: ['0 2:b@2 → -', '0 - → 2:c@3'],
      done: 2,
      error: null,
    })
  })

  test('two with one remote endpoint are told apart by what the plane tells them apart by', () => {
    const two = [put('c', 1, 50_000, 2)]
    expect(new Admission(limits, rows(a1), []).tunnels(two).done).toBe(0)
    expect(new Admission({ ...limits, peersBy: 'local endpoint' }, rows(a1), []).tunnels(two).done).toBe(1)
  })
})

describe('what is refused, after what came before is admitted', () => {
  const a1 = spec('a', 1)
  const same =
    'device lvn0: tunnels a and c have the same remote endpoint 203.0.113.1:50000 on local port 50000'
  const cases: readonly [
    what: string,
    limits: Partial<Limits>,
    batch: readonly TunnelOperation[],
    done: number,
    error: string,
  ][] = [
    ['an endpoint that another keeps', {}, [put('b', 2), put('c', 1)], 1, `LVN5002 ${same}`],
    [
      'one that its holder takes back',
      {},
      [put('b', 2), put('c', 1), put('a', 1)],
      1,
      'LVN5002 device lvn0: tunnels c and a have the same remote endpoint 203.0.113.1:50000 on local port 50000',
    ],
    [
      'one more than fit',
      { capacity: 2 },
      [put('b', 2), put('c', 3)],
      1,
      'LVN5001 device lvn0: it is full: it was made for 2 tunnels',
    ],
    [
      'a second one on a fixed device',
      { capacity: 1 },
      [put('b', 2)],
      0,
      'LVN5001 device lvn0: it is full: it was made for 1 tunnel',
    ],
    [
      'an interface that is not there',
      {},
      [{ op: 'set', spec: { ...spec('b', 2), underlay: 'eth9' } }],
      0,
      'LVN5004 device lvn0: the underlay interface eth9 of tunnel b is not there',
    ],
    [
      'too many local ports',
      {},
      [2, 3, 4].map((n) => put(`b${n}`, n, 50_000 + n)),
      2,
      'LVN5005 device lvn0: its tunnels have more than 3 local ports',
    ],
    [
      'too many local endpoints',
      {},
      [2, 3, 4, 5].map((n) => put(`b${n}`, n, 50_000, n)),
      3,
      'LVN5006 device lvn0: its tunnels have more than 4 local endpoints',
    ],
    [
      'a number that is taken',
      {},
      [{ op: 'add', spec: { ...spec('b', 2), id: 1 } }],
      0,
      'LVN5014 device lvn0: tunnel id 1 is taken',
    ],
    [
      'a number beyond the last',
      {},
      [{ op: 'add', spec: { ...spec('b', 2), id: 9 } }],
      0,
      'LVN5014 device lvn0: there is no tunnel id 9: it was made for 8 tunnels',
    ],
    [
      'another number',
      {},
      [{ op: 'set', spec: { ...a1, id: 2 } }],
      0,
      'LVN5014 device lvn0: tunnel a has the id 1, which cannot be changed',
    ],
    [
      'a key without control packets',
      { control: false },
      [{ op: 'set', spec: { ...a1, key: '00' } }],
      0,
      'LVN5015 device lvn0: tunnel a: the ebpf plane cannot hold a key',
    ],
    [
      'removal without control packets',
      { control: false },
      [{ op: 'set', spec: { ...a1, onDead: 'remove' } }],
      0,
      'LVN5015 device lvn0: tunnel a: the ebpf plane cannot remove a dead tunnel by itself',
    ],
  ]
  test.each(cases)('%s', (_, other, batch, done, error) => {
    const admission = new Admission({ ...limits, ...other }, rows(a1), [])
    expect(asText(admission.tunnels(batch))).toMatchObject({ done, error })
  })

  test('and what relies on the refused operation is not admitted either: nothing of it is left', () => {
    const admission = new Admission(limits, rows(a1, spec('b', 2)), [])
    const batch = [put('d', 4), put('c', 1), put('b', 3), put('x', 3), put('a', 5)]
    expect(asText(admission.tunnels(batch))).toMatchObject({ writes: ['0 - → 3:d@4'], done: 1 })
    expect(asText(admission.tunnels([put('b', 3), put('c', 1)]))).toMatchObject({
      done: 1,
      error: `LVN5002 ${same}`,
    })
  })

  test('a local endpoint changes in place where there is room for no other', () => {
    const present = rows(...[1, 2, 3].map((n) => spec(`t${n}`, n, 50_000 + n)))
    expect(new Admission(limits, present, []).tunnels([put('t1', 1, 50_009)])).toMatchObject({ done: 1 })
  })

  test('rules without a tunnel, and more than fit', () => {
    const admission = new Admission(limits, rows(a1), [rule('fd00::/8', 'a')])
    const refused = (specs: readonly RuleSpec[]) => {
      const { done, error } = admission.rules(specs)
      return [done, error?.message]
    }
    expect(refused([rule('10.0.0.0/8', 'a'), rule('11.0.0.0/8', 'x')])).toEqual([
      1,
      'device lvn0: rule 11.0.0.0/8: no tunnel x',
    ])
    expect(
      refused(['10.0.0.0/8', '11.0.0.0/8', '12.0.0.0/8', '13.0.0.0/8'].map((p) => rule(p, 'a'))),
    ).toEqual([3, 'device lvn0: it is full: it was made for 3 IPv4 rules'])
    expect(refused([rule('fd01::/16', 'a')])).toEqual([1, undefined])
    expect(admission.removeRules(['10.0.0.0/8', '99.0.0.0/8'] as Prefix[])).toEqual(['10.0.0.0/8'])
    expect(refused([rule('13.0.0.0/8', 'a')])).toEqual([1, undefined])
  })
})

describe('whatever is present and asked for', () => {
  const names = fc.constantFrom('a', 'b', 'c', 'd', 'e')
  const anySpec = fc
    .tuple(names, fc.option(fc.integer({ min: 1, max: 4 })), fc.constantFrom(50_000, 50_001))
    .map(([name, host, port]) => spec(name, host, port))
  const operation: fc.Arbitrary<TunnelOperation> = fc.oneof(
    { weight: 3, arbitrary: anySpec.map((each) => ({ op: 'set', spec: each }) as const) },
    { weight: 1, arbitrary: names.map(remove) },
  )
  const batches = fc.array(operation, { maxLength: 8 })
  const peer = ({ local, remote }: TunnelSpec) =>
    remote === null ? null : `${local.port} ${formatEndpoint(remote)}`
  const isSound = (state: ReadonlyMap<string, TunnelRow>, capacity: number) => {
    const peers = [...state.values()].flatMap((row) => peer(row.spec) ?? [])
    const ids = [...state.values()].map(({ id }) => id)
    expect(new Set(peers).size).toBe(peers.length)
    expect(new Set(ids).size).toBe(ids.length)
    expect(Math.max(0, ...ids)).toBeLessThanOrEqual(capacity)
  }
  const deviceWith = (operations: readonly TunnelOperation[], capacity: number) => {
    const admission = new Admission({ ...limits, capacity }, [], [])
    const state = new Map<string, TunnelRow>()
    const carryOut = (batch: readonly TunnelOperation[]) => {
      const admitted = admission.tunnels(batch)
      for (const { before, after: next } of admitted.writes) {
        expect(state.get((before ?? next)?.spec.name ?? '') ?? null).toEqual(before)
        if (before !== null) state.delete(before.spec.name)
        if (next !== null) state.set(next.spec.name, next)
        isSound(state, capacity)
      }
      return admitted
    }
    return { carryOut, state, first: carryOut(operations) }
  }

  test('no state in between is wrong, and the last is what the admitted operations ask for', () => {
    fc.assert(
      fc.property(batches, batches, fc.integer({ min: 1, max: 5 }), (before, batch, capacity) => {
        const { carryOut, state } = deviceWith(before, capacity)
        const wanted = new Map([...state].map(([name, { spec: each }]) => [name, each]))
        const { done, error } = carryOut(batch)
        for (const each of batch.slice(0, done)) {
          if (each.op === 'delete') wanted.delete(each.name)
          else wanted.set(each.spec.name, each.spec)
        }
        expect(new Map([...state].map(([name, { spec: each }]) => [name, each]))).toEqual(wanted)
        expect(error === null).toBe(done === batch.length)
      }),
      { numRuns: 1_000 },
    )
  })

  test('any order of operations that lead to a sound state is admitted whole', () => {
    const states = fc.uniqueArray(anySpec, { selector: ({ name }) => name, minLength: 1, maxLength: 5 })
    const sound = states.filter((specs) => {
      const peers = specs.flatMap((each) => peer(each) ?? [])
      return new Set(peers).size === peers.length
    })
    const transition = fc.tuple(sound, sound).chain(([from, to]) => {
      const kept = new Set(to.map(({ name }) => name))
      const operations: TunnelOperation[] = [
        ...to.map((each) => ({ op: 'set', spec: each }) as const),
        ...from.filter(({ name }) => !kept.has(name)).map(({ name }) => remove(name)),
      ]
      const shuffled = fc.shuffledSubarray(operations, { minLength: operations.length })
      return fc.tuple(fc.constant(from), fc.constant(to), shuffled)
    })
    fc.assert(
      fc.property(transition, ([from, to, operations]) => {
        const capacity = Math.max(from.length, to.length)
        const { carryOut, state } = deviceWith(
          from.map((each) => ({ op: 'add', spec: each })),
          capacity,
        )
        expect(carryOut(operations).error).toBeNull()
        expect(new Map([...state].map(([name, row]) => [name, row.spec]))).toEqual(
          new Map(to.map((each) => [each.name, each])),
        )
      }),
      { numRuns: 1_000 },
    )
  })
})

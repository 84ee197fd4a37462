// SPDX-License-Identifier: MIT
/**
 * A batch as runs: what goes together, and that nothing after a failure is reported as done or tried.
 */
import { describe, expect, test } from 'vitest'
import { carryOutRuns, type Run } from '../../../native/runs.ts'
import type { Address, Prefix } from '../../../src/model/address.ts'
import type { PlaneOperation } from '../../../src/model/kernel.ts'

const local = { address: '192.0.2.1' as Address, port: 50000 }
const tunnel = (device: string, name: string, op: 'add' | 'set' = 'add'): PlaneOperation => ({
  op,
  kind: 'tunnel',
  spec: {
    ...{ device, name, local, remote: null, underlay: null },
    keepalive: { intervalMs: 1000, deadMs: 3000 },
  },
})
const noTunnel = (device: string, name: string): PlaneOperation => ({
  op: 'delete',
  kind: 'tunnel',
  device,
  name,
})
const rule = (device: string, op: 'add' | 'set' | 'delete' = 'add'): PlaneOperation => ({
  op,
  kind: 'rule',
  spec: { device, prefix: '10.0.0.0/8' as Prefix, tunnel: 'a' },
})
const noDevice = (name: string): PlaneOperation => ({ op: 'delete', kind: 'device', name })
const save = (path: string): PlaneOperation => ({
  op: 'save',
  kind: 'saved',
  saved: { device: 'lvn0', path, value: '0' },
})

/** The lengths of the runs that a batch is carried out in. */
function lengths(operations: readonly PlaneOperation[]): number[] {
  const runs: Run[] = []
  const results = carryOutRuns(operations, (run) => {
    runs.push(run)
    return { done: run.length, error: null }
  })
  expect(runs.flat()).toEqual(operations)
  expect(results).toEqual(operations.map(() => ({ status: 'done' })))
  return runs.map((run) => run.length)
}

describe('a run', () => {
  test('is of one kind, on one device, all put or all deleted', () => {
    expect(lengths([tunnel('lvn0', 'a'), tunnel('lvn0', 'b', 'set'), tunnel('lvn1', 'a')])).toEqual([2, 1])
    expect(lengths([tunnel('lvn0', 'a'), rule('lvn0'), rule('lvn0', 'set'), rule('lvn0', 'delete')])).toEqual(
      [1, 2, 1],
    )
    expect(lengths([noTunnel('lvn0', 'a'), noTunnel('lvn0', 'b'), noTunnel('lvn1', 'c')])).toEqual([2, 1])
    expect(lengths([])).toEqual([])
  })

  test('is one operation of devices and of saved values', () => {
    expect(lengths([noDevice('lvn0'), noDevice('lvn0'), save('a'), save('b')])).toEqual([1, 1, 1, 1])
  })

  test('is never so long that no progress is seen', () => {
    const many = Array.from({ length: 4001 }, (_, i) => tunnel('lvn0', `t${i}`))
    expect(lengths(many)).toEqual([2000, 2000, 1])
    const progress: number[] = []
    carryOutRuns(
      many,
      (run) => ({ done: run.length, error: null }),
      (done) => progress.push(done),
    )
    expect(progress).toEqual([2000, 4000, 4001])
  })
})

describe('after a failure', () => {
  const batch = [
    tunnel('lvn0', 'a'),
    tunnel('lvn0', 'b'),
    tunnel('lvn0', 'c'),
    rule('lvn0'),
    noDevice('lvn0'),
  ]

  test.each([0, 1, 2])('of operation %d the later ones are not tried, and not reported done', (at) => {
    let runs = 0
    const progress: number[] = []
    const error = new Error('refused')
    const results = carryOutRuns(
      batch,
      () => {
        runs++
        return { done: at, error }
      },
      (done) => progress.push(done),
    )
    expect(results).toEqual(
      batch.map((_, i) =>
        i < at ? { status: 'done' } : i === at ? { status: 'failed', error } : { status: 'not-tried' },
      ),
    )
    expect(runs).toBe(1)
    expect(progress).toEqual([at])
  })

  test.each([
    [tunnel('lvn0', 'a'), 'add tunnels of the device lvn0'],
    [noTunnel('lvn0', 'a'), 'delete tunnels of the device lvn0'],
    [rule('lvn0', 'set'), 'set rules of the device lvn0'],
    [noDevice('lvn0'), 'delete the device lvn0'],
    [
      {
        ...({ op: 'add', kind: 'device', capacity: 1 } as const),
        spec: {
          name: 'lvn7',
          mode: 'fixed',
          owner: { overlay: 'o', node: 'n' },
          mtu: 1400,
          underlays: [],
        } as never,
      },
      'add the device lvn7',
    ],
    [save('net/a'), 'save the value of net/a'],
  ] as [PlaneOperation, string][])(
    'by an exception its sentence says what was tried: %#',
    (operation, what) => {
      const results = carryOutRuns([operation, noDevice('lvn9')], () => {
        throw new Error('no memory')
      })
      expect(results).toMatchObject([
        { status: 'failed', error: { message: `cannot ${what}: no memory` } },
        { status: 'not-tried' },
      ])
    },
  )
})

// SPDX-License-Identifier: MIT
/**
 * A batch of operations as runs that a plane can carry out together, up to the first failure. Knows no plane.
 */
import type { OnProgress, OperationResult, PlaneOperation } from '../src/model/kernel.ts'
import { systemFailure } from './errors.ts'

/**
 * Neighbours that can be carried out together: same kind, same device; rules are all put or all deleted, tunnels
 * mixed. Never empty.
 */
export type Run = readonly [PlaneOperation, ...PlaneOperation[]]
export type OperationOf<K extends PlaneOperation['kind']> = Extract<PlaneOperation, { kind: K }>

/** What a run achieved: the first `done` of its operations; `error` says why not the next one. */
export interface Written {
  readonly done: number
  readonly error: Error | null
}

/** Run after run until one fails: a result for each operation. What `carryOut` throws is the failure of its first. */
export function carryOutRuns(
  operations: readonly PlaneOperation[],
  carryOut: (run: Run) => Written,
  onProgress?: OnProgress,
): OperationResult[] {
  const results: OperationResult[] = []
  for (const run of runsOf(operations)) {
    const { done, error } = attempt(run, carryOut)
    for (let i = 0; i < done; i++) results.push({ status: 'done' })
    onProgress?.(results.length)
    if (error === null) continue
    results.push({ status: 'failed', error })
    break
  }
  while (results.length < operations.length) results.push({ status: 'not-tried' })
  return results
}

function attempt(run: Run, carryOut: (run: Run) => Written): Written {
  try {
    return carryOut(run)
  } catch (error) {
    return { done: 0, error: systemFailure(describeOperation(run[0]), error) }
  }
}

/** The longest run, so that progress is seen. */
const runLength = 2_000

function* runsOf(operations: readonly PlaneOperation[]): Generator<Run> {
  let start = 0
  for (let i = 1; i <= operations.length; i++) {
    const next = operations[i]
    const before = operations[i - 1] as PlaneOperation
    if (next !== undefined && i - start < runLength && joins(before, next)) continue
    yield operations.slice(start, i) as unknown as Run
    start = i
  }
}

/** What an operation does, for messages: "add the device lvn0". */
function describeOperation(operation: PlaneOperation): string {
  const { op, kind } = operation
  if (kind === 'device') return `${op} the device ${deviceOf(operation)}`
  if (kind === 'saved') return `${op} the value of ${operation.saved.path}`
  return `${op} ${kind}s of the device ${deviceOf(operation)}`
}

/** Devices and saved values go alone. */
function joins(before: PlaneOperation, next: PlaneOperation): boolean {
  if (before.kind !== 'tunnel' && before.kind !== 'rule') return false
  if (next.kind !== before.kind) return false
  if (next.kind === 'rule' && (next.op === 'delete') !== (before.op === 'delete')) return false
  return deviceOf(next as OperationOf<'tunnel' | 'rule'>) === deviceOf(before)
}

/** The device that it is of. */
export function deviceOf(operation: PlaneOperation): string {
  if (operation.kind === 'saved') return operation.saved.device
  if (operation.kind === 'device') return 'spec' in operation ? operation.spec.name : operation.name
  return 'spec' in operation ? operation.spec.device : operation.device
}

// SPDX-License-Identifier: MIT
/**
 * A batch of operations as runs that a plane can carry out together, and their names in messages. Knows no plane.
 */
import type { PlaneOperation } from '../src/model/kernel.ts'

/** Neighbours that can be carried out together: same kind, same device, all put or all deleted. Never empty. */
export type Run = readonly [PlaneOperation, ...PlaneOperation[]]
export type OperationOf<K extends PlaneOperation['kind']> = Extract<PlaneOperation, { kind: K }>

/** The longest run, so that progress is seen. */
const runLength = 2_000

export function* runsOf(operations: readonly PlaneOperation[]): Generator<Run> {
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
export function describeOperation(operation: PlaneOperation): string {
  const { op, kind } = operation
  if (kind === 'device')
    return `${op} the device ${'spec' in operation ? operation.spec.name : operation.name}`
  if (kind === 'saved') return `${op} the value of ${operation.saved.path}`
  return `${op} ${kind}s of the device ${deviceOf(operation)}`
}

/** Devices and saved values go alone. */
function joins(before: PlaneOperation, next: PlaneOperation): boolean {
  if (before.kind !== 'tunnel' && before.kind !== 'rule') return false
  if (next.kind !== before.kind) return false
  return (
    (next.op === 'delete') === (before.op === 'delete') &&
    deviceOf(next as OperationOf<'tunnel' | 'rule'>) === deviceOf(before)
  )
}

function deviceOf(operation: OperationOf<'tunnel' | 'rule'>): string {
  return 'spec' in operation ? operation.spec.device : operation.device
}

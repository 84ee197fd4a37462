// SPDX-License-Identifier: MIT
/**
 * A real kernel one operation of which is refused, as where memory is short: what has to be taken back is taken back on
 * the kernel itself.
 */
import type { HostOperation, Kernel, OperationResult, PlaneOperation } from '../../src/model/kernel.ts'

/** `at`: which operation is refused, counted from 0 over the data plane and the host. All others are carried out. */
export function refusingAt({ host, plane }: Kernel, at: number): Kernel {
  let seen = 0
  const until = <T>(operations: readonly T[], apply: (some: readonly T[]) => readonly OperationResult[]) => {
    const refused = at - seen
    seen += operations.length
    if (refused < 0 || refused >= operations.length) return apply(operations)
    const results = apply(operations.slice(0, refused))
    if (results.some(({ status }) => status !== 'done')) return results
    const rest = operations.slice(refused + 1).map((): OperationResult => ({ status: 'not-tried' }))
    return [...results, { status: 'failed', error: new Error('the test refuses it') } as const, ...rest]
  }
  return {
    host: withApply(host, (operations: readonly HostOperation[]) =>
      until(operations, (some) => host.apply(some)),
    ),
    plane: withApply(plane, (operations: readonly PlaneOperation[]) =>
      until(operations, (some) => plane.apply(some)),
    ),
  }
}

/** The same with another `apply`. */
function withApply<T extends Kernel['host'] | Kernel['plane']>(of: T, apply: T['apply']): T {
  return new Proxy(of, {
    get(target, key) {
      if (key === 'apply') return apply
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

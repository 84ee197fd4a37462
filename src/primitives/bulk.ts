// SPDX-License-Identifier: MIT
/**
 * Many changes in one call, with a result for each: one that is refused stops no other. They go to the kernel together;
 * each is done or it is not. The primitives that take one are a call for one.
 */
import { ExitCode, LvnError } from '../diag/error.ts'
import type { Kernel } from '../model/kernel.ts'
import { Ledger } from './ledger.ts'
import { type Step, takeBack } from './work.ts'

/** `error`: what refused it, of which nothing has been done. */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: LvnError }

/** A wish that nothing speaks against, and how to read afterwards what has become of it. */
export interface Intent<T> {
  readonly steps: readonly Step[]
  readonly read: (after: Ledger) => T
}

interface Chosen<T> extends Intent<T> {
  readonly index: number
}

/** `plan` throws what speaks against a wish; the ledger holds those before it. Results in the order of the wishes. */
export function inBulk<W, T>(
  kernel: Kernel,
  wishes: readonly W[],
  plan: (ledger: Ledger, wish: W) => Intent<T>,
): readonly Result<T>[] {
  const results = new Map<number, Result<T>>()
  const done: Chosen<T>[] = []
  for (let next = 0; next < wishes.length; ) {
    const { chosen, refused } = choose(kernel, wishes, next, plan)
    const { count, error } = carryOut(kernel, chosen)
    for (const each of chosen.slice(0, count)) done.push(each)
    const failed = chosen[count]
    // What came after a failure was planned as if there had been none.
    next = error === null || failed === undefined ? wishes.length : failed.index + 1
    for (const [index, refusal] of refused)
      if (index < next) results.set(index, { ok: false, error: refusal })
    if (error !== null && failed !== undefined) results.set(failed.index, { ok: false, error })
  }
  if (done.length > 0) {
    const after = new Ledger(kernel)
    for (const { index, read } of done) results.set(index, { ok: true, value: read(after) })
  }
  return wishes.map((_, index) => results.get(index) as Result<T>)
}

/** The value, or what was refused is thrown. For calls that are about one object. */
export function single<T>([result]: readonly Result<T>[]): T {
  if (result === undefined) throw new TypeError('a result of nothing')
  if (!result.ok) throw result.error
  return result.value
}

function choose<W, T>(
  kernel: Kernel,
  wishes: readonly W[],
  first: number,
  plan: (ledger: Ledger, wish: W) => Intent<T>,
): { readonly chosen: readonly Chosen<T>[]; readonly refused: ReadonlyMap<number, LvnError> } {
  const ledger = new Ledger(kernel)
  const chosen: Chosen<T>[] = []
  const refused = new Map<number, LvnError>()
  for (let index = first; index < wishes.length; index++) {
    try {
      const intent = plan(ledger, wishes[index] as W)
      ledger.record(intent.steps)
      chosen.push({ ...intent, index })
    } catch (error) {
      if (!(error instanceof LvnError)) throw error
      refused.set(index, error)
    }
  }
  return { chosen, refused }
}

/** How many were done before the first failure, of which nothing is left; null: all of them. */
function carryOut<T>(
  kernel: Kernel,
  chosen: readonly Chosen<T>[],
): { readonly count: number; readonly error: LvnError | null } {
  const results = kernel.plane.apply(chosen.flatMap(({ steps }) => steps.map(({ operation }) => operation)))
  const failed = results.findIndex(({ status }) => status !== 'done')
  if (failed < 0) return { count: chosen.length, error: null }
  let before = 0
  for (const [count, { steps }] of chosen.entries()) {
    if (failed < before + steps.length)
      return { count, error: asLvnError(takeBack(kernel, steps.slice(0, failed - before), results[failed])) }
    before += steps.length
  }
  throw new TypeError('more results than operations')
}

/** A plane's own are; what else one may throw becomes one. */
function asLvnError(error: Error): LvnError {
  if (error instanceof LvnError) return error
  return new LvnError('LVN7020', ExitCode.internal, error.message, { cause: error })
}

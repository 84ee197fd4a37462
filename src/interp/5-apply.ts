// SPDX-License-Identifier: MIT
/**
 * Carries a plan out, and takes everything back when any of it fails. Steps with the same target go to the
 * kernel as one batch. It decides nothing: order and inverses are the plan's.
 */
import type {
  HostOperation,
  Kernel,
  OnProgress,
  OnTaken,
  OperationResult,
  PlaneOperation,
} from '../model/kernel.ts'
import type { ApplyProgress, ApplyReport, KernelOperation, Step, StepStatus } from './types.ts'

export type OnApplyProgress = (progress: ApplyProgress) => void
export type Outcome = Pick<ApplyReport, 'outcome' | 'steps' | 'taken'>

interface Unit {
  readonly step: number
  readonly operation: KernelOperation
  readonly undo: readonly KernelOperation[]
}

/**
 * Never throws for what the kernel refuses: the report tells. `restores`: the steps lead back to what was there before,
 * and sockets of others that are bound to its ports meanwhile are told where they do no harm.
 */
export function apply(
  kernel: Kernel,
  steps: readonly Step[],
  onProgress: OnApplyProgress = () => {},
  restores = false,
): Outcome {
  const units = unitsOf(steps)
  const total = units.length
  const taken = new Set<string>()
  const onTaken = (why: string) => void taken.add(why)
  const ran = run(
    kernel,
    units.map((unit) => unit.operation),
    (done) => onProgress({ phase: 'apply', done, total }),
    restores ? onTaken : undefined,
  )
  if (ran.failure === null) {
    return { outcome: 'done', steps: steps.map((step) => ({ step, status: 'done' })), ...told(taken) }
  }
  const failed = units[ran.done] as Unit
  const undone = takeBack(kernel, units.slice(0, ran.done), onProgress, onTaken)
  const { failure } = ran
  return {
    outcome: undone.size === 0 ? 'rolled-back' : 'partly-applied',
    steps: steps.map((step, index) => {
      const problem = undone.get(index)
      const status = statusOf(index, failed.step, problem !== undefined)
      const error = index === failed.step ? failure : problem
      return error === undefined ? { step, status } : { step, status, error }
    }),
    ...told(taken),
  }
}

/** Takes back all of a plan that was carried out to its end. */
export function takeAllBack(
  kernel: Kernel,
  steps: readonly Step[],
  onProgress: OnApplyProgress = () => {},
): Outcome {
  const taken = new Set<string>()
  const undone = takeBack(kernel, unitsOf(steps), onProgress, (why) => void taken.add(why))
  return {
    outcome: undone.size === 0 ? 'rolled-back' : 'partly-applied',
    steps: steps.map((step, index) => {
      const error = undone.get(index)
      return error === undefined ? { step, status: 'undone' } : { step, status: 'undo-failed', error }
    }),
    ...told(taken),
  }
}

function told(taken: ReadonlySet<string>): Pick<Outcome, 'taken'> {
  return taken.size === 0 ? {} : { taken: [...taken] }
}

function unitsOf(steps: readonly Step[]): Unit[] {
  return steps.flatMap(({ operations, undo }, step) =>
    operations.map((operation, i): Unit => ({ step, operation, undo: undo[i] ?? [] })),
  )
}

function statusOf(index: number, failed: number, stuck: boolean): StepStatus {
  if (stuck) return 'undo-failed'
  if (index === failed) return 'failed'
  return index < failed ? 'undone' : 'not-tried'
}

/** Best effort: what cannot be taken back does not keep the rest from it. The first error of each such step. */
function takeBack(
  kernel: Kernel,
  units: readonly Unit[],
  onProgress: OnApplyProgress,
  onTaken: OnTaken,
): Map<number, Error> {
  const inverses = units
    .toReversed()
    .flatMap(({ step, undo }) => undo.map((operation) => ({ step, operation })))
  const total = inverses.length
  const problems = new Map<number, Error>()
  for (let next = 0; next < total; ) {
    const from = next
    const { done, failure } = run(
      kernel,
      inverses.slice(from).map(({ operation }) => operation),
      (count) => onProgress({ phase: 'undo', done: from + count, total }),
      onTaken,
    )
    next = from + done
    if (failure === null) continue
    const { step } = inverses[next] as (typeof inverses)[number]
    if (!problems.has(step)) problems.set(step, failure)
    next++
  }
  return problems
}

/** Carries out in order up to the first failure; `done` operations came before it. */
function run(
  kernel: Kernel,
  operations: readonly KernelOperation[],
  onProgress: OnProgress,
  onTaken: OnTaken | undefined,
): { done: number; failure: Error | null } {
  let done = 0
  while (done < operations.length) {
    const start = done
    const { target } = operations[start] as KernelOperation
    let end = start + 1
    while (operations[end]?.target === target) end++
    const step: OnProgress = (count) => onProgress(start + count)
    for (const result of batch(kernel, operations.slice(start, end), step, onTaken)) {
      if (result.status === 'done') done++
      else return { done, failure: result.status === 'failed' ? result.error : notTried(operations[done]) }
    }
    if (done < end) return { done, failure: notTried(operations[done]) }
  }
  return { done, failure: null }
}

function batch(
  kernel: Kernel,
  operations: readonly KernelOperation[],
  onProgress: OnProgress,
  onTaken: OnTaken | undefined,
): readonly OperationResult[] {
  const bare = operations.map(({ operation }) => operation)
  try {
    return operations[0]?.target === 'plane'
      ? kernel.plane.apply(bare as readonly PlaneOperation[], onProgress, onTaken)
      : kernel.host.apply(bare as readonly HostOperation[], onProgress)
  } catch (error) {
    return [{ status: 'failed', error: error instanceof Error ? error : new Error(String(error)) }]
  }
}

function notTried(operation: KernelOperation | undefined): Error {
  return new Error(`the kernel was not asked to ${operation?.operation.op} the ${operation?.operation.kind}`)
}

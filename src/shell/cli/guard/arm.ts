// SPDX-License-Identifier: MIT
/**
 * Starts the process that reverts an apply unless it is confirmed: before the first change, so that nothing that
 * happens to us can leave a change without it. It is the head of a session of its own and outlives our terminal. It is
 * told what to do over a pipe; that the pipe ends without a word tells it that we died.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { cliPath } from '../../../../native/paths.ts'
import type { WayBack } from '../../../interp/index.ts'
import type { PlaneName } from '../../../model/state.ts'
import { guardFailed } from '../refusals.ts'

/** A guard that gives no answer within this is killed, and counts as lost. A busy machine starts one in some seconds. */
const answerWithinMs = 120_000

/** The first line that the process reads. */
export interface GuardOrder {
  readonly back: WayBack
  readonly source: string
  /** Of the apply: ISO 8601, by the wall clock. */
  readonly time: string
  readonly confirmMs: number
  /** Folder of this namespace's state. */
  readonly state: string
}

/** The lines that follow: `applied`, `failed` or `journal 12`. It answers `ready`, `counting` or `failed …`. */
export interface Armed {
  readonly pid: number
  /** The apply has been carried out: the time runs from now on. False: the process has ended, and will not revert. */
  applied(): Promise<boolean>
  /** The apply has failed, and nothing of it stays: there is nothing to revert. It has ended when this comes back. */
  failed(): Promise<void>
  /** Where the apply stands in the journal. */
  journaled(serial: number): void
  /** Lets go of it: it goes on alone. */
  leave(): void
}

/** @throws LvnError LVN6105: it cannot be started; nothing has been changed. */
export async function arm(order: GuardOrder, plane: PlaneName): Promise<Armed> {
  const child = spawn(process.execPath, [cliPath(), '--plane', plane, 'guard'], {
    detached: true,
    cwd: '/',
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const answers = answersOf(child)
  const next = () => withinTime(child, () => answers.next())
  const say = (line: string) => void child.stdin?.write(`${line}\n`)
  child.stdin?.on('error', () => undefined)
  say(JSON.stringify(order))
  const first = await next()
  const pid = child.pid
  if (first !== 'ready' || pid === undefined) {
    await ended(child)
    throw guardFailed(first?.replace(/^failed /, '') ?? 'it ended before it was ready')
  }
  return {
    pid,
    async applied() {
      say('applied')
      return (await next()) === 'counting'
    },
    failed() {
      say('failed')
      return ended(child)
    },
    journaled: (serial) => say(`journal ${serial}`),
    leave() {
      child.stdin?.end()
      child.stdout?.destroy()
      child.unref()
    },
  }
}

/** Waits until the process has ended, so that the next command finds no guard. One that never started has ended. */
async function ended(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  await withinTime(child, () => once(child, 'exit'))
}

/** Kills the process if the work takes too long: a stopped process would keep us waiting, with the lock held. */
async function withinTime<T>(child: ChildProcess, work: () => Promise<T>): Promise<T> {
  const timer = setTimeout(() => child.kill('SIGKILL'), answerWithinMs)
  try {
    return await work()
  } finally {
    clearTimeout(timer)
  }
}

/** Lines of the child's output, one for each call; undefined: it has ended. */
function answersOf(child: ChildProcess): { next(): Promise<string | undefined> } {
  const failed = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`failed ${error.message}`))
  })
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]()
  return {
    next: () => Promise.race([failed, lines.next().then(({ value, done }) => (done ? undefined : value))]),
  }
}

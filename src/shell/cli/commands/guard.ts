// SPDX-License-Identifier: MIT
/**
 * The process that stands behind `lvn apply --confirm`: it waits for `lvn confirm`, and reverts when none comes in time.
 * `guard/arm.ts` starts it and holds the other end of its pipe; nobody calls it by hand.
 */
import { createInterface } from 'node:readline'
import { ExitCode } from '../../../diag/error.ts'
import type { GlobalOptions, Session } from '../globals.ts'
import type { GuardOrder } from '../guard/arm.ts'
import { logLine } from '../guard/log.ts'
import { confirmLock, msUntil } from '../guard/pending.ts'
import { type ConfirmRecord, writeRecord } from '../guard/record.ts'
import { revert } from '../guard/revert.ts'
import type { Waiting } from '../guard/waiting.ts'
import { Journal } from '../state/journal.ts'
import { duration } from '../text.ts'

/** Longer waits are made of several: a timer of Node's takes no more than 2^31 ms. */
const longestTimerMs = 3_600_000

/** Why it stops waiting. */
type Verdict = 'confirmed' | 'the apply failed' | 'the time is out' | 'by request' | 'the apply died'

export async function guard({ options }: Session): Promise<ExitCode> {
  outliveTerminals()
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
  const first = await lines.next()
  if (first.done) return ExitCode.usage
  const order = JSON.parse(first.value) as GuardOrder
  try {
    await takePlace()
    keepRecord(order, { deadlineNs: null })
  } catch (error) {
    answer(`failed ${(error as Error).message}`)
    return ExitCode.rolledBack
  }
  const watch = new Watch(order, lines)
  answer('ready')
  return finish(options, order, await watch.verdict, watch)
}

/** @throws LvnError LVN6121 */
function keepRecord(
  { source, state, time }: GuardOrder,
  { deadlineNs = null, hindrance, fate = null }: Partial<ConfirmRecord>,
): void {
  writeRecord(state, { pid: process.pid, source, time, deadlineNs, hindrance, fate })
}

/** The time is out then: nothing counts any more. @throws LvnError LVN6121 */
function keepHindrance(order: GuardOrder, { reason, tries, nextMs }: Waiting): void {
  const now = process.hrtime.bigint()
  const nextNs = nextMs === null ? null : String(now + BigInt(nextMs) * 1_000_000n)
  keepRecord(order, { deadlineNs: String(now), hindrance: { reason: oneLine(reason), tries, nextNs } })
}

/** A report has several. */
function oneLine(text: string): string {
  return text.replaceAll(/\n\s*/g, '; ')
}

/** Once we stand ready, a full disk must not keep us from reverting: it is logged, where that can be, and we go on. */
function tryToKeep(order: GuardOrder, keep: () => void): void {
  try {
    keep()
  } catch (error) {
    logLine(order.state, `${order.source}: the record is not kept: ${(error as Error).message}`)
  }
}

/** Hang-ups and keyboards are not meant for us. */
function outliveTerminals(): void {
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.removeAllListeners(signal)
  for (const signal of ['SIGHUP', 'SIGINT'] as const) process.on(signal, () => undefined)
}

/** Held until this process ends. */
async function takePlace(): Promise<void> {
  const { acquireLock } = await import('../../../../native/lock.ts')
  acquireLock(confirmLock)
}

function answer(line: string): void {
  if (process.stdout.writable) process.stdout.write(`${line}\n`)
}

/** Waits for whatever comes first: a word, a signal, the end of time. */
class Watch {
  readonly verdict: Promise<Verdict>
  /** The apply's place in the journal, once it is known. */
  serial: number | null = null
  /** It may come when the time is out already, but before anything is reverted. */
  confirmed = false
  private wake: () => void = () => undefined

  constructor(order: GuardOrder, lines: AsyncIterator<string>) {
    this.verdict = new Promise((resolve) => {
      process.on('SIGUSR2', () => {
        this.confirmed = true
        resolve('confirmed')
        this.wake()
      })
      process.on('SIGTERM', () => {
        resolve('by request')
        this.wake()
      })
      void this.listen(order, lines, resolve)
    })
  }

  /** Ends early when a signal comes: what failed is to be tried now, or not at all any more. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  private async listen(
    order: GuardOrder,
    lines: AsyncIterator<string>,
    resolve: (verdict: Verdict) => void,
  ): Promise<void> {
    let counting = false
    for (let line = await lines.next(); !line.done; line = await lines.next()) {
      const [word, number] = line.value.split(' ')
      if (word === 'failed') resolve('the apply failed')
      if (word === 'journal') this.serial = Number(number)
      if (word !== 'applied') continue
      counting = true
      const deadlineNs = process.hrtime.bigint() + BigInt(order.confirmMs) * 1_000_000n
      wait(deadlineNs, () => resolve('the time is out'))
      tryToKeep(order, () => keepRecord(order, { deadlineNs: String(deadlineNs) }))
      answer('counting')
    }
    if (!counting) resolve('the apply died')
  }
}

function wait(deadlineNs: bigint, then: () => void): void {
  const left = msUntil(deadlineNs)
  if (left < 0) then()
  else setTimeout(() => wait(deadlineNs, then), Math.min(left + 1, longestTimerMs))
}

async function finish(
  options: GlobalOptions,
  order: GuardOrder,
  verdict: Verdict,
  watch: Watch,
): Promise<ExitCode> {
  const { source, state, confirmMs, back } = order
  const say = (text: string) => logLine(state, `${source}: ${text}`)
  const reason = verdict === 'the time is out' ? `not confirmed within ${duration(confirmMs)}` : verdict
  const reverted =
    verdict === 'the apply failed' || verdict === 'confirmed'
      ? null
      : await revert(options, back, {
          say: (waits) => say(`${reason}: ${waits}`),
          waits: (waiting) => tryToKeep(order, () => keepHindrance(order, waiting)),
          calledOff: () => watch.confirmed,
          pause: (ms) => watch.pause(ms),
        })
  if (reverted === null) {
    // A signal that comes when the apply has failed confirms nothing: there is nothing that could stay.
    const outcome = verdict === 'the apply failed' ? 'failed' : 'confirmed'
    if (outcome === 'confirmed') say(outcome)
    tryToKeep(order, () => keepRecord(order, { fate: { outcome, reason: null, report: null } }))
    return ExitCode.done
  }
  say(`reverted, ${reason}: ${reverted}`)
  const { serial } = watch
  if (serial !== null) tryToKeep(order, () => new Journal(state).markReverted(serial))
  tryToKeep(order, () => keepRecord(order, { fate: { outcome: 'reverted', reason, report: reverted } }))
  return ExitCode.done
}

// SPDX-License-Identifier: MIT
/**
 * `lvn confirm`: an apply made with --confirm stays; or, where asked, is taken back now. Who waits for it is a process of its
 * own, spoken to by signals while the lock keeps it from reverting.
 */
import { setTimeout } from 'node:timers/promises'
import { ExitCode, LvnError } from '../../../diag/error.ts'
import type { Session } from '../globals.ts'
import { lastAdvice, lastExitCode, lastHere, lastSentence } from '../guard/last.ts'
import { pendingHere } from '../guard/pending.ts'
import type { Pending, Waiting } from '../guard/waiting.ts'
import { enterNamespace, withLock } from '../node.ts'
import { guardUnresponsive, nothingToConfirm, notReverted, tooLate, wholeSeconds } from '../refusals.ts'
import { count, duration } from '../text.ts'

export interface ConfirmOptions {
  readonly status?: boolean
  readonly revert?: boolean
}

const answerWithinMs = 10_000
const revertWithinMs = 120_000
const lookEveryMs = 10

export async function confirm(session: Session, given: ConfirmOptions): Promise<ExitCode> {
  await enterNamespace(session.options)
  const pending = await pendingHere()
  if (given.status) return status(session, pending)
  if (pending === null) return nothingWaits(session, given.revert ?? false)
  return given.revert ? takeBack(session, pending) : keep(session, pending)
}

function status({ output }: Session, pending: Pending | null): ExitCode {
  const last = pending === null ? lastHere() : null
  if (output.json) output.resultJson({ pending, last })
  else if (pending !== null) output.result(output.typed(sentence(pending)))
  else
    output.result(
      output.typed(`nothing waits for a confirmation${last === null ? '' : `; ${lastSentence(last)}`}`),
    )
  return ExitCode.done
}

/** @throws LvnError LVN6106: what was to be kept, or to be taken back, is not there to be. */
function nothingWaits({ output }: Session, wantsRevert: boolean): ExitCode {
  const last = lastHere()
  const exit = last === null ? ExitCode.usage : lastExitCode[last.outcome]
  if (last === null || wantsRevert || exit !== ExitCode.done) {
    throw nothingToConfirm(
      exit === ExitCode.done ? ExitCode.usage : exit,
      last === null ? undefined : lastAdvice(last),
    )
  }
  if (output.json) output.resultJson({ confirmed: null, last })
  else output.result(output.typed(`nothing waits for a confirmation; ${lastSentence(last)}`))
  return ExitCode.done
}

/** Under the lock nothing can be reverted: the process that waits for it can only hear us. */
async function keep({ options, output }: Session, pending: Pending): Promise<ExitCode> {
  try {
    await withLock({ ...options, netns: undefined }, async () => {
      await signal(pending, 'SIGUSR2')
      await untilGone(pending, answerWithinMs, () => guardUnresponsive(pending.pid))
    })
  } catch (error) {
    if (error instanceof LvnError && error.exitCode === ExitCode.locked && pending.remainingMs === 0)
      throw tooLate()
    throw error
  }
  const last = lastHere()
  // The signal came too late, or for an apply that had failed. A record that could not be written says neither.
  if (last !== null && ['failed', 'reverted', 'partly-reverted'].includes(last.outcome))
    throw nothingToConfirm(lastExitCode[last.outcome], lastAdvice(last))
  if (output.json) output.resultJson({ confirmed: pending.source })
  else output.result(`${output.paint.good('confirmed')}: ${pending.source} stays`)
  return ExitCode.done
}

async function takeBack({ output }: Session, pending: Pending): Promise<ExitCode> {
  await signal(pending, 'SIGTERM')
  await untilGone(pending, revertWithinMs, ({ pid, source, hindrance }) =>
    hindrance === null ? guardUnresponsive(pid) : notReverted(source, hindrance),
  )
  const last = lastHere()
  if (output.json) output.resultJson({ reverted: pending.source, last })
  else if (last !== null) output.result(output.typed(lastSentence(last)))
  return last?.outcome === 'reverted' ? ExitCode.done : ExitCode.partlyApplied
}

/** 0 is a process of another PID namespace; to kill(2) it would mean our own group. */
async function signal({ pid }: Pending, name: NodeJS.Signals): Promise<void> {
  if (pid === 0) throw guardUnresponsive(pid)
  try {
    process.kill(pid, name)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ESRCH') throw tooLate()
    const { systemFailure } = await import('../../../../native/errors.ts')
    throw systemFailure(`reach process ${pid}`, error)
  }
}

/** `late`: the error where it is still there after `withinMs`. */
async function untilGone(
  { pid }: Pending,
  withinMs: number,
  late: (now: Pending) => LvnError,
): Promise<void> {
  const deadline = performance.now() + withinMs
  for (let now = await pendingHere(); now?.pid === pid; now = await pendingHere()) {
    if (performance.now() > deadline) throw late(now)
    await setTimeout(lookEveryMs)
  }
}

function sentence({ source, remainingMs, pid, hindrance }: Pending): string {
  if (hindrance !== null) return `${source} ${hindered(hindrance)} (process ${pid})`
  const when =
    remainingMs === null ? 'once it has been carried out' : `in ${duration(wholeSeconds(remainingMs))}`
  return `${source} is reverted ${when} unless you call \`lvn confirm\` (process ${pid})`
}

/** What keeps it from being reverted, and what comes next. */
function hindered({ reason, tries, nextMs }: Waiting): string {
  const failed = tries === 0 ? '' : `; ${count(tries, 'try', 'tries')} failed`
  const next = nextMs === null ? 'as soon as that can be' : `in ${duration(wholeSeconds(nextMs))}`
  return `is to be reverted, and cannot be: ${reason}${failed}; tried again ${next}, or at once with \`lvn confirm --revert\`; \`lvn confirm\` keeps it`
}

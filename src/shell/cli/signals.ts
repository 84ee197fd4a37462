// SPDX-License-Identifier: MIT
/**
 * Signals that end a command. Until the kernel may be changed they end the process at once, as the system has it: Node
 * hears a signal between two turns of its event loop only, and a file may be long to work out.
 */
import { constants } from 'node:os'
import { setImmediate } from 'node:timers/promises'
import type { ExitCode } from '../../diag/error.ts'

const ending = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
export type EndingSignal = (typeof ending)[number]

let held = false
/** Something is carried out that is not to be left half done. */
let carrying = false
/** The first that came while it was. */
let came: EndingSignal | null = null
let lastWord: (() => void) | null = null

/** From here on: a plan that is being carried out is carried to its end before a signal ends the process. For good. */
export function holdSignals(): void {
  if (held) return
  held = true
  for (const signal of ending) {
    process.on(signal, () => {
      if (carrying) came ??= signal
      else end(signal)
    })
  }
}

/** What a process exits with that a signal has ended. */
export function exitCodeOf(signal: EndingSignal): ExitCode {
  return (128 + constants.signals[signal]) as ExitCode
}

/** Has something said before a signal ends the process; what comes back takes that away again. */
export function beforeEnd(say: () => void): () => void {
  lastWord = say
  return () => {
    lastWord = null
  }
}

/**
 * A signal that came earlier ends the process here, before `work` begins; one that comes meanwhile waits for its end and is
 * handed back with the result. Null: none came.
 */
export async function toTheEnd<T>(work: () => Promise<T>): Promise<readonly [T, EndingSignal | null]> {
  await hear()
  carrying = true
  try {
    const result = await work()
    await hear()
    return [result, came]
  } finally {
    carrying = false
    came = null
  }
}

/** A whole turn of the event loop, in which signals that have come are heard: what is left of this one may hear none. */
async function hear(): Promise<void> {
  await setImmediate()
  await setImmediate()
}

function end(signal: EndingSignal): void {
  if (process.stderr.isTTY) process.stderr.write('\n')
  lastWord?.()
  process.exit(exitCodeOf(signal))
}

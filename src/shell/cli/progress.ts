// SPDX-License-Identifier: MIT
/**
 * Progress of long work on standard error: one line drawn over and over on a terminal, a few lines elsewhere,
 * none with --json or --quiet. Short work shows nothing.
 */
import { writeSync } from 'node:fs'
import type { Output } from './output.ts'

export interface Progress {
  /** May be called for every single step; draws as often as is worth reading. */
  update(label: string, done: number, total: number): void
  /** Takes the line away. Call it before anything else is printed. */
  end(): void
}

export interface ProgressSink {
  readonly isTerminal: boolean
  readonly columns: number
  write(text: string): void
  now(): number
}

const redrawMs = 80
const lineEveryMs = 5000
const silence: Progress = { update: () => undefined, end: () => undefined }

/** Progress as this output wants it. */
export function openProgress(output: Output): Progress {
  if (output.json || output.quiet) return silence
  const { stderr } = process
  return drawProgress({
    isTerminal: stderr.isTTY,
    columns: stderr.columns ?? 80,
    // The event loop may stand still while the kernel works; a stream would hold the text back.
    write: (text) => writeIfPossible(stderr.fd, text),
    now: () => performance.now(),
  })
}

/** A terminal that has hung up, or a pipe that is full, must not stop the work. */
function writeIfPossible(fd: number, text: string): void {
  try {
    writeSync(fd, text)
  } catch {
    // It was only progress.
  }
}

/** The drawing alone, for any sink and clock. */
export function drawProgress(sink: ProgressSink): Progress {
  const every = sink.isTerminal ? redrawMs : lineEveryMs
  let last = sink.now()
  let drawn = false
  return {
    update(label, done, total) {
      const now = sink.now()
      if (now - last < every) return
      last = now
      if (sink.isTerminal) {
        drawn = true
        sink.write(`\r\x1b[K${bar(label, done, total, sink.columns)}`)
      } else {
        sink.write(`${label}: ${done} of ${total}\n`)
      }
    },
    end() {
      if (drawn) sink.write('\r\x1b[K')
      drawn = false
    },
  }
}

function bar(label: string, done: number, total: number, columns: number): string {
  const numbers = `${done}/${total}`
  const room = Math.min(30, columns - label.length - numbers.length - 5)
  if (room < 5 || total === 0) return `${label} ${numbers}`.slice(0, Math.max(0, columns - 1))
  const full = Math.floor((Math.min(done, total) / total) * room)
  return `${label} [${'#'.repeat(full)}${'.'.repeat(room - full)}] ${numbers}`
}

// SPDX-License-Identifier: MIT
/**
 * What became of applies that waited for a confirmation, a line each: their process has no terminal to say it on.
 */
import { appendFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder, readIfThere } from '../state/put-file.ts'

const name = 'confirm.log'
/** Bytes; then the log begins anew, and the one before is kept beside it. */
const longest = 64 * 1024

export function logPath(state: string): string {
  return join(state, name)
}

/** Adds a line; a log that cannot be written keeps nobody from reverting. */
export function logLine(state: string, text: string): void {
  const path = logPath(state)
  try {
    makeFolder(state)
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > longest) renameSync(path, `${path}.1`)
    appendFileSync(path, `${new Date().toISOString()} ${text.replaceAll('\n', '; ')}\n`, { mode: 0o600 })
  } catch {
    // The kernel's state is what counts.
  }
}

/** The newest line. */
export function lastLine(state: string): string | undefined {
  return readIfThere(logPath(state))?.trimEnd().split('\n').at(-1)
}

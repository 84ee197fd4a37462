// SPDX-License-Identifier: MIT
/**
 * What became of applies that waited for a confirmation, a line each: their process has no terminal to say it on.
 */
import { appendFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from '../state/put-file.ts'

const name = 'confirm.log'
/** Bytes; then the log begins anew, and the one before is kept beside it. */
const longest = 64 * 1024

/** Adds a line; a log that cannot be written keeps nobody from reverting. */
export function logLine(state: string, text: string): void {
  const path = join(state, name)
  try {
    makeFolder(state)
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > longest) renameSync(path, `${path}.1`)
    appendFileSync(path, `${new Date().toISOString()} ${text.replaceAll('\n', '; ')}\n`, { mode: 0o600 })
  } catch {
    // The kernel's state is what counts.
  }
}

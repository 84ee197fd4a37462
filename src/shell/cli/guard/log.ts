// SPDX-License-Identifier: MIT
/**
 * What became of applies that waited for a confirmation, a line each: their process has no terminal to say it on.
 */
import { closeSync, constants, fstatSync, openSync, renameSync, statSync, writeFileSync } from 'node:fs'
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
    append(path, `${new Date().toISOString()} ${text.replaceAll('\n', '; ')}\n`)
  } catch {
    // The kernel's state is what counts.
  }
}

/** To a file of our own alone: what somebody else has put there may lead anywhere. */
function append(path: string, line: string): void {
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants
  const file = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600)
  try {
    const { nlink, uid } = fstatSync(file)
    if (nlink === 1 && uid === process.geteuid?.()) writeFileSync(file, line)
  } finally {
    closeSync(file)
  }
}

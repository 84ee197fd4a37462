// SPDX-License-Identifier: MIT
/**
 * What becomes of the standard streams when nobody is at their other end any more, or what they lead to is full. Work
 * goes on whatever happens to them; it does not know which.
 */
import { closeSync, fstatSync, openSync } from 'node:fs'
import { isatty } from 'node:tty'

/**
 * Keeps failing output from ending the process. Tells why the result could not be written; undefined: it could, or a
 * reader or terminal that went away had no more use for it (`lvn show | head -1`).
 */
export function tolerateFailingStreams(): () => Error | undefined {
  let lost: Error | undefined
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (!hasGone(process.stdout.fd, error)) lost ??= error
  })
  // Only what is said about the work goes there.
  process.stderr.on('error', () => undefined)
  surviveHangUp()
  return () => lost
}

/** EIO is the answer of a terminal that has hung up; of a disk it is a failure. */
function hasGone(fd: number, { code }: NodeJS.ErrnoException): boolean {
  return code === 'EPIPE' || (code === 'EIO' && fstatSync(fd).isCharacterDevice())
}

/** Node wants to set terminals as they were when it ends, and aborts where one has hung up meanwhile. */
function surviveHangUp(): void {
  const terminals = [0, 1, 2].filter(isatty)
  process.once('exit', () => {
    for (const fd of terminals) {
      if (isatty(fd)) continue
      closeSync(fd)
      // The lowest free number is the one just closed.
      openSync('/dev/null', 'r+')
    }
  })
}

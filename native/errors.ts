// SPDX-License-Identifier: MIT
/**
 * System call failures as sentences. The addon's errors carry an errno; a user gets what was tried and why it
 * failed. Knows no netlink, no BPF.
 */
import { getSystemErrorMap } from 'node:util'
import { ExitCode, LvnError } from '../src/diag/error.ts'

/** What the addon and `node:fs` throw: `code` is the errno's name. */
export interface SystemError extends Error {
  readonly code: string
  readonly errno?: number
  readonly syscall?: string
}

export function isSystemError(error: unknown): error is SystemError {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    /^E[A-Z0-9]+$/.test(error.code)
  )
}

/** Does the error, or what caused it, have one of these errno names? Netlink's errors have theirs as `errno`. */
export function isErrno(error: unknown, ...names: readonly string[]): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (isSystemError(at) && names.includes(at.code)) return true
    if ('errno' in at && typeof at.errno === 'string' && names.includes(at.errno)) return true
  }
  return false
}

/** Two names of one number in Linux; Node knows it by the other, ENOTSUP. */
const eopnotsupp = 95

/** `[name, words]` of a positive errno: `['EEXIST', 'file already exists']`. */
export function errnoText(errno: number): readonly [string, string] {
  if (errno === eopnotsupp) return ['EOPNOTSUPP', 'operation not supported']
  return getSystemErrorMap().get(-errno) ?? [`E${errno}`, `error ${errno}`]
}

/** The one sentence for a missing privilege. */
export function noPermission(cause?: unknown): LvnError {
  return new LvnError(
    'LVN7002',
    ExitCode.noPlane,
    'no permission to read or change the network: run as root (CAP_NET_ADMIN)',
    { cause },
  )
}

/** Any failure of `what` ("make the device lvn0") as an LvnError; LvnErrors pass as they are. */
export function systemFailure(what: string, error: unknown): LvnError {
  if (error instanceof LvnError) return error
  if (isErrno(error, 'EPERM', 'EACCES')) return noPermission(error)
  const reason = error instanceof Error ? error.message : String(error)
  return new LvnError('LVN7020', ExitCode.internal, `cannot ${what}: ${reason}`, { cause: error })
}

/** `call()`; what it throws becomes a `systemFailure` of `what`. */
export function attempt<T>(what: string, call: () => T): T {
  try {
    return call()
  } catch (error) {
    throw systemFailure(what, error)
  }
}

/** All of them, in order: what one of them throws is let go. For putting back after a failure, which is what counts. */
export function attemptAll(...calls: readonly (() => void)[]): void {
  for (const call of calls) {
    try {
      call()
    } catch {
      // The failure that led here is told.
    }
  }
}

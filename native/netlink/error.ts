// SPDX-License-Identifier: MIT
/**
 * The failures of netlink: what was asked, the errno, the kernel's own sentence (extended ack) where it gave one.
 */
import { ExitCode, LvnError } from '../../src/diag/error.ts'
import { errnoText, noPermission } from '../errors.ts'

export interface NetlinkErrorDetails {
  /** `EEXIST`. */
  readonly errno: string
  /** NLMSGERR_ATTR_MSG; null: the kernel said nothing. */
  readonly kernelMessage: string | null
  /** NLMSGERR_ATTR_OFFS: where in the request's message the offending attribute starts; null: not told. */
  readonly offset: number | null
}

/** An answer of the kernel that says no, or bytes that are no netlink. */
export class NetlinkError extends LvnError implements NetlinkErrorDetails {
  readonly errno: string
  readonly kernelMessage: string | null
  readonly offset: number | null

  constructor(code: string, exitCode: ExitCode, message: string, details: NetlinkErrorDetails) {
    super(code, exitCode, message)
    this.name = 'NetlinkError'
    this.errno = details.errno
    this.kernelMessage = details.kernelMessage
    this.offset = details.offset
  }
}

/** The kernel refused `what` ("add the route 10.0.0.0/8") with a positive errno. */
export function refused(
  what: string,
  errno: number,
  kernelMessage: string | null,
  offset: number | null,
): NetlinkError {
  const [name, words] = errnoText(errno)
  const details = { errno: name, kernelMessage, offset }
  if (name === 'EPERM') {
    const { code, exitCode, message } = noPermission()
    return new NetlinkError(code, exitCode, message, details)
  }
  return new NetlinkError(
    'LVN7021',
    ExitCode.internal,
    `cannot ${what}: ${kernelMessage ?? words} (${name})`,
    details,
  )
}

/** Bytes that do not follow the format (EBADMSG). */
export function malformed(what: string): NetlinkError {
  const details = { errno: 'EBADMSG', kernelMessage: null, offset: null }
  return new NetlinkError('LVN7022', ExitCode.internal, `malformed netlink message: ${what}`, details)
}

/** The answer to `what` was lost (ENOBUFS), kept changing (EINTR) or never came (ETIMEDOUT). */
export function unanswered(what: string, errno: 'ENOBUFS' | 'EINTR' | 'ETIMEDOUT'): NetlinkError {
  const why = {
    ENOBUFS: 'the kernel dropped its answer, the receive buffer was full',
    EINTR: 'the kernel kept changing while it was read',
    ETIMEDOUT: 'the kernel did not answer',
  }[errno]
  const details = { errno, kernelMessage: null, offset: null }
  return new NetlinkError('LVN7023', ExitCode.internal, `cannot ${what}: ${why} (${errno})`, details)
}

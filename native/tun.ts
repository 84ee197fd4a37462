// SPDX-License-Identifier: MIT
/**
 * Layer-3 TUN devices. A new one goes with its descriptor until it is made persistent, so that a process that
 * dies while it sets one up leaves nothing behind.
 */
import { randomInt } from 'node:crypto'
import { ExitCode, LvnError } from '../src/diag/error.ts'
import { addon } from './addon/index.ts'
import { isErrno, systemFailure } from './errors.ts'
import { requireInterfaceName } from './host/interface-name.ts'

export interface Tun {
  /** From now on it outlives the process; `deleteLink` takes it away. */
  persist(): void
  /** Takes it away unless it was made persistent. */
  close(): void
}

/** Interface indexes that no namespace comes to by counting. */
const leastIndex = 2 ** 24
const mostIndex = 2 ** 31 - 1

/**
 * Throws an LvnError when the name is not valid or taken, also by another TUN device. Its index is a random one: no
 * interface of another namespace has the same, so that a program which leads to it from an interface that is moved to
 * another namespace leads nowhere there.
 */
export function createTun(name: string): Tun {
  requireInterfaceName(name)
  const fd = attempt(`make the TUN device ${name}`, () =>
    addon().tunCreate(name, randomInt(leastIndex, mostIndex)),
  )
  let open = true
  return {
    persist: () => attempt(`make the TUN device ${name} persistent`, () => addon().tunPersist(fd, true)),
    close: () => {
      if (open) addon().close(fd)
      open = false
    },
  }
}

/**
 * Does the device leave checksums to whoever sends a packet at last? Those of older versions do not. True where it is
 * not there (any more): then there is nothing to mend.
 */
export function offersChecksums(name: string): boolean {
  try {
    return addon().tunOffersChecksums(name)
  } catch (error) {
    if (isErrno(error, 'ENODEV')) return true
    throw systemFailure(`ask whether ${name} offers checksums`, error)
  }
}

/**
 * May no user without rights attach to the device? Its owner may, and everybody where it has none, as those of older
 * versions have. Who attaches sends packets as if they had come out of a tunnel, and can delete the device.
 * @param owner as this process's user namespace numbers users; undefined: none
 */
export function isReserved(owner: number | undefined): boolean {
  return owner === 0 || (owner !== undefined && owner === process.geteuid?.())
}

/**
 * Has a device that is there offer checksums, and belong to the effective user. Its carrier comes and goes once; nothing
 * else about it changes.
 */
export function mendTun(name: string): void {
  requireInterfaceName(name)
  try {
    addon().tunMend(name)
  } catch (error) {
    if (isErrno(error, 'EBUSY')) throw attached(name, error)
    throw systemFailure(`mend the TUN device ${name}`, error)
  }
}

function attached(name: string, cause: unknown): LvnError {
  const what = `a process is attached to the TUN device ${name}, and could send packets as if they came from a tunnel`
  return new LvnError('LVN7020', ExitCode.internal, what, {
    ...{ cause, hint: 'end the process that has /dev/net/tun open: `fuser -v /dev/net/tun` shows it' },
  })
}

function attempt<T>(what: string, call: () => T): T {
  try {
    return call()
  } catch (error) {
    const taken = isErrno(error, 'EBUSY', 'EEXIST', 'EINVAL')
    throw systemFailure(taken ? `${what} (is the name taken?)` : what, error)
  }
}

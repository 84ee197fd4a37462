// SPDX-License-Identifier: MIT
/**
 * Layer-3 TUN devices. A new one goes with its descriptor until it is made persistent, so that a process that
 * dies while it sets one up leaves nothing behind.
 */
import { randomInt } from 'node:crypto'
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

/** Has a device that is there do so. Its carrier comes and goes once; nothing else about it changes. */
export function offerChecksums(name: string): void {
  requireInterfaceName(name)
  try {
    addon().tunOfferChecksums(name)
  } catch (error) {
    throw systemFailure(`have ${name} offer checksums`, error)
  }
}

function attempt<T>(what: string, call: () => T): T {
  try {
    return call()
  } catch (error) {
    const taken = isErrno(error, 'EBUSY', 'EEXIST', 'EINVAL')
    throw systemFailure(taken ? `${what} (is the name taken?)` : what, error)
  }
}

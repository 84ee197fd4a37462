// SPDX-License-Identifier: MIT
/**
 * Network namespaces by name, as `ip netns` keeps them: files in /run/netns with namespaces bound over them.
 */
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { ExitCode, LvnError } from '../src/diag/error.ts'
import { addon, type Fd } from './addon/index.ts'
import { attempt, isErrno, systemFailure } from './errors.ts'

const folder = '/run/netns'
const ownNetns = '/proc/thread-self/ns/net'
const longestName = 255

/** The file of a namespace: a text with a slash is a path already, anything else a name. */
export function netnsPath(nameOrPath: string): string {
  if (nameOrPath.includes('/')) return nameOrPath
  requireName(nameOrPath)
  return `${folder}/${nameOrPath}`
}

/** The number that the kernel gives the namespace that the thread is in: no other has it for as long as it lives. */
export function netnsInode(): number {
  return attempt('look at the network namespace', () => statSync(ownNetns).ino)
}

/** What tells the namespace that the thread is in from all others, living or gone, since the host was booted. */
export function netnsCookie(): string {
  return attempt('look at the network namespace', () => addon().netnsCookie())
}

/** Moves the thread into a namespace for good. */
export function enterNetns(nameOrPath: string): void {
  const fd = openNetns(nameOrPath)
  try {
    enter(fd, nameOrPath)
  } finally {
    addon().close(fd)
  }
}

/**
 * Runs `work` with the thread in a namespace and returns to the former one, also after an exception. `work`
 * must be synchronous: everything else on the thread would run in the namespace as well.
 */
export function withNetns<T>(nameOrPath: string, work: () => T): T {
  const target = openNetns(nameOrPath)
  try {
    const former = openNetns(ownNetns)
    try {
      enter(target, nameOrPath)
      try {
        return work()
      } finally {
        enter(former, 'the former network namespace')
      }
    } finally {
      addon().close(former)
    }
  } finally {
    addon().close(target)
  }
}

/** A descriptor of a namespace, for `makeVeth`; close it with `addon().close`. */
export function openNetns(nameOrPath: string): Fd {
  try {
    return addon().netnsOpen(netnsPath(nameOrPath))
  } catch (error) {
    if (isErrno(error, 'ENOENT')) {
      throw new LvnError('LVN7028', ExitCode.usage, `there is no network namespace ${nameOrPath}`, {
        cause: error,
      })
    }
    if (isErrno(error, 'ENXIO') || isErrno(error, 'ENODEV')) throw noNetns(nameOrPath, error)
    throw systemFailure(`open the network namespace ${nameOrPath}`, error)
  }
}

function noNetns(what: string, cause: unknown): LvnError {
  return new LvnError('LVN7028', ExitCode.usage, `${what} is no network namespace`, { cause })
}

/** Throws an LvnError when there is one of that name. Its loopback interface is down, as any new one's. */
export function createNetns(name: string): void {
  requireName(name)
  const path = netnsPath(name)
  const what = `make the network namespace ${name}`
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 })
    // Shared, so that a deletion reaches the mount namespaces that hold a copy of the binding.
    addon().mountShared(folder)
    writeFileSync(path, '', { flag: 'wx', mode: 0o444 })
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw systemFailure(what, error)
    throw new LvnError('LVN7029', ExitCode.usage, `there is a network namespace ${name} already`, {
      cause: error,
    })
  }
  try {
    addon().netnsCreate(path)
  } catch (error) {
    rmSync(path, { force: true })
    throw systemFailure(what, error)
  }
}

/**
 * Takes the name away; the namespace itself goes with its last process and descriptor. False: there was none
 * of that name. A file left by a `createNetns` that was killed goes too.
 */
export function deleteNetns(name: string): boolean {
  requireName(name)
  const path = netnsPath(name)
  const what = `delete the network namespace ${name}`
  try {
    addon().netnsUnmount(path)
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false
    // EINVAL: nothing is mounted there.
    if (!isErrno(error, 'EINVAL')) throw systemFailure(what, error)
  }
  try {
    rmSync(path, { force: true })
  } catch (error) {
    throw systemFailure(what, error)
  }
  return true
}

/** Names, sorted. */
export function listNetns(): readonly string[] {
  try {
    return readdirSync(folder).sort()
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return []
    throw systemFailure('list the network namespaces', error)
  }
}

function enter(fd: Fd, what: string): void {
  try {
    addon().netnsEnter(fd)
  } catch (error) {
    // setns(2): the descriptor refers to something else.
    if (isErrno(error, 'EINVAL')) throw noNetns(what, error)
    throw systemFailure(`enter the network namespace ${what}`, error)
  }
}

function requireName(name: string): void {
  const size = Buffer.byteLength(name)
  if (size > 0 && size <= longestName && name !== '.' && name !== '..' && !/[/\0]/.test(name)) return
  throw new LvnError('LVN7030', ExitCode.usage, `\`${name}\` cannot name a network namespace`)
}

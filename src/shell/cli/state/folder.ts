// SPDX-License-Identifier: MIT
/**
 * Where lvn keeps what it has to remember of a network namespace: the history of applies, and who waits for a
 * confirmation. Never what the kernel holds: that is read from the kernel.
 */
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { netnsCookie } from '../../../../native/netns.ts'
import { stateFolder } from '../refusals.ts'
import { reason } from './put-file.ts'

/** The variable that names another folder; `none`: nothing is kept. */
export const stateVariable = 'LVN_STATE_DIR'
const standard = '/var/lib/lvn'
const namedNamespaces = '/run/netns'

/**
 * The folder of the namespace that the thread is in, absolute; null: nothing is to be kept. It may not exist yet.
 * @throws LvnError LVN6121: the namespace has no name, and what tells it from others cannot be read.
 */
export function stateFolderHere(): string | null {
  const root = stateRoot()
  return root === null ? null : join(root, namespaceKey(root))
}

/**
 * Takes away what is kept of namespaces that `ip netns` knew by a name that begins so, but not of `others`.
 * @throws LvnError LVN6121
 */
export function forgetNamespaces(prefix: string, others: readonly string[]): void {
  const root = stateRoot()
  if (root === null) return
  const spared = new Set(others.map(named))
  try {
    for (const folder of filesOf(root)) {
      if (folder.startsWith(named(prefix)) && !spared.has(folder))
        rmSync(join(root, folder), { recursive: true, force: true })
    }
  } catch (cause) {
    throw stateFolder(root, reason(cause), cause)
  }
}

/** Absolute: the process that waits for a confirmation stands in another folder. */
function stateRoot(): string | null {
  const root = process.env[stateVariable]
  if (root === undefined || root === '') return standard
  return root === 'none' ? null : resolve(root)
}

function named(namespace: string): string {
  return `netns-${namespace}`
}

/**
 * `host`, `netns-NAME` for one that `ip netns` knows, else its cookie and the boot that the cookie is of. Older versions
 * took the inode number, which the kernel gives to the next namespace once one is gone: no such folder is read, since
 * nothing tells of which namespace it is.
 */
function namespaceKey(root: string): string {
  const own = inodeOf('/proc/thread-self/ns/net')
  if (own === inodeOf('/proc/1/ns/net')) return 'host'
  const name = filesOf(namedNamespaces).find((known) => inodeOf(join(namedNamespaces, known)) === own)
  return name === undefined ? `boot-${bootId(root)}-cookie-${netnsCookie()}` : named(name)
}

/** @throws LvnError LVN6121 */
function bootId(root: string): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch (cause) {
    throw stateFolder(root, `which boot this is cannot be read: ${reason(cause)}`, cause)
  }
}

function inodeOf(path: string): number | null {
  try {
    return statSync(path).ino
  } catch {
    return null
  }
}

/** Empty where there is no such folder, or it cannot be read. */
function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

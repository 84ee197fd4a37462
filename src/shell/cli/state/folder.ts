// SPDX-License-Identifier: MIT
/**
 * Where lvn keeps what it has to remember of a network namespace: the history of applies, and who waits for a
 * confirmation. Never what the kernel holds: that is read from the kernel.
 */
import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { stateFolder } from '../refusals.ts'
import { reason } from './put-file.ts'

/** The variable that names another folder; `none`: nothing is kept. */
export const stateVariable = 'LVN_STATE_DIR'
const standard = '/var/lib/lvn'
const namedNamespaces = '/run/netns'

/** The folder of the namespace that the thread is in; null: nothing is to be kept. It may not exist yet. */
export function stateFolderHere(): string | null {
  const root = stateRoot()
  return root === null ? null : join(root, namespaceKey())
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

function stateRoot(): string | null {
  const root = process.env[stateVariable]
  if (root === undefined || root === '') return standard
  return root === 'none' ? null : root
}

function named(namespace: string): string {
  return `netns-${namespace}`
}

/** `host`, `netns-NAME` for one that `ip netns` knows, else its inode number. */
function namespaceKey(): string {
  const own = inodeOf('/proc/thread-self/ns/net')
  if (own === inodeOf('/proc/1/ns/net')) return 'host'
  const name = filesOf(namedNamespaces).find((known) => inodeOf(join(namedNamespaces, known)) === own)
  return name === undefined ? `inode-${own}` : named(name)
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

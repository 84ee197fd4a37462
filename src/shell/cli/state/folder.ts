// SPDX-License-Identifier: MIT
/**
 * Where lvn keeps what it has to remember of a network namespace: the history of applies, and who waits for a
 * confirmation. Never what the kernel holds: that is read from the kernel.
 */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** The variable that names another folder; empty: nothing is kept. */
export const stateVariable = 'LVN_STATE_DIR'
const standard = '/var/lib/lvn'
const namedNamespaces = '/run/netns'

/** The folder of the namespace that the thread is in; null: nothing is to be kept. It may not exist yet. */
export function stateFolderHere(): string | null {
  const root = process.env[stateVariable] ?? standard
  return root === '' ? null : join(root, namespaceKey())
}

/** `host`, `netns-NAME` for one that `ip netns` knows, else its inode number. */
function namespaceKey(): string {
  const own = inodeOf('/proc/thread-self/ns/net')
  if (own === inodeOf('/proc/1/ns/net')) return 'host'
  const name = names().find((known) => inodeOf(join(namedNamespaces, known)) === own)
  return name === undefined ? `inode-${own}` : `netns-${name}`
}

function inodeOf(path: string): number | null {
  try {
    return statSync(path).ino
  } catch {
    return null
  }
}

function names(): string[] {
  try {
    return readdirSync(namedNamespaces)
  } catch {
    return []
  }
}

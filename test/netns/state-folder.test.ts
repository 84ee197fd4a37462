// SPDX-License-Identifier: MIT
/**
 * What is kept of network namespaces that have no name, which come and go: each has a folder of its own.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { addon, type Fd } from '../../native/addon/index.ts'
import { createNetns, deleteNetns, netnsInode, openNetns, withNetns } from '../../native/netns.ts'
import { stateFolderHere } from '../../src/shell/cli/state/folder.ts'
import { Journal, type JournalEntry } from '../../src/shell/cli/state/journal.ts'
import { until } from '../support/netns.ts'

/** A network namespace that nothing but a descriptor keeps. */
interface Unnamed {
  readonly fd: Fd
  readonly inode: number
}

const open = new Set<Fd>()
let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lvn-state-'))
  vi.stubEnv('LVN_STATE_DIR', root)
})
afterEach(() => {
  vi.unstubAllEnvs()
  for (const fd of open) close(fd)
  rmSync(root, { recursive: true })
})

function unnamed(): Unnamed {
  const name = `lvnt-${process.pid}-nameless`
  createNetns(name)
  try {
    const fd = openNetns(name)
    open.add(fd)
    return { fd, inode: inside(fd, netnsInode) }
  } finally {
    deleteNetns(name)
  }
}

function close(fd: Fd): void {
  open.delete(fd)
  addon().close(fd)
}

const inside = <T>(fd: Fd, work: () => T) => withNetns(`/proc/self/fd/${fd}`, work)
const journalHere = () => new Journal(stateFolderHere() as string)

const entry: JournalEntry = {
  ...{ formatVersion: 1, time: '2026-01-01T00:00:00.000Z', command: 'apply', outcome: 'done' },
  ...{ node: null, nodes: ['mitte/gw'], summary: { add: 1, change: 0, remove: 0 } },
  ...{ sourceHash: '', sources: [] },
}

test('a namespace without a name keeps its history, and leaves it to no other that gets its inode number', async () => {
  // Several, since others may be given the number of one meanwhile.
  const firsts = Array.from({ length: 32 }, unnamed)
  for (const { fd } of firsts) {
    inside(fd, () => journalHere().add(entry))
    expect(inside(fd, () => journalHere().entries())).toHaveLength(1)
  }
  const folders = new Set(firsts.map(({ fd }) => inside(fd, stateFolderHere)))
  expect(folders.size).toBe(firsts.length)
  for (const { fd } of firsts) close(fd)

  const numbers = new Set(firsts.map(({ inode }) => inode))
  const heir = await until('a number is given once more', () => {
    const next = unnamed()
    return numbers.has(next.inode) ? next : undefined
  })
  expect(folders).not.toContain(inside(heir.fd, stateFolderHere))
  expect(inside(heir.fd, () => journalHere().entries())).toEqual([])
})

// SPDX-License-Identifier: MIT
/**
 * Which network namespaces a lab has made. Kept in /run, which lasts as long as they do, and written before the first
 * of them is made: so a lab whose builder died is known whole, and what has only its name is nobody's.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isErrno, systemFailure } from '../../native/errors.ts'
import { listNetns } from '../../native/netns.ts'
import { labPrefix } from './names.ts'

const folder = '/run/lvn/labs'

/** @throws LvnError (exit 7): no permission. */
export function claim(lab: string, namespaces: readonly string[]): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 })
    writeFileSync(fileOf(lab), namespaces.map((name) => `${name}\n`).join(''), { mode: 0o644 })
  } catch (error) {
    throw systemFailure(`write ${fileOf(lab)}`, error)
  }
}

export function disclaim(lab: string): void {
  rmSync(fileOf(lab), { force: true })
}

/** Namespaces that are there and have names of a lab, sorted. */
export interface Claimed {
  readonly own: readonly string[]
  /** Those that the lab has not made. */
  readonly foreign: readonly string[]
}

export function namespacesOf(lab: string): Claimed {
  const claimed = new Set(read(lab))
  const all = listNetns().filter((name) => name.startsWith(labPrefix(lab)))
  return {
    own: all.filter((name) => claimed.has(name)),
    foreign: all.filter((name) => !claimed.has(name)),
  }
}

function read(lab: string): readonly string[] {
  try {
    return readFileSync(fileOf(lab), 'utf8').split('\n')
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return []
    throw systemFailure(`read ${fileOf(lab)}`, error)
  }
}

function fileOf(lab: string): string {
  return `${folder}/${lab}`
}

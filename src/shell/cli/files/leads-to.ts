// SPDX-License-Identifier: MIT
/**
 * Which file a path leads to, links followed by us and not by the kernel: a link in a folder of somebody else's is
 * their word, and root must not be led by it to a file that is not theirs.
 */
import { lstatSync, readlinkSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'

/** As the kernel has it (MAXSYMLINKS). */
const mostLinks = 40

export interface Led {
  /** Absolute, without links. Its last part, or all of it, may not be there. */
  readonly target: string
  /** Users whose links led there. */
  readonly makers: ReadonlySet<number>
}

/** @throws Error with `code`: a folder on the way is missing, or the links go round. */
export function leadsTo(path: string): Led {
  const makers = new Set<number>()
  let rest = parts(isAbsolute(path) ? path : `${process.cwd()}/${path}`)
  let at = '/'
  let links = 0
  for (let part = rest.shift(); part !== undefined; part = rest.shift()) {
    if (part === '..') {
      at = dirname(at)
      continue
    }
    const next = join(at, part)
    const there = lstatSync(next, { throwIfNoEntry: rest.length > 0 })
    if (there === undefined || !there.isSymbolicLink()) {
      at = next
      continue
    }
    if (++links > mostLinks)
      throw Object.assign(new Error('too many symbolic links lead on from it'), { code: 'ELOOP' })
    makers.add(there.uid)
    const text = readlinkSync(next)
    if (isAbsolute(text)) at = '/'
    rest = parts(text).concat(rest)
  }
  return { target: at, makers }
}

function parts(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.')
}

// SPDX-License-Identifier: MIT
/**
 * Names of labs and of their network namespaces. A lab's name holds no hyphen, so `lvn-LAB-` is the prefix of
 * that lab's namespaces and of no other's. Pure; it knows no kernel.
 */
import { basename } from 'node:path'
import { ExitCode, LvnError } from '../diag/error.ts'

/** Bytes of the longest namespace name. */
const longestNamespace = 200
const longestLab = 40

/**
 * The lab's name: as wanted, or the file's without folder and ending; hyphens and the like become `_`.
 * @throws LvnError (exit 64): nothing of it can be a name.
 */
export function labName(file: string | undefined, wanted?: string): string {
  const given = wanted ?? basename(file ?? '').replace(/\.lvn$/, '')
  const name = given.replace(/[^A-Za-z0-9_.]/g, '_').slice(0, longestLab)
  if (/[A-Za-z0-9]/.test(name)) return name
  throw new LvnError(
    'LVN8001',
    ExitCode.usage,
    given === '' ? 'which lab?' : `\`${given}\` cannot name a lab`,
    {
      hint: 'give its file, or a name of letters, digits, `_` and `.`: `--name trial`',
    },
  )
}

/** What the name of each of the lab's namespaces starts with. */
export function labPrefix(lab: string): string {
  return `lvn-${lab}-`
}

/** The router in the middle: made first and removed last, so that it tells whether there is such a lab. */
export function underlayNamespace(lab: string): string {
  return `${labPrefix(lab)}-underlay`
}

/** The lab that a namespace belongs to; undefined: none. */
export function labOfNamespace(namespace: string): string | undefined {
  return /^lvn-([A-Za-z0-9_.]+)-/.exec(namespace)?.[1]
}

/** Hands out the names of one lab: valid file names, each only once, the same for the same calls. */
export class NamespaceNames {
  private readonly prefix: string
  private readonly given = new Set<string>()

  constructor(lab: string) {
    this.prefix = labPrefix(lab)
  }

  take(...parts: readonly string[]): string {
    const wanted = `${this.prefix}${parts.join('-').replace(/[^A-Za-z0-9_.-]/g, '_')}`
    for (let copy = 1; ; copy++) {
      const ending = copy === 1 ? '' : `~${copy}`
      const name = wanted.slice(0, longestNamespace - ending.length) + ending
      if (this.given.has(name)) continue
      this.given.add(name)
      return name
    }
  }
}

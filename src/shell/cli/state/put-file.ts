// SPDX-License-Identifier: MIT
/**
 * Puts a file in its place as one act: a reader, or a power cut, finds the old text, the new one or none. It knows
 * nothing of what is written.
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { place } from '../files/place.ts'
import { stateFolder } from '../refusals.ts'

/** Folders that are missing are made for the owner alone; so is the file. @throws LvnError LVN6121 */
export function putFile(path: string, text: string): void {
  const folder = dirname(path)
  try {
    makeFolder(folder)
    place(path, text, { mode: 0o600, keep: false })
  } catch (cause) {
    throw stateFolder(folder, reason(cause), cause)
  }
}

/**
 * Makes a folder and those above it that are missing, for the owner alone. Node's own `recursive` goes round for ever
 * where a file system like /proc knows no folder and takes none.
 */
export function makeFolder(path: string): void {
  const make = (folder: string) => {
    try {
      mkdirSync(folder, { mode: 0o700 })
      return true
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EEXIST') return true
      if (code === 'ENOENT') return false
      throw error
    }
  }
  if (make(path)) return
  makeFolder(dirname(path))
  if (!make(path)) mkdirSync(path)
}

/** Undefined: there is no such file. @throws LvnError LVN6121 */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw stateFolder(path, reason(cause), cause)
  }
}

export function reason(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied'
  return code === 'EROFS' ? 'the file system is read-only' : message
}

// SPDX-License-Identifier: MIT
/**
 * Replaces a file's content as one act: a reader, or a power cut, finds the old text or the new one.
 */
import { statSync } from 'node:fs'
import { ExitCode, LvnError } from '../../diag/error.ts'
import { place } from './files/place.ts'

/**
 * Writes `text` over the file that `path` leads to (symbolic links are followed and stay); mode and, where
 * permitted, owner are kept. Throws LvnError, the file being as it was.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  try {
    statSync(path)
    place(path, text, { mode: 0o666, keep: true })
  } catch (cause) {
    throw unwritable(path, cause)
  }
}

/** The same for a file that may not be there yet: where it cannot be written, there is none afterwards either. */
export async function putText(path: string, text: string): Promise<void> {
  try {
    place(path, text, { mode: 0o666, keep: true, mustBeWritable: true })
  } catch (cause) {
    throw unwritable(path, cause)
  }
}

export function unwritable(path: string, cause: unknown): LvnError {
  const { code = '', message } = cause as NodeJS.ErrnoException
  const denied = code === 'EACCES' || code === 'EPERM' || code === 'EROFS'
  return new LvnError(
    'LVN0107',
    denied ? ExitCode.noPlane : ExitCode.unwritable,
    `${path} cannot be written: ${denied ? 'permission denied' : (words.get(code) ?? message)}`,
    { cause },
  )
}

const words: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'no such directory'],
  ['ENOTDIR', 'a part of the path is not a directory'],
  ['EISDIR', 'it is a directory'],
  ['ENOSPC', 'no space is left'],
])

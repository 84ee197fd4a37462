// SPDX-License-Identifier: MIT
/**
 * A result into what the user names: a file, new or in place of an old one, or a device or pipe, which is written to.
 */
import { access, constants, open, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { putText, unwritable } from './replace-file.ts'

/** Throws LvnError; a file that was there is whole then, the old one or the new one. */
export async function writeResult(path: string, text: string): Promise<void> {
  const there = await stat(path).catch(() => undefined)
  if (there === undefined || there.isFile() || there.isDirectory()) return putText(path, text)
  await writeFile(path, text).catch((cause: Error) => {
    throw unwritable(path, cause)
  })
}

/** Before long work: throws what `writeResult` would throw, as far as that can be told. Writes nothing. */
export async function requireWritable(path: string): Promise<void> {
  const there = await stat(path).catch(() => undefined)
  try {
    if (there?.isDirectory()) await open(path, 'r+')
    else await access(there === undefined ? `${dirname(path)}/` : path, constants.W_OK)
  } catch (cause) {
    throw unwritable(path, cause)
  }
}

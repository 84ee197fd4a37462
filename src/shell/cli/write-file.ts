// SPDX-License-Identifier: MIT
/**
 * A result into a file that the user names: new, or in place of an old one; devices and pipes are written to.
 */
import { stat, writeFile } from 'node:fs/promises'
import { replaceFile, unwritable } from './replace-file.ts'

/** Throws LvnError; a file that was there is whole then, the old one or the new one. */
export async function writeResult(path: string, text: string): Promise<void> {
  const there = await stat(path).catch(() => undefined)
  if (there?.isFile()) return replaceFile(path, text)
  await writeFile(path, text).catch((cause) => {
    throw unwritable(path, cause)
  })
}

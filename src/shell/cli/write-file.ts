// SPDX-License-Identifier: MIT
/**
 * A result into what the user names: a file, new or in place of an old one, or a device or pipe, which is written to.
 */
import { stat, writeFile } from 'node:fs/promises'
import { putText, unwritable } from './replace-file.ts'

/** Throws LvnError; a file that was there is whole then, the old one or the new one. */
export async function writeResult(path: string, text: string): Promise<void> {
  const there = await stat(path).catch(() => undefined)
  if (there === undefined || there.isFile() || there.isDirectory()) return putText(path, text)
  await writeFile(path, text).catch((cause: Error) => {
    throw unwritable(path, cause)
  })
}

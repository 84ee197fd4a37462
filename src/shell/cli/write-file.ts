// SPDX-License-Identifier: MIT
/**
 * A result into what the user names: a file, new or in place of an old one, or a device or pipe, which is written to.
 */
import { access, constants, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ExitCode, LvnError } from '../../diag/error.ts'
import type { Source } from '../../diag/source.ts'
import { putText, unwritable } from './replace-file.ts'

/** Throws LvnError; a file that was there is whole then, the old one or the new one. */
export async function writeResult(path: string, text: string): Promise<void> {
  const there = await stat(path).catch(() => undefined)
  if (there === undefined || there.isFile() || there.isDirectory()) return putText(path, text)
  try {
    // Without O_CREAT and O_TRUNC: what stands there now may be another thing than what was looked at.
    const file = await open(path, constants.O_WRONLY | constants.O_NOCTTY)
    try {
      if ((await file.stat()).isFile()) throw new Error('somebody has put a file in its place meanwhile')
      await file.writeFile(text)
    } finally {
      await file.close()
    }
  } catch (cause) {
    throw unwritable(path, cause)
  }
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

/** Before long work, too. @throws LvnError LVN0108: the path leads to one of the sources, by whichever name. */
export async function requireNoSource(path: string, sources: readonly Source[]): Promise<void> {
  const target = await stat(path).catch(() => undefined)
  if (target === undefined) return
  for (const { name, file } of sources) {
    const source = await stat(name === '<stdin>' ? '/dev/stdin' : file).catch(() => undefined)
    if (source?.isFile() && source.dev === target.dev && source.ino === target.ino)
      throw new LvnError(
        'LVN0108',
        ExitCode.usage,
        `${path} is a source: the result would be written over it`,
        {
          hint: 'name another file for the result; nothing was written',
        },
      )
  }
}

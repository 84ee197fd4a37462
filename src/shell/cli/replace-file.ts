// SPDX-License-Identifier: MIT
/**
 * Replaces a file's content as one act: a reader, or a power cut, finds the old text or the new one.
 */
import { chmod, chown, open, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { ExitCode, LvnError } from '../../diag/error.ts'

/**
 * Writes `text` over the file that `path` leads to (symbolic links are followed and stay); mode and, where
 * permitted, owner are kept. Throws LvnError, the file being as it was.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  try {
    const target = await realpath(path)
    const { mode, uid, gid } = await stat(target)
    const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.new`)
    try {
      const file = await open(temporary, 'wx', mode & 0o7777)
      try {
        await file.writeFile(text)
        await file.sync()
      } finally {
        await file.close()
      }
      await chown(temporary, uid, gid).catch(() => undefined)
      // After chown, which clears set-id bits, and past the umask.
      await chmod(temporary, mode & 0o7777)
      await rename(temporary, target)
    } catch (cause) {
      await rm(temporary, { force: true })
      throw cause
    }
  } catch (cause) {
    throw unwritable(path, cause)
  }
}

/** The same for a file that may not be there yet. */
export async function putText(path: string, text: string): Promise<void> {
  const file = await open(path, 'a').catch((cause: unknown) => {
    throw unwritable(path, cause)
  })
  await file.close()
  await replaceFile(path, text)
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

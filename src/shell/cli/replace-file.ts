// SPDX-License-Identifier: MIT
/**
 * Replaces a file's content as one act: a reader, or a power cut, finds the old text or the new one.
 */
import type { Stats } from 'node:fs'
import { chmod, chown, open, readlink, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { ExitCode, LvnError } from '../../diag/error.ts'

/**
 * Writes `text` over the file that `path` leads to (symbolic links are followed and stay); mode and, where
 * permitted, owner are kept. Throws LvnError, the file being as it was.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  try {
    const target = await realpath(path)
    await put(target, text, await stat(target))
  } catch (cause) {
    throw unwritable(path, cause)
  }
}

/** The same for a file that may not be there yet: where it cannot be written, there is none afterwards either. */
export async function putText(path: string, text: string): Promise<void> {
  try {
    if ((await stat(path).catch(() => undefined)) === undefined)
      return await put(await leadsTo(path), text, null)
    const file = await open(path, 'a')
    await file.close()
  } catch (cause) {
    throw unwritable(path, cause)
  }
  return replaceFile(path, text)
}

/** What a symbolic link to nothing leads to; any other path is itself. */
async function leadsTo(path: string): Promise<string> {
  const link = await readlink(path).catch(() => undefined)
  return link === undefined ? path : resolve(dirname(path), link)
}

/** `like`: whose mode and owner it gets; null: those of a new file. */
async function put(target: string, text: string, like: Stats | null): Promise<void> {
  const mode = like === null ? 0o666 : like.mode & 0o7777
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.new`)
  try {
    const file = await open(temporary, 'wx', mode)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    if (like !== null) {
      await chown(temporary, like.uid, like.gid).catch(() => undefined)
      // After chown, which clears set-id bits, and past the umask.
      await chmod(temporary, mode)
    }
    await rename(temporary, target)
  } catch (cause) {
    await rm(temporary, { force: true })
    throw cause
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

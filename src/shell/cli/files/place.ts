// SPDX-License-Identifier: MIT
/**
 * Puts a text where a path leads to, as one act: a reader, or a power cut, finds the old text or the new one. The
 * folder may be somebody else's, and they may change it at any moment, while we are root. So the folder and the new
 * file are held by handles: owner and mode are those of the handle, and no name is trusted twice.
 */
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  renameSync,
  type Stats,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname } from 'node:path'
import { HeldFolder } from './held-folder.ts'
import { leadsTo } from './leads-to.ts'

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants

export interface Placing {
  /** Of a new file, less the umask. */
  readonly mode: number
  /** A file that is there keeps its owner, where permitted, and its mode. */
  readonly keep: boolean
  /** A file that is there has to be writable itself; that its folder is does not suffice. */
  readonly mustBeWritable?: boolean
}

/** Symbolic links are followed and stay. @throws Error, mostly with `code`; what was there is as it was. */
export function place(path: string, text: string, how: Placing): void {
  const { target, makers } = leadsTo(path)
  const folder = new HeldFolder(dirname(target))
  try {
    const name = basename(target)
    const old = lstatSync(folder.at(name), { throwIfNoEntry: false })
    requireTrusted(target, makers, old?.uid ?? folder.owner())
    if (old?.isDirectory() || path.endsWith('/'))
      throw Object.assign(new Error('it is a directory'), { code: 'EISDIR' })
    if (old?.isFile() === false) throw new Error('it is no regular file')
    if (old !== undefined && how.mustBeWritable)
      closeSync(openSync(folder.at(name), O_WRONLY | O_NOFOLLOW | O_NONBLOCK))
    put(folder, name, text, how.keep ? old : undefined, how.mode)
  } finally {
    folder.close()
  }
}

/** As the kernel does it with links in /tmp (fs.protected_symlinks), but in every folder. */
function requireTrusted(target: string, makers: ReadonlySet<number>, owner: number): void {
  const stranger = [...makers].find((uid) => uid !== 0 && uid !== process.geteuid?.() && uid !== owner)
  if (stranger !== undefined)
    throw new Error(`a symbolic link of user ${stranger} leads to ${target}, which is not theirs`)
}

function put(folder: HeldFolder, name: string, text: string, like: Stats | undefined, mode: number): void {
  const temporary = folder.at(`.lvn-${randomBytes(12).toString('hex')}.new`)
  const file = openSync(
    temporary,
    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
    like === undefined ? mode : 0o600,
  )
  const ours = fstatSync(file)
  const isOurs = () => {
    const there = lstatSync(temporary, { throwIfNoEntry: false })
    return there?.dev === ours.dev && there.ino === ours.ino
  }
  try {
    writeFileSync(file, text)
    if (like !== undefined) takeAfter(file, like)
    fsyncSync(file)
    if (!isOurs()) throw new Error('somebody has changed its folder meanwhile')
    renameSync(temporary, folder.at(name))
  } catch (cause) {
    if (isOurs()) unlinkSync(temporary)
    throw cause
  } finally {
    closeSync(file)
  }
}

/** The mode comes after the owner, whose change clears set-id bits, and goes past the umask. */
function takeAfter(file: number, { uid, gid, mode }: Stats): void {
  let kept = true
  try {
    fchownSync(file, uid, gid)
  } catch {
    kept = false
  }
  fchmodSync(file, mode & (kept ? 0o7777 : 0o777))
}

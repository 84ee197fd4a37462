// SPDX-License-Identifier: MIT
/**
 * A folder below /run/lvn that nobody but root can put anything into: what lies there can be believed.
 */
import { accessSync, constants, lstatSync, mkdirSync } from 'node:fs'
import { ExitCode, LvnError } from '../src/diag/error.ts'
import { isErrno, systemFailure } from './errors.ts'

const root = '/run/lvn'
const othersMayWrite = 0o022

/**
 * Makes `/run/lvn/NAME`, for its owner alone, where it is missing; its path.
 * @throws LvnError LVN7032: somebody else owns it, or may write to it, or it cannot be made. LVN7002: no permission.
 */
export function runFolder(name: string): string {
  const path = `${root}/${name}`
  ensure(root, 0o755)
  ensure(path, 0o700)
  return path
}

function ensure(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode })
  } catch (error) {
    if (isErrno(error, 'EROFS', 'ENOENT')) throw unusable(path, 'it cannot be made', error)
    if (!isErrno(error, 'EEXIST')) throw systemFailure(`make the folder ${path}`, error)
  }
  const there = lstatSync(path)
  if (!there.isDirectory()) throw unusable(path, 'it is no folder')
  if (there.uid !== 0 && there.uid !== process.geteuid?.()) {
    throw unusable(path, `it belongs to user ${there.uid}, not to root`)
  }
  if ((there.mode & othersMayWrite) !== 0) throw unusable(path, 'others than its owner may write to it')
  try {
    accessSync(path, constants.W_OK)
  } catch (error) {
    if (isErrno(error, 'EROFS')) throw unusable(path, 'it is read-only', error)
    throw systemFailure(`write to ${path}`, error)
  }
}

function unusable(path: string, why: string, cause?: unknown): LvnError {
  return new LvnError('LVN7032', ExitCode.noPlane, `${path} cannot hold locks: ${why}`, {
    cause,
    hint: 'it has to be a folder of root that nobody else can write to; make /run writable, or remove what is in its place',
  })
}

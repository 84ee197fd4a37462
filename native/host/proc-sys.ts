// SPDX-License-Identifier: MIT
/**
 * Sysctls as files below /proc/sys. Those of `net/` are of the network namespace that the thread is in.
 * Slashes separate: interface names may hold dots.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { ExitCode, LvnError } from '../../src/diag/error.ts'
import { isErrno, systemFailure } from '../errors.ts'

/** Undefined: the kernel has no such sysctl (or the interface in its path is gone). */
export function readSysctl(path: string): string | undefined {
  try {
    return readFileSync(fileOf(path), 'utf8').trimEnd()
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR', 'EISDIR')) return undefined
    throw systemFailure(`read the sysctl ${path}`, error)
  }
}

export function writeSysctl(path: string, value: string): void {
  try {
    // r+: a path that is not there is an error, never a new file.
    writeFileSync(fileOf(path), value, { flag: 'r+' })
  } catch (error) {
    throw systemFailure(`set the sysctl ${path} to ${value}`, error)
  }
}

function fileOf(path: string): string {
  const segments = path.split('/')
  if (
    path.includes('\0') ||
    segments.some((segment) => segment === '' || segment === '.' || segment === '..')
  ) {
    throw new LvnError('LVN7026', ExitCode.internal, `\`${path}\` is no path below /proc/sys`)
  }
  return `/proc/sys/${path}`
}

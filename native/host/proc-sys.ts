// SPDX-License-Identifier: MIT
/**
 * Sysctls as files below /proc/sys. Those of `net/` are of the network namespace that the thread is in.
 * Slashes separate: interface names may hold dots.
 */
import { accessSync, closeSync, constants, openSync, readSync, writeFileSync } from 'node:fs'
import { ExitCode, LvnError } from '../../src/diag/error.ts'
import {
  reservedPort,
  reservedPortOf,
  reservedPortsPath,
  withReservedPort,
} from '../../src/model/reserved-ports.ts'
import { isErrno, systemFailure } from '../errors.ts'

/** Undefined: the kernel has no such sysctl (or the interface in its path is gone). */
export function readSysctl(path: string): string | undefined {
  const port = reservedPortOf(path)
  if (port !== null) return readReservedPort(port)
  try {
    return readAtOnce(fileOf(path)).trimEnd()
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR', 'EISDIR')) return undefined
    throw systemFailure(`read the sysctl ${path}`, error)
  }
}

/**
 * The kernel answers the first read alone, as much as that has room for (`proc_do_large_bitmap` in kernel/sysctl.c): a list
 * of ports that is longer would be cut off, in the middle of a number.
 */
function readAtOnce(file: string): string {
  for (let size = 4096; ; size *= 16) {
    const fd = openSync(file, 'r')
    try {
      const buffer = Buffer.alloc(size)
      const length = readSync(fd, buffer, 0, size, 0)
      if (length < size) return buffer.toString('utf8', 0, length)
    } finally {
      closeSync(fd)
    }
  }
}

export function writeSysctl(path: string, value: string): void {
  const port = reservedPortOf(path)
  if (port !== null) {
    // A line, also where it is empty: nothing at all would change nothing.
    const list = readSysctl(reservedPortsPath) ?? ''
    writeSysctl(reservedPortsPath, `${withReservedPort(list, port, value)}\n`)
    return
  }
  try {
    // r+: a path that is not there is an error, never a new file.
    writeFileSync(fileOf(path), value, { flag: 'r+' })
  } catch (error) {
    throw systemFailure(`set the sysctl ${path} to ${value}`, error)
  }
}

/** Undefined too where the list cannot be written, as in a container: nobody is to plan it then. */
function readReservedPort(port: number): string | undefined {
  const list = readSysctl(reservedPortsPath)
  return list === undefined || !canWriteSysctl(reservedPortsPath) ? undefined : reservedPort(list, port)
}

/** False in a container whose /proc/sys is read-only. */
export function canWriteSysctl(path: string): boolean {
  try {
    accessSync(fileOf(path), constants.W_OK)
    return true
  } catch {
    return false
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

// SPDX-License-Identifier: MIT
/**
 * Source files as text. Everything that can be wrong with a file before its first character is read is
 * said here; what the text means is not known here.
 */
import { isUtf8 } from 'node:buffer'
import { realpathSync } from 'node:fs'
import { ExitCode, LvnError } from '../../diag/error.ts'
import { Source } from '../../diag/source.ts'
import { readBytes, readStandardInput } from './read-bytes.ts'

/** Reads a file, `-` being standard input (named `<stdin>`). Throws LvnError, exit code 3, when it cannot. */
export async function readSource(path: string): Promise<Source> {
  const name = path === '-' ? '<stdin>' : path
  const standard = path === '-' || path === '/dev/stdin'
  const bytes = standard ? await readStandardInput() : await readNamed(path)
  return new Source(name, decode(name, bytes), standard ? name : realPath(path))
}

/** What is no file of a folder, as a pipe that a shell hands over, is known by its name alone. */
function realPath(name: string): string {
  try {
    return realpathSync(name)
  } catch {
    return name
  }
}

async function readNamed(path: string): Promise<Buffer> {
  try {
    return await readBytes(path)
  } catch (cause) {
    throw unreadable(path, cause)
  }
}

/** The sentence for a file that cannot be read, with exit code 3; an LvnError is one already. */
export function unreadable(path: string, thrown: unknown): LvnError {
  if (thrown instanceof LvnError) return thrown
  const cause = thrown as NodeJS.ErrnoException
  const fail = (code: string, message: string, hint?: string) =>
    new LvnError(code, ExitCode.invalidSource, message, { cause, hint })
  switch (cause.code) {
    case 'ENOENT':
      return fail('LVN0101', `${path}: no such file`)
    case 'ENOTDIR':
      return fail('LVN0101', `${path}: no such file: a part of the path is not a directory`)
    case 'EISDIR':
      return fail('LVN0102', `${path} is a directory`, 'name a file in it')
    case 'EACCES':
    case 'EPERM':
      return fail('LVN0103', `${path} cannot be read: permission denied`)
    default:
      return fail('LVN0104', `${path} cannot be read: ${cause.message}`)
  }
}

/** @throws LvnError LVN0105: it is no text in UTF-8. */
export function decode(name: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    const wide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
    const text = !bytes.includes(0)
    const encoding = wide ? 'utf-16' : text ? 'latin1' : undefined
    const convert =
      encoding === undefined ? '' : ` Another encoding can be converted: \`iconv -f ${encoding} -t utf-8\``
    const where = text ? `: line ${1 + linesBefore(bytes)}` : ''
    throw new LvnError('LVN0105', ExitCode.invalidSource, `${name} is not UTF-8 text${where}`, {
      cause,
      hint: `is it the right file?${convert}`,
    })
  }
}

/** How many lines are all right before the first that is not. No character of UTF-8 has the byte of a line break in it. */
function linesBefore(bytes: Buffer): number {
  let lines = 0
  for (let start = 0; start < bytes.length; lines++) {
    const end = bytes.indexOf(0x0a, start)
    const line = bytes.subarray(start, end < 0 ? bytes.length : end)
    if (!isUtf8(line)) break
    start += line.length + 1
  }
  return lines
}

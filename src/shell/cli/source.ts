// SPDX-License-Identifier: MIT
/**
 * Source files as text. Everything that can be wrong with a file before its first character is read is
 * said here; what the text means is not known here.
 */
import { constants, readFileSync, realpathSync, statSync } from 'node:fs'
import { type FileHandle, open, readFile, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, normalize } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { ExitCode, LvnError } from '../../diag/error.ts'
import { Source } from '../../diag/source.ts'

const pipeEveryMs = 20

/** Reads a file, `-` being standard input (named `<stdin>`). Throws LvnError, exit code 3, when it cannot. */
export async function readSource(path: string): Promise<Source> {
  const name = path === '-' ? '<stdin>' : path
  const standard = path === '-' || path === '/dev/stdin'
  const bytes = standard ? await readAll(process.stdin) : await readBytes(path)
  return new Source(name, decode(name, bytes), standard ? name : realPath(path))
}

/**
 * The file that an `import` names, from the folder of the importing file (standard input: the current folder).
 * @throws LvnError (exit 3) when it cannot be read.
 */
export function readImport(path: string, from: Source): Source {
  const name = importName(path, from)
  try {
    if (statSync(name).isFIFO()) throw new LvnError('LVN0104', ExitCode.invalidSource, `${name} is a pipe`)
    const bytes = readFileSync(name)
    return new Source(name, decode(name, bytes), realPath(name))
  } catch (cause) {
    throw cause instanceof LvnError ? cause : unreadable(name, cause as NodeJS.ErrnoException)
  }
}

/** The file name that an `import` stands for. */
export function importName(path: string, from: Source): string {
  const folder = from.name === '<stdin>' ? '.' : dirname(from.name)
  return isAbsolute(path) ? normalize(path) : join(folder, path)
}

/** What is no file of a folder, as a pipe that a shell hands over, is known by its name alone. */
function realPath(name: string): string {
  try {
    return realpathSync(name)
  } catch {
    return name
  }
}

async function readAll(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    return (await stat(path)).isFIFO() ? await readPipe(path) : await readFile(path)
  } catch (cause) {
    throw cause instanceof LvnError ? cause : unreadable(path, cause as NodeJS.ErrnoException)
  }
}

/**
 * A pipe (`lvn check <(make-overlay)`) is asked again and again, so that signals are heard: a thread that waits in
 * open(2) or read(2) could not be called off.
 */
async function readPipe(path: string): Promise<Buffer> {
  const pipe = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const chunks: Buffer[] = []
    for (let chunk = await nextChunk(pipe); chunk.length > 0; chunk = await nextChunk(pipe))
      chunks.push(chunk)
    if (chunks.length > 0) return Buffer.concat(chunks)
  } finally {
    await pipe.close()
  }
  throw new LvnError('LVN0104', ExitCode.invalidSource, `${path} is a pipe that nobody writes to`, {
    hint: 'name a file, or `-` for standard input',
  })
}

/** Empty at the end. */
async function nextChunk(pipe: FileHandle): Promise<Buffer> {
  for (;;) {
    try {
      const { buffer, bytesRead } = await pipe.read(Buffer.alloc(65_536))
      return buffer.subarray(0, bytesRead)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      await setTimeout(pipeEveryMs)
    }
  }
}

function unreadable(path: string, cause: NodeJS.ErrnoException): LvnError {
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

function decode(name: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new LvnError('LVN0105', ExitCode.invalidSource, `${name} is not UTF-8 text`, {
      cause,
      hint: 'is it the right file? An older encoding can be converted with `iconv -t utf-8`',
    })
  }
}

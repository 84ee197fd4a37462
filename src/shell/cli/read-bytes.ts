// SPDX-License-Identifier: MIT
/**
 * The bytes of what a user names: files and pipes. Devices and sockets are refused before they are opened: one that
 * never ends, or that nothing comes out of, would hold lvn up for ever.
 */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { ExitCode, LvnError } from '../../diag/error.ts'

const pipeEveryMs = 20
/** Bytes; 65,536 spokes written out are 10 MB. */
const most = 256 * 1024 * 1024

/** @throws LvnError LVN0104, or what the system says */
export async function readBytes(path: string): Promise<Buffer> {
  const there = await stat(path)
  if (there.isFIFO()) return readPipe(path)
  refuseOthers(path, there, 'name a file, or `-` for standard input')
  return readFile(path, path)
}

/**
 * The same at once, which no pipe can be. `name` is the file's for the user.
 * @throws LvnError LVN0104, LVN0109, or what the system says
 */
export function readAtOnce(path: string, name: string): Buffer {
  const there = statSync(path)
  if (there.isFIFO()) throw unfit(name, 'a pipe', undefined)
  refuseOthers(name, there, undefined)
  return readFile(path, name)
}

/**
 * As many bytes as the file has when it is opened. Files of /proc say that they have none, and are not read: one like
 * /proc/kmsg would never end.
 */
function readFile(path: string, name: string): Buffer {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const { size } = fstatSync(file)
    if (size > most) throw tooLarge(name)
    const bytes = Buffer.alloc(size)
    let read = 0
    for (let more = -1; more !== 0 && read < size; read += more)
      more = readSync(file, bytes, read, size - read, null)
    return bytes.subarray(0, read)
  } finally {
    closeSync(file)
  }
}

/** @throws LvnError LVN0109 */
export async function readStandardInput(): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of process.stdin) {
    chunks.push(chunk as Buffer)
    size += (chunk as Buffer).length
    if (size > most) throw tooLarge('<stdin>')
  }
  return Buffer.concat(chunks)
}

function tooLarge(name: string): LvnError {
  return new LvnError('LVN0109', ExitCode.invalidSource, `${name} is larger than ${most / 1024 / 1024} MiB`, {
    hint: 'is it the right file?',
  })
}

/** Directories are left to who reads them: the system has a word for that. */
function refuseOthers(path: string, there: Stats, hint: string | undefined): void {
  if (there.isFile() || there.isDirectory()) return
  throw unfit(path, there.isSocket() ? 'a socket' : 'a device', hint)
}

function unfit(path: string, what: string, hint: string | undefined): LvnError {
  return new LvnError('LVN0104', ExitCode.invalidSource, `${path} is ${what}`, { hint })
}

/**
 * A pipe (`lvn check <(make-overlay)`) is asked again and again, so that signals are heard: a thread that waits in
 * open(2) or read(2) could not be called off.
 */
async function readPipe(path: string): Promise<Buffer> {
  const pipe = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const chunks: Buffer[] = []
    let size = 0
    for (let chunk = await nextChunk(pipe); chunk.length > 0; chunk = await nextChunk(pipe)) {
      chunks.push(chunk)
      size += chunk.length
      if (size > most) throw tooLarge(path)
    }
    if (chunks.length > 0) return Buffer.concat(chunks)
  } finally {
    await pipe.close()
  }
  throw unfit(path, 'a pipe that nobody writes to', 'name a file, or `-` for standard input')
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

// SPDX-License-Identifier: MIT
/**
 * The bytes of what a user names: files and pipes. Devices and sockets are refused before they are opened: one that
 * never ends, or that nothing comes out of, would hold lvn up for ever.
 */
import { constants, type Stats, statSync } from 'node:fs'
import { type FileHandle, open, readFile, stat } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { ExitCode, LvnError } from '../../diag/error.ts'

const pipeEveryMs = 20

/** @throws LvnError LVN0104, or what the system says */
export async function readBytes(path: string): Promise<Buffer> {
  const there = await stat(path)
  if (there.isFIFO()) return readPipe(path)
  refuseOthers(path, there, 'name a file, or `-` for standard input')
  return readFile(path)
}

/** For what has to be read at once, which no pipe can be. @throws LvnError LVN0104, or what the system says */
export function requireFile(path: string): void {
  const there = statSync(path)
  if (there.isFIFO()) throw unfit(path, 'a pipe', undefined)
  refuseOthers(path, there, undefined)
}

export async function readStandardInput(): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
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
    for (let chunk = await nextChunk(pipe); chunk.length > 0; chunk = await nextChunk(pipe))
      chunks.push(chunk)
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

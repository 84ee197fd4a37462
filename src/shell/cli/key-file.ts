// SPDX-License-Identifier: MIT
/**
 * Keys come out of files, never off the command line, where every process of the machine sees them.
 */
import { stat } from 'node:fs/promises'
import { readBytes, readStandardInput } from './read-bytes.ts'
import { unfit } from './values.ts'

const keySize = 16

/** 32 hex digits. `-` is standard input. @throws LvnError: unreadable, readable for others, no key. */
export async function readKeyFile(path: string): Promise<string> {
  const bytes = path === '-' ? await readStandardInput() : await read(path)
  if (bytes.length === keySize) return bytes.toString('hex')
  const text = bytes.toString('latin1').trim()
  if (/^[0-9A-Fa-f]{32}$/.test(text)) return text.toLowerCase()
  throw unfit(
    `${path} holds no key: ${keySize} bytes, or 32 hex digits`,
    'make one with `openssl rand -hex 16`',
  )
}

async function read(path: string): Promise<Buffer> {
  const there = await stat(path).catch(() => undefined)
  if (there?.isFile() && (there.mode & 0o077) !== 0)
    throw unfit(`others may read the key file ${path}`, `chmod 600 ${path}`)
  return readBytes(path).catch((cause: Error) => {
    throw unfit(`the key file ${path} cannot be read: ${cause.message}`)
  })
}

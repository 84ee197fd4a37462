// SPDX-License-Identifier: MIT
/**
 * Keys come out of files, never off the command line, where every process of the machine sees them.
 */
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { unfit } from './values.ts'

const keySize = 16

/** 32 hex digits. `-` is standard input. @throws LvnError: unreadable, readable for others, no key. */
export function readKeyFile(path: string): string {
  const bytes = read(path)
  if (bytes.length === keySize) return bytes.toString('hex')
  const text = bytes.toString('latin1').trim()
  if (/^[0-9A-Fa-f]{32}$/.test(text)) return text.toLowerCase()
  throw unfit(
    `${path} holds no key: ${keySize} bytes, or 32 hex digits`,
    'make one with `openssl rand -hex 16`',
  )
}

function read(path: string): Buffer {
  if (path === '-') return readFileSync(0)
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (cause) {
    throw unfit(`the key file ${path} cannot be read: ${(cause as Error).message}`)
  }
  try {
    const stat = fstatSync(file)
    if (stat.isFile() && (stat.mode & 0o077) !== 0) {
      throw unfit(`others may read the key file ${path}`, `chmod 600 ${path}`)
    }
    return readFileSync(file)
  } finally {
    closeSync(file)
  }
}

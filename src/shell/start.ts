// SPDX-License-Identifier: MIT
/**
 * What lies in dist under a command's name: runs the command's script from V8's cache of its compiled code, and the
 * scripts that it asks for. V8 itself refuses a cache of another version of Node, and compiles then; damage it does not notice.
 * All of them are made by scripts/programs.mjs.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'
import zlib from 'node:zlib'

/** The command's script, from the folder of the command; its name changes with its text. */
declare const PROGRAM: string

const program = new URL(PROGRAM, import.meta.url)
const installed = createRequire(program)
const loaded = new Map<string, { exports: unknown }>()

/** What a script exports; runs it the first time. */
function load(url: URL): unknown {
  const known = loaded.get(url.href)
  if (known !== undefined) return known.exports
  const module = { exports: {} }
  loaded.set(url.href, module)
  const cachedData = cacheOf(url)
  const script = new Script(readFileSync(url, 'latin1'), {
    filename: fileURLToPath(url),
    ...(cachedData === undefined ? {} : { cachedData }),
  })
  script.runInThisContext()(require, module, url.href)
  return module.exports
}

/** Code, and its CRC-32 in four bytes. Undefined if it cannot be read, or if something has happened to it. */
function cacheOf(url: URL): Buffer | undefined {
  try {
    const bytes = readFileSync(new URL(url.href.replace(/cjs$/, 'cache')))
    const code = bytes.subarray(0, -4)
    // Node 20 has crc32 from 20.15 on.
    return zlib.crc32?.(code) === bytes.readUInt32LE(code.length) ? code : undefined
  } catch {
    return undefined
  }
}

function require(name: string): unknown {
  return name.startsWith('./') ? load(new URL(name, program)) : installed(name)
}

load(program)

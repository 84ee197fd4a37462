// SPDX-License-Identifier: MIT
/**
 * Writes V8's cache of compiled code beside scripts: `node scripts/code-cache.mjs PROGRAM ARGUMENT...`. It runs the program
 * with the arguments and keeps what V8 has compiled until its end, for each script that was loaded and has no cache yet.
 * A CRC-32 of it follows. What the program says and how it ends does not matter. src/shell/start.ts loads scripts in the same
 * way.
 */
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Script } from 'node:vm'
import zlib from 'node:zlib'

const [program, ...args] = process.argv.slice(2)
const main = pathToFileURL(program)
const installed = createRequire(main)
const loaded = new Map()

function load(url) {
  const known = loaded.get(url.href)
  if (known !== undefined) return known.module.exports
  const path = fileURLToPath(url)
  const script = new Script(readFileSync(path, 'latin1'), { filename: path })
  const module = { exports: {} }
  loaded.set(url.href, { module, script, cache: path.replace(/cjs$/, 'cache') })
  script.runInThisContext()(require, module, url.href)
  return module.exports
}

function require(name) {
  return name.startsWith('./') ? load(new URL(name, main)) : installed(name)
}

process.argv.splice(1, Number.POSITIVE_INFINITY, program, ...args)
process.on('exit', () => {
  for (const { script, cache } of loaded.values()) {
    if (existsSync(cache)) continue
    const code = script.createCachedData()
    const check = Buffer.alloc(4)
    check.writeUInt32LE(zlib.crc32?.(code) ?? 0)
    writeFileSync(`${cache}.new`, Buffer.concat([code, check]))
    // For all who may read the script.
    chmodSync(`${cache}.new`, 0o644)
    renameSync(`${cache}.new`, cache)
  }
})
load(main)

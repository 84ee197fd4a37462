// SPDX-License-Identifier: MIT
/**
 * Writes V8's cache of compiled code beside scripts: `node scripts/code-cache.mjs PROGRAM ARGUMENT...`. It runs the program
 * with the arguments and keeps what V8 has compiled until its end, for each script that was loaded and has no cache yet.
 * What the program says and how it ends does not matter. src/shell/start.ts loads scripts in the same way.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Script } from 'node:vm'

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
    writeFileSync(`${cache}.new`, script.createCachedData())
    renameSync(`${cache}.new`, cache)
  }
})
load(main)

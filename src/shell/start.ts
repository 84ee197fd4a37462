// SPDX-License-Identifier: MIT
/**
 * What lies in dist under a command's name: runs the command's script from V8's cache of its compiled code, and the
 * scripts that it asks for. V8 itself refuses a cache of another version of Node, and compiles then. All of them are made by
 * scripts/programs.mjs.
 */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'

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
  const cache = new URL(url.href.replace(/cjs$/, 'cache'))
  const script = new Script(readFileSync(url, 'latin1'), {
    filename: fileURLToPath(url),
    ...(existsSync(cache) ? { cachedData: readFileSync(cache) } : {}),
  })
  script.runInThisContext()(require, module, url.href)
  return module.exports
}

function require(name: string): unknown {
  return name.startsWith('./') ? load(new URL(name, program)) : installed(name)
}

load(program)

// SPDX-License-Identifier: MIT
/**
 * Writes V8's cache of a program's code: `node scripts/code-cache.mjs PROGRAM CACHE ARGUMENT...`. It runs the program with
 * the arguments and keeps what V8 has compiled until its end, so that later starts need not. What the program says and
 * how it ends does not matter.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Script } from 'node:vm'

const [program, cache, ...args] = process.argv.slice(2)
const script = new Script(readFileSync(program, 'latin1'), { filename: program })
process.argv.splice(1, Number.POSITIVE_INFINITY, program, ...args)
process.on('exit', () => writeFileSync(cache, script.createCachedData()))
script.runInThisContext()(createRequire(program), pathToFileURL(program).href)

// SPDX-License-Identifier: MIT
/**
 * What lies in dist under a command's name: runs the program, one script, from V8's cache of its compiled code. V8
 * itself refuses a cache of another version of Node, and compiles then. scripts/programs.mjs makes all three.
 */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'

/** The program without its ending, from the folder of the command; its name changes with its text. */
declare const PROGRAM: string

const program = new URL(`${PROGRAM}.cjs`, import.meta.url)
const cache = new URL(`${PROGRAM}.cache`, import.meta.url)
const script = new Script(readFileSync(program, 'latin1'), {
  filename: fileURLToPath(program),
  ...(existsSync(cache) ? { cachedData: readFileSync(cache) } : {}),
})
script.runInThisContext()(createRequire(program), program.href)

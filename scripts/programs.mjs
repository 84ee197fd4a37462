// SPDX-License-Identifier: MIT
/**
 * The commands. Each becomes one script, with V8's cache of its compiled code beside it, and what starts it under the
 * command's name: most of the time that a short command takes goes into reading and compiling.
 *
 *     dist/lvn.js ──► dist/programs/lvn-HASH.cjs
 *                                   lvn-HASH.cache
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const folder = 'dist/programs'
const common = { bundle: true, platform: 'node', target: 'node20', legalComments: 'none', logLevel: 'silent' }
const asScript = {
  ...common,
  format: 'cjs',
  // Its text is read as Latin-1, one byte a character.
  charset: 'ascii',
  external: ['*.node'],
  define: { 'import.meta.url': 'lvnProgramUrl' },
  banner: { js: '(function (require, lvnProgramUrl) {' },
  footer: { js: '})' },
}

/** What the programs depend on besides their sources. */
export const recipe = [process.version, JSON.stringify(asScript)]
export const inputs = ['scripts/programs.mjs', 'scripts/code-cache.mjs']

/** commands: { NAME: { source, firstRun (its arguments when its code is cached) } }. @throws what esbuild finds wrong. */
export async function buildPrograms(commands) {
  const { build } = await import('esbuild')
  mkdirSync(folder, { recursive: true })
  const stale = new Set(readdirSync(folder))
  for (const [name, { source, firstRun }] of Object.entries(commands)) {
    const program = await build({ ...asScript, entryPoints: [source], outfile: 'program.cjs', write: false })
    const text = program.outputFiles[0].text
    const base = `${name}-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`
    for (const ending of ['cjs', 'cache']) stale.delete(`${base}.${ending}`)
    write(join(folder, `${base}.cjs`), text)
    cacheCode(join(folder, base), firstRun)
    const start = await build({
      ...common,
      format: 'esm',
      entryPoints: ['src/shell/start.ts'],
      define: { PROGRAM: JSON.stringify(`./programs/${base}`) },
      banner: { js: '#!/usr/bin/env node' },
      write: false,
    })
    write(`dist/${name}.js`, start.outputFiles[0].text, 0o755)
  }
  for (const path of stale) rmSync(join(folder, path))
}

/** The program is as good without: it starts more slowly. */
function cacheCode(base, args) {
  const cache = `${base}.cache.new`
  const env = { ...process.env, LVN_STATE_DIR: 'none' }
  spawnSync(process.execPath, ['scripts/code-cache.mjs', resolve(`${base}.cjs`), cache, ...args], { env })
  renameSync(cache, `${base}.cache`)
}

/** Renamed into place: whoever starts meanwhile has the old one. */
function write(path, text, mode = 0o644) {
  writeFileSync(`${path}.new`, text)
  chmodSync(`${path}.new`, mode)
  renameSync(`${path}.new`, path)
}

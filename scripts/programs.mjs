// SPDX-License-Identifier: MIT
/**
 * The commands. Each becomes one script, with V8's cache of its compiled code beside it, and what starts it under the
 * command's name: most of the time that a short command takes goes into reading and compiling. Large packages that not every
 * command needs are scripts of their own, loaded when they are asked for.
 *
 *     dist/lvn.js ──► dist/programs/lvn-HASH.cjs  ──► parser-HASH.cjs
 *                                   lvn-HASH.cache    parser-HASH.cache
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = 'dist/programs'
const apart = {
  parser: ['chevrotain'],
  languageserver: [
    'vscode-languageserver',
    'vscode-languageserver/node',
    'vscode-languageserver-textdocument',
  ],
}
const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  legalComments: 'none',
  logLevel: 'silent',
  write: false,
}
const asScript = {
  ...common,
  format: 'cjs',
  // Its text is read as Latin-1, one byte a character.
  charset: 'ascii',
  external: ['*.node'],
  define: { 'import.meta.url': 'lvnScriptUrl' },
  banner: { js: '(function (require, module, lvnScriptUrl) { let exports = module.exports;' },
  footer: { js: '})' },
}

/** What the programs depend on besides their sources. */
export const recipe = [process.version, JSON.stringify(apart), JSON.stringify(asScript)]
export const inputs = ['scripts/programs.mjs', 'scripts/code-cache.mjs']

/** commands: { NAME: { source, firstRuns (arguments of runs whose code is cached) } }. @throws what esbuild finds wrong. */
export async function buildPrograms(commands) {
  const { build } = await import('esbuild')
  mkdirSync(folder, { recursive: true })
  const stale = new Set(readdirSync(folder))

  /** Builds a script; the name of its file, which changes with its text. */
  async function buildScript(name, options) {
    const { outputFiles } = await build({ ...asScript, ...options })
    const text = outputFiles[0].text
    const file = `${name}-${createHash('sha256').update(text).digest('hex').slice(0, 16)}.cjs`
    stale.delete(file)
    stale.delete(cacheOf(file))
    rmSync(join(folder, cacheOf(file)), { force: true })
    write(join(folder, file), text)
    return file
  }

  const scripts = {}
  for (const [name, packages] of Object.entries(apart)) {
    const contents = packages.map((each) => `exports['${each}'] = require('${each}')\n`).join('')
    const file = await buildScript(name, { stdin: { contents, resolveDir: '.' } })
    for (const each of packages) scripts[each] = file
  }
  for (const [name, { source, firstRuns }] of Object.entries(commands)) {
    const file = await buildScript(name, { entryPoints: [source], plugins: [asking(scripts)] })
    for (const args of firstRuns) cacheCode(join(folder, file), args)
    const { outputFiles } = await build({
      ...common,
      format: 'esm',
      entryPoints: ['src/shell/start.ts'],
      define: { PROGRAM: JSON.stringify(`./programs/${file}`) },
      banner: { js: '#!/usr/bin/env node' },
    })
    write(`dist/${name}.js`, outputFiles[0].text, 0o755)
  }
  for (const path of stale) rmSync(join(folder, path))
}

const cacheOf = (file) => file.replace(/cjs$/, 'cache')

/** Has packages come from the scripts that they are in; scripts: { PACKAGE: FILE }. */
function asking(scripts) {
  const filter = new RegExp(`^(${Object.keys(scripts).join('|')})$`)
  return {
    name: 'asking',
    setup(build) {
      build.onResolve({ filter }, ({ path }) => ({ path, namespace: 'script' }))
      build.onResolve({ filter: /^\.\//, namespace: 'script' }, ({ path }) => ({ path, external: true }))
      build.onLoad({ filter, namespace: 'script' }, ({ path }) => ({
        contents: `module.exports = require('./${scripts[path]}')['${path}']`,
      }))
    },
  }
}

/** A program is as good without: it starts more slowly. */
function cacheCode(path, args) {
  const env = { ...process.env, LVN_STATE_DIR: 'none' }
  spawnSync(process.execPath, ['scripts/code-cache.mjs', path, ...args], { env, input: '', timeout: 60_000 })
}

/** Renamed into place: whoever starts meanwhile has the old one. */
function write(path, text, mode = 0o644) {
  writeFileSync(`${path}.new`, text)
  chmodSync(`${path}.new`, mode)
  renameSync(`${path}.new`, path)
}

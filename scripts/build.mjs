// SPDX-License-Identifier: MIT
/**
 * Builds what the checkout runs from: the addon, the BPF objects and the command bundles, all into dist/.
 * A part is built again only when the hash of its recipe and of every input differs from its stamp in
 * .stamps/, or when an output is gone. Says one line per part it builds, nothing when all is up to date. Parts named
 * as arguments are looked after alone: `node scripts/build.mjs bundle` needs no compiler.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as programs from './programs.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
process.chdir(root)

const libraryEntry = 'src/shell/library/index.ts'

/** Files below `folder` whose name passes, sorted; none when the folder is absent. */
function files(folder, wanted) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && wanted.test(entry.name))
    .map((entry) => relative(root, join(root, entry.parentPath ?? entry.path, entry.name)))
    .filter((path) => !path.includes('node_modules/') && !path.startsWith('native/addon/build/'))
    .sort()
}

/** Runs a command; its output is shown only when it fails. */
function run(command, args) {
  const ran = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28 })
  if (ran.status === 0) return
  const reason = ran.error?.message ?? `exited ${ran.status ?? ran.signal}`
  throw new Error(`${ran.stdout ?? ''}${ran.stderr ?? ''}${command} ${args.join(' ')}: ${reason}`)
}

function addonPart() {
  const folder = 'native/addon'
  const nodeHome = dirname(dirname(process.execPath))
  const headers = existsSync(join(nodeHome, 'include/node/node.h')) ? [`--nodedir=${nodeHome}`] : []
  const args = [
    'node_modules/node-gyp/bin/node-gyp.js',
    'rebuild',
    `--directory=${folder}`,
    ...headers,
    '-j',
    'max',
  ]
  return {
    name: 'addon',
    inputs: files(folder, /\.(cc|h)$|^binding\.gyp$/),
    recipe: [process.version, process.arch, ...args],
    outputs: ['dist/lvn.node'],
    build() {
      run(process.execPath, args)
      // Renamed into place: processes that have the old one mapped keep it.
      copyFileSync(join(folder, 'build/Release/lvn.node'), 'dist/lvn.node.new')
      renameSync('dist/lvn.node.new', 'dist/lvn.node')
    },
  }
}

function bpfPart(source, inputs) {
  const output = `dist/${basename(source, '.c')}.o`
  const include = () =>
    `-I/usr/include/${execFileSync('g++', ['-print-multiarch'], { encoding: 'utf8' }).trim()}`
  const args = ['-O2', '-g', '-target', 'bpf', '-mcpu=v3', '-Wall', '-Werror']
  return {
    name: basename(source, '.c'),
    inputs,
    recipe: args,
    outputs: [output],
    build() {
      run('clang', [...args, include(), '-c', source, '-o', `${output}.new`])
      renameSync(`${output}.new`, output)
    },
  }
}

/** The commands, and the library. */
function bundlePart() {
  const commands = {
    lvn: {
      source: 'src/shell/cli/main.ts',
      firstRuns: [['plan', 'examples/city.lvn', '--node', 'core'], ['lsp']],
    },
    lvnsh: { source: 'src/shell/repl/main.ts', firstRuns: [['--help']] },
  }
  const library = {
    entryPoints: { index: libraryEntry },
    outdir: 'dist',
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['*.node'],
    legalComments: 'none',
    logLevel: 'silent',
    // CommonJS dependencies call require, which ESM does not have.
    banner: {
      js: "import { createRequire as lvnCreateRequire } from 'node:module'\nconst require = lvnCreateRequire(import.meta.url)",
    },
  }
  return {
    name: 'bundle',
    inputs: [
      ...['grammar', 'native', 'src'].flatMap((folder) => files(folder, /\.ts$/)),
      ...programs.inputs,
      'package.json',
      'package-lock.json',
    ],
    recipe: [JSON.stringify(library), JSON.stringify(commands), ...programs.recipe],
    outputs: ['index', ...Object.keys(commands)].map((name) => `dist/${name}.js`),
    async build() {
      const { build, formatMessages } = await import('esbuild')
      try {
        await programs.buildPrograms(commands)
        writeLibrary((await build({ ...library, write: false })).outputFiles)
      } catch (error) {
        const found = await formatMessages(error.errors ?? [], { kind: 'error' })
        throw new Error(found.join('') || error.message)
      }
    },
  }
}

function writeLibrary(outputs) {
  const stale = new Set(files('dist/chunks', /\.js$/))
  mkdirSync('dist/chunks', { recursive: true })
  for (const file of outputs) {
    const path = relative(root, file.path)
    stale.delete(path)
    writeFileSync(`${path}.new`, file.text)
    renameSync(`${path}.new`, path)
  }
  for (const path of stale) rmSync(path)
}

/** The library's declarations, file by file as the sources lie. */
function typesPart() {
  const args = [
    ...['--declaration', '--emitDeclarationOnly', '--outDir', 'dist/types.new', '--rootDir', '.'],
    ...['--target', 'ES2022', '--module', 'ESNext', '--moduleResolution', 'Bundler', '--lib', 'ES2023'],
    ...[
      '--types',
      'node',
      '--strict',
      '--allowImportingTsExtensions',
      '--skipLibCheck',
      '--resolveJsonModule',
    ],
    ...['--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes', '--verbatimModuleSyntax'],
  ]
  return {
    name: 'types',
    inputs: ['grammar', 'native', 'src'].flatMap((folder) => files(folder, /\.ts$/)),
    recipe: args,
    outputs: ['dist/types/src/shell/library/index.d.ts'],
    build() {
      rmSync('dist/types.new', { recursive: true, force: true })
      run(process.execPath, ['node_modules/typescript/bin/tsc', ...args, libraryEntry])
      rmSync('dist/types', { recursive: true, force: true })
      renameSync('dist/types.new', 'dist/types')
    },
  }
}

function parts() {
  const bpf = files('bpf', /\.[ch]$/)
  return [
    addonPart(),
    ...bpf.filter((path) => path.endsWith('.bpf.c')).map((source) => bpfPart(source, bpf)),
    bundlePart(),
    typesPart(),
  ]
}

function hashOf(part) {
  const hash = createHash('sha256').update(JSON.stringify(part.recipe))
  for (const path of part.inputs) hash.update(`\0${path}\0`).update(readFileSync(path))
  return hash.digest('hex')
}

const wanted = process.argv.slice(2)
const all = parts()
const unknown = wanted.filter((name) => !all.some((part) => part.name === name))
if (unknown.length > 0) {
  const names = all.map((part) => part.name).join(', ')
  process.stderr.write(`build: no part ${unknown.join(', ')}; there are ${names}\n`)
  process.exit(64)
}
mkdirSync('dist', { recursive: true })
mkdirSync('.stamps', { recursive: true })
for (const part of all.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  const stamp = join('.stamps', part.name)
  const hash = hashOf(part)
  const upToDate = part.outputs.every((path) => existsSync(path))
  if (upToDate && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) continue
  const begun = performance.now()
  process.stdout.write(`build: ${part.name} ... `)
  try {
    await part.build()
  } catch (error) {
    process.stdout.write('failed\n')
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  }
  writeFileSync(stamp, hash)
  process.stdout.write(`${((performance.now() - begun) / 1000).toFixed(1)} s\n`)
}

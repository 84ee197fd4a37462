// SPDX-License-Identifier: MIT
/**
 * Every check that needs no test: types, lint and layout, who imports whom, licence lines, whether written
 * files are what they are written from. One line for each, with all its findings; exit code 1 when there is one.
 */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { spreadArguments } from './spread-arguments.mjs'

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))))

const tool =
  (path, ...args) =>
  () =>
    run(process.execPath, [join('node_modules', path), ...args])

const checks = {
  types: tool('typescript/bin/tsc', '-p', '.'),
  'lint and layout': tool(
    '@biomejs/biome/bin/biome',
    'check',
    '--error-on-warnings',
    '--max-diagnostics=200',
  ),
  imports: tool(
    'dependency-cruiser/bin/dependency-cruise.mjs',
    ...['--config', '.dependency-cruiser.cjs', '--output-type', 'err', 'grammar', 'native', 'src'],
  ),
  'licence lines': licenceLines,
  'spread arguments': spreads,
  'written files': () => run(process.execPath, ['scripts/gen.mjs', '--check']),
}

let failed = false
for (const [name, check] of Object.entries(checks)) {
  const begun = performance.now()
  const { ok, findings } = await check()
  const seconds = ((performance.now() - begun) / 1000).toFixed(1)
  console.log(`check: ${name}: ${ok ? 'ok' : 'FAILED'} (${seconds} s)`)
  if (ok) continue
  failed = true
  console.log(findings.trimEnd())
}
process.exit(failed ? 1 : 0)

function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let findings = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        findings += text
      })
    }
    child.once('error', (error) => resolve({ ok: false, findings: error.message }))
    child.once('close', (code) => resolve({ ok: code === 0, findings }))
  })
}

/** The kernel's side is GPL-2.0, everything else MIT. */
async function licenceLines() {
  const wrong = sources('.').filter((path) => {
    const [first = '', second = ''] = readFileSync(path, 'utf8').split('\n', 2)
    const line = first.startsWith('#!') ? second : first
    const licence = /^kmod\/|(^|\/)bpf\//.test(path) ? 'GPL-2.0' : 'MIT'
    return !new RegExp(`SPDX-License-Identifier: .*\\b${licence.replace('.', '\\.')}\\b`).test(line)
  })
  const findings = wrong.map((path) => `${path}: the first line does not name its licence`).join('\n')
  return { ok: wrong.length === 0, findings }
}

/** `append`, `least` and `largest` of src/model/lists.ts do the same for lists of any length. */
async function spreads() {
  const paths = ['grammar', 'native', 'src'].flatMap(sources)
  const scripts = paths.filter((path) => /\.ts$/.test(path))
  const findings = scripts.flatMap((path) => spreadArguments(path, readFileSync(path, 'utf8')))
  return { ok: findings.length === 0, findings: findings.join('\n') }
}

function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '.' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) {
      const skip = ['node_modules', 'dist', 'build', 'coverage', '.git', '.stamps'].includes(entry.name)
      return skip ? [] : sources(path)
    }
    if (entry.name.endsWith('.mod.c')) return []
    return /\.(ts|tsx|mjs|cjs|js|cc|c|h|sh|yaml)$|^binding\.gyp$/.test(entry.name) || path === '.ci/run'
      ? [path]
      : []
  })
}

// SPDX-License-Identifier: MIT
/**
 * Puts the faults of faults.mjs, one at a time, into a copy of the tree, builds what depends on it and runs the
 * tests that should fail. The checkout itself is never touched.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { faults, suites } from './faults.mjs'

/** `kinds`: of faults; empty: all that need no virtual machine. True: all were noticed. */
export function tryFaults(kinds) {
  const wanted = kinds.length > 0 ? kinds : Object.keys(suites).filter((kind) => !suites[kind].machine)
  const folder = mkdtempSync(join(tmpdir(), 'lvn-faults-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130))
  process.once('exit', remove)
  copyTree(folder)
  const results = wanted.map((kind) => tryKind(kind, folder))
  for (const [i, kind] of wanted.entries()) {
    const { noticed, all } = results[i]
    console.log(`mutants: faults, ${kind}: ${noticed} of ${all} noticed`)
  }
  return results.every(({ noticed, all }) => noticed === all)
}

function tryKind(kind, folder) {
  const list = faults.filter((fault) => fault.kind === kind)
  const suite = suites[kind]
  if (suite === undefined) throw new Error(`there is no kind of faults ${kind}`)
  const whole = run(suite, [...new Set(list.flatMap(({ tests }) => tests ?? suite.tests))], folder)
  if (whole.status !== 0) {
    console.log(`${whole.output}\nmutants: ${kind}: the tests fail without a fault`)
    return { noticed: 0, all: list.length }
  }
  return { noticed: list.filter((fault) => tryFault(fault, suite, folder)).length, all: list.length }
}

function tryFault({ file, text, replacement, why, tests }, suite, folder) {
  const path = join(folder, file)
  const source = readFileSync(path, 'utf8')
  const say = (verdict) => console.log(`mutants: ${verdict}: ${file}: ${why}`)
  if (source.split(text).length !== 2) {
    say('NOT THERE any more (mend faults.mjs)')
    return false
  }
  try {
    writeFileSync(
      path,
      source.replace(text, () => replacement),
    )
    const built = spawnSync(process.execPath, ['scripts/build.mjs', ...suite.parts], {
      cwd: folder,
      encoding: 'utf8',
    })
    if (built.status !== 0) {
      say('DOES NOT BUILD (mend faults.mjs)')
      console.log(built.stdout + built.stderr)
      return false
    }
    const noticed = run(suite, tests ?? suite.tests, folder).status !== 0
    say(noticed ? 'noticed' : 'NOT NOTICED')
    return noticed
  } finally {
    writeFileSync(path, source)
  }
}

function run({ command, env }, tests, folder) {
  const [program, ...args] = command(tests)
  const ran = spawnSync(program, args, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, ...env },
  })
  return { status: ran.status, output: `${ran.stdout}${ran.stderr}` }
}

/** What git knows, as it is now, and what was built from it. */
function copyTree(folder) {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'])
  for (const path of listed.toString().split('\0'))
    if (path !== '' && existsSync(path)) cpSync(path, join(folder, path))
  for (const path of ['dist', '.stamps']) {
    const keep = (from) => !/\.stamps\/(vm|kernels|mutants)(\/|$)/.test(from)
    if (existsSync(path)) cpSync(path, join(folder, path), { recursive: true, filter: keep })
  }
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
}

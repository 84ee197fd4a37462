// SPDX-License-Identifier: MIT
/**
 * `node scripts/kernels/debug.mjs [-- FILTER...]`: the tests of lvn.ko on a kernel that checks itself: KASAN,
 * lockdep, RCU checks, kmemleak, debug objects, reference trackers. Compiles that kernel first where it is not
 * there yet, which takes long, and 3 GB below ~/.cache/lvn; scripts/kernels/setup.sh installs what that needs.
 * Any complaint of the kernel is a failure.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { archive, cache, installed, sources, stamp } from './tree.mjs'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const fragment = join(root, 'scripts/kernels/debug.config')

const say = (text) => console.log(`debug kernel: ${text}`)
try {
  prepare()
} catch (error) {
  say(error.message)
  process.exit(1)
}
const { status } = spawnSync(
  process.execPath,
  [join(root, 'scripts/vm/test.mjs'), '--kernel', 'debug', ...process.argv.slice(2)],
  { stdio: 'inherit' },
)
process.exit(status ?? 1)

/** Makes the kernel where it is not there, or was made from something else. */
function prepare() {
  if (!existsSync(archive)) throw new Error(`no ${archive}; run \`sh scripts/kernels/setup.sh\``)
  const { mtimeMs, size } = statSync(archive)
  const packed = `${mtimeMs} ${size}`
  const wanted = createHash('sha256').update(readFileSync(fragment)).update(`\0${packed}`).digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  rmSync(stamp, { force: true })
  unpack(packed)
  stage('choosing the configuration', make(`KCONFIG_ALLCONFIG=${fragment}`, 'allnoconfig'))
  checkConfiguration()
  stage('compiling, which takes long', make(`-j${availableParallelism()}`, 'all'))
  rmSync(installed, { recursive: true, force: true })
  stage('listing what is built in', make(`INSTALL_MOD_PATH=${installed}`, 'modules_install'))
  writeFileSync(stamp, wanted)
}

/** The sources, anew where the package is another one. */
function unpack(packed) {
  const mark = join(cache, 'unpacked')
  if (existsSync(mark) && readFileSync(mark, 'utf8') === packed) return
  const partial = join(cache, 'partial')
  for (const path of [partial, sources]) rmSync(path, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true })
  stage('unpacking the sources', ['tar', '-xJf', archive, '-C', partial, '--strip-components=1'])
  renameSync(partial, sources)
  writeFileSync(mark, packed)
}

/** Kconfig drops silently what it cannot have; a check that is off without a word is worse than none. */
function checkConfiguration() {
  const chosen = new Set(readFileSync(join(sources, '.config'), 'utf8').split('\n'))
  const lost = readFileSync(fragment, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('CONFIG_') && !chosen.has(line))
  if (lost.length > 0) throw new Error(`the configuration has no ${lost.join(', no ')}`)
}

function make(...more) {
  return ['make', '-C', sources, ...more]
}

/** Says what is done and how long it took; the command's output only where it fails. */
function stage(text, [program, ...words]) {
  say(text)
  const begun = performance.now()
  const ran = spawnSync(program, words, { encoding: 'utf8', maxBuffer: 1 << 28 })
  if (ran.status !== 0)
    throw new Error(`${ran.stdout ?? ''}${ran.stderr ?? ran.error}\n${program}: exit ${ran.status}`)
  say(`done in ${((performance.now() - begun) / 1000).toFixed(0)} s`)
}

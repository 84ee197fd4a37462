// SPDX-License-Identifier: MIT
/**
 * Runs the tests: `node scripts/test.mjs [unit|netns|vm|all] [-- FILTER...]`, filters as vitest takes them.
 * Tests are reported while they run; the last lines are the failures again and the sum. No test at all counts as a
 * failure.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PassThrough } from 'node:stream'
import { finished } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'

const projects = { unit: ['unit'], netns: ['netns'], vm: ['vm'], all: ['unit', 'netns', 'vm'] }

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))))
const [what = 'all', ...rest] =
  process.argv.slice(2)[0] === '--' ? ['all', ...process.argv.slice(2)] : process.argv.slice(2)
const filters = rest[0] === '--' ? rest.slice(1) : rest
if (!Object.hasOwn(projects, what)) {
  console.error(`test: there are no tests \`${what}\`; use unit, netns, vm or all`)
  process.exit(64)
}
// Beside the other tests, most of which wait rather than work.
const machines = projects[what].includes('vm') ? setUpMachines() : null
const folder = mkdtempSync(join(tmpdir(), 'lvn-test-'))
const sum = { passed: 0, failures: [], skipped: [] }
try {
  // One after the other: namespace tests measure time and share the kernel. Machines have kernels of their own, and take
  // what these tests leave of the processors while they wait.
  let aside = null
  for (const project of projects[what]) {
    if (project === 'netns' && machines !== null) aside = runAside('vm')
    const counts = await (project === 'vm' && aside !== null ? aside.toTheEnd() : runProject(project))
    sum.passed += counts.passed
    sum.failures.push(...counts.failures)
    sum.skipped.push(...counts.skipped)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

for (const { name, reason } of sum.skipped) console.log(`skipped: ${name}: ${reason ?? 'no reason given'}`)
for (const { name, message } of sum.failures) console.log(`failed: ${name}: ${shortened(message)}`)
const failed = sum.failures.length
if (sum.passed + failed === 0) console.log('test: no test has run')
const skipped = sum.skipped.length > 0 ? `, ${sum.skipped.length} skipped` : ''
console.log(`${sum.passed} passed, ${failed} failed${skipped}`)
process.exit(failed > 0 || sum.passed === 0 ? 1 : 0)

/** null: there is what the machines need; else why not. On Debian 12 as root that is a failure. */
async function setUpMachines() {
  const status = await runBeside('sh', 'scripts/vm/setup.sh')
  if (status !== 0) return 'the machines with Debian’s kernels cannot be set up; the reason is above'
  return null
}

/** Runs a program where the tests leave a processor idle; its output comes in one piece, at its end. Its status. */
async function runBeside(...command) {
  const child = spawn('nice', ['-n', '19', ...command], { stdio: ['ignore', 'pipe', 'pipe'] })
  const kill = () => child.kill()
  process.once('exit', kill)
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      output += text
    })
  const [status] = await once(child, 'close')
  process.off('exit', kill)
  process.stdout.write(output)
  return status
}

/** Runs a project where others leave a processor idle. What it prints is kept back until it is waited for. */
function runAside(project) {
  const output = new PassThrough({ highWaterMark: 1 << 28 })
  const counts = runProject(project, output).finally(() => output.end())
  return {
    async toTheEnd() {
      output.pipe(process.stdout)
      await finished(output)
      return counts
    },
  }
}

/** `aside`: a stream that takes its output, and no hurry; absent: it has the terminal. */
async function runProject(project, aside) {
  if (project === 'vm') {
    const noMachines = await machines
    const must = process.getuid() === 0 && /^VERSION_CODENAME=bookworm$/m.test(osRelease())
    if (noMachines !== null)
      return must
        ? onlyFailed('vm', noMachines)
        : { ...nothing(), skipped: [{ name: 'vm', reason: noMachines }] }
  }
  const file = join(folder, `${project}.json`)
  const env = { ...process.env, LVN_TEST_COUNTS: file }
  const command = [
    ...(aside === undefined ? [] : ['nice', '-n', '10']),
    process.execPath,
    ...commandOf(project),
  ]
  const stdio = ['inherit', aside === undefined ? 'inherit' : 'pipe', 'inherit']
  const child = spawn(command[0], command.slice(1), { stdio, env })
  child.stdout?.pipe(aside, { end: false })
  const kill = () => child.kill()
  process.once('exit', kill)
  const [status] = await once(child, 'close')
  process.off('exit', kill)
  const counts = readCounts(file, project)
  // However vitest ended: what it calls a failure is none of ours to call a success.
  if (status === 0 || counts.failures.length > 0) return counts
  return { ...counts, failures: [{ name: project, message: `the tests exited ${status}` }] }
}

function commandOf(project) {
  // Who names some tests wants them everywhere.
  const shared = filters.length === 0 ? ['--shared'] : []
  if (project === 'vm') return ['scripts/vm/test.mjs', ...shared, '--', ...filters]
  const reporter = project === 'netns' ? 'verbose' : 'default'
  return [
    ...['node_modules/vitest/vitest.mjs', 'run', '--project', project, '--passWithNoTests'],
    ...[`--reporter=${reporter}`, '--reporter=./scripts/test-counts.mjs', ...filters],
  ]
}

function osRelease() {
  return existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : ''
}

function readCounts(file, project) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return onlyFailed(project, 'the tests ended without counts')
  }
}

function nothing() {
  return { passed: 0, failures: [], skipped: [] }
}

function onlyFailed(name, message) {
  return { ...nothing(), failures: [{ name, message }] }
}

/** As much of a message as tells what was wrong; all of it stands further up. */
function shortened(message) {
  const lines = message.split('\n').slice(0, 12)
  return lines.map((line) => line.slice(0, 400)).join('\n  ')
}

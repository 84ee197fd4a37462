// SPDX-License-Identifier: MIT
/**
 * The tests that need a kernel of Debian's: `node scripts/vm/test.mjs [--kernel 6.1|6.12|newest|debug]... [--shared]
 * [--timeout S] [-- FILTER...]`, as many machines at a time as there are processors. On each kernel, the conformance suite on the eBPF
 * plane and on lvn.ko, and the module's own tests. What the kernel complains about counts as a failure. The last line is
 * the sum; test.mjs reads it from the file that LVN_TEST_COUNTS names.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { toolSources } from '../kernels/tree.mjs'
import { findKernel, series } from './kernels.mjs'
import { runInGuest } from './machine.mjs'
import { buildModule, hasModule } from './module.mjs'
import { sharedAmong, testsOf } from './vitest-arguments.mjs'

/** A safety net: on two busy cores a machine takes half an hour. */
const usual = { timeoutMs: 3_000_000, memoryMb: 2048 }
/** For a kernel that checks itself. */
const patient = { timeoutMs: 7_200_000, memoryMb: 4096 }
const patientTests = ['--testTimeout=600000', '--hookTimeout=600000']
/** How the eBPF plane attaches its programs on each kernel: the best way that it has. */
const ebpf = { 6.1: 'ebpf-clsact', 6.12: 'ebpf-tcx' }

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
process.chdir(root)
const { values, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: {
    kernel: { type: 'string', multiple: true, default: series },
    /** The kernels share the work: what hardly differs among them runs on one. Else each runs everything. */
    shared: { type: 'boolean', default: false },
    /** Gives a machine up after so many seconds. */
    timeout: { type: 'string' },
  },
})
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130))

const built = spawnSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' })
if (built.status !== 0) process.exit(1)
const listed = compileTests()
if (listed === null) process.exit(1)
const kernels = listed === 0 ? [] : [...values.kernel]
/** The last module that is being built: one after the other, so that the first machine starts early. */
let building = Promise.resolve()
const results = []
if (listed === 0) console.log('vm: no test matches')
// An emulated machine keeps one processor busy.
await Promise.all(Array.from({ length: availableParallelism() }, testNext))

const sum = { passed: 0, failures: [], skipped: [] }
for (const { passed, failures, skipped } of results) {
  sum.passed += passed
  sum.failures.push(...failures)
  sum.skipped.push(...skipped)
}
if (process.env.LVN_TEST_COUNTS !== undefined) writeFileSync(process.env.LVN_TEST_COUNTS, JSON.stringify(sum))
console.log(`vm: ${sum.passed} passed, ${sum.failures.length} failed, ${sum.skipped.length} skipped`)
// No test at all is a failure; test.mjs, which may have filtered them out, judges that by itself.
const none = sum.passed === 0 && process.env.LVN_TEST_COUNTS === undefined
process.exit(sum.failures.length > 0 || none ? 1 : 0)

/** Kernel by kernel, until none is left. */
async function testNext() {
  for (let name = kernels.shift(); name !== undefined; name = kernels.shift()) {
    const next = name
    building = building.then(() => prepare(next))
    results.push(await testOn(await building))
  }
}

/**
 * Into vitest's cache of modules, by having it load them: the cache is as good in a guest. How many tests there are;
 * null where they cannot be loaded.
 */
function compileTests() {
  const begun = performance.now()
  const ran = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'list', ...testsOf(filters)], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, LVN_VM: 'host', LVN_TEST_PLANES: 'kmod' },
  })
  if (ran.status !== 0) {
    console.log(`${ran.stdout}${ran.stderr}vm: the tests cannot be loaded`)
    return null
  }
  console.log(`vm: the tests are compiled, ${((performance.now() - begun) / 1000).toFixed(1)} s`)
  return ran.stdout.split('\n').filter((line) => line.startsWith('[')).length
}

/** Kernel and module of a run; `error` where they cannot be had. */
async function prepare(name) {
  const say = (text) => console.log(`vm ${name}: ${text}`)
  try {
    const kernel = findKernel(name)
    return { name, say, kernel, module: hasModule() ? await buildModule(kernel, say) : null, error: null }
  } catch (error) {
    return { name, say, error }
  }
}

async function testOn({ name, say, kernel, module, error }) {
  const folder = mkdtempSync(join(tmpdir(), 'lvn-vm-results-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  try {
    if (error !== null) throw error
    const planes = [
      ...(kernel.checks ? [] : [ebpf[name] ?? 'ebpf-tcx']),
      ...(module === null ? [] : ['kmod']),
    ]
    // Slow in an emulated machine, and no better on a second kernel.
    const sources = process.env.LVN_YNL ?? (kernel.checks ? toolSources() : null)
    const result = await runInGuest({
      kernel,
      command: [
        ...[process.execPath, 'scripts/vm/guest-tests.mjs', ...testsOf(filters)],
        ...(values.shared ? sharedAmong(values.kernel, name) : []),
        ...(kernel.checks ? patientTests : []),
      ],
      folder: root,
      env: {
        LVN_TEST_PLANES: planes.join(','),
        ...choices(),
        ...(module === null ? {} : { LVN_VM_MODULE: module }),
        ...(sources === null ? {} : { LVN_YNL: sources }),
      },
      resultsTo: folder,
      ...(kernel.checks ? patient : usual),
      ...(values.timeout === undefined ? {} : { timeoutMs: Number(values.timeout) * 1000 }),
      cpus: 2,
      icount: false,
      say,
      output: (line) => line.trim() !== '' && console.log(`${name} | ${line}`),
    })
    return judge(name, say, result, readCounts(join(folder, 'counts.json')))
  } catch (failure) {
    say(failure.message)
    return { passed: 0, failures: [{ name: `Linux ${name}`, message: failure.message }], skipped: [] }
  } finally {
    process.off('exit', remove)
    remove()
  }
}

/** What the caller says of how much is tried, and on which examples. */
function choices() {
  const names = ['LVN_SEED', 'LVN_WALK'].filter((name) => process.env[name] !== undefined)
  return Object.fromEntries(names.map((name) => [name, process.env[name]]))
}

/** However a machine ended: what it calls a failure is none of ours to call a success. */
function judge(name, say, { status, reason, splats, log, seconds }, counts) {
  const failures = [
    ...(counts?.failures ?? []),
    ...splats.map((message) => ({ name: 'kernel log', message })),
  ]
  if ((status !== 0 || counts === null) && failures.length === 0) {
    const message = reason ?? `the tests exited ${status}`
    failures.push({ name: 'machine', message })
    say(message)
    console.log(log.split('\n').slice(-30).join('\n'))
  }
  for (const splat of splats) say(`the kernel complains:\n${splat}`)
  const here = (test) => ({ ...test, name: `Linux ${name}: ${test.name}` })
  const passed = counts?.passed ?? 0
  const complaints =
    splats.length === 0 ? 'the kernel log is clean' : `${splats.length} complaints of the kernel`
  say(`${passed} passed, ${failures.length} failed, ${complaints}; ${seconds} s`)
  return { passed, failures: failures.map(here), skipped: (counts?.skipped ?? []).map(here) }
}

function readCounts(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}

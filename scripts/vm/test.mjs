// SPDX-License-Identifier: MIT
/**
 * The tests that need a kernel of Debian's: `node scripts/vm/test.mjs [--kernel 6.1|6.12]... [--together]
 * [-- FILTER...]`. On each kernel, the conformance suite on the eBPF plane and on lvn.ko, and the module's own
 * tests. What the kernel complains about counts as a failure. The last line is the sum; test.mjs reads it from
 * the file that LVN_TEST_COUNTS names.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { findKernel, series } from './kernels.mjs'
import { runInGuest } from './machine.mjs'
import { buildModule, hasModule } from './module.mjs'

const timeoutMs = 900_000
/** How the eBPF plane attaches its programs on each kernel: the best way that it has. */
const ebpf = { 6.1: 'ebpf-clsact', 6.12: 'ebpf-tcx' }

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
process.chdir(root)
const { values, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: {
    kernel: { type: 'string', multiple: true, default: series },
    together: { type: 'boolean', default: false },
  },
})
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130))

const built = spawnSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' })
if (built.status !== 0) process.exit(1)
const runs = values.kernel.map(prepare)
const results = []
// Worth it from four processors on: an emulated machine keeps up to two of them busy.
if (values.together) results.push(...(await Promise.all(runs.map(testOn))))
else for (const run of runs) results.push(await testOn(run))

const sum = { passed: 0, failed: 0, skipped: [] }
for (const { passed, failed, skipped } of results) {
  sum.passed += passed
  sum.failed += failed
  sum.skipped.push(...skipped)
}
if (process.env.LVN_TEST_COUNTS !== undefined) writeFileSync(process.env.LVN_TEST_COUNTS, JSON.stringify(sum))
console.log(`vm: ${sum.passed} passed, ${sum.failed} failed, ${sum.skipped.length} skipped`)
// No test at all is a failure; test.mjs, which may have filtered them out, judges that by itself.
const none = sum.passed === 0 && process.env.LVN_TEST_COUNTS === undefined
process.exit(sum.failed > 0 || none ? 1 : 0)

/** Kernel and module of a run; `error` where they cannot be had. */
function prepare(name) {
  const say = (text) => console.log(`vm ${name}: ${text}`)
  try {
    const kernel = findKernel(name)
    return { name, say, kernel, module: hasModule() ? buildModule(kernel, say) : null, error: null }
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
    const planes = [ebpf[name] ?? 'ebpf-tcx', ...(module === null ? [] : ['kmod'])]
    const result = await runInGuest({
      kernel,
      command: [process.execPath, 'scripts/vm/guest-tests.mjs', ...filters],
      folder: root,
      env: { LVN_TEST_PLANES: planes.join(','), ...(module === null ? {} : { LVN_VM_MODULE: module }) },
      resultsTo: folder,
      timeoutMs,
      memoryMb: 2048,
      cpus: 2,
      icount: false,
      say,
      output: (line) => line.trim() !== '' && console.log(`${name} | ${line}`),
    })
    return judge(name, say, result, readCounts(join(folder, 'counts.json')))
  } catch (failure) {
    say(failure.message)
    return { passed: 0, failed: 1, skipped: [] }
  } finally {
    process.off('exit', remove)
    remove()
  }
}

/** However a machine ended: what it calls a failure is none of ours to call a success. */
function judge(name, say, { status, reason, splats, log, seconds }, counts) {
  const failed = counts?.failed ?? 0
  const unsaid = (status !== 0 || counts === null) && failed === 0 ? 1 : 0
  if (unsaid > 0) {
    say(reason ?? `the tests exited ${status}`)
    console.log(log.split('\n').slice(-30).join('\n'))
  }
  for (const splat of splats) say(`the kernel complains:\n${splat}`)
  const total = {
    passed: counts?.passed ?? 0,
    failed: failed + unsaid + splats.length,
    skipped: (counts?.skipped ?? []).map((test) => ({ ...test, name: `Linux ${name}: ${test.name}` })),
  }
  const complaints =
    splats.length === 0 ? 'the kernel log is clean' : `${splats.length} complaints of the kernel`
  say(`${total.passed} passed, ${total.failed} failed, ${complaints}; ${seconds} s`)
  return total
}

function readCounts(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}

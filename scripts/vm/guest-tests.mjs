// SPDX-License-Identifier: MIT
/**
 * In the guest: loads lvn.ko (LVN_VM_MODULE, where there is one), runs the tests (arguments as vitest takes them),
 * takes the module out again, and has the kernel look for memory that nobody points to any more, where it can.
 * The counts go where test.mjs of this folder looks for them.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadModule, unloadModule } from './load.mjs'

const module = process.env.LVN_VM_MODULE
const kmemleak = '/sys/kernel/debug/kmemleak'
const env = { ...process.env, LVN_TEST_COUNTS: join(process.env.LVN_VM_RESULTS, 'counts.json') }

spawnSync('mount', ['-t', 'debugfs', 'debugfs', '/sys/kernel/debug'])
if (existsSync(kmemleak)) {
  // What the kernel itself has lost until now is not ours.
  writeFileSync(kmemleak, 'scan')
  writeFileSync(kmemleak, 'clear')
}
if (module !== undefined) loadModule(module)
const { status } = spawnSync(
  process.execPath,
  [
    ...['node_modules/vitest/vitest.mjs', 'run', '--passWithNoTests'],
    ...['--reporter=verbose', '--reporter=./scripts/test-counts.mjs', ...process.argv.slice(2)],
  ],
  { stdio: 'inherit', env },
)
const unloaded = unloadModule()
const leaks = existsSync(kmemleak) ? lookForLeaks() : ''
process.stdout.write(leaks)
process.exit(status === 0 && unloaded && leaks === '' ? 0 : 1)

/** What kmemleak suspects. It leaves out what is younger than five seconds, and looks again at what has moved. */
function lookForLeaks() {
  const begun = performance.now()
  do writeFileSync(kmemleak, 'scan')
  while (performance.now() - begun < 6_000)
  writeFileSync(kmemleak, 'scan')
  return readFileSync(kmemleak, 'utf8')
}

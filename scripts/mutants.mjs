// SPDX-License-Identifier: MIT
/**
 * Do the tests fail when the code is wrong? `npm run mutants` has StrykerJS change the TypeScript sources, one place
 * at a time, and run the unit tests that reach it; `npm run mutants -- --faults` puts in the faults of
 * mutants/faults.mjs instead, those of the data planes among them.
 *
 *   npm run mutants -- [FOLDER|FILE...]             some of the sources; what is unchanged is not tried again
 *   npm run mutants -- --sample N [FOLDER|FILE...]  of each 10 N lines ten: an estimate in a part of the time
 *   npm run mutants -- --scores [FOLDER|FILE...]    what was found so far, without trying anything
 *   npm run mutants -- --faults [unit|ebpf|kmod]    deliberate faults; `kmod` in a virtual machine
 *
 * Exit code 1: something survived that nobody has explained, or a fault was not noticed.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { folders, patternsOf, testsOf } from './mutants/folders.mjs'
import { report } from './mutants/report.mjs'
import { sampled } from './mutants/sampled.mjs'

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))))
const resultsFile = '.stamps/mutants/results.json'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    faults: { type: 'boolean', default: false },
    scores: { type: 'boolean', default: false },
    sample: { type: 'string', default: '1' },
    /** Processes that run tests; the machine is often somebody else's, too. */
    concurrency: { type: 'string', default: '1' },
  },
})
const paths = positionals.map((path) => path.replace(/\/$/, ''))
if (values.faults) {
  const { tryFaults } = await import('./mutants/try-faults.mjs')
  process.exit(tryFaults(paths) ? 0 : 1)
}
const missing = paths.find((path) => !existsSync(path))
if (missing !== undefined) {
  console.error(
    `mutants: ${missing}: no such file or folder; give paths such as src/interp/resolve, no patterns`,
  )
  process.exit(64)
}
if (!values.scores) for (const path of paths.length > 0 ? paths : Object.keys(folders)) await mutate(path)
if (!existsSync(resultsFile)) {
  console.log('mutants: nothing was tried yet')
  process.exit(1)
}
process.exit(report(JSON.parse(readFileSync(resultsFile, 'utf8')), paths) ? 0 : 1)

/** Tries the mutants of one folder or file, and adds what comes of it to the results. */
async function mutate(path) {
  process.env.LVN_MUTANTS_TESTS = testsOf(path).join(' ')
  const { Stryker } = await import('@stryker-mutator/core')
  await new Stryker({
    mutate: sampled(patternsOf(path), Number(values.sample)),
    testRunner: 'lvn',
    plugins: [new URL('./mutants/runner.mjs', import.meta.url).href],
    coverageAnalysis: 'perTest',
    concurrency: Number(values.concurrency),
    // A loaded machine is no mutant that never ends.
    timeoutMS: 30_000,
    dryRunTimeoutMinutes: 60,
    incremental: true,
    incrementalFile: resultsFile,
    tempDirName: '.stamps/mutants/sandbox',
    ignorePatterns: ['/dist', '/build', '/.stamps', '/bench', '/docs', '/editors', '/kmod', '/bpf'],
    reporters: ['progress-append-only'],
    allowEmpty: true,
  }).runMutationTest()
}

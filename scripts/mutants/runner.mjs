// SPDX-License-Identifier: MIT
/**
 * A test runner for StrykerJS that keeps the tests loaded and switches a mutant on for those that reach it. One that is
 * also reached while modules are loaded, and that no test notices later, has them evaluated anew.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin'
import { determineHitLimitReached, TestStatus, toMutantRunResult } from '@stryker-mutator/api/test-runner'
import { bundled, collected } from './suite.mjs'

/** Tests that take longer, in milliseconds, are left out: each survivor would wait for them. */
const longest = 1500

/** What the first run tells the runners that start after it, in the sandbox. */
const firstRun = 'first-run.json'

class LoadedTests {
  capabilities() {
    return { reloadEnvironment: true }
  }

  async init() {
    globalThis.__stryker__ ??= {}
    this.bundle = await bundled(process.env.LVN_MUTANTS_TESTS.split(' '))
    this.tests = await collected(this.bundle)
  }

  /** Without the tests that fail here, for what they run is the build, which has no mutants. */
  async dryRun() {
    const stryker = globalThis.__stryker__
    const tests = []
    for (const test of this.tests) {
      stryker.currentTestId = test.id
      const result = await resultOf(test)
      stryker.currentTestId = undefined
      if (!isFailure(result) && result.timeSpentMs < longest) tests.push(result)
    }
    const { mutantCoverage } = stryker
    writeFileSync(firstRun, JSON.stringify({ tests, perTest: mutantCoverage.perTest }))
    return { status: 'complete', tests, mutantCoverage }
  }

  async mutantRun({ activeMutant, mutantActivation, testFilter, hitLimit }) {
    const stryker = globalThis.__stryker__
    Object.assign(stryker, { hitCount: 0, hitLimit })
    try {
      stryker.activeMutant = activeMutant.id
      let results = await this.untilOneFails(this.tests, testFilter ?? this.reaching(activeMutant.id))
      if (mutantActivation === 'static' && !results.some(isFailure))
        results = await this.untilOneFails(await collected(this.bundle), this.quick())
      const complete = { status: 'complete', tests: results }
      return toMutantRunResult(determineHitLimitReached(stryker.hitCount, hitLimit) ?? complete)
    } catch (error) {
      // Modules that cannot be loaded: every test would fail.
      const failed = { id: 'loading', name: 'loading', timeSpentMs: 0, ...failure(error) }
      return toMutantRunResult({ status: 'complete', tests: [failed] })
    } finally {
      stryker.activeMutant = undefined
    }
  }

  /** Ids of the tests that reach a mutant while they run. */
  reaching(mutant) {
    const { perTest } = this.first
    return Object.keys(perTest).filter((test) => mutant in perTest[test])
  }

  /** Ids of the tests that judge what differs from the start on: each of them meets it. */
  quick() {
    return this.first.tests.filter(({ timeSpentMs }) => timeSpentMs < longest / 20).map(({ id }) => id)
  }

  /** Runs the tests of these ids until one fails, the quick ones first. */
  async untilOneFails(tests, ids) {
    const wanted = new Set(ids)
    const results = []
    const spent = new Map(this.first.tests.map(({ id, timeSpentMs }) => [id, timeSpentMs]))
    const inTurn = tests.filter(({ id }) => spent.has(id) && wanted.has(id))
    for (const test of inTurn.sort((a, b) => spent.get(a.id) - spent.get(b.id))) {
      const result = await resultOf(test)
      results.push(result)
      if (isFailure(result)) break
    }
    return results
  }

  /** The run without a mutant, of this runner or of the one that was first. */
  get first() {
    this.read ??= JSON.parse(readFileSync(firstRun, 'utf8'))
    return this.read
  }
}

async function resultOf({ id, name, fileName, run }) {
  const start = performance.now()
  const outcome = await run().then(() => ({ status: TestStatus.Success }), failure)
  return { id, name, fileName, timeSpentMs: performance.now() - start, ...outcome }
}

const isFailure = ({ status }) => status === TestStatus.Failed

function failure(error) {
  return { status: TestStatus.Failed, failureMessage: String(error?.message ?? error) }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'lvn', LoadedTests)]

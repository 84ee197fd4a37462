// SPDX-License-Identifier: MIT
/**
 * A vitest reporter that prints nothing: it counts, and keeps the messages of failures and the reasons of skipped
 * tests. test.mjs reads the file that it writes, named by LVN_TEST_COUNTS.
 */
import { writeFileSync } from 'node:fs'

const named = (test) => `${test.module.relativeModuleId} > ${test.fullName}`

export default class TestCounts {
  passed = 0
  failures = []
  skipped = []

  onTestCaseResult(test) {
    const { state, note, errors } = test.result()
    if (state === 'passed') this.passed += 1
    else if (state === 'failed') this.#fail(named(test), [errors[0] ?? { message: 'no reason given' }])
    else this.skipped.push({ name: named(test), reason: note ?? null })
  }

  /** A file that cannot be loaded and a failing hook are no test case's failure, but failures they are. */
  onTestSuiteResult(suite) {
    this.#fail(named(suite), suite.errors())
  }

  onTestModuleEnd(module) {
    this.#fail(module.relativeModuleId, module.errors())
  }

  onTestRunEnd(_modules, unhandled) {
    this.#fail('outside of all tests', unhandled)
    const { passed, failures, skipped } = this
    writeFileSync(process.env.LVN_TEST_COUNTS, JSON.stringify({ passed, failures, skipped }))
  }

  #fail(name, errors) {
    this.failures.push(...errors.map(({ message }) => ({ name, message })))
  }
}

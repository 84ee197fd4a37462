// SPDX-License-Identifier: MIT
/**
 * A vitest reporter that prints nothing: it counts, and keeps the reasons of skipped tests. test.mjs reads the
 * file that it writes, named by LVN_TEST_COUNTS.
 */
import { writeFileSync } from 'node:fs'

export default class TestCounts {
  passed = 0
  failed = 0
  skipped = []

  onTestCaseResult(test) {
    const { state, note } = test.result()
    if (state === 'passed') this.passed += 1
    else if (state === 'failed') this.failed += 1
    else
      this.skipped.push({ name: `${test.module.relativeModuleId} > ${test.fullName}`, reason: note ?? null })
  }

  /** A file that cannot be loaded and a failing hook are no test case's failure, but failures they are. */
  onTestSuiteResult(suite) {
    this.failed += suite.errors().length
  }

  onTestModuleEnd(module) {
    this.failed += module.errors().length
  }

  onTestRunEnd(_modules, unhandled) {
    const { passed, failed, skipped } = this
    const counts = { passed, failed: failed + unhandled.length, skipped }
    writeFileSync(process.env.LVN_TEST_COUNTS, JSON.stringify(counts))
  }
}

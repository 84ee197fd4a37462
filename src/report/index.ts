// SPDX-License-Identifier: MIT
/**
 * Test cases and the reports that pipelines read. Pure: cases in, text out.
 */
export { countOutcomes, type Outcome, type TestCase, type TestRun } from './case.ts'
export { renderJunit } from './junit.ts'
export { renderTap } from './tap.ts'

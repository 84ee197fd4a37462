// SPDX-License-Identifier: MIT
/**
 * Which tests run on Debian's kernels, as vitest takes it.
 */

/** Where there are no filters: the conformance suite, and the tests of the module. */
export function testsOf(filters) {
  const chosen = filters.length > 0 ? filters : ['test/netns/plane', 'test/vm']
  return ['--project', 'netns', '--project', 'vm', ...chosen]
}

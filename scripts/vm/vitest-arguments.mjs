// SPDX-License-Identifier: MIT
/**
 * Which tests run on Debian's kernels, as vitest takes it.
 */

/** Where there are no filters: the conformance suite, and the tests of the module. */
export function testsOf(filters) {
  const chosen = filters.length > 0 ? filters : ['test/netns/plane', 'test/vm']
  return ['--project', 'netns', '--project', 'vm', ...chosen]
}

/** What hardly differs from kernel to kernel: where machines share the work, each of these runs on one kernel alone. */
const onOneKernel = {
  6.1: ['test/netns/plane/{destinations,headers,moved,permutation,strangers}.test.ts'],
  6.12: [
    'test/netns/plane/{narrow,renamed}.test.ts',
    'test/vm/{control,events,family,interop,ip-link,keepalive,stress,timers}.test.ts',
  ],
}

/** Leaves out on a kernel what another one of those that share the work does. */
export function sharedAmong(kernels, kernel) {
  return kernels
    .filter((other) => other !== kernel)
    .flatMap((other) => onOneKernel[other] ?? [])
    .flatMap((files) => ['--exclude', files])
}

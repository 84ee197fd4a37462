// SPDX-License-Identifier: MIT
import { defineConfig } from 'vitest/config'
import { SlowFirst } from './test/support/slow-first.ts'

const inGuest = process.env.LVN_VM !== undefined

export default defineConfig({
  test: {
    globalSetup: 'test/support/build.ts',
    sequence: { sequencer: SlowFirst },
    // scripts/vm/test.mjs compiles the tests beforehand: an emulated processor takes long for it.
    experimental: { fsModuleCache: inGuest, fsModuleCachePath: '.stamps/vm/vitest' },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          setupFiles: 'test/support/seed.ts',
          // Loading the sources anew for each file would take a third of the time.
          isolate: false,
          // vitest would leave one processor to itself, which is half of two.
          maxWorkers: '100%',
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'netns',
          // Namespaces of tests leave no history; a test that wants one names a folder of its own.
          env: { LVN_STATE_DIR: 'none' },
          include: ['test/netns/**/*.test.ts'],
          pool: 'forks',
          isolate: false,
          // Four files at a time, whatever the number of processors: mostly they wait for processes and timers.
          fileParallelism: !inGuest,
          maxWorkers: 4,
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
      {
        // What needs lvn.ko: run in a guest by scripts/vm/test.mjs, never on the host.
        test: {
          name: 'vm',
          env: { LVN_STATE_DIR: 'none' },
          include: inGuest ? ['test/vm/**/*.test.ts'] : [],
          isolate: false,
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})

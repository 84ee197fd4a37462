// SPDX-License-Identifier: MIT
/**
 * Unit tests for StrykerJS alone: those of what it mutates (LVN_MUTANTS_TESTS, patterns separated by blanks), without
 * the build before them, for none of them runs what is built. Left out are those that it cannot run, for it adds a line
 * to each source, and those that take too long to be run for each mutant.
 */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: process.env.LVN_MUTANTS_TESTS?.split(' ') ?? [],
    exclude: ['test/unit/native/generator.test.ts', 'test/unit/**/{walk,large-lists}.test.ts'],
    setupFiles: 'test/support/seed.ts',
    testTimeout: 60_000,
  },
})

// SPDX-License-Identifier: MIT
/**
 * Unit tests for StrykerJS alone: those of what it mutates, without the build before them, for none of them runs what
 * is built. Left out is the test that compares sources with what their generator writes: StrykerJS adds a line to each.
 */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/unit/{interp,model,native}/**/*.test.ts'],
    exclude: ['test/unit/native/generator.test.ts'],
    setupFiles: 'test/support/seed.ts',
    testTimeout: 60_000,
  },
})

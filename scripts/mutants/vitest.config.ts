// SPDX-License-Identifier: MIT
/**
 * Unit tests for StrykerJS alone: those of what it mutates, without the build before them, for none of them runs what
 * is built.
 */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/unit/{interp,model,native}/**/*.test.ts'],
    setupFiles: 'test/support/seed.ts',
    testTimeout: 60_000,
  },
})

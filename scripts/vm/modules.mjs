// SPDX-License-Identifier: MIT
/**
 * Builds lvn.ko for each of Debian's kernels, where sources or kernel have changed: `node scripts/vm/modules.mjs`. A
 * later run of test.mjs in this folder finds them built. Exits 1 with the compiler's output when one cannot be built.
 */
import { findKernel, series } from './kernels.mjs'
import { buildModule, hasModule } from './module.mjs'

try {
  for (const name of hasModule() ? series : [])
    await buildModule(findKernel(name), (text) => console.log(`vm ${name}: ${text}`))
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}

// SPDX-License-Identifier: MIT
/**
 * Before any test: what the tests run is built from the sources as they are now.
 */
import { execFileSync } from 'node:child_process'

export default function build(): void {
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' })
}

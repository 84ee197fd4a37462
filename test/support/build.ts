// SPDX-License-Identifier: MIT
/**
 * Before any test: what the tests run is built from the sources as they are now. An emulated machine finds it
 * built by its host.
 */
import { execFileSync } from 'node:child_process'

export default function build(): void {
  if (process.env.LVN_VM === undefined)
    execFileSync(process.execPath, ['scripts/build.mjs', 'addon', 'lvn.bpf', 'bundle'], { stdio: 'inherit' })
}

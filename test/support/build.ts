// SPDX-License-Identifier: MIT
/**
 * Before any test: what the tests run is built from the sources as they are now. An emulated machine finds it
 * built by its host. After the last, the processes that ran `lvn` for them are ended.
 */
import { execFileSync } from 'node:child_process'
import { openServers } from './served/servers.ts'

export default function build(): () => void {
  if (process.env.LVN_VM === undefined)
    execFileSync(process.execPath, ['scripts/build.mjs', 'addon', 'lvn.bpf', 'bundle'], { stdio: 'inherit' })
  return openServers()
}

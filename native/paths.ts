// SPDX-License-Identifier: MIT
/**
 * Where the built parts lie: found from this module upward, so that sources and bundle find the same files.
 */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ExitCode, LvnError } from '../src/diag/error.ts'

export function addonPath(): string {
  return builtFile('dist/lvn.node')
}

export function bpfObjectPath(): string {
  return builtFile('dist/lvn.bpf.o')
}

/** The command `lvn` itself. */
export function cliPath(): string {
  return builtFile('dist/lvn.js')
}

function builtFile(relative: string): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const path = join(folder, relative)
    if (existsSync(path)) return path
    if (folder === dirname(folder)) break
  }
  throw new LvnError('LVN7001', ExitCode.noPlane, `${relative} has not been built`, {
    hint: 'run `npm run setup` in the folder of L-VN',
  })
}

// SPDX-License-Identifier: MIT
/**
 * The command line as users have it: the built `dist/lvn.js`, in a folder of its own.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Ran, servedLvn } from './served/lvn.ts'

export const lvnPath = fileURLToPath(new URL('../../dist/lvn.js', import.meta.url))
export const lvnshPath = fileURLToPath(new URL('../../dist/lvnsh.js', import.meta.url))

export interface CliOptions {
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

export class BundledCli {
  /** For the test's files. */
  readonly folder = mkdtempSync(join(tmpdir(), 'lvn-cli-'))

  /** Runs to the end; colours are off unless `env` turns them on. */
  run(args: readonly string[], options: CliOptions = {}): Ran {
    const { FORCE_COLOR: _, NO_COLOR: __, ...env } = process.env
    const { input = '', cwd = this.folder } = options
    return servedLvn(args, { input, cwd, env: { ...env, ...options.env } })
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true })
  }
}

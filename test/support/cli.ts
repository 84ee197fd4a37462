// SPDX-License-Identifier: MIT
/**
 * The command line as users have it: the built `dist/lvn.js`, in a process of its own and a folder of its own.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const lvnPath = fileURLToPath(new URL('../../dist/lvn.js', import.meta.url))
export const lvnshPath = fileURLToPath(new URL('../../dist/lvnsh.js', import.meta.url))

export interface CliRun {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CliOptions {
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

export class BundledCli {
  /** For the test's files. */
  readonly folder = mkdtempSync(join(tmpdir(), 'lvn-cli-'))

  /** Runs to the end; colours are off unless `env` turns them on. */
  run(args: readonly string[], options: CliOptions = {}): CliRun {
    const { FORCE_COLOR: _, NO_COLOR: __, ...env } = process.env
    const { status, stdout, stderr } = spawnSync(process.execPath, [lvnPath, ...args], {
      encoding: 'utf8',
      input: options.input ?? '',
      cwd: options.cwd ?? this.folder,
      env: { ...env, ...options.env },
      timeout: 120_000,
    })
    return { status, stdout, stderr }
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true })
  }
}

// SPDX-License-Identifier: MIT
/**
 * Options that every command takes, and what a command is handed. No logic beyond reading them.
 */
import type { Output, OutputOptions } from './output.ts'

export type PlaneChoice = 'auto' | 'ebpf' | 'kmod'

export interface GlobalOptions extends OutputOptions {
  /** Network namespace to work in: a name of `ip netns` or a path; absent: the one we run in. */
  readonly netns?: string | undefined
  readonly plane: PlaneChoice
  /** Folders beside a file's own whose files it may import; absent: none. */
  readonly allowImport?: readonly string[]
}

/** What a command works with. */
export interface Session {
  readonly options: GlobalOptions
  readonly output: Output
}

/** A best reading of arguments that could not be parsed: enough to report the mistake as it was asked for. */
export function guessGlobals(argv: readonly string[]): GlobalOptions {
  const end = argv.indexOf('--')
  const flags = new Set(end < 0 ? argv : argv.slice(0, end))
  return {
    json: flags.has('--json'),
    color: !flags.has('--no-color'),
    quiet: flags.has('--quiet') || flags.has('-q'),
    plane: 'auto',
  }
}

// SPDX-License-Identifier: MIT
/**
 * Options that every command takes, and what a command is handed. No logic beyond reading them.
 */
import type { Output, OutputOptions } from './output.ts'

export type PlaneChoice = 'auto' | 'ebpf' | 'kmod'

export interface GlobalOptions extends OutputOptions {
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
  const words = end < 0 ? argv : argv.slice(0, end)
  const flags = new Set(words)
  return {
    json: flags.has('--json'),
    color: !flags.has('--no-color'),
    quiet: flags.has('--quiet') || flags.has('-q'),
    plane: 'auto',
    netns: givenValue('--netns', words),
  }
}

/** The last one counts, as for the parser. Undefined if it is not given. */
function givenValue(option: string, words: readonly string[]): string | undefined {
  const at = words.findLastIndex((word) => word === option || word.startsWith(`${option}=`))
  return words[at] === option ? words[at + 1] : words[at]?.slice(option.length + 1)
}

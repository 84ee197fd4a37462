// SPDX-License-Identifier: MIT
/**
 * Mistakes in the arguments, from the argument parser's words into ours.
 */
import { CommanderError } from 'commander'
import { ExitCode, LvnError } from '../../diag/error.ts'

/** Help and version end the parsing, too: the exit code they stand for, else undefined. */
export function parserExit(thrown: unknown): ExitCode | undefined {
  if (!(thrown instanceof CommanderError)) return undefined
  if (thrown.exitCode === 0) return ExitCode.done
  return thrown.code === 'commander.help' ? ExitCode.usage : undefined
}

/**
 * A parser's complaint as an LvnError (exit 64) that points to the help of `command` (`lvn plan`); the ends
 * that are no mistakes as they are.
 */
export function usageError(thrown: CommanderError, command: string): CommanderError | LvnError {
  if (parserExit(thrown) !== undefined) return thrown
  const [first = '', ...rest] = thrown.message.split('\n')
  const suggestion = /^\(Did you mean (?:one of )?(.*)\?\)$/.exec(rest.join(' ').trim())?.[1]
  const message = first
    .replace(/^error: /, '')
    .replace(/\.$/, '')
    .replaceAll("'", '`')
  const hint = suggestion === undefined ? `see \`${command} --help\`` : `did you mean \`${suggestion}\`?`
  return new LvnError('LVN6410', ExitCode.usage, message, { hint })
}

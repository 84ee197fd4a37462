// SPDX-License-Identifier: MIT
/**
 * Several diagnostics as one outcome.
 */
import { type Diagnostic, ExitCode, LvnError } from '../../diag/error.ts'
import { tally } from './text.ts'

/** What is wrong with a file that cannot be read, as a finding beside those of other files. Anything else is thrown on. */
export function unreadableFile(file: string, thrown: unknown): Diagnostic {
  if (!(thrown instanceof LvnError)) throw thrown
  const { code, message, hint } = thrown
  return { code, severity: 'error', message, file, ...(hint === undefined ? {} : { hint }) }
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === 'error')
}

/** The error (exit 3) that stands for all findings; `name` says in what. */
export function invalid(name: string, diagnostics: readonly Diagnostic[]): LvnError {
  return new LvnError('LVN0106', ExitCode.invalidSource, `${name} is not valid: ${tally(diagnostics)}`, {
    diagnostics,
  })
}

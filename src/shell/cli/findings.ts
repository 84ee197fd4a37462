// SPDX-License-Identifier: MIT
/**
 * Several diagnostics as one outcome.
 */
import { type Diagnostic, ExitCode, LvnError } from '../../diag/error.ts'
import { tally } from './text.ts'

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === 'error')
}

/** The error (exit 3) that stands for all findings; `name` says in what. */
export function invalid(name: string, diagnostics: readonly Diagnostic[]): LvnError {
  return new LvnError('LVN0106', ExitCode.invalidSource, `${name} is not valid: ${tally(diagnostics)}`, {
    diagnostics,
  })
}

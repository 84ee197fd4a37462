// SPDX-License-Identifier: MIT
/**
 * The exit code of a command that applies, by what became of it.
 */
import { ExitCode } from '../diag/error.ts'
import type { ApplyReport, Plan } from './types.ts'

export function reportExitCode(report: ApplyReport): ExitCode {
  if (report.outcome === 'rolled-back') return ExitCode.rolledBack
  return report.outcome === 'partly-applied' || !isVerified(report) ? ExitCode.partlyApplied : ExitCode.done
}

/** Counts an apply as partial if a hub cannot listen where the file says: the caller has to apply again later. */
export function unlessAbsent(code: ExitCode, { absent }: Plan): ExitCode {
  return code === ExitCode.done && absent.length > 0 ? ExitCode.partlyApplied : code
}

/** Read again afterwards, and nothing differs from what was wanted. */
export function isVerified({ residue, unverified }: ApplyReport): boolean {
  return residue.length === 0 && unverified === undefined
}

// SPDX-License-Identifier: MIT
/**
 * The error boundary: whatever was thrown becomes sentences (or JSON) and an exit code. A stack trace passes
 * only where LVN_DEBUG=1 asks for it.
 */
import { ExitCode, LvnError } from '../../diag/error.ts'
import { renderDiagnostic, renderHuman, toJson } from '../../diag/render.ts'
import type { Output } from './output.ts'
import { tally } from './text.ts'

/** Prints what was thrown; the exit code it stands for. */
export function reportError(output: Output, thrown: unknown): ExitCode {
  const error = asLvnError(thrown)
  if (process.env.LVN_DEBUG === '1') output.alert(debugText(thrown))
  const { code, span, diagnostics } = error
  const message = output.typed(error.message)
  const hint = error.hint === undefined ? undefined : output.typed(error.hint)
  if (output.json) {
    output.resultJson({ error: { code, message, hint: hint ?? null, diagnostics: diagnostics.map(toJson) } })
  } else if (diagnostics.length > 0) {
    output.alert(renderHuman(diagnostics, output.notePaint))
    output.alert(tally(diagnostics))
  } else {
    const place = { ...(span === undefined ? {} : { span }), ...(hint === undefined ? {} : { hint }) }
    output.alert(renderDiagnostic({ code, severity: 'error', message, ...place }, output.notePaint))
  }
  return error.exitCode
}

function asLvnError(thrown: unknown): LvnError {
  if (thrown instanceof LvnError) return thrown
  const what = thrown instanceof Error ? thrown.message : String(thrown)
  return new LvnError('LVN0001', ExitCode.internal, `sorry, lvn failed in a way it should not: ${what}`, {
    cause: thrown,
    hint: 'LVN_DEBUG=1 shows where; please report it with that',
  })
}

function debugText(thrown: unknown): string {
  const lines: string[] = []
  for (let at: unknown = thrown; at !== undefined; at = at instanceof Error ? at.cause : undefined) {
    lines.push(at instanceof Error ? (at.stack ?? at.message) : String(at))
  }
  return lines.join('\ncaused by: ')
}

// SPDX-License-Identifier: MIT
/**
 * What was found, as the editor shows it: the codes, places, related places and hints of `lvn check`.
 */
import { DiagnosticSeverity, type Diagnostic as LspDiagnostic } from 'vscode-languageserver'
import type { Diagnostic } from '../diag/error.ts'
import type { Source, Span } from '../diag/source.ts'
import { type Analysis, uriOf } from './analysis.ts'
import { rangeOf } from './places.ts'

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  note: DiagnosticSeverity.Information,
} as const

/** In the order of `lvn check`. What stands in an imported file is shown at the `import`. */
export function diagnosticsOf(analysis: Analysis): LspDiagnostic[] {
  return analysis.diagnostics.map((diagnostic) => toLsp(diagnostic, analysis))
}

export function toLsp(diagnostic: Diagnostic, analysis: Analysis): LspDiagnostic {
  const { code, severity, message, span, hint, related = [] } = diagnostic
  const here = span !== undefined && span.source === analysis.source
  const places = related.map((other) => ({ message: other.message, span: other.span }))
  if (span !== undefined && !here) places.unshift({ message, span })
  return {
    range: here ? rangeOf(span) : rangeOf(wayTo(span?.source, analysis)),
    severity: severities[severity],
    code,
    source: 'lvn',
    message: hint === undefined ? message : `${message}\n${hint}`,
    relatedInformation: places.map((place) => ({
      message: place.message,
      location: { uri: uriOf(place.span, analysis), range: rangeOf(place.span) },
    })),
  }
}

/** The path in the `import` of this text that leads to `source`; the start of the text where none does. */
function wayTo(source: Source | undefined, { source: own, imports }: Analysis): Span {
  const seen = new Set<Source>()
  const leads = (to: Source): boolean => {
    if (to === source) return true
    if (seen.has(to)) return false
    seen.add(to)
    return [...imports].some(([{ span }, file]) => span.source === to && leads(file.source))
  }
  for (const [statement, file] of imports) {
    if (statement.span.source === own && leads(file.source)) return statement.path.span
  }
  return { source: own, start: 0, end: 0 }
}

// SPDX-License-Identifier: MIT
/**
 * Diagnostics for people, programs and GitHub. Text out, nothing printed; colours come from a `Paint` that
 * the caller brings.
 */
import type { Diagnostic, Severity } from './error.ts'
import { printable } from './message.ts'
import { formatSpan, type Span } from './source.ts'

/** One function per role, text to text. */
export interface Paint extends Readonly<Record<Severity, (text: string) => string>> {
  readonly strong: (text: string) => string
  readonly faint: (text: string) => string
  readonly help: (text: string) => string
}

const plain = (text: string) => text
/** No colours. */
export const plainPaint: Paint = {
  error: plain,
  warning: plain,
  note: plain,
  strong: plain,
  faint: plain,
  help: plain,
}

/** Columns of source shown around a place in a very long line. */
const window = 100

/**
 * Several lines without a final line break: what, where, the source line with its mark, related places
 * likewise, help. Without a span only the first and the last. Names of others may stand in each of them: a line
 * break in one makes no line of its own.
 */
export function renderDiagnostic(diagnostic: Diagnostic, paint: Paint = plainPaint): string {
  const { severity, code, message, span, related = [], hint } = diagnostic
  const lines = [`${paint[severity](`${severity}[${code}]`)}${paint.strong(`: ${printable(message)}`)}`]
  const add = (more: readonly string[]) => {
    for (const line of more) lines.push(line)
  }
  if (span !== undefined) add(excerpt(span, paint[severity], '^', paint))
  for (const place of related) {
    lines.push(`${paint.note('note')}: ${printable(place.message)}`)
    add(excerpt(place.span, paint.note, '-', paint))
  }
  if (hint !== undefined) lines.push(`${paint.help('help')}: ${printable(hint)}`)
  return lines.join('\n')
}

/** All of them, with an empty line between two; ends in a line break unless there is none. */
export function renderHuman(diagnostics: readonly Diagnostic[], paint: Paint = plainPaint): string {
  return diagnostics.map((diagnostic) => `${renderDiagnostic(diagnostic, paint)}\n`).join('\n')
}

function excerpt(span: Span, mark: (text: string) => string, sign: string, paint: Paint): string[] {
  const { line, column } = span.source.position(span.start)
  const text = span.source.line(line)
  const number = String(line)
  const margin = ' '.repeat(number.length)
  const from = column > window ? column - 1 - window / 2 : 0
  const shown = text.slice(from, from + window + window / 2)
  const before = shown.slice(0, column - 1 - from)
  const length = Math.max(1, Math.min(span.end - span.start, shown.length - before.length))
  const padding = before.replace(/[^\t]/g, ' ')
  const source = shown.split('\t').map(printable).join('\t')
  return [
    `${margin}${paint.faint('-->')} ${printable(formatSpan(span))}`,
    `${margin} ${paint.faint('|')}`,
    `${paint.faint(`${number} |`)} ${source}`.trimEnd(),
    `${margin} ${paint.faint('|')} ${padding}${mark(sign.repeat(length))}`,
  ]
}

// ---- JSON -------------------------------------------------------------------------------------------

/** Lines and columns count from 1; the end is the place behind the last character. */
export interface JsonPlace {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
}

export interface JsonDiagnostic {
  readonly code: string
  readonly severity: Severity
  readonly message: string
  /** Null: no source line caused it. */
  readonly place: JsonPlace | null
  readonly hint: string | null
  readonly related: readonly { readonly message: string; readonly place: JsonPlace }[]
}

export function toJson(diagnostic: Diagnostic): JsonDiagnostic {
  const { code, severity, message, span, hint, related = [] } = diagnostic
  return {
    code,
    severity,
    message,
    place: span === undefined ? null : jsonPlace(span),
    hint: hint ?? null,
    related: related.map((other) => ({ message: other.message, place: jsonPlace(other.span) })),
  }
}

/** One document, `{ "formatVersion": 1, "diagnostics": [...] }`, with a final line break. */
export function renderJson(diagnostics: readonly Diagnostic[]): string {
  return `${JSON.stringify({ formatVersion: 1, diagnostics: diagnostics.map(toJson) }, null, 2)}\n`
}

function jsonPlace(span: Span): JsonPlace {
  const start = span.source.position(span.start)
  const end = span.source.position(span.end)
  return { file: span.source.name, ...start, endLine: end.line, endColumn: end.column }
}

// ---- GitHub -----------------------------------------------------------------------------------------

const githubCommands = { error: 'error', warning: 'warning', note: 'notice' } as const

/** Workflow commands, one a line: `::error file=a.lvn,line=3,col=7,...::message`. */
export function renderGithub(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map((diagnostic) => `${githubLine(diagnostic)}\n`).join('')
}

function githubLine({ code, severity, message, span, file, hint }: Diagnostic): string {
  const properties: [string, string | number][] = []
  if (span !== undefined) {
    const place = jsonPlace(span)
    properties.push(['file', place.file], ['line', place.line], ['col', place.column])
    properties.push(['endLine', place.endLine], ['endColumn', place.endColumn])
  } else if (file !== undefined) properties.push(['file', file])
  properties.push(['title', code])
  const list = properties.map(([key, value]) => `${key}=${githubEscape(String(value), true)}`).join(',')
  const text = hint === undefined ? message : `${message} (${hint})`
  return `::${githubCommands[severity]} ${list}::${githubEscape(text, false)}`
}

function githubEscape(text: string, property: boolean): string {
  const data = text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
  return property ? data.replaceAll(':', '%3A').replaceAll(',', '%2C') : data
}

// SPDX-License-Identifier: MIT
/**
 * Diagnostics as SARIF 2.1.0 (OASIS), which code hosts read to mark lines and keep a list of findings. Pure.
 */
import type { Diagnostic, Severity } from './error.ts'
import type { Span } from './source.ts'

/** What the log says of the program and its rules. */
export interface SarifTool {
  readonly version: string
  /** The matter of a code in a few words; undefined: nothing is known of it. */
  readonly titleOf: (code: string) => string | undefined
}

const levels: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', note: 'note' }

/** One log with one run, with a final line break. Rules are those that have results. */
export function renderSarif(diagnostics: readonly Diagnostic[], tool: SarifTool): string {
  const codes = [...new Set(diagnostics.map(({ code }) => code))].sort()
  const ruleIndex = new Map(codes.map((code, i) => [code, i]))
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: { name: 'lvn', version: tool.version, rules: codes.map((code) => ruleOf(code, tool)) },
        },
        columnKind: 'utf16CodeUnits',
        results: diagnostics.map((diagnostic) => resultOf(diagnostic, ruleIndex)),
      },
    ],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}

function ruleOf(code: string, { titleOf }: SarifTool) {
  const title = titleOf(code)
  const help = { help: { text: `lvn explain ${code}` } }
  return title === undefined
    ? { id: code, ...help }
    : { id: code, shortDescription: { text: title }, ...help }
}

function resultOf(diagnostic: Diagnostic, ruleIndex: ReadonlyMap<string, number>) {
  const { code, severity, message, hint, related = [] } = diagnostic
  const place = whereOf(diagnostic)
  return {
    ruleId: code,
    ruleIndex: ruleIndex.get(code),
    level: levels[severity],
    message: { text: hint === undefined ? message : `${message} (${hint})` },
    ...(place === undefined ? {} : { locations: [{ physicalLocation: place }] }),
    ...(related.length === 0
      ? {}
      : {
          relatedLocations: related.map((other, i) => ({
            id: i + 1,
            message: { text: other.message },
            physicalLocation: placeOf(other.span),
          })),
        }),
  }
}

function whereOf({ span, file }: Diagnostic) {
  if (span !== undefined) return placeOf(span)
  return file === undefined ? undefined : { artifactLocation: { uri: uriOf(file) } }
}

/** Lines and columns from 1, the end behind the last character, as SARIF has them. */
function placeOf({ source, start, end }: Span) {
  const from = source.position(start)
  const to = source.position(end)
  return {
    artifactLocation: { uri: uriOf(source.name) },
    region: { startLine: from.line, startColumn: from.column, endLine: to.line, endColumn: to.column },
  }
}

/** Relative paths stay so: whoever reads the log knows the folder. */
function uriOf(name: string): string {
  const path = name
    .replace(/^(\.\/)+/, '')
    .split('/')
    .map(encodeURIComponent)
    .join('/')
  return path.startsWith('/') ? `file://${path}` : path
}

// SPDX-License-Identifier: MIT
/**
 * From a name to where it is given, and to everywhere it is used.
 */
import type { Location } from 'vscode-languageserver'
import type { Span } from '../diag/source.ts'
import { nodesOf } from '../model/topology.ts'
import { type Analysis, uriOf } from './analysis.ts'
import { rangeOf } from './places.ts'
import { symbolAt, symbolsOf, touches } from './symbols.ts'

/** Null where there is no name, or nothing gives it. */
export function definitionAt(analysis: Analysis, offset: number): Location | null {
  const span = symbolAt(analysis.symbols, offset)?.span ?? givenElsewhere(analysis, offset)
  return span === undefined ? null : locationOf(span, analysis)
}

/** In source order. */
export function referencesAt(analysis: Analysis, offset: number, withDefinition: boolean): Location[] {
  const symbol = symbolAt(analysis.symbols, offset)
  if (symbol === undefined) return []
  const spans = withDefinition ? [symbol.span, ...symbol.uses] : [...symbol.uses]
  return spans.sort((a, b) => a.start - b.start).map((span) => locationOf(span, analysis))
}

/** What gives a name that this file only uses: an imported file, or a loop. */
function givenElsewhere(analysis: Analysis, offset: number): Span | undefined {
  const { symbols, topology, file } = analysis
  const use = symbols.free.find(({ span }) => touches(span, offset))
  if (use === undefined) return importAt(analysis, offset)
  if (use.kind === 'node')
    return topology.overlays.flatMap(nodesOf).find(({ name }) => name === use.name)?.span
  for (const imported of analysis.imports.values()) {
    if (imported === file) continue
    const entry = symbolsOf(imported).entries.find(
      ({ kind, name }) => name === use.name && kind === (use.kind === 'value' ? 'let' : 'template'),
    )
    if (entry !== undefined) return entry.span
  }
  return undefined
}

/** The start of the file that an `import` names. */
function importAt({ imports }: Analysis, offset: number): Span | undefined {
  for (const [{ path }, { source }] of imports) {
    if (path.span.source !== source && touches(path.span, offset)) return { source, start: 0, end: 0 }
  }
  return undefined
}

function locationOf(span: Span, analysis: Analysis): Location {
  return { uri: uriOf(span, analysis), range: rangeOf(span) }
}

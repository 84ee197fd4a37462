// SPDX-License-Identifier: MIT
/**
 * From a name to where it is given, and to everywhere it is used.
 */
import type { Location } from 'vscode-languageserver'
import type { Span } from '../diag/source.ts'
import { nodesOf } from '../model/topology.ts'
import { type Analysis, uriOf } from './analysis.ts'
import { rangeOf } from './places.ts'
import { sharedNameAt } from './shared-names.ts'
import { touches } from './symbols.ts'

/** Null where there is no name, or nothing gives it. */
export function definitionAt(
  analysis: Analysis,
  offset: number,
  open: readonly Analysis[] = [],
): Location | null {
  const span =
    sharedNameAt(analysis, offset, open)?.symbol.span ??
    madeNode(analysis, offset) ??
    importAt(analysis, offset)
  return span === undefined ? null : locationOf(span, analysis, open)
}

/** By file, then in source order. */
export function referencesAt(
  analysis: Analysis,
  offset: number,
  withDefinition: boolean,
  open: readonly Analysis[] = [],
): Location[] {
  const name = sharedNameAt(analysis, offset, open)
  if (name === undefined) return []
  const spans = withDefinition ? [...name.places] : name.places.slice(1)
  const files = [...new Set(spans.map(({ source }) => source))]
  return spans
    .sort((a, b) => files.indexOf(a.source) - files.indexOf(b.source) || a.start - b.start)
    .map((span) => locationOf(span, analysis, open))
}

/** The statement that makes the node of this name in a loop. */
function madeNode({ symbols, topology }: Analysis, offset: number): Span | undefined {
  const use = symbols.free.find(({ span }) => touches(span, offset))
  if (use?.kind !== 'node') return undefined
  return topology.overlays.flatMap(nodesOf).find(({ name }) => name === use.name)?.span
}

/** The start of the file that an `import` names. */
function importAt({ imports }: Analysis, offset: number): Span | undefined {
  for (const [{ path }, { source }] of imports) {
    if (path.span.source !== source && touches(path.span, offset)) return { source, start: 0, end: 0 }
  }
  return undefined
}

function locationOf(span: Span, analysis: Analysis, open: readonly Analysis[]): Location {
  return { uri: uriOf(span, analysis, open), range: rangeOf(span) }
}

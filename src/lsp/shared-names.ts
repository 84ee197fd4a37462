// SPDX-License-Identifier: MIT
/**
 * A name over all files that know it: the one that gives it, and those that import that one, as far as they are
 * open or imported themselves.
 */
import type { AstFile } from '../../grammar/ast.ts'
import type { Span } from '../diag/source.ts'
import type { Analysis } from './analysis.ts'
import {
  type FreeUse,
  isNode,
  type SymbolEntry,
  type Symbols,
  symbolAt,
  symbolsOf,
  touches,
} from './symbols.ts'

export interface SharedName {
  readonly symbol: SymbolEntry
  /** Where it is given, then where it is used, in all files. */
  readonly places: readonly Span[]
  /** The symbols of each of those files, the one that gives it first. */
  readonly files: readonly Symbols[]
}

/** `open` are the texts in the editor. Undefined: no name is there, or no file gives it. */
export function sharedNameAt(
  analysis: Analysis,
  offset: number,
  open: readonly Analysis[],
): SharedName | undefined {
  const own = symbolAt(analysis.symbols, offset)
  if (own !== undefined) return spread(own, analysis.symbols, analysis, open)
  const use = analysis.symbols.free.find(({ span }) => touches(span, offset))
  if (use === undefined) return undefined
  for (const file of new Set(analysis.imports.values())) {
    const symbols = symbolsOf(file)
    const symbol = symbols.entries.find((entry) => isShared(entry) && gives(entry, use))
    if (symbol !== undefined) return spread(symbol, symbols, analysis, open)
  }
  return undefined
}

function spread(
  symbol: SymbolEntry,
  symbols: Symbols,
  analysis: Analysis,
  open: readonly Analysis[],
): SharedName {
  const places = [symbol.span, ...symbol.uses]
  const files = [symbols]
  const home = symbol.span.source.name
  const importers = isShared(symbol) ? [analysis, ...open].flatMap((one) => importersOf(home, one)) : []
  const seen = new Set([home])
  for (const file of importers) {
    if (seen.has(file.source.name)) continue
    seen.add(file.source.name)
    const other = symbolsOf(file)
    files.push(other)
    for (const use of other.free) if (gives(symbol, use)) places.push(use.span)
  }
  return { symbol, places, files }
}

/** The files of a program that import the one named `home`, be it through others. */
function importersOf(home: string, { file, imports }: Analysis): AstFile[] {
  const importing = new Set([home])
  const found: AstFile[] = []
  for (let before = -1; before < found.length; ) {
    before = found.length
    for (const [statement, imported] of imports) {
      const { source } = statement.span
      if (!importing.has(imported.source.name) || importing.has(source.name)) continue
      importing.add(source.name)
      found.push([file, ...imports.values()].find((one) => one.source === source) as AstFile)
    }
  }
  return found
}

function gives(symbol: SymbolEntry, { kind, name }: FreeUse): boolean {
  if (symbol.name !== name) return false
  return kind === 'node' ? isNode(symbol) : symbol.kind === (kind === 'value' ? 'let' : 'template')
}

/** Files that import this one know its nodes, its templates, and the values outside all blocks. */
function isShared({ kind, shared }: SymbolEntry): boolean {
  return kind === 'let' ? shared : kind !== 'parameter' && kind !== 'loop'
}

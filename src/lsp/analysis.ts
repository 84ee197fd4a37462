// SPDX-License-Identifier: MIT
/**
 * What the features look at: one version of a text, with its tree, its topology and all that was found, the
 * files that it imports included. Made once a version; it knows neither the editor nor the wire.
 */
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { AstFile, Import } from '../../grammar/ast.ts'
import { parseProgram, type ReadSource } from '../../grammar/program.ts'
import type { Diagnostic } from '../diag/error.ts'
import { Source, type Span } from '../diag/source.ts'
import { resolve } from '../interp/1-resolve.ts'
import type { Topology } from '../model/topology.ts'
import { type Symbols, symbolsOf } from './symbols.ts'

export interface Analysis {
  /** As the editor writes it. */
  readonly uri: string
  readonly source: Source
  readonly file: AstFile
  readonly symbols: Symbols
  /** The file behind each `import`, of imported files too. */
  readonly imports: ReadonlyMap<Import, AstFile>
  /** What could be made of the text. */
  readonly topology: Topology
  /** The same that `lvn check` reports, in its order. */
  readonly diagnostics: readonly Diagnostic[]
}

/** Never throws, whatever the text. */
export function analyse(uri: string, text: string, read: ReadSource): Analysis {
  const source = new Source(nameOf(uri), text)
  const { file, imports, diagnostics } = parseProgram(source, read)
  const resolved = resolve([file], imports)
  return {
    uri,
    source,
    file,
    symbols: symbolsOf(file),
    imports,
    topology: resolved.topology,
    diagnostics: [...diagnostics, ...resolved.diagnostics],
  }
}

/** The address of the text that a place is in, as the editor writes it where it is open. */
export function uriOf(span: Span, analysis: Analysis, open: readonly Analysis[] = []): string {
  const { name } = span.source
  return [analysis, ...open].find(({ source }) => source.name === name)?.uri ?? pathToFileURL(name).href
}

/** The path of a file; the whole address of what is none (a text that was never saved). */
export function nameOf(uri: string): string {
  if (!uri.startsWith('file:')) return uri
  try {
    return fileURLToPath(uri)
  } catch {
    return uri
  }
}

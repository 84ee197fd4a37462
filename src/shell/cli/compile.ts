// SPDX-License-Identifier: MIT
/**
 * From a file name to a topology that can be planned from: read, parse, resolve. Findings are collected; an
 * error among them ends the command, warnings are printed and it goes on.
 */
import { parse } from '../../../grammar/parser.ts'
import type { Diagnostic } from '../../diag/error.ts'
import { renderHuman } from '../../diag/render.ts'
import type { Source } from '../../diag/source.ts'
import { resolve } from '../../interp/1-resolve.ts'
import type { Topology } from '../../model/topology.ts'
import { hasErrors, invalid } from './findings.ts'
import type { Output } from './output.ts'
import { readSource } from './source.ts'
import { tally } from './text.ts'

export interface Compiled {
  readonly source: Source
  /** Complete only where no diagnostic is an error. */
  readonly topology: Topology
  readonly diagnostics: readonly Diagnostic[]
}

export function compile(source: Source): Compiled {
  const parsed = parse(source)
  const resolved = resolve([parsed.file])
  return {
    source,
    topology: resolved.topology,
    diagnostics: [...parsed.diagnostics, ...resolved.diagnostics],
  }
}

/**
 * A valid file, compiled; its warnings go to standard error.
 * @throws LvnError (exit 3) with all diagnostics when the file has errors or cannot be read.
 */
export async function loadFile(path: string, output: Output): Promise<Compiled> {
  return loadSource(await readSource(path), output)
}

/** The same for a source that has been read. */
export function loadSource(of: Source, output: Output): Compiled {
  const compiled = compile(of)
  const { source, diagnostics } = compiled
  if (hasErrors(diagnostics)) throw invalid(source.name, diagnostics)
  if (diagnostics.length > 0 && !output.json) {
    output.alert(renderHuman(diagnostics, output.notePaint))
    output.alert(tally(diagnostics))
  }
  return compiled
}

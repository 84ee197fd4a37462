// SPDX-License-Identifier: MIT
/**
 * From a file name to a topology that can be planned from: read, parse, resolve, imports included. Findings are
 * collected; an error among them ends the command, warnings are printed and it goes on.
 */
import { parseProgram, type ReadSource } from '../../../grammar/program.ts'
import type { Diagnostic } from '../../diag/error.ts'
import { renderHuman } from '../../diag/render.ts'
import { Source } from '../../diag/source.ts'
import { resolve } from '../../interp/1-resolve.ts'
import { type StoredSource, sourceOf } from '../../interp/saved-plan.ts'
import type { Topology } from '../../model/topology.ts'
import { hasErrors, invalid } from './findings.ts'
import type { Session } from './globals.ts'
import { importName, importsOf } from './imports.ts'
import type { Output } from './output.ts'
import { readOverlayFile } from './saved-plan-file.ts'
import { tally } from './text.ts'

export interface Compiled {
  readonly source: Source
  /** The source and all that it imports, a file of several names under each of them. */
  readonly sources: readonly Source[]
  /** Complete only where no diagnostic is an error. */
  readonly topology: Topology
  readonly diagnostics: readonly Diagnostic[]
}

/** `read` says where the text of an imported file comes from; without it, from the source's own folder. */
export function compile(source: Source, read: ReadSource = importsOf(source)): Compiled {
  const { file, imports, sources, diagnostics } = parseProgram(source, read)
  const resolved = resolve([file], imports)
  return {
    source,
    sources,
    topology: resolved.topology,
    diagnostics: [...diagnostics, ...resolved.diagnostics],
  }
}

/** What is done by name, without a file: no source, and no topology. */
export function withoutFile(name: string): Compiled {
  const topology: Topology = { overlays: [], policies: [], expects: [] }
  return { source: new Source(name, ''), sources: [], topology, diagnostics: [] }
}

/**
 * A valid file, compiled; its warnings go to standard error.
 * @throws LvnError (exit 3) with all diagnostics when the file has errors or cannot be read.
 */
export async function loadFile(path: string, session: Session): Promise<Compiled> {
  return loadSource(await readOverlayFile(path), session)
}

/** The same for a source that has been read. */
export function loadSource(of: Source, { options, output }: Session): Compiled {
  return valid(compile(of, importsOf(of, options.allowImport)), output)
}

function valid(compiled: Compiled, output: Output): Compiled {
  const { source, diagnostics } = compiled
  if (hasErrors(diagnostics)) throw invalid(source.name, diagnostics)
  if (diagnostics.length > 0 && !output.json) {
    output.alert(renderHuman(diagnostics, output.notePaint))
    output.alert(tally(diagnostics))
  }
  return compiled
}

/**
 * The same for a source that was kept with all that it imports, itself first. No file is opened.
 * @throws LvnError (exit 3) also when one of them is not among those kept.
 */
export function loadStored(stored: readonly StoredSource[], output: Output): Compiled {
  const sources = new Map(stored.map((each) => [each.name, sourceOf(each)]))
  const [first] = sources.values()
  if (first === undefined) throw new TypeError('no source was kept')
  const read: ReadSource = (path, from) => {
    const kept = sources.get(importName(path, from))
    if (kept === undefined) throw new Error(`${path} was not kept`)
    return kept
  }
  return valid(compile(first, read), output)
}

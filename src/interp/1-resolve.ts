// SPDX-License-Identifier: MIT
/**
 * Phase 1: syntax trees to the topology of all nodes. Fills in every default, types every value and checks
 * everything that can be known without a kernel. It takes only tree types from the grammar.
 */
import type * as ast from '../../grammar/ast.ts'
import { duplicateOverlay } from '../diag/catalogue.ts'
import type { Diagnostic } from '../diag/error.ts'
import type { Span } from '../diag/source.ts'
import type { Overlay, Topology } from '../model/topology.ts'
import { HostChecks } from './resolve/hosts.ts'
import { resolveOverlay } from './resolve/overlay.ts'

export interface Resolved {
  /** Whole only if no diagnostic is an error; otherwise what could be made of it. */
  readonly topology: Topology
  /** By file, then in source order. */
  readonly diagnostics: readonly Diagnostic[]
}

/** Never throws. Trees of files with syntax errors are welcome: what is damaged in them is not held against them. */
export function resolve(files: readonly ast.AstFile[]): Resolved {
  const diagnostics: Diagnostic[] = []
  const report = (diagnostic: Diagnostic) => void diagnostics.push(diagnostic)
  const overlays: Overlay[] = []
  const names = new Map<string, Span>()
  const hosts = new HostChecks(report)
  for (const block of files.flatMap((file) => file.body.statements)) {
    const { text, span } = block.name
    const first = names.get(text)
    if (first === undefined) names.set(text, span)
    else report(duplicateOverlay(span, text, first))
    const overlay = resolveOverlay(block, hosts, report)
    if (overlay !== undefined) overlays.push(overlay)
  }
  const order = new Map(files.map((file, i) => [file.source, i]))
  const place = ({ span }: Diagnostic) => (span === undefined ? -1 : (order.get(span.source) ?? -1))
  diagnostics.sort((a, b) => place(a) - place(b) || (a.span?.start ?? 0) - (b.span?.start ?? 0))
  return { topology: { overlays, policies: [], expects: [] }, diagnostics }
}

// SPDX-License-Identifier: MIT
/**
 * Phase 1: syntax trees to the topology of all nodes. Works out what has to be, fills in every default, types every
 * value and checks everything that can be known without a kernel. It takes only tree types from the grammar.
 */
import type * as ast from '../../grammar/ast.ts'
import { duplicateOverlay } from '../diag/catalogue.ts'
import type { Diagnostic } from '../diag/error.ts'
import type { Span } from '../diag/source.ts'
import type { Expect, Policy, Topology } from '../model/topology.ts'
import { Branches } from './resolve/branches.ts'
import { type Known, knownNodes, resolveExpect, resolvePolicy } from './resolve/ends.ts'
import { Budget, type Env } from './resolve/env.ts'
import { expandOverlay, type OverlayPart } from './resolve/expand-overlay.ts'
import { Files, type Imports } from './resolve/files.ts'
import type * as flat from './resolve/flat.ts'
import { HostChecks } from './resolve/hosts.ts'
import { resolveOverlay } from './resolve/overlay.ts'
import { checkOverruled } from './resolve/overruled.ts'
import { checkUnused } from './resolve/unused.ts'
import type { Report } from './resolve/values.ts'

export type { Imports } from './resolve/files.ts'

export interface Resolved {
  /** Whole only if no diagnostic is an error; otherwise what could be made of it. */
  readonly topology: Topology
  /** By file, then in source order. */
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Never throws. Trees of files with syntax errors are welcome: what is damaged in them is not held against them.
 * `imports` holds the files behind the `import` statements, and no circle.
 */
export function resolve(files: readonly ast.AstFile[], imports: Imports = new Map()): Resolved {
  const diagnostics: Diagnostic[] = []
  const budget = new Budget()
  const branches = new Branches<Env>()
  const report = onceForEachPlace((diagnostic) => diagnostics.push(diagnostic), budget)
  const read = new Files(imports, report, budget, branches)
  for (const file of files) read.add(file)
  const hosts = new HostChecks(report)
  const { groups, repeated } = groupByName(read.overlays, report)
  const blocks = [...groups.map(expandOverlay), ...repeated.map((part) => inPart(expandOverlay([part])))]
  const resolved = blocks.flatMap((block) => {
    const made = resolveOverlay(block, hosts, report)
    return made === undefined ? [] : [{ block, known: knownNodes(made, !block.body.damaged) }]
  })
  const overlays = resolved.map(({ known }) => known.overlay)
  const written = new Set(read.overlays.map(({ name }) => name.text)).size
  const whole = resolved.length === written && repeated.length === 0 && !read.damaged
  const everywhere = resolved.map(({ known }) => (whole ? known : { ...known, whole }))
  const inside = resolved.map(({ block, known }) => ends(block, known, report))
  // Without an overlay there is nothing to expect anything of, and a reason why that is reported already.
  const expected = everywhere.length > 0 || whole ? read.expects : []
  const outside = expected.flatMap((expect) => resolveExpect(expect, everywhere, report) ?? [])
  const expects = [...inside.flatMap((each) => each.expects), ...outside]
  checkUnused(read.read.values(), branches, unlessSaid(diagnostics))
  const policies = inside.flatMap((each) => each.policies)
  sort(diagnostics, [...files, ...read.read.keys()])
  return { topology: { overlays, policies, expects }, diagnostics }
}

interface Grouped {
  readonly groups: readonly (readonly OverlayPart[])[]
  /** Overlays of a name that another one of the same file has, which was reported. */
  readonly repeated: readonly OverlayPart[]
}

/** A file continues the overlay of a file that it imports; in one file a name stands for one overlay. */
function groupByName(overlays: readonly OverlayPart[], report: Report): Grouped {
  const groups = new Map<string, OverlayPart[]>()
  const repeated: OverlayPart[] = []
  for (const part of overlays) {
    const { text, span } = part.name
    const group = groups.get(text)
    const first = group?.find(({ name }) => name.span.source === span.source)
    if (group === undefined) groups.set(text, [part])
    else if (first === undefined) group.push(part)
    else {
      report(duplicateOverlay(span, text, first.name.span))
      repeated.push(part)
    }
  }
  return { groups: [...groups.values()], repeated }
}

/** What it seems to lack may be in the other overlay of its name. */
function inPart(block: flat.Overlay): flat.Overlay {
  return { ...block, body: { ...block.body, damaged: true } }
}

function ends(block: flat.Overlay, known: Known, report: Report): { policies: Policy[]; expects: Expect[] } {
  const policies: Policy[] = []
  const expects: Expect[] = []
  for (const statement of block.body.statements) {
    if (statement.kind === 'allow' || statement.kind === 'deny') {
      const policy = resolvePolicy(statement, known, report)
      if (policy !== undefined) policies.push(policy)
    } else if (statement.kind === 'expect') {
      const expect = resolveExpect(statement, [known], report)
      if (expect !== undefined) expects.push(expect)
    }
  }
  checkOverruled(policies, report)
  return { policies, expects }
}

/** What is wrong in a `for` or a template is said for the first time that it is. */
function onceForEachPlace(report: Report, budget: Budget): Report {
  const said = new Set<string>()
  return (diagnostic) => {
    if (diagnostic.span?.notes !== undefined) {
      const key = placeOf(diagnostic)
      if (said.has(key)) return budget.repeated()
      said.add(key)
    }
    report(diagnostic)
  }
}

/** What was never carried out says nothing that has been said already, be it for a value. */
function unlessSaid(diagnostics: Diagnostic[]): Report {
  let said: Set<string> | undefined
  return (diagnostic) => {
    said ??= new Set(diagnostics.map(placeOf))
    const place = placeOf(diagnostic)
    if (said.has(place)) return
    said.add(place)
    diagnostics.push(diagnostic)
  }
}

function placeOf({ code, span }: Diagnostic): string {
  return span === undefined ? code : `${code} ${span.source.name} ${span.start} ${span.end}`
}

function sort(diagnostics: Diagnostic[], files: readonly ast.AstFile[]): void {
  const order = new Map<Span['source'], number>()
  for (const { source } of files) if (!order.has(source)) order.set(source, order.size)
  const place = ({ span }: Diagnostic) => (span === undefined ? -1 : (order.get(span.source) ?? -1))
  diagnostics.sort((a, b) => place(a) - place(b) || (a.span?.start ?? 0) - (b.span?.start ?? 0))
}

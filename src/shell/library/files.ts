// SPDX-License-Identifier: MIT
/**
 * Overlay files for programs: checked, and planned against a live state that was read here or elsewhere. No kernel
 * is touched.
 */
import type { Diagnostic } from '../../diag/error.ts'
import { Source } from '../../diag/source.ts'
import { planFromState, selectNodes, whoamiOf } from '../../interp/index.ts'
import type { Names, Plan } from '../../interp/types.ts'
import type { LiveState } from '../../model/state.ts'
import type { Topology } from '../../model/topology.ts'
import { compile } from '../cli/compile.ts'
import { hasErrors, invalid } from '../cli/findings.ts'
import { importsOf } from '../cli/imports.ts'
import { readSource } from '../cli/source.ts'

export interface Checked {
  readonly source: Source
  /** The source and all that it imports, a file of several names under each of them. */
  readonly sources: readonly Source[]
  /** No finding is an error. */
  readonly valid: boolean
  /** All nodes, every default filled in; complete only where the file is valid. */
  readonly topology: Topology
  readonly diagnostics: readonly Diagnostic[]
}

export interface CheckOptions {
  /** Folders beside the file's own whose files it may import; absent: none. */
  readonly allowImport?: readonly string[]
}

/**
 * Everything that is wrong with a text. `name` stands for the file in what is said of it; without one, the text is in
 * the current folder.
 */
export async function checkText(text: string, name = '<text>', options: CheckOptions = {}): Promise<Checked> {
  return checked(new Source(name, text), options)
}

/** The same of a file. @throws LvnError (exit code 3): it cannot be read. */
export async function checkFile(path: string, options: CheckOptions = {}): Promise<Checked> {
  return checked(await readSource(path), options)
}

export interface PlanOptions {
  /** What the kernel holds: `network.snapshot()`, or what `lvn snapshot` has printed. */
  readonly against: LiveState
  /** `NODE` or `OVERLAY/NODE`; absent: the node that the host of the live state is. */
  readonly node?: string
  /** Addresses of host names; tunnels to others stay pending. */
  readonly names?: Names
}

/** What would have to change. @throws LvnError: the file is invalid, the node unknown, the kernel cannot. */
export function planOf(checked: Checked, options: PlanOptions): Plan {
  const topology = validTopology(checked)
  const { against, node, names = new Map() } = options
  const nodes = selectNodes(topology, whoamiOf(against, node))
  return planFromState(against, topology, nodes, names)
}

/** @throws LvnError LVN0106 with all findings: the file is invalid. */
export function validTopology({ source, valid, topology, diagnostics }: Checked): Topology {
  if (!valid) throw invalid(source.name, diagnostics)
  return topology
}

async function checked(source: Source, { allowImport }: CheckOptions): Promise<Checked> {
  const { sources, topology, diagnostics } = compile(source, importsOf(source, allowImport))
  return { source, sources, valid: !hasErrors(diagnostics), topology, diagnostics }
}

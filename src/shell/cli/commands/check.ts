// SPDX-License-Identifier: MIT
/**
 * `lvn check`: reads, parses and resolves files, each by itself, and prints what was found.
 */
import packageJson from '../../../../package.json' with { type: 'json' }
import { type Diagnostic, ExitCode } from '../../../diag/error.ts'
import { renderGithub, renderHuman, toJson } from '../../../diag/render.ts'
import type { Source } from '../../../diag/source.ts'
import { nodesOf, type Topology } from '../../../model/topology.ts'
import { compile } from '../compile.ts'
import { hasErrors, unreadableFile } from '../findings.ts'
import type { GlobalOptions, Session } from '../globals.ts'
import { importsOf } from '../imports.ts'
import { readOverlayFile } from '../saved-plan-file.ts'
import { count, tally } from '../text.ts'

export interface CheckOptions {
  readonly format?: 'human' | 'json' | 'github' | 'sarif'
}

export async function check(
  { options: globals, output }: Session,
  files: readonly string[],
  options: CheckOptions,
): Promise<ExitCode> {
  const checked: Checked[] = []
  for (const file of files) checked.push(await checkFile(file, globals))
  const diagnostics = checked.flatMap((one) => one.diagnostics)
  const format = options.format ?? (output.json ? 'json' : 'human')
  if (format === 'json') {
    output.resultJson({ files: checked.map(summary), diagnostics: diagnostics.map(toJson) })
  } else if (format === 'github') {
    if (diagnostics.length > 0) output.result(renderGithub(diagnostics))
  } else if (format === 'sarif') {
    output.result(await sarif(diagnostics))
  } else {
    printHuman(checked, diagnostics)
  }
  return hasErrors(diagnostics) ? ExitCode.invalidSource : ExitCode.done

  function printHuman(compiled: readonly Checked[], found: readonly Diagnostic[]): void {
    if (found.length > 0) {
      const left = found.length - mostShown
      const more =
        left > 0 ? `and ${count(left, 'more finding')}: --format github prints all, one a line\n\n` : ''
      output.result(`${renderHuman(found.slice(0, mostShown), output.paint)}\n${more}${tally(found)}`)
      output.note(`for more: lvn explain ${found[0]?.code}`)
    }
    for (const one of compiled) {
      if (hasErrors(one.diagnostics)) continue
      const { name, overlays, nodes } = summary(one)
      output.result(
        `${output.paint.good('ok')}: ${name}: ${count(overlays, 'overlay')}, ${count(nodes, 'node')}`,
      )
    }
  }
}

/** More are rarely read: they follow from few mistakes, or are one mistake in many places. */
const mostShown = 100

interface Checked {
  readonly name: string
  readonly diagnostics: readonly Diagnostic[]
  /** Absent: the file cannot be read. */
  readonly topology?: Topology
}

/** A file that cannot be read is a finding like any other: what is wrong with the others is said all the same. */
async function checkFile(file: string, { allowImport }: GlobalOptions): Promise<Checked> {
  let source: Source
  try {
    source = await readOverlayFile(file)
  } catch (error) {
    return { name: file, diagnostics: [unreadableFile(file, error)] }
  }
  const { topology, diagnostics } = compile(source, importsOf(source, allowImport))
  return { name: source.name, topology, diagnostics }
}

async function sarif(diagnostics: readonly Diagnostic[]): Promise<string> {
  const [{ renderSarif }, { explanations }] = await Promise.all([
    import('../../../diag/sarif.ts'),
    import('../../../diag/explain/index.ts'),
  ])
  const titleOf = (code: string) => explanations.get(code)?.title
  return renderSarif(diagnostics, { version: packageJson.version, titleOf })
}

function summary({ name, topology, diagnostics }: Checked) {
  const overlays = topology?.overlays ?? []
  return {
    name,
    valid: !hasErrors(diagnostics),
    overlays: overlays.length,
    nodes: overlays.reduce((sum, overlay) => sum + nodesOf(overlay).length, 0),
  }
}

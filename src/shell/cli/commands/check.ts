// SPDX-License-Identifier: MIT
/**
 * `lvn check`: reads, parses and resolves files, each by itself, and prints what was found.
 */
import packageJson from '../../../../package.json' with { type: 'json' }
import { type Diagnostic, ExitCode } from '../../../diag/error.ts'
import { renderGithub, renderHuman, toJson } from '../../../diag/render.ts'
import { nodesOf } from '../../../model/topology.ts'
import { type Compiled, compile } from '../compile.ts'
import { hasErrors } from '../findings.ts'
import type { Session } from '../globals.ts'
import { readSource } from '../source.ts'
import { count, tally } from '../text.ts'

export interface CheckOptions {
  readonly format?: 'human' | 'json' | 'github' | 'sarif'
}

export async function check(
  { output }: Session,
  files: readonly string[],
  options: CheckOptions,
): Promise<ExitCode> {
  const checked: Compiled[] = []
  for (const file of files) checked.push(compile(await readSource(file)))
  const diagnostics = checked.flatMap((one) => one.diagnostics)
  const format = options.format ?? (output.json ? 'json' : 'human')
  if (format === 'json') {
    output.resultJson({ format: 1, files: checked.map(summary), diagnostics: diagnostics.map(toJson) })
  } else if (format === 'github') {
    if (diagnostics.length > 0) output.result(renderGithub(diagnostics))
  } else if (format === 'sarif') {
    output.result(await sarif(diagnostics))
  } else {
    printHuman(checked, diagnostics)
  }
  return hasErrors(diagnostics) ? ExitCode.invalidSource : ExitCode.done

  function printHuman(compiled: readonly Compiled[], found: readonly Diagnostic[]): void {
    if (found.length > 0) {
      output.result(`${renderHuman(found, output.paint)}\n${tally(found)}`)
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

async function sarif(diagnostics: readonly Diagnostic[]): Promise<string> {
  const [{ renderSarif }, { explanations }] = await Promise.all([
    import('../../../diag/sarif.ts'),
    import('../../../diag/explain/index.ts'),
  ])
  const titleOf = (code: string) => explanations.get(code)?.title
  return renderSarif(diagnostics, { version: packageJson.version, titleOf })
}

function summary({ source, topology, diagnostics }: Compiled) {
  return {
    name: source.name,
    valid: !hasErrors(diagnostics),
    overlays: topology.overlays.length,
    nodes: topology.overlays.reduce((sum, overlay) => sum + nodesOf(overlay).length, 0),
  }
}

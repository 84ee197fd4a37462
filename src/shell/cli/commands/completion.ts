// SPDX-License-Identifier: MIT
/**
 * `lvn completion`: the command table as a script for a shell; and what such a script asks for.
 */
import { ExitCode } from '../../../diag/error.ts'
import { nodesOf } from '../../../model/topology.ts'
import { compile } from '../compile.ts'
import { bashScript } from '../completion/bash.ts'
import { fishScript } from '../completion/fish.ts'
import { zshScript } from '../completion/zsh.ts'
import type { GlobalOptions, Session } from '../globals.ts'
import { importsOf } from '../imports.ts'
import { readSource } from '../source.ts'
import type { Entry } from '../table.ts'

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript } as const

export async function completion(
  { output }: Session,
  table: Entry,
  shell: keyof typeof scripts,
): Promise<ExitCode> {
  const script = scripts[shell](table)
  if (output.json) output.resultJson({ shell, script })
  else output.result(script)
  return ExitCode.done
}

/** A file with mistakes has nodes all the same; one that cannot be read has none. */
export async function nodes({ options, output }: Session, file: string): Promise<ExitCode> {
  const names = await nodeNames(file, options).catch(() => [])
  if (output.json) output.resultJson(names)
  else if (names.length > 0) output.result(names.join('\n'))
  return ExitCode.done
}

async function nodeNames(file: string, { allowImport }: GlobalOptions): Promise<readonly string[]> {
  const source = await readSource(file)
  const { topology } = compile(source, importsOf(source, allowImport))
  return [...new Set(topology.overlays.flatMap(nodesOf).map((node) => node.name))]
}

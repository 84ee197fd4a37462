// SPDX-License-Identifier: MIT
/**
 * `lvn fmt`: files into the canonical layout. A file that cannot be parsed is never written.
 */
import { relative } from 'node:path'
import { parse } from '../../../../grammar/parser.ts'
import { print } from '../../../../grammar/printer.ts'
import { type Diagnostic, ExitCode } from '../../../diag/error.ts'
import type { Source } from '../../../diag/source.ts'
import { unifiedDiff } from '../../../text/unified-diff.ts'
import { hasErrors, invalid, unreadableFile } from '../findings.ts'
import { paintDiff } from '../format-diff.ts'
import type { Session } from '../globals.ts'
import { replaceFile } from '../replace-file.ts'
import { readOverlayFile } from '../saved-plan-file.ts'

export interface FmtOptions {
  readonly check?: boolean
  readonly diff?: boolean
}

export async function fmt(
  { output }: Session,
  files: readonly string[],
  options: FmtOptions,
): Promise<ExitCode> {
  const results: { name: string; changed: boolean; diff?: string }[] = []
  const write = !options.check && !options.diff
  const bad: { name: string; diagnostics: readonly Diagnostic[] }[] = []
  for (const file of files) {
    let source: Source
    try {
      source = await readOverlayFile(file)
    } catch (error) {
      bad.push({ name: file, diagnostics: [unreadableFile(file, error)] })
      continue
    }
    const parsed = parse(source)
    if (hasErrors(parsed.diagnostics)) {
      bad.push({ name: source.name, diagnostics: parsed.diagnostics })
      continue
    }
    const text = print(parsed.file)
    const changed = text !== source.text
    const diff = options.diff ? diffOf(source, text) : undefined
    results.push({ name: source.name, changed, ...(diff === undefined ? {} : { diff }) })
    if (file === '-' && write && !output.json) process.stdout.write(text)
    else if (file !== '-' && changed && write) await replaceFile(file, text)
  }
  if (bad.length > 0) {
    const names = bad.map(({ name }) => name).join(', ')
    throw invalid(
      names,
      bad.flatMap(({ diagnostics }) => diagnostics),
    )
  }
  const changed = results.filter((result) => result.changed)
  if (output.json) output.resultJson({ files: results })
  else if (options.diff) for (const { diff = '' } of changed) output.result(paintDiff(diff, output.paint))
  else if (options.check) for (const { name } of changed) output.result(name)
  else for (const { name } of changed) if (name !== '<stdin>') output.note(`formatted: ${name}`)
  return !write && changed.length > 0 ? ExitCode.changes : ExitCode.done
}

/** Named as `git diff` does, from the folder that the command runs in: `git apply` and `patch -p1` find the file from there. */
function diffOf({ name, text }: Source, formatted: string): string {
  if (name === '<stdin>') return unifiedDiff(text, formatted, name, name)
  const path = relative('.', name)
  return unifiedDiff(text, formatted, `a/${path}`, `b/${path}`)
}

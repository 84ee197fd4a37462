// SPDX-License-Identifier: MIT
/**
 * The canonical layout of `lvn fmt`, as edits of the lines that differ, so that the editor keeps cursor and
 * marks. A text that cannot be read is left alone.
 */
import type { TextEdit } from 'vscode-languageserver'
import { parse } from '../../grammar/parser.ts'
import { print } from '../../grammar/printer.ts'
import type { Analysis } from './analysis.ts'
import { rangeOf } from './places.ts'

/** None where there is nothing to do or the text has syntax errors. */
export function formattingOf(analysis: Analysis): TextEdit[] {
  const { file, diagnostics } = parse(analysis.source)
  if (diagnostics.length > 0) return []
  const before = analysis.source.text
  const after = print(file)
  if (before === after) return []
  const start = commonLines(before, after)
  const end = commonEnd(before, after, start)
  const span = { source: analysis.source, start, end: before.length - end }
  return [{ range: rangeOf(span), newText: after.slice(start, after.length - end) }]
}

/** How many characters of whole lines both texts start with. */
function commonLines(a: string, b: string): number {
  const limit = Math.min(a.length, b.length)
  let same = 0
  while (same < limit && a[same] === b[same]) same++
  return same === 0 ? 0 : a.lastIndexOf('\n', same - 1) + 1
}

/** How many characters of whole lines both texts end with, behind the first `start`. */
function commonEnd(a: string, b: string, start: number): number {
  const limit = Math.min(a.length, b.length) - start
  let same = 0
  while (same < limit && a[a.length - 1 - same] === b[b.length - 1 - same]) same++
  const line = a.indexOf('\n', a.length - same)
  return line < 0 ? 0 : a.length - line - 1
}

// SPDX-License-Identifier: MIT
/**
 * What can be folded away: blocks over several lines, and comments of several lines.
 */
import { type FoldingRange, FoldingRangeKind } from 'vscode-languageserver'
import type { Analysis } from './analysis.ts'
import { rangeOf } from './places.ts'
import { allBodies } from './tree.ts'

export function foldingOf(analysis: Analysis): FoldingRange[] {
  return [...blocks(analysis), ...comments(analysis)].sort((a, b) => a.startLine - b.startLine)
}

/** The line of the closing brace stays. */
function blocks({ file }: Analysis): FoldingRange[] {
  const folds: FoldingRange[] = []
  for (const body of allBodies(file.body)) {
    const { start, end } = rangeOf(body.span)
    if (end.line - 1 > start.line) folds.push({ startLine: start.line, endLine: end.line - 1 })
  }
  return folds
}

function comments({ source }: Analysis): FoldingRange[] {
  const folds: FoldingRange[] = []
  const lines = source.text.split(/\r\n|\n|\r/)
  for (let line = 0; line < lines.length; line++) {
    const startLine = line
    while (/^\s*#/.test(lines[line] ?? '')) line++
    if (line - 1 > startLine) folds.push({ startLine, endLine: line - 1, kind: FoldingRangeKind.Comment })
  }
  return folds
}

// SPDX-License-Identifier: MIT
/**
 * Hints that name the very text to write, as edits: "did you mean `keepalive`?" and its like.
 */
import { type CodeAction, CodeActionKind, type Range, type TextEdit } from 'vscode-languageserver'
import type { Diagnostic } from '../diag/error.ts'
import type { Analysis } from './analysis.ts'
import { toLsp } from './diagnostics.ts'
import { overlaps, rangeOf } from './places.ts'

/** The hints whose quoted text replaces what the diagnostic is about. */
const replacements = [
  /^did you mean `([^`]+)`\?$/,
  /; here it is `([^`]+)`$/,
  /^as a name it goes in quotes: ("[^"]*")$/,
  /^a name (?:that starts with a digit|with a value in it) goes in quotes: ("[^"]*")$/,
  /^it stands without quotes: `([^`]+)`$/,
  /^it goes in quotes: ("[^"]*")$/,
  /^two values are compared with `([^`]+)`$/,
  /^ranges count upwards: `([^`]+)`$/,
  /^values follow their word without a colon: `([^`]+)`$/,
  /^write it with(?:out the| a) colon: `([^`]+)`$/,
  /^a duration has a unit: `([^`]+)`$/,
  /^an address has no length: `([^`]+)`$/,
  /^a single address is the prefix `([^`]+)`$/,
  /^the network is `([^`]+)`$/,
]

/** What could be done about the findings that touch `range`. */
export function quickFixes(analysis: Analysis, range: Range): CodeAction[] {
  return analysis.diagnostics.flatMap((diagnostic) => {
    const { span } = diagnostic
    if (span === undefined || span.source !== analysis.source) return []
    const fix = overlaps(rangeOf(span), range) ? fixOf(diagnostic) : undefined
    return fix === undefined ? [] : [action(diagnostic, fix, analysis)]
  })
}

interface Fix {
  readonly title: string
  readonly edit: TextEdit
}

function fixOf({ code, span, hint = '' }: Diagnostic): Fix | undefined {
  if (span === undefined) return undefined
  if (code === 'LVN1010') {
    const start = { line: 0, character: 0 }
    return {
      title: 'Put `lvn 1` at the top',
      edit: { range: { start, end: start }, newText: 'lvn 1\n\n' },
    }
  }
  for (const pattern of replacements) {
    const newText = pattern.exec(hint)?.[1]
    if (newText !== undefined) {
      return { title: `Replace with \`${newText}\``, edit: { range: rangeOf(span), newText } }
    }
  }
  return undefined
}

function action(diagnostic: Diagnostic, { title, edit }: Fix, analysis: Analysis): CodeAction {
  return {
    title,
    kind: CodeActionKind.QuickFix,
    isPreferred: true,
    diagnostics: [toLsp(diagnostic, analysis)],
    edit: { changes: { [analysis.uri]: [edit] } },
  }
}

// SPDX-License-Identifier: MIT
/**
 * Texts with a mark where the cursor stands, and edits as an editor carries them out.
 */
import type { Range, TextEdit } from 'vscode-languageserver'
import { TextDocument } from 'vscode-languageserver-textdocument'
import type { ReadSource } from '../../grammar/program.ts'
import { Source } from '../../src/diag/source.ts'
import * as analysis from '../../src/lsp/analysis.ts'

const mark = '‸'
export const uri = 'file:///tmp/overlay.lvn'

export interface Marked {
  readonly text: string
  readonly offset: number
  readonly analysis: analysis.Analysis
}

/** Other files by their path, as imports name them. */
export type Files = Readonly<Record<string, string>>

/** `files` are those that can be imported; they are beside the text. */
export function analyse(uri: string, text: string, files: Files = {}): analysis.Analysis {
  const read: ReadSource = (path) => {
    const found = Object.hasOwn(files, path) ? files[path] : undefined
    if (found === undefined) throw new Error(`there is no ${path}`)
    return new Source(`/tmp/${path}`, found)
  }
  return analysis.analyse(uri, text, read)
}

/** The text without its mark, and where that stood. */
export function marked(textWithMark: string, files: Files = {}): Marked {
  const offset = textWithMark.indexOf(mark)
  const text = textWithMark.replace(mark, '')
  return { text, offset, analysis: analyse(uri, text, files) }
}

export function edited(text: string, edits: readonly TextEdit[]): string {
  return TextDocument.applyEdits(TextDocument.create(uri, 'lvn', 0, text), [...edits])
}

/** What of the text is in the range. */
export function textIn(text: string, range: Range): string {
  return TextDocument.create(uri, 'lvn', 0, text).getText(range)
}

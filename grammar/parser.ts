// SPDX-License-Identifier: MIT
/**
 * Source text to syntax tree. The first step of everything; it knows nothing of addresses, topologies or
 * kernels. Whatever the text, it gives a tree of what could be read and the list of what could not.
 */
import type { Diagnostic } from '../src/diag/error.ts'
import type { Source } from '../src/diag/source.ts'
import type { AstFile } from './ast.ts'
import { attachComments } from './comments.ts'
import { LvnParser } from './rules.ts'
import { tokenize } from './tokenize.ts'

export interface Parsed {
  readonly file: AstFile
  /** In source order. */
  readonly diagnostics: readonly Diagnostic[]
}

// Making one takes as long as reading a thousand lines; it keeps nothing from one text to the next.
let parser: LvnParser | undefined

/** Never throws. The tree is whole only if there is no diagnostic. */
export function parse(source: Source): Parsed {
  parser ??= new LvnParser()
  const lexed = tokenize(source)
  const read = parser.read(source, lexed.tokens)
  const file: AstFile = { kind: 'file', source, header: read.header, body: read.body }
  attachComments(source, file.header, file.body, lexed.comments)
  if (read.unknownVersion !== undefined) return { file, diagnostics: [read.unknownVersion] }
  const diagnostics = [...lexed.diagnostics, ...read.diagnostics]
  const at = (diagnostic: Diagnostic) => diagnostic.span?.start ?? 0
  return { file, diagnostics: diagnostics.sort((a, b) => at(a) - at(b)) }
}

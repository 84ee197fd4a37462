// SPDX-License-Identifier: MIT
/**
 * The outline of a file: overlays with their nodes, templates, values.
 */
import { type DocumentSymbol, SymbolKind } from 'vscode-languageserver'
import { type Body, bodiesOf, type Statement } from '../../grammar/ast.ts'
import type { Span } from '../diag/source.ts'
import type { Analysis } from './analysis.ts'
import { rangeOf } from './places.ts'

export function documentSymbolsOf({ file }: Analysis): DocumentSymbol[] {
  return outline(file.body)
}

const kinds: { readonly [K in Statement['kind']]?: SymbolKind } = {
  overlay: SymbolKind.Namespace,
  hub: SymbolKind.Class,
  spoke: SymbolKind.Object,
  device: SymbolKind.Interface,
  template: SymbolKind.Function,
  let: SymbolKind.Variable,
  on: SymbolKind.Event,
}

function outline(body: Body<Statement>): DocumentSymbol[] {
  return body.statements.flatMap((statement) => {
    const kind = kinds[statement.kind]
    const inner = bodiesOf(statement).flatMap(outline)
    // Loops and conditions are no level of their own: what they make is.
    if (kind === undefined || !('name' in statement)) return inner
    const { span } = statement.name
    return [
      {
        name: nameOf(span),
        detail: statement.kind,
        kind,
        range: rangeOf(statement.span),
        selectionRange: rangeOf(span),
        children: inner,
      },
    ]
  })
}

/** As written, without quotes; editors refuse an empty name. */
function nameOf({ source, start, end }: Span): string {
  return source.text.slice(start, end).replace(/^"|"$/g, '').trim() || '(no name)'
}

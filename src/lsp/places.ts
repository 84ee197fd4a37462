// SPDX-License-Identifier: MIT
/**
 * Offsets of a source to positions of the protocol and back. Both count UTF-16 units; the protocol counts
 * lines from 0 and takes a lone carriage return for a line break, too, which a `Source` does not.
 */
import type { Position, Range } from 'vscode-languageserver'
import { TextDocument } from 'vscode-languageserver-textdocument'
import type { Source, Span } from '../diag/source.ts'

const documents = new WeakMap<Source, TextDocument>()

function documentOf(source: Source): TextDocument {
  let document = documents.get(source)
  if (document === undefined) {
    document = TextDocument.create('', 'lvn', 0, source.text)
    documents.set(source, document)
  }
  return document
}

export function rangeOf(span: Span): Range {
  const document = documentOf(span.source)
  return { start: document.positionAt(span.start), end: document.positionAt(span.end) }
}

/** A position outside the text gives the nearest place in it. */
export function offsetOf(source: Source, position: Position): number {
  return documentOf(source).offsetAt(position)
}

export function overlaps(a: Range, b: Range): boolean {
  return !before(a.end, b.start) && !before(b.end, a.start)
}

function before(a: Position, b: Position): boolean {
  return a.line < b.line || (a.line === b.line && a.character < b.character)
}

// SPDX-License-Identifier: MIT
/**
 * What stands between quotes: escapes, and the `{name}` of values.
 */
import type { IToken } from 'chevrotain'
import type { Source, Span } from '../src/diag/source.ts'
import type { Text as Interpolated, Interpolation } from './ast.ts'
import { Text } from './tokens.ts'

export function tokenSpan(token: IToken, source: Source): Span {
  return { source, start: token.startOffset, end: token.startOffset + token.image.length }
}

/** Undefined when there is a `{` in it. */
export function plainText(token: IToken): string | undefined {
  const inside = token.image.slice(1, -1)
  return /^(?:[^\\{]|\\.)*$/.test(inside) ? unescaped(inside) : undefined
}

function unescaped(text: string): string {
  return text.replace(/\\(["\\{}])/g, '$1')
}

export function isVariable(word: string): boolean {
  return /^[A-Za-z_][\w-]*$/.test(word) && !['and', 'or', 'not', 'true', 'false'].includes(word)
}

/** Undefined where something between braces is not `{name}` or `{name:03}`. */
export function textParts(token: IToken, source: Source): Interpolated['parts'] | undefined {
  const parts: (string | Interpolation)[] = []
  const pieces = token.image.slice(1, -1).matchAll(/((?:[^\\{]|\\.)+)|\{([^{}]*)(\}?)/g)
  for (const { index, 0: piece, 1: plain, 2: inside, 3: close } of pieces) {
    if (plain !== undefined) {
      parts.push(unescaped(plain))
      continue
    }
    const [, name, digits] = /^([\w-]+)(?::0(\d{1,2}))?$/.exec(inside as string) ?? []
    if (name === undefined || !isVariable(name) || close === '') return undefined
    const start = token.startOffset + 1 + index
    const width = digits === undefined ? null : Number(digits)
    parts.push({ kind: 'interpolation', name, width, span: { source, start, end: start + piece.length } })
  }
  return parts
}

/** A text between quotes that has no reading because of what stands between its braces. */
export function isBadText(token: IToken, source: Source): boolean {
  return token.tokenType === Text && textParts(token, source) === undefined
}

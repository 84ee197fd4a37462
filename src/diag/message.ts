// SPDX-License-Identifier: MIT
/**
 * How the catalogue's sentences are put together: quoting of source text, lists of words, the record itself.
 */
import type { Diagnostic } from './error.ts'
import type { Related, Span } from './source.ts'

interface More {
  readonly hint?: string | undefined
  readonly related?: readonly Related[] | undefined
}

/** An error without empty fields. */
export function problem(code: string, span: Span, message: string, more: More = {}): Diagnostic {
  const related = span.notes === undefined ? more.related : [...(more.related ?? []), ...span.notes]
  return {
    code,
    severity: 'error',
    message,
    span,
    ...(more.hint === undefined ? {} : { hint: more.hint }),
    ...(related === undefined ? {} : { related }),
  }
}

/** The same as a warning: nothing is wrong, but hardly meant. */
export function doubt(code: string, span: Span, message: string, more: More = {}): Diagnostic {
  return { ...problem(code, span, message, more), severity: 'warning' }
}

/** Source text in backquotes: one line, printable, shortened when long. */
export function quote(text: string): string {
  const clean = printable(text)
  return `\`${clean.length > 60 ? `${clean.slice(0, 57)}...` : clean}\``
}

/** Control characters, which could drive a terminal, become a middle dot. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '·')
}

/** `a`, `b` or `c`. */
export function oneOf(words: readonly string[]): string {
  const quoted = words.map(quote)
  if (quoted.length < 2) return quoted.join('')
  return `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`
}

export function spanText(span: Span): string {
  return span.source.text.slice(span.start, span.end)
}

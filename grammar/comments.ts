// SPDX-License-Identifier: MIT
/**
 * Gives every comment and every empty line to the statement it stands with, after parsing, in one pass over
 * both. A comment within a statement (after a comma, say) moves in front of it.
 */
import type { IToken } from 'chevrotain'
import type { Source } from '../src/diag/source.ts'
import { type Body, bodiesOf, type Comment, type Statement, type Trivia } from './ast.ts'

/** Of a statement that has neither comments nor an empty line. */
export const noTrivia: Trivia = { leading: [], trailing: null, blankBefore: false }

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Fills in `trivia`, `opening` and `closing` of everything; `comments` are in source order. */
export function attachComments(
  source: Source,
  header: Statement | null,
  body: Body<Statement>,
  comments: readonly IToken[],
): void {
  new Attachment(source.text, comments).body(body, header === null ? [] : [header], 0, source.text.length)
}

class Attachment {
  private readonly text: string
  private readonly comments: readonly IToken[]
  private next = 0
  /** Where the last statement or comment ended; -1 at the start of a body, where no empty line counts. */
  private last = -1

  constructor(text: string, comments: readonly IToken[]) {
    this.text = text
    this.comments = comments
  }

  body(body: Body<Statement>, first: readonly Statement[], start: number, end: number): void {
    const statements = [...first, ...body.statements]
    const target = body as Mutable<Body<Statement>>
    this.last = -1
    if (start > 0) target.opening = this.onSameLine(start, statements[0]?.span.start ?? end)
    this.last = -1
    for (const [i, statement] of statements.entries()) {
      this.statement(statement, statements[i + 1]?.span.start ?? end)
    }
    target.closing = this.before(end)
    this.last = end
  }

  private statement(statement: Statement, limit: number): void {
    const { start, end } = statement.span
    const leading = this.before(start)
    const blankBefore = this.blank(start)
    const within = (limit: number) => {
      for (const comment of this.before(limit)) leading.push({ ...comment, blankBefore: false })
    }
    for (const inner of bodiesOf(statement)) {
      within(inner.span.start)
      this.body(inner, [], inner.span.start + 1, inner.span.end)
    }
    within(end)
    this.last = end
    const trailing = this.onSameLine(end, limit)
    if (leading.length === 0 && trailing === null && !blankBefore) return
    ;(statement as Mutable<Statement>).trivia = { leading, trailing, blankBefore }
  }

  /** Takes the comments that start before `limit`. */
  private before(limit: number): Comment[] {
    const taken: Comment[] = []
    for (;;) {
      const token = this.comments[this.next]
      if (token === undefined || token.startOffset >= limit) return taken
      taken.push(this.take(token, this.blank(token.startOffset)))
    }
  }

  /** Takes the next comment if it starts before `limit` and on the line of `from`. */
  private onSameLine(from: number, limit: number): Comment | null {
    const token = this.comments[this.next]
    if (token === undefined || token.startOffset >= limit) return null
    return this.text.slice(from, token.startOffset).includes('\n') ? null : this.take(token, false)
  }

  private take(token: IToken, blankBefore: boolean): Comment {
    this.next++
    this.last = token.startOffset + token.image.length
    return { text: token.image.trimEnd(), blankBefore }
  }

  private blank(to: number): boolean {
    if (this.last < 0) return false
    const lineEnd = this.text.indexOf('\n', this.last)
    // Most statements stand on the line of the one before, or on the next.
    return lineEnd >= 0 && lineEnd < to - 1 && /\n[ \t\r;]*\n/.test(this.text.slice(lineEnd, to))
  }
}

// SPDX-License-Identifier: MIT
/**
 * The rules of what statements are made of: blocks in braces, and the two shapes of most statements. Which
 * statements there are is not known here.
 */
import type { IToken, ParserMethod } from 'chevrotain'
import { missingBrace, unclosedBrace } from '../../src/diag/catalogue.ts'
import type { Span } from '../../src/diag/source.ts'
import type * as ast from '../ast.ts'
import { type Draft, newDraft } from '../braces.ts'
import { noTrivia } from '../comments.ts'
import type { Reader } from '../literals.ts'
import type { Place } from '../places.ts'
import { type Keyword, keywords, LCurly, Newline, RCurly, Separator } from '../tokens.ts'
import { Expressions } from './expressions.ts'

export abstract class Blocks extends Expressions {
  /** Any statement; whoever knows them all says which. */
  protected abstract readonly statement: ParserMethod<[Place, Draft], void>

  protected statements = this.RULE('statements', (place: Place, draft: Draft) => {
    this.MANY({
      GATE: () => !this.leaves(place),
      DEF: () => {
        this.OR([
          { ALT: () => this.CONSUME(Separator) },
          { ALT: () => this.SUBRULE(this.statement, { ARGS: [place, draft] }) },
        ])
      },
    })
  })

  /** Undefined: there is no block, which has been reported. */
  protected block = this.RULE('block', (place: Place, what: string) => {
    const draft = newDraft()
    const before = this.computed
    this.MANY({ GATE: () => this.braceFollows(), DEF: () => this.CONSUME(Newline) })
    const open = this.OPTION(() => this.CONSUME(LCurly))
    const entered = this.ACTION(() => {
      if (open !== undefined) return true
      this.fail(missingBrace(this.here(), what))
      return this.assumeBrace()
    })
    this.ACTION(() => this.enter(place))
    this.OPTION2({
      GATE: () => entered,
      DEF: () => this.SUBRULE(this.inside, { ARGS: [place, draft, what, open] }),
    })
    return this.ACTION((): ast.Body<ast.Statement> | undefined => {
      this.leave()
      return entered ? this.bodyOf(draft, this.since(open ?? this.LA(0)), before) : undefined
    })
  })

  /** What follows an opening brace, the closing one included. */
  private inside = this.RULE('inside', (place: Place, draft: Draft, what: string, open?: IToken) => {
    this.SUBRULE(this.statements, { ARGS: [place, draft] })
    this.MANY({
      GATE: () => this.extraBrace(draft),
      DEF: () => {
        this.CONSUME(RCurly)
        this.ACTION(() => this.dropExtraBrace(draft))
        this.SUBRULE2(this.statements, { ARGS: [place, draft] })
      },
    })
    const close = this.OPTION({ GATE: () => !this.outdented(open), DEF: () => this.CONSUME2(RCurly) })
    this.ACTION(() => {
      if (close !== undefined || open === undefined) return
      const noticed = this.atEnd() ? undefined : this.here()
      this.closeMissing(unclosedBrace(this.span(open), what, noticed))
      draft.damaged = true
    })
  })

  /** `before`: how much had to be worked out before it. */
  protected bodyOf({ statements, damaged }: Draft, span: Span, before: number): ast.Body<ast.Statement> {
    const plain = this.computed === before
    const lineEnd = span.source.text.indexOf('\n', span.start)
    const oneLine = lineEnd < 0 || lineEnd >= span.end
    return { statements, damaged, plain, span, oneLine, opening: null, closing: [] }
  }

  /** `word VALUE` */
  protected single<T, S>(word: Keyword, reader: Reader<T>, make: (value: Read<T>, base: Base) => S) {
    return this.RULE(`${word}Statement`, () => {
      const first = this.CONSUME(keywords[word])
      const value = this.SUBRULE(this.value, { ARGS: [word, reader] }) as Read<T> | undefined
      return this.ACTION(() => (value === undefined ? undefined : make(value, this.base(first))))
    })
  }

  /** `word VALUE, VALUE` */
  protected listed<T, S>(word: Keyword, reader: Reader<T>, make: (values: ast.Slot<T>[], base: Base) => S) {
    return this.RULE(`${word}Statement`, () => {
      const first = this.CONSUME(keywords[word])
      const values = this.SUBRULE(this.values, { ARGS: [word, reader] }) as ast.Slot<T>[]
      return this.ACTION(() => (values.length === 0 ? undefined : make(values, this.base(first))))
    })
  }

  /** How a message names a block. */
  protected label(word: string, name: ast.Naming | undefined): string {
    return this.ACTION(() => {
      if (name === undefined) return word
      const { source, start, end } = name.span
      return `${word} ${name.kind === 'name' ? name.text : source.text.slice(start, end)}`
    })
  }

  protected base(first: IToken): Base {
    return { span: this.since(first), trivia: noTrivia }
  }
}

/** What `single` may read: for a fixed word, only that. */
type Read<T> = T extends ast.WordLiteral<infer W> ? ast.WordLiteral<W> : ast.Slot<T>

type Base = Pick<ast.Statement, 'span' | 'trivia'>

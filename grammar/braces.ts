// SPDX-License-Identifier: MIT
/**
 * What the rules ask of the text besides the next token: spans, the blocks around, and which brace is the one that
 * is missing.
 */
import { EmbeddedActionsParser, EOF, type IToken, tokenMatcher } from 'chevrotain'
import type { Diagnostic } from '../src/diag/error.ts'
import { Source, type Span } from '../src/diag/source.ts'
import type { Statement } from './ast.ts'
import { OneTokenLookahead } from './lookahead.ts'
import { type Place, statementsOf } from './places.ts'
import { tokenSpan } from './texts.ts'
import {
  Bad,
  Else,
  isKeyword,
  type Keyword,
  keywords,
  LCurly,
  Newline,
  RCurly,
  Separator,
  tokenTypes,
} from './tokens.ts'

/** A body while it is read. */
export interface Draft {
  readonly statements: Statement[]
  damaged: boolean
  /** The last statement does not belong here: what follows it may be there for the same reason. */
  misplaced: boolean
}

export function newDraft(): Draft {
  return { statements: [], damaged: false, misplaced: false }
}

export abstract class Braces extends EmbeddedActionsParser {
  protected source = new Source('', '')
  protected diagnostics: Diagnostic[] = []
  private first: IToken | undefined
  /** How many `}` are still missing; negative: how many `{`. */
  private deficit = 0
  /** Blocks that a `}` too many has closed; their own ones are still to come. */
  private extraBraces = 0
  /** The kinds of the blocks around, the innermost last. */
  protected readonly places: Place[] = []

  /** `validate`: have the rules checked too, which takes as long as reading a small file; a test asks for it. */
  constructor(validate: boolean) {
    super(tokenTypes, {
      recoveryEnabled: false,
      maxLookahead: 1,
      lookaheadStrategy: new OneTokenLookahead(),
      skipValidations: !validate,
    })
  }

  protected begin(source: Source, tokens: IToken[]): void {
    this.input = tokens
    this.source = source
    this.diagnostics = []
    this.first = tokens.find((token) => !tokenMatcher(token, Separator))
    this.places.length = 0
    this.deficit = 0
    this.extraBraces = 0
    for (const token of tokens) {
      if (token.tokenType === LCurly) this.deficit++
      else if (token.tokenType === RCurly) this.deficit--
    }
  }

  // ---- places in the text ---------------------------------------------------------------------------

  protected span(token: IToken): Span {
    return tokenSpan(token, this.source)
  }

  /** From the start of `first` to the end of the last token read. */
  protected since(first: IToken): Span {
    return { source: this.source, start: first.startOffset, end: this.lastEnd() }
  }

  /** The next token; at the end of a line the place behind the last one. */
  protected here(): Span {
    const token = this.LA(1)
    if (token.tokenType !== Newline && token.tokenType !== EOF) return this.span(token)
    return { source: this.source, start: this.lastEnd(), end: this.lastEnd() }
  }

  protected atEnd(): boolean {
    return this.LA(1).tokenType === EOF
  }

  protected isFirst(token: IToken): boolean {
    return token === this.first
  }

  /** Has something before it been reported? */
  protected unreadableBefore({ startOffset }: IToken): boolean {
    return this.diagnostics.some(({ span }) => span !== undefined && span.start < startOffset)
  }

  /** `lvn: 1`, `"lvn" 1`: reported as what it is. */
  protected headerDamaged(): boolean {
    return this.first?.tokenType === Bad && this.first.image.toLowerCase().startsWith('lvn')
  }

  /** The first word of the text, where there is one. */
  protected firstSpan(): Span {
    return this.first === undefined ? { source: this.source, start: 0, end: 0 } : this.span(this.first)
  }

  private lastEnd(): number {
    const token = this.LA(0)
    return token.tokenType === EOF ? 0 : token.startOffset + token.image.length
  }

  // ---- braces ---------------------------------------------------------------------------------------

  /** Where the next statement stands. */
  protected place(): Place {
    return this.places.at(-1) ?? 'file'
  }

  /** Line breaks may stand before an `else`. */
  protected elseFollows(): boolean {
    let ahead = 1
    while (this.LA(ahead).tokenType === Newline) ahead++
    return this.LA(ahead).tokenType === Else
  }

  protected enter(place: Place): void {
    this.places.push(place)
  }

  protected leave(): void {
    this.places.pop()
  }

  /** Line breaks may stand before an opening brace. */
  protected braceFollows(): boolean {
    let ahead = 1
    while (this.LA(ahead).tokenType === Newline) ahead++
    return this.LA(ahead).tokenType === LCurly
  }

  /** A `{` is missing: should the block be read as if it were there? Yes, if its `}` is. */
  protected assumeBrace(): boolean {
    if (this.deficit >= 0) return false
    this.deficit++
    return true
  }

  /** Is the `{` of an optional block missing? Its statements follow on the same line, and its `}` is there. */
  protected braceMissing(place: Place): boolean {
    const next = this.LA(1)
    return (
      this.deficit < 0 && isKeyword(next) && (statementsOf[place] as string[]).includes(next.tokenType.name)
    )
  }

  /** Do statements of such a block follow on the same line, which do not belong around it? */
  protected braceForgotten(place: Place): boolean {
    const next = this.LA(1)
    const belongs = (other: Place) => (statementsOf[other] as string[]).includes(next.tokenType.name)
    return isKeyword(next) && belongs(place) && !belongs(this.place())
  }

  /** Does the next `}` end a block whose first line is gone, rather than this one? */
  protected extraBrace(draft: Draft): boolean {
    return draft.misplaced && this.deficit < 0 && this.LA(1).tokenType === RCurly
  }

  protected dropExtraBrace(draft: Draft): void {
    draft.misplaced = false
    this.deficit++
  }

  /** The `}` of the block before, where there is one too many and `word` belongs into that block. */
  protected closedEarly(word: Keyword, { statements, misplaced }: Draft): Span | undefined {
    const block = statements.at(-1)
    const holds = block !== undefined && (statementsOf[block.kind as Place] ?? []).includes(word)
    if (misplaced || this.deficit >= 0 || !holds) return undefined
    const { source, end } = block.span
    if (source.text[end - 1] !== '}') return undefined
    this.extraBraces++
    // What it seems to lack comes behind that brace.
    ;(block as { readonly body: { damaged: boolean } }).body.damaged = true
    return { source, start: end - 1, end }
  }

  /** Is the next `}` that of a block that was closed too early, which has been reported? */
  protected forgiveBrace(): boolean {
    if (this.extraBraces === 0) return false
    this.extraBraces--
    return true
  }

  protected closeMissing(diagnostic: Diagnostic): void {
    this.diagnostics.push(diagnostic)
    this.deficit--
  }

  /** While a `}` is missing: does the next statement belong to a block further out, so that this one is over? */
  protected leaves(place: Place): boolean {
    if (this.deficit <= 0 || !isKeyword(this.LA(1))) return false
    const word = this.heldWord()
    const belongsTo = (other: Place) => (statementsOf[other] as string[]).includes(word)
    return !belongsTo(place) && (this.places.some(belongsTo) || word === 'overlay')
  }

  /** The next statement's word; of a `for` or `if`, which may stand in any block, the first one that it holds. */
  private heldWord(): string {
    let at = 1
    while (this.LA(at).tokenType === keywords.for || this.LA(at).tokenType === keywords.if) {
      while (!endsHead(this.LA(at))) at++
      do at++
      while (tokenMatcher(this.LA(at), Separator))
      if (!isKeyword(this.LA(at))) return this.LA(1).tokenType.name
    }
    return this.LA(at).tokenType.name
  }

  /** While a `}` is missing: does the next `}` stand left of the line of `open`, so that it is another's? */
  protected outdented(open: IToken | undefined): boolean {
    const close = this.LA(1)
    if (this.deficit <= 0 || open === undefined || close.tokenType !== RCurly) return false
    const column = this.indent(close.startOffset)
    const firstOfLine = this.lineStart(close.startOffset) + column === close.startOffset
    return firstOfLine && column < this.indent(open.startOffset)
  }

  private lineStart(offset: number): number {
    return this.source.text.lastIndexOf('\n', offset - 1) + 1
  }

  /** How many blanks the line of `offset` starts with. */
  private indent(offset: number): number {
    const start = this.lineStart(offset)
    let end = start
    while (end < offset && /[ \t]/.test(this.source.text[end] as string)) end++
    return end - start
  }
}

function endsHead(token: IToken): boolean {
  return token.tokenType === LCurly || token.tokenType === EOF || tokenMatcher(token, Separator)
}

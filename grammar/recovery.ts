// SPDX-License-Identifier: MIT
/**
 * What the rules do where the text is not what they want: report once a statement, mend what is plainly a
 * slip, skip to where the next statement can start, and find out which brace is the one that is missing.
 */
import { EmbeddedActionsParser, EOF, type IToken, tokenMatcher } from 'chevrotain'
import {
  badInterpolation,
  badWord,
  expectedEnd,
  expectedValue,
  misplacedStatement,
  nestedTooDeep,
  notAStatement,
  openString,
  reservedWord,
  strayElse,
  unknownStatement,
} from '../src/diag/catalogue.ts'
import type { Diagnostic } from '../src/diag/error.ts'
import { Source, type Span } from '../src/diag/source.ts'
import { suggest } from '../src/diag/suggest.ts'
import type { Statement } from './ast.ts'
import { isBadText, type Reader, tokenSpan } from './literals.ts'
import { OneTokenLookahead } from './lookahead.ts'
import { homesOf, insteadOf, type Place, placeNames, statementsOf } from './places.ts'
import {
  Bad,
  Else,
  isKeyword,
  isName,
  type Keyword,
  keywords,
  LBracket,
  LCurly,
  LParen,
  Name,
  Newline,
  OpenText,
  Operator,
  RCurly,
  Reserved,
  retype,
  Separator,
  Text,
  tokenTypes,
  Value,
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

/** Where a list of values stands. */
interface ListState {
  readonly outerBroken: boolean
  flawed: boolean
}

/** What `beginStatement` hands to `endStatement`. */
interface Begun {
  readonly first: IToken
  readonly outerBroken: boolean
  readonly outerLost: boolean
  readonly misplaced: boolean
}

/** Blocks within blocks where none belongs are read this deep, then skipped. */
const deepest = 8
/** No sensible file has blocks or expressions nested as deep as this. */
const mostBlocks = 24
const mostOperands = 24
/** Of one expression, without parentheses. */
const mostOperators = 64

export abstract class Recovery extends EmbeddedActionsParser {
  protected source = new Source('', '')
  protected diagnostics: Diagnostic[] = []
  private first: IToken | undefined
  /** Something in the current statement has been reported: nothing more is, of this statement. */
  private broken = false
  /** Something of the current statement could not be read. */
  private lost = false
  /** How many `}` are still missing; negative: how many `{`. */
  private deficit = 0
  private readonly places: Place[] = []

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
    this.broken = false
    this.places.length = 0
    this.operands = 0
    this.deficit = 0
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

  /** The first word of the text, where there is one. */
  protected firstSpan(): Span {
    return this.first === undefined ? { source: this.source, start: 0, end: 0 } : this.span(this.first)
  }

  private lastEnd(): number {
    const token = this.LA(0)
    return token.tokenType === EOF ? 0 : token.startOffset + token.image.length
  }

  // ---- statements -----------------------------------------------------------------------------------

  /** Reports unless the current statement has been reported already. */
  protected fail(diagnostic: Diagnostic): void {
    if (!this.broken) this.diagnostics.push(diagnostic)
    this.broken = true
    this.lost = true
  }

  /** Looks at the word that the next statement starts with; a misspelt one becomes the right one. */
  protected beginStatement(place: Place, draft: Draft): Begun {
    const first = this.LA(1)
    const outerBroken = this.broken
    const outerLost = this.lost
    this.broken = false
    this.lost = false
    if (first.tokenType === Name) {
      const expected = statementsOf[place]
      const suggestion = suggest(first.image, expected)
      this.fail(unknownStatement(this.span(first), placeNames[place], expected, suggestion))
      if (suggestion !== undefined) {
        retype(first, keywords[suggestion as Keyword])
        this.lost = false
      }
    }
    const misplaced = isKeyword(first) && !(statementsOf[place] as string[]).includes(first.tokenType.name)
    if (misplaced) {
      const word = first.tokenType.name as Keyword
      // Where a block's first line is gone, all of its statements are misplaced: one report is enough.
      if (draft.misplaced) this.broken = true
      this.fail(
        misplacedStatement(this.span(first), placeNames[place], homesOf(word), insteadOf(word, place)),
      )
      if (this.places.length >= deepest) retype(first, Bad)
    } else if (this.places.length >= mostBlocks && isKeyword(first)) {
      this.fail(nestedTooDeep(this.span(first)))
      retype(first, Bad)
    }
    return { first, outerBroken, outerLost, misplaced }
  }

  /** When the next statement follows on the same line, nothing is lost; else the rest of the line is. */
  protected endStatement(begun: Begun, statement: Statement | undefined, draft: Draft): void {
    const last = this.LA(0).tokenType
    const next = this.LA(1)
    const ended =
      last === RCurly ||
      last === Newline ||
      next.tokenType === RCurly ||
      next.tokenType === EOF ||
      tokenMatcher(next, Separator)
    if (!ended) {
      const word = begun.first.tokenType.name
      this.fail(
        expectedEnd(
          this.span(next),
          word,
          ['net', 'routes', 'address', 'listen', 'match', 'via'].includes(word),
        ),
      )
      if (!isKeyword(next)) this.skip(0)
    }
    draft.misplaced = begun.misplaced
    if (statement !== undefined && !begun.misplaced) draft.statements.push(statement)
    if (this.lost) draft.damaged = true
    this.broken = begun.outerBroken
    this.lost = begun.outerLost
  }

  /** `token` cannot start a statement and has just been read. */
  protected skipUnreadable(token: IToken): void {
    const place = this.place()
    const unreadable = this.unreadableWord(token)
    if (unreadable !== undefined) this.fail(unreadable)
    else this.fail(notAStatement(this.span(token), placeNames[place], statementsOf[place]))
    this.skip(token.tokenType === LCurly ? 1 : 0)
  }

  /** Up to a separator, a `}` or the end; over whole blocks. `depth` braces are open already. */
  private skip(depth: number): void {
    let open = depth
    // Chevrotain cannot skip the last token; that is always a line break.
    while (this.LA(2).tokenType !== EOF) {
      const token = this.LA(1)
      if (open === 0 && (token.tokenType === RCurly || tokenMatcher(token, Separator))) return
      if (token.tokenType === LCurly) open++
      this.SKIP_TOKEN()
      if (token.tokenType === RCurly && --open === 0) return
    }
  }

  // ---- values ---------------------------------------------------------------------------------------

  /** Is the next word the start of a statement on a new line, although a value is wanted? */
  protected newStatement(): boolean {
    return this.LA(0).tokenType === Newline && isKeyword(this.LA(1))
  }

  /** `token` undefined: no value stands there. Undefined for whatever `reader` cannot read, reported. */
  protected readValue<T>(token: IToken | undefined, word: string, reader: Reader<T>): T | undefined {
    if (token === undefined) {
      this.fail(expectedValue(this.here(), reader.what, word))
      return undefined
    }
    const literal = reader.read(token, this.source)
    if (literal !== undefined) return literal
    const span = this.span(token)
    this.fail(this.unreadableWord(token) ?? expectedValue(span, reader.what, word, reader.hint?.(token)))
    return undefined
  }

  /** What is wrong with a word that can be neither value nor statement. */
  private unreadableWord(token: IToken): Diagnostic | undefined {
    const span = this.span(token)
    if (token.tokenType === Bad) return badWord(span)
    if (token.tokenType === OpenText) return openString(span)
    if (token.tokenType === Else && this.LA(-1).tokenType !== Reserved) return strayElse(span)
    if (isBadText(token, this.source)) return badInterpolation(span)
    return tokenMatcher(token, Reserved) ? reservedWord(span) : undefined
  }

  /** Does something that has to be worked out stand where `reader` would read a literal? */
  protected computes(reader: Reader<unknown>): boolean {
    if (reader.computed === undefined || this.newStatement()) return false
    const token = this.LA(1)
    const next = this.LA(2)
    if (token.tokenType === LParen || token.tokenType === LBracket) return true
    if (!tokenMatcher(token, Value)) return false
    if (reader.computed === 'expression' && isOperator(next)) return true
    if (isName(token)) return next.tokenType === LParen || reader.read(token, this.source) === undefined
    const interpolated = token.tokenType === Text && token.image.includes('{')
    return interpolated && reader.read(token, this.source) === undefined && !isBadText(token, this.source)
  }

  /** Can the next word start a value? */
  protected valueFollows(): boolean {
    const next = this.LA(1)
    return tokenMatcher(next, Value) || next.tokenType === LParen || next.tokenType === LBracket
  }

  /** Joins the next word two values, more tightly than `least`? */
  protected operatorFollows(least: number, count: number): boolean {
    const token = this.LA(1)
    if (!isOperator(token) || precedenceOf(token) < least) return false
    retype(token, Operator)
    if (count >= mostOperators) this.fail(nestedTooDeep(this.span(token)))
    return count < mostOperators
  }

  private operands = 0

  /** Is there room for one more expression within another? */
  protected deeper(): boolean {
    this.operands++
    if (this.operands > mostOperands) this.fail(nestedTooDeep(this.here()))
    return this.operands <= mostOperands
  }

  protected higher(): void {
    this.operands--
  }

  // Each value of a list may be wrong on its own account.

  protected beginList(): ListState {
    return { outerBroken: this.broken, flawed: false }
  }

  protected nextOfList(state: ListState): void {
    state.flawed ||= this.broken
    this.broken = state.outerBroken
  }

  protected endList(state: ListState): void {
    this.broken ||= state.flawed
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

  /** Does the next `}` end a block whose first line is gone, rather than this one? */
  protected extraBrace(draft: Draft): boolean {
    return draft.misplaced && this.deficit < 0 && this.LA(1).tokenType === RCurly
  }

  protected dropExtraBrace(draft: Draft): void {
    draft.misplaced = false
    this.deficit++
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

/** `and` and `or` are names elsewhere. */
function isOperator(token: IToken): boolean {
  const word = token.tokenType === Name && (token.image === 'and' || token.image === 'or')
  return word || token.tokenType === Operator
}

/** How tightly an operator joins; of equals the left one goes first. */
export function precedenceOf(operator: IToken): number {
  return precedences[operator.image] ?? 0
}

const precedences: Readonly<Record<string, number>> = {
  or: 1,
  and: 2,
  ...{ '==': 3, '!=': 3, '<': 3, '<=': 3, '>': 3, '>=': 3 },
  '..': 4,
  '+': 5,
  '-': 5,
  '*': 6,
}

// SPDX-License-Identifier: MIT
/**
 * What the rules do where the text is not what they want: report once a statement, mend what is plainly a
 * slip, skip to where the next statement can start.
 */
import { EOF, type IToken, tokenMatcher } from 'chevrotain'
import {
  badInterpolation,
  badWord,
  conditionalValue,
  expectedEnd,
  expectedValue,
  gluedMinus,
  misplacedStatement,
  nestedTooDeep,
  notAStatement,
  openString,
  reservedWord,
  strayElse,
  unknownStatement,
} from '../src/diag/catalogue.ts'
import type { Diagnostic } from '../src/diag/error.ts'
import type { Source } from '../src/diag/source.ts'
import { suggest } from '../src/diag/suggest.ts'
import type { Statement } from './ast.ts'
import { Braces, type Draft } from './braces.ts'
import { isListOfOne, type Reader } from './literals.ts'
import { isOperator, precedenceOf } from './operators.ts'
import {
  calledElsewhere,
  exampleOf,
  homesOf,
  insteadOf,
  type Place,
  placeNames,
  standAlone,
  statementsOf,
} from './places.ts'
import { isBadText } from './texts.ts'
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
  Negative,
  Newline,
  OpenText,
  Operator,
  RCurly,
  Reserved,
  retype,
  Separator,
  Text,
  Value,
} from './tokens.ts'

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

/** What to do about a word that is near to none of this place. */
function whereItMeans(word: string, place: Place): string | undefined {
  if (word === 'from' && (place === 'hub' || place === 'spoke'))
    return `it stands before the braces: \`${place} NAME from TEMPLATE(...)\``
  if (word === 'hostname' && statementsOf[place].includes('match')) return 'write `match hostname NAME`'
  const meant = suggest(word, Object.keys(keywords)) as Keyword | undefined
  return meant && `\`${meant}\` belongs in ${homesOf(meant).join(' or ')}`
}

export abstract class Recovery extends Braces {
  /** Something in the current statement has been reported: nothing more is, of this statement. */
  private broken = false
  /** Something of the current statement could not be read. */
  private lost = false

  protected override begin(source: Source, tokens: IToken[]): void {
    super.begin(source, tokens)
    this.broken = false
    this.operands = 0
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
      const suggestion = calledElsewhere(first.image, place) ?? suggest(first.image, expected)
      const elsewhere = whereItMeans(first.image, place)
      this.fail(unknownStatement(this.span(first), placeNames[place], expected, suggestion, elsewhere))
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
      const span = this.span(first)
      const said = [insteadOf(word, place), exampleOf(word, place)] as const
      const ended = this.closedEarly(word, draft)
      this.fail(misplacedStatement(span, placeNames[place], homesOf(word), ...said, ended))
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
    const word = begun.first.tokenType.name
    let others = false
    if (!ended) {
      this.fail(
        this.noOperator(next) ??
          expectedEnd(
            this.span(next),
            word,
            ['net', 'routes', 'address', 'listen', 'match', 'underlay', 'via'].includes(word),
          ),
      )
      // A word that would be misplaced here was meant as part of this statement.
      const follows =
        isKeyword(next) && (statementsOf[this.place()] as string[]).includes(next.tokenType.name)
      if (!follows) others = this.skip(0)
    }
    draft.misplaced = begun.misplaced
    if (statement !== undefined && !begun.misplaced) draft.statements.push(statement)
    if (this.lost && (others || !standAlone.has(word))) draft.damaged = true
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

  /**
   * Up to a separator, a `}` or the end; over whole blocks. `depth` braces are open already. Did that pass over what
   * may have been other statements?
   */
  private skip(depth: number): boolean {
    let open = depth
    let others = depth > 0
    // Chevrotain cannot skip the last token; that is always a line break.
    while (this.LA(2).tokenType !== EOF) {
      const token = this.LA(1)
      if (open === 0 && (token.tokenType === RCurly || tokenMatcher(token, Separator))) return others
      if (token.tokenType === LCurly) open++
      others ||= open > 0 || isKeyword(token)
      this.SKIP_TOKEN()
      // An `else` behind what is skipped belongs to it.
      if (token.tokenType === RCurly && --open === 0 && this.LA(1).tokenType !== Else) return others
    }
    return others
  }

  // ---- values ---------------------------------------------------------------------------------------

  /** Is the next word the start of a statement on a new line, although a value is wanted? */
  protected newStatement(): boolean {
    return this.LA(0).tokenType === Newline && isKeyword(this.LA(1))
  }

  /** `token` undefined: no value stands there. Undefined for whatever `reader` cannot read, reported. */
  protected readValue<T>(token: IToken | undefined, word: string, reader: Reader<T>): T | undefined {
    if (token === undefined) {
      const next = this.LA(1)
      this.fail(
        expectedValue(
          this.here(),
          reader.what,
          word,
          /^[*(]$/.test(next.image) ? reader.hint?.(next) : undefined,
        ),
      )
      return undefined
    }
    const literal = reader.read(token, this.source)
    if (literal !== undefined) return literal
    const span = this.span(token)
    const unquoted = token.tokenType === Bad ? reader.unquoted?.(token) : undefined
    if (unquoted !== undefined) {
      this.fail(expectedValue(span, reader.what, word, unquoted))
      return undefined
    }
    const chosen = token.tokenType === keywords.if && reader.computed !== undefined
    this.fail(
      (chosen ? conditionalValue(span) : this.unreadableWord(token)) ??
        expectedValue(span, reader.what, word, reader.hint?.(token)),
    )
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
    if (isName(token)) {
      // No value has a name with a dot.
      const names = !token.image.includes('.') && reader.read(token, this.source) === undefined
      return names || next.tokenType === LParen
    }
    if (isListOfOne(token)) return reader.read(token, this.source) === undefined
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

  /** Does something follow a value that was meant to join it with another one? Reported. */
  protected misjoined(): boolean {
    const wrong = this.noOperator(this.LA(1))
    if (wrong !== undefined) this.fail(wrong)
    return wrong !== undefined
  }

  /** What is wrong with `-1`, `-n` or `/` behind a value. */
  private noOperator(token: IToken): Diagnostic | undefined {
    if (token.tokenType !== Negative && token.tokenType !== Bad) return undefined
    if (token.image === '/') return badWord(this.span(token))
    return token.image.startsWith('-') ? gluedMinus(this.span(token)) : undefined
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
}

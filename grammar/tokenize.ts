// SPDX-License-Identifier: MIT
/**
 * Text to tokens: what the lexer made of it, with keywords told from names and stray characters taken out and reported.
 * A few mistakes that are the same wherever they stand are put right here, so that each is one mistake and not three.
 */
import { type IToken, type Lexer, type TokenType, tokenMatcher } from 'chevrotain'
import { elseIfInOneWord, equalsSign, strayCharacters } from '../src/diag/catalogue.ts'
import type { Diagnostic } from '../src/diag/error.ts'
import type { Source } from '../src/diag/source.ts'
import {
  Assign,
  Bad,
  BadEndpoint,
  Else,
  keywords,
  LCurly,
  Name,
  Newline,
  newLexer,
  Operator,
  RCurly,
  retype,
  Separator,
  Stray,
  Text,
  Value,
  wordTypes,
} from './tokens.ts'

let lexer: Lexer | undefined

export interface Lexed {
  /** Without comments and stray characters; the last one is always a line break. */
  readonly tokens: IToken[]
  /** In source order. */
  readonly comments: readonly IToken[]
  readonly diagnostics: Diagnostic[]
}

/** Never throws. Bad words are the parser's to report. Tokens have offsets only; words that are keywords have their own type. */
export function tokenize(source: Source): Lexed {
  lexer ??= newLexer()
  const result = lexer.tokenize(source.text)
  const diagnostics: Diagnostic[] = []
  const tokens: IToken[] = []
  const strays: { start: number; end: number }[] = result.errors.map((error) => ({
    start: error.offset,
    end: error.offset + error.length,
  }))
  let read = 0
  for (const token of result.tokens) {
    if (token.startOffset < read) continue
    const type = token.tokenType
    if (type === LCurly) {
      read = gluePieces(source.text, tokens.at(-1), token.startOffset)
      if (read > token.startOffset) continue
    }
    if (type === Name && elseIfs.has(token.image) && endsBlock(tokens)) {
      diagnostics.push(elseIfInOneWord({ source, start: token.startOffset, end: endOf(token) }))
      for (const half of halves(token)) tokens.push(half)
      continue
    }
    if (type === Assign && inCondition(tokens)) {
      const start = token.startOffset
      diagnostics.push(equalsSign({ source, start, end: start + 1 }))
      retype(token, Operator)
    } else if (type === Stray || (type === Assign && !secondOfStatement(tokens))) {
      strays.push({ start: token.startOffset, end: endOf(token) })
      const text = singleQuoted(source.text, token.startOffset)
      if (text !== undefined) {
        tokens.push(text)
        read = endOf(text)
      } else if (token.image.startsWith('?')) read = restOfChoice(source.text, endOf(token))
      continue
    }
    if (type === BadEndpoint) retype(token, Bad)
    else if (type === Name) retype(token, wordTypes.get(token.image) ?? Name)
    tokens.push(token)
  }
  reportStrays(source, strays, diagnostics)
  tokens.push({
    image: '',
    startOffset: source.text.length,
    tokenType: Newline,
    tokenTypeIdx: Newline.tokenTypeIdx as number,
  })
  return { tokens, comments: result.groups.comments ?? [], diagnostics }
}

/** `let NAME` and its misspellings stand before the next token: the parser knows what to do with a `=`. */
function secondOfStatement(tokens: readonly IToken[]): boolean {
  const before = tokens.at(-3)?.tokenType
  const starts = before === undefined || before === LCurly || tokenMatcher(tokens.at(-3) as IToken, Separator)
  return (
    starts &&
    [-2, -1].every((at) => tokens.at(at) !== undefined && tokenMatcher(tokens.at(at) as IToken, Value))
  )
}

/** Is the next token part of what an `assert` or an `if` asks? */
function inCondition(tokens: readonly IToken[]): boolean {
  const near = tokens.slice(-longestCondition)
  const before = near.findLastIndex(endsStatement)
  const first = near[before + 1]?.tokenType
  const asks = first === Else ? near[before + 2]?.tokenType : first
  return asks === keywords.assert || asks === keywords.if
}

/** In tokens; a `=` further on is taken for a stray one. */
const longestCondition = 64

function endsStatement(token: IToken): boolean {
  return token.tokenType === LCurly || token.tokenType === RCurly || tokenMatcher(token, Separator)
}

/** How other languages write `else if`. */
const elseIfs: ReadonlySet<string> = new Set(['elseif', 'elsif', 'elif'])

/** Is a `}` the last thing, be it lines above? */
function endsBlock(tokens: readonly IToken[]): boolean {
  return tokens.findLast(({ tokenType }) => tokenType !== Newline)?.tokenType === RCurly
}

/** The `else` and the `if` that a word in `elseIfs` was meant to be. */
function halves(word: IToken): IToken[] {
  const half = (image: string, startOffset: number, type: TokenType): IToken => {
    return { image, startOffset, tokenType: type, tokenTypeIdx: type.tokenTypeIdx as number }
  }
  const image = word.image.slice(0, -2)
  return [half(image, word.startOffset, Else), half('if', word.startOffset + image.length, keywords.if)]
}

/** Where the statement ends in which `? A : B` has begun: what is behind the `?` is part of one mistake. */
function restOfChoice(text: string, from: number): number {
  const length = text.slice(from).search(/[\n;{}]/)
  return length < 0 ? text.length : from + length
}

function endOf(token: IToken): number {
  return token.startOffset + token.image.length
}

const singleQuotes = /'[^'"\\{}\n;]*'/y

/** What is in single quotes from here on, as if it stood in double ones; undefined: nothing is. */
function singleQuoted(text: string, start: number): IToken | undefined {
  singleQuotes.lastIndex = start
  const found = singleQuotes.exec(text)?.[0]
  if (found === undefined) return undefined
  const image = `"${found.slice(1, -1)}"`
  return { image, startOffset: start, tokenType: Text, tokenTypeIdx: Text.tokenTypeIdx as number }
}

const pieces = /(?:\{[A-Za-z_]\w*(?::\d+)?\}[\w.:/%@~-]*)+/y

/**
 * A word with braces in it, `10.65.{i}.1` or `ap{i}`, is one mistake: `word` becomes a bad word, its pieces part of it.
 * Returns where it ends; `brace` where `word` is not followed by such a brace at once.
 */
function gluePieces(text: string, word: IToken | undefined, brace: number): number {
  if (word === undefined || endOf(word) !== brace) return brace
  if (word.tokenType === Text || !(word.tokenType === Bad || tokenMatcher(word, Value))) return brace
  pieces.lastIndex = brace
  const rest = pieces.exec(text)?.[0]
  if (rest === undefined) return brace
  word.image += rest
  retype(word, Bad)
  return brace + rest.length
}

/** One report a line: `&x&` is one mistake, not two. */
function reportStrays(source: Source, strays: { start: number; end: number }[], diagnostics: Diagnostic[]) {
  let lineEnd = -1
  for (const { start, end } of strays.sort((a, b) => a.start - b.start)) {
    if (start < lineEnd) continue
    diagnostics.push(strayCharacters({ source, start, end }))
    const next = source.text.indexOf('\n', start)
    lineEnd = next < 0 ? source.text.length : next
  }
}

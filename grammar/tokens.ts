// SPDX-License-Identifier: MIT
/**
 * The kinds of tokens, and the lexer over them. Literals are typed here by their shape (address, prefix, endpoint, duration, ...); whether
 * their value makes sense (`10.64.0.300`, `/33`) is asked later. Every malformed word is one `Bad` token, so
 * that it has one exact span. Knows nothing of statements.
 */
import { createToken, type IToken, type ITokenConfig, Lexer, type TokenType } from 'chevrotain'

// Characters that can be part of a word; a literal must not be followed by one. `->` and `..` may follow.
const end = '(?![\\w:/%@~\\u00a1-\\uffff]|-(?!>)|\\.(?!\\.))'
const name = '[A-Za-z_]\\w*(?:(?:-+|\\.)\\w+)*'
const four = '\\d+(?:\\.\\d+)+'
const six = '[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:]*(?:\\.\\d+)*'

function word(pattern: string): RegExp {
  return new RegExp(pattern + end)
}

/** Ends a statement: a line break or a semicolon. */
export const Separator = createToken({ name: 'Separator', pattern: Lexer.NA })
/** Whatever can stand where a value is expected; the parser then says what was wanted instead. */
export const Value = createToken({ name: 'Value', pattern: Lexer.NA })

const Blank = createToken({ name: 'Blank', pattern: /[ \t\r\ufeff]+/, group: Lexer.SKIPPED })
const Comment = createToken({ name: 'Comment', pattern: /#[^\n]*/, group: 'comments', line_breaks: false })
export const Newline = createToken({
  name: 'Newline',
  pattern: /\n/,
  line_breaks: true,
  categories: [Separator],
})
const Semicolon = createToken({ name: 'Semicolon', pattern: /;/, categories: [Separator] })
export const LCurly = createToken({ name: 'LCurly', pattern: /\{/ })
export const RCurly = createToken({ name: 'RCurly', pattern: /\}/ })
export const Comma = createToken({ name: 'Comma', pattern: /,/ })
export const Arrow = createToken({ name: 'Arrow', pattern: /->/ })
export const LParen = createToken({ name: 'LParen', pattern: /\(/ })
export const RParen = createToken({ name: 'RParen', pattern: /\)/ })
export const LBracket = createToken({ name: 'LBracket', pattern: /\[/ })
export const RBracket = createToken({ name: 'RBracket', pattern: /\]/ })
/** Joins two values; `and` and `or` become one where they do. A minus has blanks around it. */
export const Operator = createToken({ name: 'Operator', pattern: /\.\.|[=!<>]=|[<>+*]|-(?=[ \t])/ })
export const Assign = createToken({ name: 'Assign', pattern: /=/ })

function value(name: string, pattern: RegExp, more: Partial<ITokenConfig> = {}): TokenType {
  return createToken({ name, pattern, categories: [Value], line_breaks: false, ...more })
}

export const Text = value('Text', /"(?:[^"\\\n]|\\["\\{}])*"/)
export const OpenText = value('OpenText', /"[^"\n;,{}]*/)
/** `[2001:db8::1]` or `[2001:db8::1]:50000`. */
export const Endpoint6 = value(
  'Endpoint6',
  word('\\[[0-9A-Fa-f.]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*\\](?::\\d+)?'),
)
/** `[10.0.0.1]:50000`, `[::1]x`. */
export const BadEndpoint = createToken({
  name: 'BadEndpoint',
  pattern: /\[[^\s,;{}()[\]".:]*[.:][^\s,;{}()[\]"]*\](?:[\w:/%@~]|\.(?!\.))+/,
})
export const Prefix6 = value('Prefix6', word(`${six}/\\d+`))
export const Address6 = value('Address6', word(six))
export const Endpoint4 = value('Endpoint4', word(`${four}:\\d+`))
export const Prefix4 = value('Prefix4', word(`${four}/\\d+`))
export const Address4 = value('Address4', word(`(?:\\d+(?:\\.\\d+){3}|${four}(?!\\.))`))
/** `20s`, `1h30m`, `500ms`: units from large to small, each at most once. */
export const Duration = value('Duration', word('(?=\\d+[hms])(?:\\d+h)?(?:\\d+m)?(?:\\d+s)?(?:\\d+ms)?'))
/** `100mbit`. */
export const Rate = value('Rate', word('\\d+[kmg]bit'))
export const Integer = value('Integer', word('\\d+'))
/** `-1`: a minus that joins two values has a blank behind it. */
export const Negative = value('Negative', word('-\\d+'))
/** `/24`. */
export const PrefixLength = value('PrefixLength', word('/\\d+'))
/** `:8443`. */
export const BarePort = value('BarePort', word(':\\d+'))
/** `dach.example.org:50000`. */
export const HostPort = value('HostPort', word(`${name}:\\d+`))
export const Name = value('Name', word(name))
export const Bad = value('Bad', /(?:[\w.:/%@~\u00a1-\uffff]|-(?!>))+/)
export const Stray = createToken({ name: 'Stray', pattern: /[!"$&'?\\^`|]+/ })

/** Words that are never names, except in quotes. */
export const Reserved = createToken({ name: 'Reserved', pattern: Lexer.NA, categories: [Value] })
export const In = reserved('in')
export const Else = reserved('else')

/** Words with a meaning at the start of a statement; all of them are names anywhere else. */
export const keywords = {
  lvn: keyword('lvn'),
  overlay: keyword('overlay'),
  net: keyword('net'),
  port: keyword('port'),
  keepalive: keyword('keepalive'),
  hub: keyword('hub'),
  spoke: keyword('spoke'),
  match: keyword('match'),
  listen: keyword('listen'),
  endpoint: keyword('endpoint'),
  address: keyword('address'),
  routes: keyword('routes'),
  device: keyword('device'),
  mtu: keyword('mtu'),
  mode: keyword('mode'),
  underlay: keyword('underlay'),
  via: keyword('via'),
  prefer: keyword('prefer'),
  auth: keyword('auth'),
  signalling: keyword('signalling'),
  cert: keyword('cert'),
  key: keyword('key'),
  ca: keyword('ca'),
  allow: keyword('allow'),
  deny: keyword('deny'),
  expect: keyword('expect'),
  on: keyword('on'),
  template: keyword('template'),
  import: keyword('import'),
  let: reserved('let'),
  for: reserved('for'),
  if: reserved('if'),
  assert: reserved('assert'),
} as const
export type Keyword = keyof typeof keywords

/** Can the word start a statement? */
export function isKeyword(token: IToken): boolean {
  const category = token.tokenType.CATEGORIES?.[0]
  return category === Name || (category === Reserved && token.tokenType !== In && token.tokenType !== Else)
}

/** A word that may be a name without quotes; keywords are. */
export function isName(token: IToken): boolean {
  return token.tokenType === Name || token.tokenType.CATEGORIES?.[0] === Name
}

/** The words that are keywords or reserved, to their types. */
export const wordTypes: ReadonlyMap<string, TokenType> = new Map<string, TokenType>([
  ...Object.entries(keywords),
  ['in', In],
  ['else', Else],
])

function keyword(text: string): TokenType {
  return createToken({ name: text, pattern: Lexer.NA, categories: [Name] })
}

function reserved(text: string): TokenType {
  return createToken({ name: text, pattern: Lexer.NA, categories: [Reserved] })
}

// Most frequent first where the order is free: IPv6 goes before names and integers, literals before Bad.
const lexed = [
  Blank,
  Newline,
  Semicolon,
  Comment,
  LCurly,
  RCurly,
  Comma,
  Arrow,
  LParen,
  RParen,
  Operator,
  Assign,
  Text,
  OpenText,
  Endpoint6,
  BadEndpoint,
  LBracket,
  RBracket,
  Prefix6,
  Address6,
  Prefix4,
  Address4,
  Endpoint4,
  Duration,
  Rate,
  Integer,
  Negative,
  PrefixLength,
  BarePort,
  Name,
  HostPort,
  Bad,
  Stray,
]
/** Every token type, for the parser. */
export const tokenTypes: TokenType[] = [
  ...lexed,
  Separator,
  Value,
  Reserved,
  In,
  Else,
  ...Object.values(keywords),
]

const plainName = new RegExp(`^${name}$`)

/** Can `text` be written as a name without quotes? */
export function isPlainName(text: string): boolean {
  return plainName.test(text) && wordTypes.get(text)?.CATEGORIES?.[0] !== Reserved
}

const firstName = new RegExp(`^${name}`)

/** Is the first word of `text` one that starts a statement? */
export function startsWithKeyword(text: string): boolean {
  return Object.hasOwn(keywords, firstName.exec(text)?.[0] ?? '')
}

/** `validate`: have the patterns checked too, which takes as long as reading a small file; a test asks for it. */
export function newLexer(validate = false): Lexer {
  return new Lexer(lexed, {
    positionTracking: 'onlyOffset',
    ensureOptimizations: true,
    skipValidations: !validate,
    lineTerminatorsPattern: /\n/g,
    lineTerminatorCharacters: ['\n'],
  })
}

/** Makes `token` one of another type, as if the lexer had said so. */
export function retype(token: IToken, type: TokenType): void {
  token.tokenType = type
  token.tokenTypeIdx = type.tokenTypeIdx as number
}

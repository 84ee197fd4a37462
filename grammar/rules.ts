// SPDX-License-Identifier: MIT
/**
 * The grammar, as Chevrotain rules that build the tree while they read. Nothing here relies on Chevrotain's
 * own errors: where something else than wanted stands, the rule goes on without it and `Recovery` reports.
 */
import type { IOrAlt, IToken, TokenType } from 'chevrotain'
import {
  danglingComma,
  expectedValue,
  misplacedHeader,
  missingArrow,
  missingAssign,
  missingBrace,
  missingHeader,
  missingIn,
  strayBrace,
  unclosedBrace,
  unclosedBracket,
  unknownVersion,
} from '../src/diag/catalogue.ts'
import type { Diagnostic } from '../src/diag/error.ts'
import type { Source, Span } from '../src/diag/source.ts'
import type * as ast from './ast.ts'
import { noTrivia } from './comments.ts'
import type { Reader } from './literals.ts'
import * as literals from './literals.ts'
import type { Place } from './places.ts'
import { type Draft, newDraft, precedenceOf, Recovery } from './recovery.ts'
import {
  Arrow,
  Assign,
  Comma,
  Else,
  In,
  isName,
  type Keyword,
  keywords,
  LBracket,
  LCurly,
  LParen,
  Newline,
  Operator,
  RBracket,
  RCurly,
  RParen,
  Separator,
  Value,
} from './tokens.ts'

export interface ReadFile {
  readonly header: ast.Header | null
  readonly body: ast.Body<ast.FileStatement>
  readonly diagnostics: readonly Diagnostic[]
  /** Set when the file is of another version: then nothing else that was found counts. */
  readonly unknownVersion: Diagnostic | undefined
}

type Alternatives = IOrAlt<ast.Statement | undefined>[]

export class LvnParser extends Recovery {
  private header: ast.Header | null = null
  private headerSeen = false
  private unknownVersion: Diagnostic | undefined
  private alternatives: Alternatives | undefined
  /** How much of what was read so far has to be worked out. */
  private computed = 0

  constructor(validate = false) {
    super(validate)
    this.performSelfAnalysis()
  }

  read(source: Source, tokens: IToken[]): ReadFile {
    this.begin(source, tokens)
    this.header = null
    this.headerSeen = false
    this.unknownVersion = undefined
    this.computed = 0
    const draft = newDraft()
    this.file(draft)
    if (!this.headerSeen) this.diagnostics.push(missingHeader(this.firstSpan()))
    // What another version means by its words is not for this one to guess.
    if (this.unknownVersion !== undefined) draft.statements.length = 0
    const body = this.bodyOf(draft, { source, start: 0, end: source.text.length }, 0)
    return {
      header: this.header,
      body: { ...body, oneLine: false } as ast.Body<ast.FileStatement>,
      diagnostics: this.diagnostics,
      unknownVersion: this.unknownVersion,
    }
  }

  // ---- structure ------------------------------------------------------------------------------------

  private file = this.RULE('file', (draft: Draft) => {
    this.SUBRULE(this.statements, { ARGS: ['file', draft] })
    this.MANY(() => {
      const brace = this.CONSUME(RCurly)
      this.ACTION(() => {
        if (draft.misplaced) this.dropExtraBrace(draft)
        else this.diagnostics.push(strayBrace(this.span(brace)))
        draft.damaged = true
      })
      this.SUBRULE2(this.statements, { ARGS: ['file', draft] })
    })
  })

  private statements = this.RULE('statements', (place: Place, draft: Draft) => {
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

  private statement = this.RULE('statement', (place: Place, draft: Draft) => {
    const before = this.ACTION(() => this.beginStatement(place, draft))
    this.alternatives ??= [
      { ALT: () => this.SUBRULE(this.spoke) },
      { ALT: () => this.SUBRULE(this.endpoint) },
      { ALT: () => this.SUBRULE(this.address) },
      { ALT: () => this.SUBRULE(this.routes) },
      { ALT: () => this.SUBRULE(this.net) },
      { ALT: () => this.SUBRULE(this.port) },
      { ALT: () => this.SUBRULE(this.keepalive) },
      { ALT: () => this.SUBRULE(this.match) },
      { ALT: () => this.SUBRULE(this.listen) },
      { ALT: () => this.SUBRULE(this.device) },
      { ALT: () => this.SUBRULE(this.mtu) },
      { ALT: () => this.SUBRULE(this.mode) },
      { ALT: () => this.SUBRULE(this.hub) },
      { ALT: () => this.SUBRULE(this.overlay) },
      { ALT: () => this.SUBRULE(this.lvn) },
      { ALT: () => this.SUBRULE(this.on) },
      { ALT: () => this.SUBRULE(this.via) },
      { ALT: () => this.SUBRULE(this.prefer) },
      { ALT: () => this.SUBRULE(this.auth) },
      { ALT: () => this.SUBRULE(this.signalling) },
      { ALT: () => this.SUBRULE(this.cert) },
      { ALT: () => this.SUBRULE(this.key) },
      { ALT: () => this.SUBRULE(this.ca) },
      { ALT: () => this.SUBRULE(this.allow) },
      { ALT: () => this.SUBRULE(this.deny) },
      { ALT: () => this.SUBRULE(this.expect) },
      { ALT: () => this.SUBRULE(this.let) },
      { ALT: () => this.SUBRULE(this.for) },
      { ALT: () => this.SUBRULE(this.if) },
      { ALT: () => this.SUBRULE(this.assert) },
      { ALT: () => this.SUBRULE(this.template) },
      { ALT: () => this.SUBRULE(this.import) },
      { ALT: () => this.SUBRULE(this.unreadable) },
    ]
    const statement = this.OR({ DEF: this.alternatives, IGNORE_AMBIGUITIES: true })
    this.ACTION(() => this.endStatement(before, statement, draft))
  })

  /** Whatever cannot start a statement; skipped up to where the next one can start. */
  private unreadable = this.RULE('unreadable', (): undefined => {
    const token = this.OR([
      { ALT: () => this.CONSUME(Value) },
      { ALT: () => this.CONSUME(LCurly) },
      { ALT: () => this.CONSUME(Comma) },
      { ALT: () => this.CONSUME(Arrow) },
      { ALT: () => this.CONSUME(Operator) },
      { ALT: () => this.CONSUME(Assign) },
      { ALT: () => this.CONSUME(LParen) },
      { ALT: () => this.CONSUME(RParen) },
      { ALT: () => this.CONSUME(LBracket) },
      { ALT: () => this.CONSUME(RBracket) },
    ])
    this.ACTION(() => this.skipUnreadable(token))
  })

  /** Undefined: there is no block, which has been reported. */
  private block = this.RULE('block', (place: Place, what: string) => {
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
  private bodyOf({ statements, damaged }: Draft, span: Span, before: number): ast.Body<ast.Statement> {
    const plain = this.computed === before
    const lineEnd = span.source.text.indexOf('\n', span.start)
    const oneLine = lineEnd < 0 || lineEnd >= span.end
    return { statements, damaged, plain, span, oneLine, opening: null, closing: [] }
  }

  // ---- values ---------------------------------------------------------------------------------------

  private value = this.RULE('value', (word: string, reader: Reader<unknown>): unknown => {
    const computes = this.ACTION(() => this.computes(reader))
    const least = this.ACTION(() => (reader.computed === 'operand' ? Infinity : 0))
    const computed = this.OPTION({
      GATE: () => computes,
      DEF: () => this.SUBRULE(this.expression, { ARGS: [word, least] }),
    })
    const token = this.OPTION2({
      GATE: () => !computes && !this.newStatement(),
      DEF: () => this.CONSUME(Value),
    })
    return this.ACTION(() => {
      if (computes) {
        this.computed++
        return computed
      }
      const literal = this.readValue(token, word, reader)
      if ((literal as ast.Naming | undefined)?.kind === 'text') this.computed++
      return literal
    })
  })

  /** `least`: how tightly an operator has to join to belong to it. */
  private expression = this.RULE('expression', (word: string, least: number): ast.Expression | undefined => {
    let left = this.SUBRULE(this.operand, { ARGS: [word] })
    let count = 0
    this.MANY({
      GATE: () => this.operatorFollows(least, count),
      DEF: () => {
        const token = this.CONSUME(Operator)
        const next = this.ACTION(() => precedenceOf(token) + 1)
        const right = this.SUBRULE(this.expression, { ARGS: [token.image, next] })
        this.ACTION(() => {
          count++
          left = binary(left, token.image as ast.Operator, right)
        })
      },
    })
    return left
  })

  private operand = this.RULE('operand', (word: string): ast.Expression | undefined => {
    const room = this.ACTION(() => this.deeper())
    const read = this.OPTION({
      GATE: () => room,
      DEF: () =>
        this.OR([
          { ALT: () => this.SUBRULE(this.group) },
          { ALT: () => this.SUBRULE(this.list) },
          { ALT: () => this.SUBRULE(this.term, { ARGS: [word] }) },
        ]),
    })
    this.ACTION(() => {
      this.higher()
      if (read === undefined) this.fail(expectedValue(this.here(), 'a value', word))
    })
    return read
  })

  /** A literal, a name, a call, or `not` and what follows it. */
  private term = this.RULE('term', (word: string): ast.Expression | undefined => {
    const first = this.CONSUME(Value)
    const negates = () => first.image === 'not' && this.valueFollows()
    const operand = this.OPTION({
      GATE: negates,
      DEF: () => this.SUBRULE(this.expression, { ARGS: ['not', 3] }),
    })
    const items = this.OPTION2({
      GATE: () => operand === undefined && isName(first),
      DEF: () => this.SUBRULE(this.arguments),
    })
    return this.ACTION(() => {
      if (operand !== undefined) return { kind: 'not', operand, span: this.since(first) }
      if (items === undefined) return this.readValue(first, word, literals.operand)
      const name: ast.NameLiteral = { kind: 'name', text: first.image, span: this.span(first) }
      return { kind: 'call', name, arguments: items, span: this.since(first) }
    })
  })

  private group = this.RULE('group', (): ast.Group | undefined => {
    const open = this.CONSUME(LParen)
    this.MANY(() => this.CONSUME(Newline))
    const inner = this.SUBRULE(this.expression, { ARGS: ['(', 0] })
    this.MANY2(() => this.CONSUME2(Newline))
    const close = this.OPTION(() => this.CONSUME(RParen))
    return this.ACTION(() => {
      if (close === undefined) this.fail(unclosedBracket(this.span(open), ')', this.here()))
      return inner === undefined ? undefined : { kind: 'group', inner, span: this.since(open) }
    })
  })

  private list = this.RULE('list', (): ast.List => {
    const open = this.CONSUME(LBracket)
    const items = this.OPTION({
      GATE: () => this.itemFollows(RBracket),
      DEF: () => this.SUBRULE(this.items, { ARGS: ['['] }),
    })
    const close = this.OPTION2(() => this.CONSUME(RBracket))
    return this.ACTION(() => {
      if (close === undefined) this.fail(unclosedBracket(this.span(open), ']', this.here()))
      return { kind: 'list', items: items ?? [], span: this.since(open) }
    })
  })

  private arguments = this.RULE('arguments', (): ast.Expression[] => {
    const open = this.CONSUME(LParen)
    const items = this.OPTION({
      GATE: () => this.itemFollows(RParen),
      DEF: () => this.SUBRULE(this.items, { ARGS: ['('] }),
    })
    const close = this.OPTION2(() => this.CONSUME(RParen))
    return this.ACTION(() => {
      if (close === undefined) this.fail(unclosedBracket(this.span(open), ')', this.here()))
      return items ?? []
    })
  })

  private itemFollows(close: TokenType): boolean {
    return this.LA(1).tokenType !== close
  }

  /** Values with commas between; line breaks may stand around each. */
  private items = this.RULE('items', (word: string): ast.Expression[] => {
    const read: (ast.Expression | undefined)[] = []
    this.MANY(() => this.CONSUME(Newline))
    read.push(this.SUBRULE(this.expression, { ARGS: [word, 0] }))
    this.MANY2(() => this.CONSUME2(Newline))
    this.MANY3(() => {
      this.CONSUME(Comma)
      this.MANY4(() => this.CONSUME3(Newline))
      read.push(this.SUBRULE2(this.expression, { ARGS: [',', 0] }))
      this.MANY5(() => this.CONSUME4(Newline))
    })
    return read.filter((item) => item !== undefined)
  })

  private values = this.RULE('values', (word: string, reader: Reader<unknown>): unknown[] => {
    const state = this.ACTION(() => this.beginList())
    const read = [this.SUBRULE(this.value, { ARGS: [word, reader] })]
    this.MANY(() => {
      const comma = this.CONSUME(Comma)
      this.MANY2(() => this.CONSUME(Newline))
      this.ACTION(() => {
        this.nextOfList(state)
        if (!this.valueFollows() || this.newStatement()) {
          this.fail(danglingComma(this.span(comma), reader.what))
        }
      })
      read.push(this.SUBRULE2(this.value, { ARGS: [word, reader] }))
    })
    return this.ACTION(() => {
      this.endList(state)
      return read.filter((literal) => literal !== undefined)
    })
  })

  // ---- statements -----------------------------------------------------------------------------------

  private lvn = this.RULE('lvnStatement', (): undefined => {
    const first = this.CONSUME(keywords.lvn)
    const version = this.SUBRULE(this.value, { ARGS: ['lvn', literals.integer] }) as
      | ast.IntegerLiteral
      | undefined
    this.ACTION(() => {
      this.headerSeen = true
      if (!this.isFirst(first)) this.fail(misplacedHeader(this.span(first)))
      else if (version !== undefined && version.value !== 1)
        this.unknownVersion = unknownVersion(version.span)
      else if (version !== undefined) this.header = { kind: 'lvn', version, ...this.base(first) }
    })
  })

  private overlay = this.RULE('overlayStatement', () => {
    const first = this.CONSUME(keywords.overlay)
    const name = this.SUBRULE(this.value, { ARGS: ['overlay', literals.naming] }) as ast.Naming | undefined
    const body = this.SUBRULE(this.block, { ARGS: ['overlay', this.label('overlay', name)] })
    return this.ACTION((): ast.Overlay | undefined => {
      if (name === undefined || body === undefined) return undefined
      return { kind: 'overlay', name, body: body as ast.Overlay['body'], ...this.base(first) }
    })
  })

  private hub = this.node('hub')
  private spoke = this.node('spoke')

  /** `word NAME { ... }`, `word NAME from TEMPLATE(...)` with or without braces */
  private node(word: 'hub' | 'spoke') {
    return this.RULE(`${word}Statement`, () => {
      const first = this.CONSUME(keywords[word])
      const name = this.SUBRULE(this.value, { ARGS: [word, literals.naming] }) as ast.Naming | undefined
      const from = this.OPTION({
        GATE: () => this.LA(1).image === 'from',
        DEF: () => this.SUBRULE(this.use),
      })
      const body = this.OPTION2({
        GATE: () => from === undefined || this.braceFollows(),
        DEF: () => this.SUBRULE(this.block, { ARGS: [word, this.label(word, name)] }),
      })
      return this.ACTION((): ast.Hub | ast.Spoke | undefined => {
        if (name === undefined || from === null || (body === undefined && from === undefined))
          return undefined
        return { kind: word, name, from: from ?? null, body: (body ?? null) as null, ...this.base(first) }
      })
    })
  }

  /** Null: reported. */
  private use = this.RULE('use', (): ast.Use | null => {
    const first = this.CONSUME(Value)
    const template = this.SUBRULE(this.value, { ARGS: ['from', literals.name] }) as
      | ast.NameLiteral
      | undefined
    const items = this.OPTION(() => this.SUBRULE(this.arguments))
    return this.ACTION(() => {
      this.computed++
      if (template === undefined) return null
      return { kind: 'use', template, arguments: items ?? null, span: this.since(first) }
    })
  })

  private device = this.RULE('deviceStatement', () => {
    const first = this.CONSUME(keywords.device)
    const name = this.SUBRULE(this.value, { ARGS: ['device', literals.naming] }) as ast.Naming | undefined
    const body = this.OPTION({
      GATE: () => this.braceFollows() || this.braceMissing('device'),
      DEF: () => this.SUBRULE(this.block, { ARGS: ['device', this.label('device', name)] }),
    })
    return this.ACTION((): ast.Device | undefined => {
      if (name === undefined) return undefined
      return { kind: 'device', name, body: (body ?? null) as ast.Device['body'], ...this.base(first) }
    })
  })

  private net = this.listed(
    'net',
    literals.prefix,
    (prefixes, base): ast.Net => ({ kind: 'net', prefixes, ...base }),
  )
  private routes = this.listed(
    'routes',
    literals.prefix,
    (prefixes, base): ast.Routes => ({ kind: 'routes', prefixes, ...base }),
  )
  private address = this.listed(
    'address',
    literals.address,
    (addresses, base): ast.Address => ({ kind: 'address', addresses, ...base }),
  )
  private listen = this.listed(
    'listen',
    literals.listen,
    (endpoints, base): ast.Listen => ({ kind: 'listen', endpoints, ...base }),
  )
  private endpoint = this.single(
    'endpoint',
    literals.endpoint,
    (endpoint, base): ast.Endpoint => ({ kind: 'endpoint', endpoint, ...base }),
  )
  private port = this.single(
    'port',
    literals.port,
    (port, base): ast.Port => ({ kind: 'port', port, ...base }),
  )
  private mtu = this.single('mtu', literals.mtu, (mtu, base): ast.Mtu => ({ kind: 'mtu', mtu, ...base }))
  private mode = this.single(
    'mode',
    literals.oneWord(['fixed', 'multi']),
    (mode, base): ast.Mode => ({ kind: 'mode', mode, ...base }),
  )

  private via = this.listed(
    'via',
    literals.hubName,
    (hubs, base): ast.Via => ({ kind: 'via', hubs, ...base }),
  )
  private prefer = this.single(
    'prefer',
    literals.hubName,
    (hub, base): ast.Prefer => ({ kind: 'prefer', hub, ...base }),
  )
  private auth = this.single(
    'auth',
    literals.oneWord(['mutual', 'server', 'none']),
    (auth, base): ast.Auth => ({ kind: 'auth', auth, ...base }),
  )
  private import = this.single(
    'import',
    literals.path,
    (path, base): ast.Import => ({ kind: 'import', path: path as ast.NameLiteral, ...base }),
  )

  private signalling = this.RULE('signallingStatement', () => {
    const first = this.CONSUME(keywords.signalling)
    const port = this.SUBRULE(this.value, { ARGS: ['signalling', literals.barePort] }) as
      | ast.PortLiteral
      | undefined
    const body = this.OPTION({
      GATE: () => this.braceFollows() || this.braceMissing('signalling'),
      DEF: () => this.SUBRULE(this.block, { ARGS: ['signalling', 'signalling'] }),
    })
    return this.ACTION((): ast.Signalling | undefined => {
      if (port === undefined) return undefined
      return { kind: 'signalling', port, body: (body ?? null) as ast.Signalling['body'], ...this.base(first) }
    })
  })

  private cert = this.pemFile('cert')
  private key = this.pemFile('key')
  private ca = this.pemFile('ca')

  /** `word file "..."` */
  private pemFile(word: ast.PemFile['kind']) {
    return this.RULE(`${word}Statement`, () => {
      const first = this.CONSUME(keywords[word])
      this.SUBRULE(this.value, { ARGS: [word, literals.oneWord(['file'])] })
      const path = this.SUBRULE2(this.value, { ARGS: ['file', literals.anyPath] }) as ast.Naming | undefined
      return this.ACTION((): ast.PemFile | undefined => {
        return path === undefined ? undefined : { kind: word, path, ...this.base(first) }
      })
    })
  }

  // ---- who may, who shall ---------------------------------------------------------------------------

  private allow = this.policy('allow')
  private deny = this.policy('deny')

  /** `word FROM -> TO` */
  private policy(word: ast.Policy['kind']) {
    return this.RULE(`${word}Statement`, () => {
      const first = this.CONSUME(keywords[word])
      const ends = this.SUBRULE(this.ends, { ARGS: [word, literals.policyEnd] })
      return this.ACTION((): ast.Policy | undefined => {
        return ends && { kind: word, ...(ends as Pick<ast.Policy, 'from' | 'to'>), ...this.base(first) }
      })
    })
  }

  private expect = this.RULE('expectStatement', () => {
    const first = this.CONSUME(keywords.expect)
    const what = this.SUBRULE(this.value, {
      ARGS: ['expect', literals.oneWord(['ping', 'no', 'throughput'])],
    }) as ast.WordLiteral<'ping' | 'no' | 'throughput'> | undefined
    this.OPTION({
      GATE: () => what?.text === 'no',
      DEF: () => this.SUBRULE2(this.value, { ARGS: ['no', literals.oneWord(['ping'])] }),
    })
    const ends = this.SUBRULE(this.ends, {
      ARGS: [what?.text === 'throughput' ? 'throughput' : 'ping', literals.expectEnd],
    })
    const within = this.OPTION2({
      GATE: () => what?.text === 'ping' && this.LA(1).image === 'within',
      DEF: () => {
        this.CONSUME(Value)
        return this.SUBRULE3(this.value, { ARGS: ['within', literals.duration] })
      },
    }) as ast.Expect['within'] | undefined
    const least = this.OPTION3({
      GATE: () => what?.text === 'throughput',
      DEF: () => this.SUBRULE(this.atLeast),
    })
    return this.ACTION((): ast.Expect | undefined => {
      if (what === undefined || ends === undefined) return undefined
      if (what.text === 'throughput' && least === undefined) {
        this.fail(expectedValue(this.here(), '`>=` and a rate', 'throughput', 'for example `>= 100mbit`'))
        return undefined
      }
      return {
        kind: 'expect',
        what: what.text === 'no' ? 'no ping' : what.text,
        ...(ends as Pick<ast.Expect, 'from' | 'to'>),
        within: within ?? null,
        least: least ?? null,
        ...this.base(first),
      }
    })
  })

  private atLeast = this.RULE('atLeast', () => {
    const sign = this.CONSUME(Operator)
    this.ACTION(() => {
      if (sign.image !== '>=') this.fail(expectedValue(this.span(sign), '`>=` and a rate', 'throughput'))
    })
    return this.SUBRULE(this.value, { ARGS: ['>=', literals.rate] }) as ast.Slot<ast.RateLiteral> | undefined
  })

  /** `FROM -> TO` */
  private ends = this.RULE('ends', (word: string, reader: Reader<unknown>) => {
    const from = this.SUBRULE(this.value, { ARGS: [word, reader] })
    const arrow = this.OPTION(() => this.CONSUME(Arrow))
    this.ACTION(() => {
      if (arrow === undefined) this.fail(missingArrow(this.here(), word))
    })
    const to = this.SUBRULE2(this.value, { ARGS: ['->', reader] })
    return this.ACTION(() => (from === undefined || to === undefined ? undefined : { from, to }))
  })

  // ---- what steers other statements -----------------------------------------------------------------

  private let = this.RULE('letStatement', () => {
    const first = this.CONSUME(keywords.let)
    const name = this.SUBRULE(this.value, { ARGS: ['let', literals.variable] }) as ast.NameLiteral | undefined
    const assign = this.OPTION(() => this.CONSUME(Assign))
    this.ACTION(() => {
      if (assign === undefined) this.fail(missingAssign(this.here(), name?.text))
    })
    const value = this.SUBRULE(this.expression, { ARGS: ['=', 0] })
    return this.ACTION((): ast.Let | undefined => {
      this.computed++
      if (name === undefined || value === undefined) return undefined
      return { kind: 'let', name, value, ...this.base(first) }
    })
  })

  private for = this.RULE('forStatement', () => {
    const first = this.CONSUME(keywords.for)
    const name = this.SUBRULE(this.value, { ARGS: ['for', literals.variable] }) as ast.NameLiteral | undefined
    const within = this.OPTION(() => this.CONSUME(In))
    this.ACTION(() => {
      if (within === undefined) this.fail(missingIn(this.here(), name?.text))
    })
    const values = this.SUBRULE(this.expression, { ARGS: ['in', 0] })
    const body = this.SUBRULE(this.block, { ARGS: [this.place(), this.label('for', name)] })
    return this.ACTION((): ast.For | undefined => {
      this.computed++
      if (name === undefined || values === undefined || body === undefined) return undefined
      return { kind: 'for', name, values, body, ...this.base(first) }
    })
  })

  private if = this.RULE('ifStatement', () => {
    const first = this.CONSUME(keywords.if)
    const branches: (ast.Branch | undefined)[] = [this.SUBRULE(this.branch)]
    let otherwise: ast.Body<ast.Statement> | undefined
    this.MANY({
      GATE: () => otherwise === undefined && this.elseFollows(),
      DEF: () => {
        this.MANY2(() => this.CONSUME(Newline))
        this.CONSUME(Else)
        const alternatives: IOrAlt<void>[] = [
          {
            ALT: () => {
              this.CONSUME2(keywords.if)
              branches.push(this.SUBRULE2(this.branch))
            },
          },
          {
            ALT: () => {
              otherwise = this.SUBRULE(this.block, { ARGS: [this.place(), 'else'] })
            },
          },
        ]
        // A block whose brace is missing could start with an `if` too.
        this.OR({ DEF: alternatives, IGNORE_AMBIGUITIES: true })
      },
    })
    return this.ACTION((): ast.If | undefined => {
      this.computed++
      const whole = branches.filter((branch) => branch !== undefined)
      if (whole.length < branches.length) return undefined
      return { kind: 'if', branches: whole, otherwise: otherwise ?? null, ...this.base(first) }
    })
  })

  private branch = this.RULE('branch', (): ast.Branch | undefined => {
    const condition = this.SUBRULE(this.expression, { ARGS: ['if', 0] })
    const body = this.SUBRULE(this.block, { ARGS: [this.place(), 'if'] })
    return this.ACTION(() => (condition && body ? { condition, body } : undefined))
  })

  private assert = this.RULE('assertStatement', () => {
    const first = this.CONSUME(keywords.assert)
    const condition = this.SUBRULE(this.expression, { ARGS: ['assert', 0] })
    const message = this.OPTION(() => {
      this.CONSUME(Comma)
      this.MANY(() => this.CONSUME(Newline))
      return this.SUBRULE(this.value, { ARGS: ['assert', literals.text] }) as ast.Text | undefined
    })
    return this.ACTION((): ast.Assert | undefined => {
      this.computed++
      return condition && { kind: 'assert', condition, message: message ?? null, ...this.base(first) }
    })
  })

  private on = this.RULE('onStatement', () => {
    const first = this.CONSUME(keywords.on)
    const name = this.SUBRULE(this.value, { ARGS: ['on', literals.naming] }) as ast.Naming | undefined
    const body = this.SUBRULE(this.block, { ARGS: ['node', this.label('on', name)] })
    return this.ACTION((): ast.On | undefined => {
      this.computed++
      if (name === undefined || body === undefined) return undefined
      return { kind: 'on', name, body: body as ast.On['body'], ...this.base(first) }
    })
  })

  private template = this.RULE('templateStatement', () => {
    const first = this.CONSUME(keywords.template)
    const name = this.SUBRULE(this.value, { ARGS: ['template', literals.name] }) as
      | ast.NameLiteral
      | undefined
    const parameters = this.OPTION(() => this.SUBRULE(this.parameters))
    const body = this.SUBRULE(this.block, { ARGS: ['template', this.label('template', name)] })
    return this.ACTION((): ast.Template | undefined => {
      if (name === undefined || body === undefined) return undefined
      return {
        kind: 'template',
        name,
        parameters: parameters ?? null,
        body: body as ast.Template['body'],
        ...this.base(first),
      }
    })
  })

  private parameters = this.RULE('parameters', (): ast.NameLiteral[] => {
    const open = this.CONSUME(LParen)
    const names = this.OPTION({
      GATE: () => this.itemFollows(RParen),
      DEF: () => this.SUBRULE(this.values, { ARGS: ['(', literals.variable] }),
    }) as ast.NameLiteral[] | undefined
    const close = this.OPTION2(() => this.CONSUME(RParen))
    this.ACTION(() => {
      if (close === undefined) this.fail(unclosedBracket(this.span(open), ')', this.here()))
    })
    return names ?? []
  })

  private match = this.RULE('matchStatement', () => {
    const first = this.CONSUME(keywords.match)
    this.SUBRULE(this.value, { ARGS: ['match', literals.oneWord(['hostname'])] })
    const hostnames = this.SUBRULE(this.values, {
      ARGS: ['hostname', literals.hostname],
    }) as ast.Match['hostnames']
    return this.ACTION((): ast.Match | undefined => {
      return hostnames.length === 0 ? undefined : { kind: 'match', hostnames, ...this.base(first) }
    })
  })

  private keepalive = this.RULE('keepaliveStatement', () => {
    const first = this.CONSUME(keywords.keepalive)
    const times: KeepaliveTimes = { every: null, dead: null }
    this.SUBRULE(this.keepaliveTime, { ARGS: [times] })
    this.MANY(() => {
      this.CONSUME(Comma)
      this.MANY2(() => this.CONSUME(Newline))
      this.SUBRULE2(this.keepaliveTime, { ARGS: [times] })
    })
    return this.ACTION((): ast.Keepalive | undefined => {
      if (times.every === null && times.dead === null) return undefined
      return { kind: 'keepalive', ...times, ...this.base(first) }
    })
  })

  private keepaliveTime = this.RULE('keepaliveTime', (times: KeepaliveTimes) => {
    const word = this.SUBRULE(this.value, { ARGS: ['keepalive', literals.oneWord(['every', 'dead'])] }) as
      | ast.WordLiteral<'every' | 'dead'>
      | undefined
    this.OPTION({
      GATE: () => word?.text === 'dead',
      DEF: () => this.SUBRULE2(this.value, { ARGS: ['dead', literals.oneWord(['after'])] }),
    })
    const after = word?.text === 'dead' ? 'dead after' : 'every'
    const time = this.SUBRULE3(this.value, { ARGS: [after, literals.duration] }) as
      | ast.Slot<ast.DurationLiteral>
      | undefined
    this.ACTION(() => {
      if (word === undefined || time === undefined) return
      if (times[word.text] !== null) this.fail(expectedValue(word.span, 'the other time', 'keepalive'))
      else times[word.text] = time
    })
  })

  // ---- the two shapes of most statements ----------------------------------------------------------

  /** `word VALUE` */
  private single<T, S>(word: Keyword, reader: Reader<T>, make: (value: Read<T>, base: Base) => S) {
    return this.RULE(`${word}Statement`, () => {
      const first = this.CONSUME(keywords[word])
      const value = this.SUBRULE(this.value, { ARGS: [word, reader] }) as Read<T> | undefined
      return this.ACTION(() => (value === undefined ? undefined : make(value, this.base(first))))
    })
  }

  /** `word VALUE, VALUE` */
  private listed<T, S>(word: Keyword, reader: Reader<T>, make: (values: ast.Slot<T>[], base: Base) => S) {
    return this.RULE(`${word}Statement`, () => {
      const first = this.CONSUME(keywords[word])
      const values = this.SUBRULE(this.values, { ARGS: [word, reader] }) as ast.Slot<T>[]
      return this.ACTION(() => (values.length === 0 ? undefined : make(values, this.base(first))))
    })
  }

  /** How a message names a block. */
  private label(word: string, name: ast.Naming | undefined): string {
    return this.ACTION(() => {
      if (name === undefined) return word
      const { source, start, end } = name.span
      return `${word} ${name.kind === 'name' ? name.text : source.text.slice(start, end)}`
    })
  }

  private base(first: IToken): Base {
    return { span: this.since(first), trivia: noTrivia }
  }
}

function binary(
  left: ast.Expression | undefined,
  operator: ast.Operator,
  right: ast.Expression | undefined,
): ast.Binary | undefined {
  if (left === undefined || right === undefined) return undefined
  const span = { ...left.span, end: right.span.end }
  return { kind: 'binary', operator, left, right, span }
}

/** What `single` may read: for a fixed word, only that. */
type Read<T> = T extends ast.WordLiteral<infer W> ? ast.WordLiteral<W> : ast.Slot<T>

type Base = Pick<ast.Statement, 'span' | 'trivia'>

interface KeepaliveTimes {
  every: ast.Keepalive['every']
  dead: ast.Keepalive['dead']
}

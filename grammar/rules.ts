// SPDX-License-Identifier: MIT
/**
 * The grammar, as Chevrotain rules that build the tree while they read. Nothing here relies on Chevrotain's
 * own errors: where something else than wanted stands, the rule goes on without it and `Recovery` reports.
 */
import { type IOrAlt, type IToken, tokenMatcher } from 'chevrotain'
import {
  danglingComma,
  expectedValue,
  misplacedHeader,
  missingBrace,
  missingHeader,
  strayBrace,
  unclosedBrace,
  unknownVersion,
} from '../src/diag/catalogue.ts'
import type { Diagnostic } from '../src/diag/error.ts'
import type { Source, Span } from '../src/diag/source.ts'
import type * as ast from './ast.ts'
import { noTrivia } from './comments.ts'
import type { Reader } from './literals.ts'
import * as literals from './literals.ts'
import type { Place } from './places.ts'
import { type Draft, newDraft, Recovery } from './recovery.ts'
import {
  Arrow,
  Comma,
  type Keyword,
  keywords,
  LCurly,
  Newline,
  Range,
  RCurly,
  Separator,
  Value,
} from './tokens.ts'

export interface ReadFile {
  readonly header: ast.Header | null
  readonly body: ast.Body<ast.Overlay>
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

  constructor() {
    super()
    this.performSelfAnalysis()
  }

  read(source: Source, tokens: IToken[]): ReadFile {
    this.begin(source, tokens)
    this.header = null
    this.headerSeen = false
    this.unknownVersion = undefined
    const draft = newDraft()
    this.file(draft)
    if (!this.headerSeen) this.diagnostics.push(missingHeader(this.firstSpan()))
    // What another version means by its words is not for this one to guess.
    if (this.unknownVersion !== undefined) draft.statements.length = 0
    const body = this.bodyOf(draft, { source, start: 0, end: source.text.length })
    return {
      header: this.header,
      body: { ...body, oneLine: false } as ast.Body<ast.Overlay>,
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
      { ALT: () => this.CONSUME(Range) },
    ])
    this.ACTION(() => this.skipUnreadable(token))
  })

  /** Undefined: there is no block, which has been reported. */
  private block = this.RULE('block', (place: Place, name?: ast.NameLiteral) => {
    const what = name === undefined ? place : `${place} ${name.text}`
    const draft = newDraft()
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
      return entered ? this.bodyOf(draft, this.since(open ?? this.LA(0))) : undefined
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

  private bodyOf({ statements, damaged }: Draft, span: Span): ast.Body<ast.Statement> {
    const lineEnd = span.source.text.indexOf('\n', span.start)
    const oneLine = lineEnd < 0 || lineEnd >= span.end
    return { statements, damaged, span, oneLine, opening: null, closing: [] }
  }

  // ---- values ---------------------------------------------------------------------------------------

  private value = this.RULE('value', (word: string, reader: Reader<unknown>): unknown => {
    const token = this.OPTION({ GATE: () => !this.newStatement(), DEF: () => this.CONSUME(Value) })
    return this.ACTION(() => this.readValue(token, word, reader))
  })

  private values = this.RULE('values', (word: string, reader: Reader<unknown>): unknown[] => {
    const state = this.ACTION(() => this.beginList())
    const read = [this.SUBRULE(this.value, { ARGS: [word, reader] })]
    this.MANY(() => {
      const comma = this.CONSUME(Comma)
      this.MANY2(() => this.CONSUME(Newline))
      this.ACTION(() => {
        this.nextOfList(state)
        if (!tokenMatcher(this.LA(1), Value) || this.newStatement()) {
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

  private overlay = this.braced(
    'overlay',
    (name, body, base): ast.Overlay => ({
      kind: 'overlay',
      name,
      body: body as ast.Overlay['body'],
      ...base,
    }),
  )
  private hub = this.braced(
    'hub',
    (name, body, base): ast.Hub => ({ kind: 'hub', name, body: body as ast.Hub['body'], ...base }),
  )
  private spoke = this.braced(
    'spoke',
    (name, body, base): ast.Spoke => ({ kind: 'spoke', name, body: body as ast.Spoke['body'], ...base }),
  )

  private device = this.RULE('deviceStatement', () => {
    const first = this.CONSUME(keywords.device)
    const name = this.SUBRULE(this.value, { ARGS: ['device', literals.name] }) as ast.NameLiteral | undefined
    const body = this.OPTION({
      GATE: () => this.braceFollows() || this.braceMissing('device'),
      DEF: () => this.SUBRULE(this.block, { ARGS: ['device', name] }),
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

  private match = this.RULE('matchStatement', () => {
    const first = this.CONSUME(keywords.match)
    this.SUBRULE(this.value, { ARGS: ['match', literals.oneWord(['hostname'])] })
    const hostnames = this.SUBRULE(this.values, { ARGS: ['hostname', literals.name] }) as ast.NameLiteral[]
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
      | ast.DurationLiteral
      | undefined
    this.ACTION(() => {
      if (word === undefined || time === undefined) return
      if (times[word.text] !== null) this.fail(expectedValue(word.span, 'the other time', 'keepalive'))
      else times[word.text] = time
    })
  })

  // ---- the three shapes of most statements ----------------------------------------------------------

  /** `word VALUE` */
  private single<T, S>(word: Keyword, reader: Reader<T>, make: (value: T, base: Base) => S) {
    return this.RULE(`${word}Statement`, () => {
      const first = this.CONSUME(keywords[word])
      const value = this.SUBRULE(this.value, { ARGS: [word, reader] }) as T | undefined
      return this.ACTION(() => (value === undefined ? undefined : make(value, this.base(first))))
    })
  }

  /** `word VALUE, VALUE` */
  private listed<T, S>(word: Keyword, reader: Reader<T>, make: (values: T[], base: Base) => S) {
    return this.RULE(`${word}Statement`, () => {
      const first = this.CONSUME(keywords[word])
      const values = this.SUBRULE(this.values, { ARGS: [word, reader] }) as T[]
      return this.ACTION(() => (values.length === 0 ? undefined : make(values, this.base(first))))
    })
  }

  /** `word NAME { ... }` */
  private braced<S>(
    word: Keyword & Place,
    make: (name: ast.NameLiteral, body: ast.Body<ast.Statement>, base: Base) => S,
  ) {
    return this.RULE(`${word}Statement`, () => {
      const first = this.CONSUME(keywords[word])
      const name = this.SUBRULE(this.value, { ARGS: [word, literals.name] }) as ast.NameLiteral | undefined
      const body = this.SUBRULE(this.block, { ARGS: [word, name] })
      return this.ACTION(() => {
        return name === undefined || body === undefined ? undefined : make(name, body, this.base(first))
      })
    })
  }

  private base(first: IToken): Base {
    return { span: this.since(first), trivia: noTrivia }
  }
}

type Base = Pick<ast.Statement, 'span' | 'trivia'>

interface KeepaliveTimes {
  every: ast.DurationLiteral | null
  dead: ast.DurationLiteral | null
}

// SPDX-License-Identifier: MIT
/**
 * The grammar, as Chevrotain rules that build the tree while they read. Nothing here relies on Chevrotain's
 * own errors: where something else than wanted stands, the rule goes on without it and `Recovery` reports.
 *
 * Each class knows the rules of those before it: `Braces` and `Recovery` have none, then come `rules/expressions`,
 * `blocks`, `settings`, `ends`, `control`, and here the statements that hold others, and the list of them all.
 */
import type { IOrAlt, IToken } from 'chevrotain'
import {
  bareArguments,
  misplacedHeader,
  missingHeader,
  strayBrace,
  unknownVersion,
} from '../src/diag/catalogue.ts'
import type { Diagnostic } from '../src/diag/error.ts'
import type { Source } from '../src/diag/source.ts'
import type * as ast from './ast.ts'
import { type Draft, newDraft } from './braces.ts'
import * as literals from './literals.ts'
import type { Place } from './places.ts'
import { Control } from './rules/control.ts'
import {
  Arrow,
  Assign,
  Comma,
  isKeyword,
  keywords,
  LBracket,
  LCurly,
  LParen,
  Operator,
  RBracket,
  RCurly,
  RParen,
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

export class LvnParser extends Control {
  private header: ast.Header | null = null
  private headerSeen = false
  private unknownVersion: Diagnostic | undefined
  private alternatives: Alternatives | undefined

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
    if (!this.headerSeen && !this.headerDamaged()) this.diagnostics.push(missingHeader(this.firstSpan()))
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
        if (this.forgiveBrace() || draft.misplaced) this.dropExtraBrace(draft)
        else this.diagnostics.push(strayBrace(this.span(brace)))
        draft.damaged = true
      })
      this.SUBRULE2(this.statements, { ARGS: ['file', draft] })
    })
  })

  protected override statement = this.RULE('statement', (place: Place, draft: Draft) => {
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
      { ALT: () => this.SUBRULE(this.underlay) },
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

  private lvn = this.RULE('lvnStatement', (): undefined => {
    const first = this.CONSUME(keywords.lvn)
    const version = this.SUBRULE(this.value, { ARGS: ['lvn', literals.integer] }) as
      | ast.IntegerLiteral
      | undefined
    this.ACTION(() => {
      this.headerSeen = true
      if (!this.isFirst(first) && !this.unreadableBefore(first)) this.fail(misplacedHeader(this.span(first)))
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
        GATE: () => from === undefined || this.braceFollows() || this.braceForgotten(word),
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
      const bare =
        template !== undefined && items === undefined && this.valueFollows() && !isKeyword(this.LA(1))
      if (bare) this.fail(bareArguments(this.here(), template.text))
      if (bare || template === undefined || items === null) return null
      return { kind: 'use', template, arguments: items ?? null, span: this.since(first) }
    })
  })

  private import = this.single(
    'import',
    literals.path,
    (path, base): ast.Import => ({ kind: 'import', path: path as ast.NameLiteral, ...base }),
  )
}

// SPDX-License-Identifier: MIT
/**
 * Which names a file gives and where each is used: overlays, nodes, templates, values. From the tree alone, by
 * the language's rules of scope; what a name made by a loop comes to is the topology's to say.
 */
import type * as ast from '../../grammar/ast.ts'
import { bodiesOf } from '../../grammar/ast.ts'
import type { Span } from '../diag/source.ts'
import { childrenOf, type TreeNode } from './tree.ts'

export type SymbolKind = 'overlay' | 'hub' | 'spoke' | 'template' | 'let' | 'parameter' | 'loop'

export interface SymbolEntry {
  readonly kind: SymbolKind
  readonly name: string
  /** Where the name is given, quotes included. */
  readonly span: Span
  readonly statement: ast.Statement
  /** Where it is known by its name alone. */
  readonly scope: Span
  /** Of a value: it stands outside all blocks, so that files that import this one know it. */
  readonly shared: boolean
  /** Of a node: the name of its overlay; null where that is worked out, and for what is no node. */
  readonly overlay: string | null
  /** Where the name is used, in source order; within strings without the braces. */
  readonly uses: readonly Span[]
}

/** A use of a name that this file does not give: made by a loop, given by an imported file, or wrong. */
export interface FreeUse {
  readonly kind: 'node' | 'template' | 'value'
  readonly name: string
  readonly span: Span
}

export interface Symbols {
  /** In source order of a kind, templates and overlays first. */
  readonly entries: readonly SymbolEntry[]
  readonly free: readonly FreeUse[]
}

export function symbolsOf(file: ast.AstFile): Symbols {
  return new Collector(file)
}

export function isNode({ kind }: SymbolEntry): boolean {
  return kind === 'hub' || kind === 'spoke'
}

export function isValue({ kind }: SymbolEntry): boolean {
  return kind === 'let' || kind === 'parameter' || kind === 'loop'
}

/** Is `offset` in the span or right behind it? */
export function touches({ start, end }: Span, offset: number): boolean {
  return start <= offset && offset <= end
}

/** The symbol whose name stands at `offset`, given or used. */
export function symbolAt(symbols: Symbols, offset: number): SymbolEntry | undefined {
  return symbols.entries.find(
    ({ span, uses }) => touches(span, offset) || uses.some((use) => touches(use, offset)),
  )
}

interface OpenEntry extends SymbolEntry {
  readonly uses: Span[]
}
type Names = Map<string, OpenEntry>

/** What is known at a place. */
interface Scope {
  /** Inner ones first. */
  readonly values: readonly Names[]
  readonly nodes: Names
}

class Collector implements Symbols {
  readonly entries: OpenEntry[] = []
  readonly free: FreeUse[] = []
  private readonly outermost: ReadonlySet<ast.Statement>
  private readonly templates: Names = new Map()
  private readonly overlays = new Map<ast.Overlay, Names>()

  constructor({ body }: ast.AstFile) {
    this.outermost = new Set(body.statements)
    const everyNode: Names = new Map()
    for (const statement of allStatements(body)) {
      if (statement.kind === 'template') this.define(statement, body.span, null, this.templates)
      if (statement.kind !== 'overlay') continue
      this.define(statement, body.span, null, new Map())
      const nodes = this.nodesOf(statement)
      this.overlays.set(statement, nodes)
      for (const [name, node] of nodes) if (!everyNode.has(name)) everyNode.set(name, node)
    }
    this.body(body, { values: [], nodes: everyNode })
  }

  private nodesOf(overlay: ast.Overlay): Names {
    const nodes: Names = new Map()
    const name = overlay.name.kind === 'name' ? overlay.name.text : null
    for (const statement of allStatements(overlay.body)) {
      if (statement.kind === 'hub' || statement.kind === 'spoke') {
        this.define(statement, overlay.body.span, name, nodes)
      }
    }
    return nodes
  }

  /** A name with something to work out in it gives no symbol. */
  private define(
    statement: Extract<ast.Statement, { kind: SymbolKind }>,
    scope: Span,
    overlay: string | null,
    into: Names,
  ): void {
    if (statement.name.kind === 'name')
      this.add(statement.kind, statement.name, statement, scope, overlay, into)
  }

  private add(
    kind: SymbolKind,
    { text, span }: ast.NameLiteral,
    statement: ast.Statement,
    scope: Span,
    overlay: string | null,
    into: Names,
  ): void {
    const shared = kind === 'let' && this.outermost.has(statement)
    const entry: OpenEntry = { kind, name: text, span, statement, scope, shared, overlay, uses: [] }
    this.entries.push(entry)
    if (!into.has(text)) into.set(text, entry)
  }

  private body(body: ast.Body<ast.Statement>, outer: Scope, own: Names = new Map()): void {
    const scope = { ...outer, values: [own, ...outer.values] }
    for (const statement of body.statements) {
      this.statement(statement, scope)
      // Known from the next line on.
      const rest = { ...body.span, start: statement.span.end }
      if (statement.kind === 'let') this.define(statement, rest, null, own)
    }
  }

  private statement(statement: ast.Statement, scope: Scope): void {
    for (const value of childrenOf(statement)) {
      if (!('trivia' in value)) this.value(value, scope, takesNodes.has(statement.kind))
    }
    if ('from' in statement && statement.from?.kind === 'use')
      this.use('template', statement.from.template, this.templates)
    const nodes = statement.kind === 'overlay' ? this.overlays.get(statement) : undefined
    for (const body of bodiesOf(statement)) {
      this.body(body, { ...scope, nodes: nodes ?? scope.nodes }, this.ownNames(statement, body))
    }
  }

  /** What a statement names for its own block. */
  private ownNames(statement: ast.Statement, body: ast.Body<ast.Statement>): Names {
    const names: Names = new Map()
    if (statement.kind === 'for') this.add('loop', statement.name, statement, body.span, null, names)
    const parameters = statement.kind === 'template' ? (statement.parameters ?? []) : []
    for (const name of parameters) this.add('parameter', name, statement, body.span, null, names)
    return names
  }

  /** `asNode`: a word that names no value is a node. */
  private value(node: TreeNode, scope: Scope, asNode: boolean): void {
    const value = node as ast.Expression | ast.NameLiteral
    switch (value.kind) {
      case 'name':
        if (asNode) this.use('node', value, scope.nodes)
        return
      case 'reference': {
        const names = scope.values.find((level) => level.has(value.text))
        if (names !== undefined || !asNode) this.use('value', value, names)
        else this.use('node', value, scope.nodes)
        return
      }
      case 'text':
        for (const part of value.parts) {
          if (typeof part === 'object') this.interpolation(part, scope)
        }
        return
      default:
        for (const child of childrenOf(value)) this.value(child, scope, false)
    }
  }

  private interpolation({ name, span }: ast.Interpolation, scope: Scope): void {
    const start = span.start + 1
    const place = { source: span.source, start, end: start + name.length }
    this.use(
      'value',
      { text: name, span: place },
      scope.values.find((level) => level.has(name)),
    )
  }

  private use(
    kind: FreeUse['kind'],
    { text, span }: { text: string; span: Span },
    names: Names | undefined,
  ): void {
    const entry = names?.get(text)
    if (entry === undefined) this.free.push({ kind, name: text, span })
    else entry.uses.push(span)
  }
}

/** The statements whose words may name nodes. */
const takesNodes: ReadonlySet<ast.Statement['kind']> = new Set([
  'via',
  'prefer',
  'allow',
  'deny',
  'expect',
  'on',
])

/** Through blocks that only steer what is in them. */
function* allStatements(body: ast.Body<ast.Statement>): Generator<ast.Statement> {
  for (const statement of body.statements) {
    yield statement
    if (statement.kind !== 'for' && statement.kind !== 'if') continue
    for (const inner of bodiesOf(statement)) yield* allStatements(inner)
  }
}

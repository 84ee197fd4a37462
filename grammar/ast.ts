// SPDX-License-Identifier: MIT
/**
 * The syntax tree: what was written, with its place, in source order, comments included. Literals keep their
 * text; what it means is `interp/1-resolve`'s to say. Every node is plain data.
 */
import type { Source, Span } from '../src/diag/source.ts'

export interface AstFile {
  readonly kind: 'file'
  readonly source: Source
  /** `lvn 1`; null when it is missing. */
  readonly header: Header | null
  readonly body: Body<FileStatement>
}

/** The statements of a file or between braces. */
export interface Body<S> {
  readonly statements: readonly S[]
  /** True when a part could not be read that others depend on: nothing may be concluded from what seems to be missing. */
  readonly damaged: boolean
  /** Nothing in it has to be worked out: every statement is what it seems, every value a literal. */
  readonly plain: boolean
  /** From the opening to the closing brace; of a file, the whole text. */
  readonly span: Span
  /** The braces stand on one line. */
  readonly oneLine: boolean
  /** A comment behind the opening brace, on its line. */
  readonly opening: Comment | null
  /** Comments behind the last statement, on lines of their own. */
  readonly closing: readonly Comment[]
}

/** From `#` to the end of the line, without trailing blanks. */
export interface Comment {
  readonly text: string
  /** An empty line stands before it. */
  readonly blankBefore: boolean
}

/** What surrounds a statement and means nothing. */
export interface Trivia {
  /** Comments on the lines before it. */
  readonly leading: readonly Comment[]
  /** A comment behind it, on its last line. */
  readonly trailing: Comment | null
  /** An empty line stands between it and what comes before it (its leading comments included). */
  readonly blankBefore: boolean
}

interface Base {
  readonly span: Span
  readonly trivia: Trivia
}

// ---- literals ---------------------------------------------------------------------------------------

export interface NameLiteral {
  readonly kind: 'name'
  /** Without quotes. */
  readonly text: string
  readonly span: Span
}
export interface AddressLiteral {
  readonly kind: 'address'
  /** As written, without brackets. */
  readonly text: string
  readonly span: Span
}
export interface PrefixLiteral {
  readonly kind: 'prefix'
  readonly text: string
  readonly span: Span
}
export interface IntegerLiteral {
  readonly kind: 'integer'
  /** Digits as written. */
  readonly text: string
  /** May be inexact or infinite where `text` is absurdly long. */
  readonly value: number
  readonly span: Span
}
export interface DurationLiteral {
  readonly kind: 'duration'
  readonly text: string
  readonly ms: number
  readonly span: Span
}
export interface EndpointLiteral {
  readonly kind: 'endpoint'
  readonly host: AddressLiteral | NameLiteral
  /** Null: the default port. */
  readonly port: IntegerLiteral | null
  readonly span: Span
}
/** `/24`. */
export interface LengthLiteral {
  readonly kind: 'length'
  /** With the slash. */
  readonly text: string
  readonly value: number
  readonly span: Span
}
/** `100mbit`: bits a second, factors of 1000. */
export interface RateLiteral {
  readonly kind: 'rate'
  readonly text: string
  readonly bitsPerSecond: number
  readonly span: Span
}
/** `:8443`. */
export interface PortLiteral {
  readonly kind: 'bare-port'
  readonly port: IntegerLiteral
  readonly span: Span
}
/** One of a few words: `nat`, `auto`, `fixed`, `multi`. */
export interface WordLiteral<W extends string> {
  readonly kind: 'word'
  readonly text: W
  readonly span: Span
}

// ---- expressions ------------------------------------------------------------------------------------

/** A bare word where a value stands: the value of that name, or, where a name may stand, the name itself. */
export interface Reference {
  readonly kind: 'reference'
  readonly text: string
  readonly span: Span
}
/** A string in quotes that is not just a name: a value, or with `{...}` in it. */
export interface Text {
  readonly kind: 'text'
  readonly parts: readonly (string | Interpolation)[]
  readonly span: Span
}
/** `{i}` or, with zeros in front up to a width, `{i:03}`. */
export interface Interpolation {
  readonly kind: 'interpolation'
  readonly name: string
  /** Null: as it is. */
  readonly width: number | null
  readonly span: Span
}
export interface Call {
  readonly kind: 'call'
  readonly name: NameLiteral
  readonly arguments: readonly Expression[]
  readonly span: Span
}
export interface List {
  readonly kind: 'list'
  readonly items: readonly Expression[]
  readonly span: Span
}
/** In parentheses. */
export interface Group {
  readonly kind: 'group'
  readonly inner: Expression
  readonly span: Span
}
export interface Not {
  readonly kind: 'not'
  readonly operand: Expression
  readonly span: Span
}
export const operators = ['or', 'and', '==', '!=', '<', '<=', '>', '>=', '..', '+', '-', '*'] as const
export type Operator = (typeof operators)[number]
export interface Binary {
  readonly kind: 'binary'
  readonly operator: Operator
  readonly left: Expression
  readonly right: Expression
  readonly span: Span
}
/** What has to be worked out. */
export type Computed = Reference | Text | Call | List | Group | Not | Binary
export type Literal =
  | AddressLiteral
  | PrefixLiteral
  | LengthLiteral
  | IntegerLiteral
  | DurationLiteral
  | RateLiteral
  | EndpointLiteral
export type Expression = Literal | Computed
/** A literal of the kind that belongs here, or something that has to give one. */
export type Slot<L> = L | Computed
/** What a statement gives a name to. */
export type Naming = NameLiteral | Text

// ---- statements -------------------------------------------------------------------------------------

export interface Header extends Base {
  readonly kind: 'lvn'
  readonly version: IntegerLiteral
}
export interface Overlay extends Base {
  readonly kind: 'overlay'
  readonly name: Naming
  readonly body: Body<OverlayStatement>
}
export interface Hub extends Base {
  readonly kind: 'hub'
  readonly name: Naming
  /** Null: no `from`. */
  readonly from: Use | null
  /** Null only with `from`: no braces. */
  readonly body: Body<HubStatement> | null
}
export interface Spoke extends Base {
  readonly kind: 'spoke'
  readonly name: Naming
  readonly from: Use | null
  readonly body: Body<SpokeStatement> | null
}
/** `from TEMPLATE(ARGUMENTS)` */
export interface Use {
  readonly kind: 'use'
  readonly template: NameLiteral
  /** Null: no parentheses. */
  readonly arguments: readonly Expression[] | null
  readonly span: Span
}
export interface Device extends Base {
  readonly kind: 'device'
  readonly name: Naming
  /** Null: no braces. */
  readonly body: Body<DeviceStatement> | null
}
export interface Net extends Base {
  readonly kind: 'net'
  readonly prefixes: readonly Slot<PrefixLiteral>[]
}
export interface Port extends Base {
  readonly kind: 'port'
  readonly port: Slot<IntegerLiteral>
}
/** At least one of the two is there. */
export interface Keepalive extends Base {
  readonly kind: 'keepalive'
  readonly every: Slot<DurationLiteral> | null
  readonly dead: Slot<DurationLiteral> | null
}
export interface Match extends Base {
  readonly kind: 'match'
  readonly hostnames: readonly Slot<NameLiteral>[]
}
export interface Listen extends Base {
  readonly kind: 'listen'
  readonly endpoints: readonly (Slot<EndpointLiteral> | Translated)[]
}
/** `OUTSIDE at INSIDE`: where a NAT lets others reach it, and what the host itself has. */
export interface Translated {
  readonly kind: 'translated'
  readonly outside: Slot<EndpointLiteral>
  readonly inside: Slot<EndpointLiteral>
  readonly span: Span
}
export interface Endpoint extends Base {
  readonly kind: 'endpoint'
  readonly endpoint: Slot<EndpointLiteral | WordLiteral<'nat'>>
}
export interface Address extends Base {
  readonly kind: 'address'
  readonly addresses: readonly Slot<AddressLiteral>[]
}
export interface Routes extends Base {
  readonly kind: 'routes'
  readonly prefixes: readonly Slot<PrefixLiteral>[]
}
export interface Mtu extends Base {
  readonly kind: 'mtu'
  readonly mtu: Slot<IntegerLiteral | WordLiteral<'auto'>>
}
export interface Mode extends Base {
  readonly kind: 'mode'
  readonly mode: WordLiteral<'fixed' | 'multi'>
}
export interface Underlay extends Base {
  readonly kind: 'underlay'
  readonly interfaces: readonly Slot<NameLiteral>[]
}
export interface Via extends Base {
  readonly kind: 'via'
  readonly hubs: readonly Slot<NameLiteral>[]
}
export interface Prefer extends Base {
  readonly kind: 'prefer'
  readonly hub: Slot<NameLiteral>
}
export interface Auth extends Base {
  readonly kind: 'auth'
  readonly auth: WordLiteral<'mutual' | 'server' | 'none'>
}
export interface Signalling extends Base {
  readonly kind: 'signalling'
  readonly port: PortLiteral
  /** Null: no braces. */
  readonly body: Body<PemFile> | null
}
/** `cert file "gw1.pem"` */
export interface PemFile extends Base {
  readonly kind: 'cert' | 'key' | 'ca'
  readonly path: Naming
}
/** `allow A -> B`, `deny A -> B` */
export interface Policy extends Base {
  readonly kind: 'allow' | 'deny'
  readonly from: PolicyEnd
  readonly to: PolicyEnd
}
export type PolicyEnd = Slot<NameLiteral | AddressLiteral | PrefixLiteral | WordLiteral<'any'>>
/** `expect ping A -> B within 2s`, `expect no ping A -> B`, `expect throughput A -> B >= 100mbit` */
export interface Expect extends Base {
  readonly kind: 'expect'
  readonly what: 'ping' | 'no ping' | 'throughput'
  readonly from: ExpectEnd
  readonly to: ExpectEnd
  /** Only of `ping`; null: not said. */
  readonly within: Slot<DurationLiteral> | null
  /** Of `throughput`, and only of it. */
  readonly least: Slot<RateLiteral> | null
}
export type ExpectEnd = Slot<NameLiteral | AddressLiteral>
export interface On extends Base {
  readonly kind: 'on'
  readonly name: Naming
  readonly body: Body<HubStatement | SpokeStatement>
}
export interface Template extends Base {
  readonly kind: 'template'
  readonly name: NameLiteral
  /** Null: no parentheses. */
  readonly parameters: readonly NameLiteral[] | null
  readonly body: Body<HubStatement | SpokeStatement>
}
export interface Import extends Base {
  readonly kind: 'import'
  readonly path: NameLiteral
}
export interface Let extends Base {
  readonly kind: 'let'
  readonly name: NameLiteral
  readonly value: Expression
}
export interface Assert extends Base {
  readonly kind: 'assert'
  readonly condition: Expression
  /** Null: none. */
  readonly message: Text | null
}
export interface For extends Base {
  readonly kind: 'for'
  readonly name: NameLiteral
  readonly values: Expression
  /** Of statements that may stand where the `for` stands. */
  readonly body: Body<Statement>
}
export interface If extends Base {
  readonly kind: 'if'
  readonly branches: readonly Branch[]
  readonly otherwise: Body<Statement> | null
}
export interface Branch {
  readonly condition: Expression
  readonly body: Body<Statement>
}

/** What steers the others, wherever it stands. */
export type Control = Let | For | If | Assert
export type DeviceStatement = Address | Mtu | Mode | Control
type NodeStatement = Match | Address | Routes | Device | Underlay | Keepalive | Port | Auth | Control
export type HubStatement = NodeStatement | Listen | Signalling
export type SpokeStatement = NodeStatement | Endpoint | Via | Prefer
export type OverlayStatement = Net | Port | Keepalive | Hub | Spoke | On | Auth | Policy | Expect | Control
export type FileStatement = Overlay | Template | Import | Expect | Control
export type Statement =
  | Header
  | FileStatement
  | OverlayStatement
  | HubStatement
  | SpokeStatement
  | DeviceStatement
  | PemFile

/** The blocks of a statement, in source order. */
export function bodiesOf(statement: Statement): readonly Body<Statement>[] {
  if (statement.kind === 'if') {
    const bodies = statement.branches.map(({ body }) => body)
    return statement.otherwise === null ? bodies : [...bodies, statement.otherwise]
  }
  return 'body' in statement && statement.body !== null ? [statement.body] : []
}

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
  readonly body: Body<Overlay>
}

/** The statements of a file or between braces. */
export interface Body<S> {
  readonly statements: readonly S[]
  /** True when a part could not be read, so that nothing may be concluded from what seems to be missing. */
  readonly damaged: boolean
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
/** One of a few words: `nat`, `auto`, `fixed`, `multi`. */
export interface WordLiteral<W extends string> {
  readonly kind: 'word'
  readonly text: W
  readonly span: Span
}

// ---- statements -------------------------------------------------------------------------------------

export interface Header extends Base {
  readonly kind: 'lvn'
  readonly version: IntegerLiteral
}
export interface Overlay extends Base {
  readonly kind: 'overlay'
  readonly name: NameLiteral
  readonly body: Body<OverlayStatement>
}
export interface Hub extends Base {
  readonly kind: 'hub'
  readonly name: NameLiteral
  readonly body: Body<HubStatement>
}
export interface Spoke extends Base {
  readonly kind: 'spoke'
  readonly name: NameLiteral
  readonly body: Body<SpokeStatement>
}
export interface Device extends Base {
  readonly kind: 'device'
  readonly name: NameLiteral
  /** Null: no braces. */
  readonly body: Body<DeviceStatement> | null
}
export interface Net extends Base {
  readonly kind: 'net'
  readonly prefixes: readonly PrefixLiteral[]
}
export interface Port extends Base {
  readonly kind: 'port'
  readonly port: IntegerLiteral
}
/** At least one of the two is there. */
export interface Keepalive extends Base {
  readonly kind: 'keepalive'
  readonly every: DurationLiteral | null
  readonly dead: DurationLiteral | null
}
export interface Match extends Base {
  readonly kind: 'match'
  readonly hostnames: readonly NameLiteral[]
}
export interface Listen extends Base {
  readonly kind: 'listen'
  readonly endpoints: readonly EndpointLiteral[]
}
export interface Endpoint extends Base {
  readonly kind: 'endpoint'
  readonly endpoint: EndpointLiteral | WordLiteral<'nat'>
}
export interface Address extends Base {
  readonly kind: 'address'
  readonly addresses: readonly AddressLiteral[]
}
export interface Routes extends Base {
  readonly kind: 'routes'
  readonly prefixes: readonly PrefixLiteral[]
}
export interface Mtu extends Base {
  readonly kind: 'mtu'
  readonly mtu: IntegerLiteral | WordLiteral<'auto'>
}
export interface Mode extends Base {
  readonly kind: 'mode'
  readonly mode: WordLiteral<'fixed' | 'multi'>
}

export type DeviceStatement = Address | Mtu | Mode
type NodeStatement = Match | Address | Routes | Device | Keepalive | Port
export type HubStatement = NodeStatement | Listen
export type SpokeStatement = NodeStatement | Endpoint
export type OverlayStatement = Net | Port | Keepalive | Hub | Spoke
export type Statement = Header | Overlay | OverlayStatement | HubStatement | SpokeStatement | DeviceStatement

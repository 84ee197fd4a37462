// SPDX-License-Identifier: MIT
/**
 * Values into the places of statements: whatever stands in a slot becomes the literal that belongs there, with
 * the place where it was written. Part of phase 1. Undefined always means: reported, go on without it.
 */
import type * as ast from '../../../grammar/ast.ts'
import { listensOnAddresses } from '../../diag/advice.ts'
import { wrongKind } from '../../diag/catalogue.ts'
import type { Span } from '../../diag/source.ts'
import { type Env, heavyValue, placed } from './env.ts'
import { evaluate, textValue } from './evaluate.ts'
import { allKnown, describe, leaves, type Value } from './value.ts'

/** What a slot takes besides its own literals. */
interface Slot<L> {
  readonly what: string
  /** Undefined: it does not belong here. */
  take(value: Value, span: Span): L | undefined
  /** What a word means that no value has as its name; absent: nothing. */
  word?(text: string, span: Span): L
  hint?(value: Value): string | undefined
}

type Word<W extends string> = ast.WordLiteral<W>

const nameLiteral = (text: string, span: Span): ast.NameLiteral => ({ kind: 'name', text, span })
const takeText = (value: Value, span: Span) =>
  value.kind === 'text' ? nameLiteral(value.text, span) : undefined

const takeAddress = (value: Value, span: Span): ast.AddressLiteral | undefined => {
  if (value.kind === 'address') return { kind: 'address', text: value.address, span }
  // `let gate = [2001:db8::1]` is a list of one.
  const only = value.kind === 'list' && value.items.length === 1 ? value.items[0] : undefined
  return only?.kind === 'address' ? { kind: 'address', text: only.address, span } : undefined
}
const takePrefix = (value: Value, span: Span): ast.PrefixLiteral | undefined =>
  value.kind === 'prefix' ? { kind: 'prefix', text: value.prefix, span } : undefined
const takeNumber = (value: Value, span: Span): ast.IntegerLiteral | undefined =>
  value.kind === 'number'
    ? { kind: 'integer', text: String(value.value), value: value.value, span }
    : undefined

function takeEndpoint(value: Value, span: Span): ast.EndpointLiteral | undefined {
  if (value.kind === 'endpoint') return { ...value.literal, span }
  const host = takeAddress(value, span)
  return host && { kind: 'endpoint', host, port: null, span }
}

function takeListen(value: Value, span: Span): ast.EndpointLiteral | undefined {
  const endpoint = takeEndpoint(value, span)
  return endpoint?.host.kind === 'name' ? undefined : endpoint
}

/** `"tower-{i}.example.org:50000"` */
function takeHost(value: Value, span: Span): ast.EndpointLiteral | undefined {
  const [, host, digits] = (value.kind === 'text' && /^([^:[\]]*)(?::(\d+))?$/.exec(value.text)) || []
  if (host === undefined) return takeEndpoint(value, span)
  const port =
    digits === undefined ? null : ({ kind: 'integer', text: digits, value: Number(digits), span } as const)
  return { kind: 'endpoint', host: nameLiteral(host, span), port, span }
}

const unquoteHint = (value: Value) =>
  value.kind === 'text'
    ? 'they are written without quotes, or worked out: `host(PREFIX, N)`, `subnet(PREFIX, /LENGTH, N)`'
    : undefined

export const slots = {
  address: {
    what: 'an address',
    take: takeAddress,
    hint: (value: Value) =>
      value.kind === 'prefix' ? 'an address of it is `host(PREFIX, 1)`' : unquoteHint(value),
  } as Slot<ast.AddressLiteral>,
  prefix: {
    what: 'a prefix',
    take: takePrefix,
    hint: (value: Value) =>
      value.kind === 'address' ? 'the prefix that it lies in is `network(ADDRESS, /24)`' : unquoteHint(value),
  } as Slot<ast.PrefixLiteral>,
  integer: { what: 'a number', take: takeNumber } as Slot<ast.IntegerLiteral>,
  mtu: { what: 'a number of bytes', take: takeNumber } as Slot<ast.IntegerLiteral | Word<'auto'>>,
  duration: {
    what: 'a duration',
    take: (value, span) =>
      value.kind === 'duration' ? { kind: 'duration', text: value.text, ms: value.ms, span } : undefined,
    hint: (value: Value) => (value.kind === 'number' ? 'a duration has a unit: `20s`' : undefined),
  } as Slot<ast.DurationLiteral>,
  rate: {
    what: 'a rate',
    take: (value, span) =>
      value.kind === 'rate'
        ? { kind: 'rate', text: value.text, bitsPerSecond: value.bitsPerSecond, span }
        : undefined,
    hint: () => 'rates are written with `kbit`, `mbit` and `gbit`: `100mbit`',
  } as Slot<ast.RateLiteral>,
  listen: {
    what: 'an underlay address',
    take: takeListen,
    hint: (value: Value) =>
      value.kind === 'endpoint' || value.kind === 'text' ? listensOnAddresses : undefined,
  } as Slot<ast.EndpointLiteral>,
  endpoint: {
    what: 'an underlay address or a host name',
    take: takeHost,
    word: (text, span) => ({ kind: 'endpoint', host: nameLiteral(text, span), port: null, span }),
  } as Slot<ast.EndpointLiteral | Word<'nat'>>,
  hostname: { what: 'a host name', take: takeText, word: nameLiteral } as Slot<ast.NameLiteral>,
  interface: {
    what: 'the name of an interface',
    take: takeText,
    word: nameLiteral,
  } as Slot<ast.NameLiteral>,
  hub: { what: 'the name of a hub', take: takeText, word: nameLiteral } as Slot<ast.NameLiteral>,
  policyEnd: {
    what: 'a node, an address or a prefix',
    take: (value, span) => takeText(value, span) ?? takeAddress(value, span) ?? takePrefix(value, span),
    word: nameLiteral,
  } as Slot<ast.NameLiteral | ast.AddressLiteral | ast.PrefixLiteral | Word<'any'>>,
  expectEnd: {
    what: 'a node or an address',
    take: (value, span) => takeText(value, span) ?? takeAddress(value, span),
    word: nameLiteral,
  } as Slot<ast.NameLiteral | ast.AddressLiteral>,
} as const

/** Anything that has a `kind` and a place: a literal of the slot, or what gives one. */
type Written<L> = L | ast.Computed

/** `word` is the statement's. */
export function fill<L extends { readonly kind: string; readonly span: Span }>(
  written: Written<L>,
  slot: Slot<L>,
  word: string,
  env: Env,
): L | undefined {
  return filled(written, slot, word, env, (value) => [value])?.[0]
}

/** A list among them counts as its items. Undefined when one of them is wrong. */
export function fillAll<L extends { readonly kind: string; readonly span: Span }>(
  list: readonly Written<L>[],
  slot: Slot<L>,
  word: string,
  env: Env,
): readonly L[] | undefined {
  const parts = list.map((written) => filled(written, slot, word, env, leaves))
  return allKnown(parts) ? (parts.length === 1 ? parts[0] : parts.flat()) : undefined
}

/** What one written thing stands for; `parts` says which values one value counts as. */
function filled<L extends { readonly kind: string; readonly span: Span }>(
  written: Written<L>,
  slot: Slot<L>,
  word: string,
  env: Env,
  parts: (value: Value) => readonly Value[],
): readonly L[] | undefined {
  if (!isComputed(written)) return [env.notes.length === 0 ? written : moved(written, env)]
  const span = placed(written.span, env)
  if (isFreeWord(written, slot, env))
    return [(slot.word as NonNullable<typeof slot.word>)(written.text, span)]
  const value = evaluate(written, env)
  if (value === undefined) return undefined
  if (value.kind === 'list' && !env.budget.spendOnList(heavyValue * value.size, span, env.report))
    return undefined
  const literals = parts(value).map((part) => {
    const literal = slot.take(part, span)
    if (literal === undefined) env.report(wrongKind(span, word, slot.what, describe(part), slot.hint?.(part)))
    return literal
  })
  return allKnown(literals) ? literals : undefined
}

export function fillName(name: ast.Naming, env: Env): ast.NameLiteral | undefined {
  const span = placed(name.span, env)
  if (name.kind === 'name') return { ...name, span }
  const text = textValue(name, env)
  return text === undefined ? undefined : nameLiteral(text, span)
}

/** The literal at its place, with its parts at theirs. */
export function moved<L extends { readonly kind: string; readonly span: Span }>(literal: L, env: Env): L {
  if (literal.kind !== 'endpoint') return { ...literal, span: placed(literal.span, env) }
  const { host, port, span } = literal as unknown as ast.EndpointLiteral
  const parts: ast.EndpointLiteral = {
    kind: 'endpoint',
    host: { ...host, span: placed(host.span, env) },
    port: port && { ...port, span: placed(port.span, env) },
    span: placed(span, env),
  }
  return parts as unknown as L
}

const computedKinds = new Set(['reference', 'text', 'call', 'list', 'group', 'not', 'binary'])

function isComputed(written: { readonly kind: string }): written is ast.Computed {
  return computedKinds.has(written.kind)
}

/** A word that stands for itself: no value has this name. */
function isFreeWord(
  written: ast.Computed,
  slot: { readonly word?: unknown },
  env: Env,
): written is ast.Reference {
  return written.kind === 'reference' && slot.word !== undefined && env.names.find(written.text) === undefined
}

// SPDX-License-Identifier: MIT
/**
 * What an expression gives, and how messages and texts show it. Part of phase 1.
 */
import type * as ast from '../../../grammar/ast.ts'
import { printable } from '../../diag/message.ts'
import type { Address, Prefix } from '../../model/address.ts'

export type Value =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'address'; readonly address: Address }
  | { readonly kind: 'prefix'; readonly prefix: Prefix }
  /** `/24` */
  | { readonly kind: 'length'; readonly value: number }
  | { readonly kind: 'duration'; readonly ms: number; readonly text: string }
  | { readonly kind: 'rate'; readonly bitsPerSecond: number; readonly text: string }
  | { readonly kind: 'endpoint'; readonly literal: ast.EndpointLiteral }
  /** `size`: all values in it, itself and the lists in it included, as often as they stand there. */
  | { readonly kind: 'list'; readonly items: readonly Value[]; readonly size: number }
  /** Both ends belong to it; empty when `from` is above `to`. */
  | { readonly kind: 'range'; readonly from: number; readonly to: number }
export type ValueKind = Value['kind']
export type ValueOf<K extends ValueKind> = Extract<Value, { kind: K }>

/**
 * What a list may hold, with the lists in it. A list that stands in another is shared, not copied: without this, ten
 * lines could name more values than anybody can go through.
 */
export const largestList = 100_000

export function listOf(items: readonly Value[]): ValueOf<'list'> {
  return { kind: 'list', items, size: items.reduce((sum, item) => sum + sizeOf(item), 1) }
}

/** 1 of anything that is no list. */
export function sizeOf(value: Value): number {
  return value.kind === 'list' ? value.size : 1
}

export function allKnown<T>(list: readonly (T | undefined)[]): list is readonly T[] {
  return !list.includes(undefined)
}

/** The values in it that are no lists, in order; of anything else, itself. */
export function leaves(value: Value): readonly Value[] {
  const found: Value[] = []
  const rest = [value]
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    if (next.kind !== 'list') found.push(next)
    else for (let i = next.items.length - 1; i >= 0; i--) rest.push(next.items[i] as Value)
  }
  return found
}

/** With its article, as a message names it. */
export const kindNames: Readonly<Record<ValueKind, string>> = {
  number: 'a number',
  text: 'a text',
  boolean: '`true` or `false`',
  address: 'an address',
  prefix: 'a prefix',
  length: 'a prefix length',
  duration: 'a duration',
  rate: 'a rate',
  endpoint: 'an endpoint',
  list: 'a list',
  range: 'a range',
}

/** Characters that a message shows of a list, more or less. */
const longestListText = 200

/** As it stands in a text, or in a file. A list is cut short. */
export function textOf(value: Value): string {
  return value.kind === 'list' ? listText(value, longestListText) : plainText(value)
}

/** Of each list the first four, as far as there is room. */
function listText({ items }: ValueOf<'list'>, room: number): string {
  const texts: string[] = []
  let left = room - 2
  for (const item of items.slice(0, 4)) {
    if (left <= 0) break
    const text = item.kind === 'list' ? listText(item, left) : plainText(item)
    texts.push(text)
    left -= text.length + 2
  }
  return `[${[...texts, ...(texts.length < items.length ? ['...'] : [])].join(', ')}]`
}

function plainText(value: Exclude<Value, { kind: 'list' }>): string {
  switch (value.kind) {
    case 'number':
    case 'boolean':
      return String(value.value)
    case 'length':
      return `/${value.value}`
    case 'address':
      return value.address
    case 'prefix':
      return value.prefix
    case 'text':
    case 'duration':
    case 'rate':
      return value.text
    case 'endpoint':
      return endpointText(value.literal)
    case 'range':
      return `${value.from}..${value.to}`
  }
}

/** `the text "x"`, `the number 5`: what a message says was found. */
export function describe(value: Value): string {
  if (value.kind === 'boolean') return `\`${value.value}\``
  const text = printable(textOf(value))
  const short = text.length > 40 ? `${text.slice(0, 37)}...` : text
  return `${kindNames[value.kind].replace(/^an? /, 'the ')} ${value.kind === 'text' ? `"${short}"` : short}`
}

function endpointText({ host, port }: ast.EndpointLiteral): string {
  const text = host.text.includes(':') ? `[${host.text}]` : host.text
  return port === null ? text : `${text}:${port.text}`
}

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
  | { readonly kind: 'list'; readonly items: readonly Value[] }
  /** Both ends belong to it; empty when `from` is above `to`. */
  | { readonly kind: 'range'; readonly from: number; readonly to: number }
export type ValueKind = Value['kind']
export type ValueOf<K extends ValueKind> = Extract<Value, { kind: K }>

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

/** As it stands in a text, or in a file. */
export function textOf(value: Value): string {
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
    case 'list':
      return `[${value.items.slice(0, 4).map(textOf).join(', ')}${value.items.length > 4 ? ', ...' : ''}]`
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

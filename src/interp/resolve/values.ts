// SPDX-License-Identifier: MIT
/**
 * Literals of the tree to values of the model, each checked on its own. Part of phase 1. Undefined always
 * means: reported, go on without it.
 */
import type * as ast from '../../../grammar/ast.ts'
import {
  deadNotLarger,
  endpointNotUnicast,
  hostBitsSet,
  invalidAddress,
  invalidDeviceName,
  invalidHostName,
  invalidName,
  invalidPrefixLength,
  keepaliveOutOfRange,
  mtuOutOfRange,
  portOutOfRange,
  translatedFamilies,
} from '../../diag/catalogue.ts'
import type { Diagnostic } from '../../diag/error.ts'
import {
  type Address,
  bitsOf,
  familyOf,
  type Prefix,
  parseAddress,
  parsePrefix,
  prefixAddress,
} from '../../model/address.ts'
import { unfitEndpoint } from '../../model/endpoint-address.ts'
import type { Keepalive, Listen, NodeEndpoint } from '../../model/topology.ts'
import type * as flat from './flat.ts'

export type Report = (diagnostic: Diagnostic) => void

export function addressOf(literal: ast.AddressLiteral, report: Report): Address | undefined {
  const address = parseAddress(literal.text)
  if (address === undefined) report(invalidAddress(literal.span, literal.text))
  return address
}

export function prefixOfLiteral(literal: ast.PrefixLiteral, report: Report): Prefix | undefined {
  const { text, span } = literal
  const addressText = text.slice(0, text.indexOf('/'))
  const address = parseAddress(addressText)
  if (address === undefined) {
    report(invalidAddress(span, addressText))
    return undefined
  }
  const prefix = parsePrefix(text)
  if (prefix === undefined) report(invalidPrefixLength(span, text, bitsOf(familyOf(address))))
  else if (prefixAddress(prefix) === address) return prefix
  else report(hostBitsSet(span, text, prefix))
  return undefined
}

export function portOf(literal: ast.IntegerLiteral, report: Report): number | undefined {
  if (literal.value >= 1 && literal.value <= 65535) return literal.value
  report(portOutOfRange(literal.span, literal.text))
  return undefined
}

export function mtuOf(literal: flat.Mtu['mtu'], report: Report): number | 'auto' | undefined {
  if (literal.kind === 'word') return 'auto'
  if (literal.value >= 576 && literal.value <= 65535) return literal.value
  report(mtuOutOfRange(literal.span, literal.text))
  return undefined
}

/** `what` reads like `a hub`. */
export function checkName(literal: ast.NameLiteral, what: string, report: Report): void {
  if (!/^(?!\.+$)[A-Za-z0-9_.-]{1,63}$/.test(literal.text)) report(invalidName(literal.span, what))
}

/** What Linux takes as an interface name (net/core/dev.c, dev_valid_name), less what sysctl paths cannot bear. */
export function checkDeviceName(literal: ast.NameLiteral, report: Report): void {
  const reserved = ['.', '..', 'lo', 'all', 'default'].includes(literal.text)
  if (reserved || !/^[!-$&-.0-9;-~]{1,15}$/.test(literal.text)) report(invalidDeviceName(literal.span))
}

/** RFC 1123 section 2.1, and underscores, which hosts do have. A last label of digits would be an address. */
export function hostNameOf(text: string, span: ast.NameLiteral['span'], report: Report): string | undefined {
  const labels = text.split('.')
  const valid =
    text.length <= 253 &&
    labels.every((label) => /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(label)) &&
    !/^\d+$/.test(labels.at(-1) as string)
  if (valid) return text.toLowerCase()
  report(invalidHostName(span))
  return undefined
}

/** An underlay address with its port; `defaultPort` where none is written. */
export function endpointOf(
  literal: ast.EndpointLiteral | ast.WordLiteral<'nat'>,
  defaultPort: number,
  report: Report,
): NodeEndpoint | undefined {
  const { span } = literal
  if (literal.kind === 'word') return { kind: 'nat', span }
  const port = literal.port === null ? defaultPort : portOf(literal.port, report)
  if (literal.host.kind === 'name') {
    const host = hostNameOf(literal.host.text, literal.host.span, report)
    return host === undefined || port === undefined ? undefined : { kind: 'name', host, port, span }
  }
  const address = addressOf(literal.host, report)
  const unfit = address === undefined ? null : unfitEndpoint(address)
  if (unfit !== null) report(endpointNotUnicast(span, address as Address, unfit))
  if (address === undefined || unfit !== null || port === undefined) return undefined
  return { kind: 'address', address, port, span }
}

/** `OUTSIDE`, or `OUTSIDE at INSIDE`; where the inner port is not written, a NAT keeps the port. */
export function listenOf(
  written: flat.Listen['endpoints'][number],
  defaultPort: number,
  report: Report,
): Listen | undefined {
  const outside = endpointOf(written.kind === 'translated' ? written.outside : written, defaultPort, report)
  if (written.kind !== 'translated') {
    if (outside?.kind !== 'address') return undefined
    const { address, port, span } = outside
    return { address, port, local: { address, port }, span, localSpan: span }
  }
  const inside = endpointOf(written.inside, outside?.kind === 'address' ? outside.port : defaultPort, report)
  if (outside?.kind !== 'address' || inside?.kind !== 'address') return undefined
  const { address, port, span } = outside
  if (familyOf(inside.address) === familyOf(address)) {
    const local = { address: inside.address, port: inside.port }
    return { address, port, local, span, localSpan: inside.span }
  }
  report(translatedFamilies(written.span, address, inside.address))
  return undefined
}

/** The two times of a level, from that level's statement or from the level above. */
export interface KeepaliveTimes {
  readonly every: Omit<ast.DurationLiteral, 'span' | 'kind'> & { readonly span?: ast.DurationLiteral['span'] }
  readonly dead: KeepaliveTimes['every']
}

export const defaultKeepalive: KeepaliveTimes = {
  every: { text: '20s', ms: 20_000 },
  dead: { text: '90s', ms: 90_000 },
}

/** Reported times are replaced by the inherited ones. */
export function keepaliveOf(
  statement: flat.Keepalive,
  inherited: KeepaliveTimes,
  report: Report,
): KeepaliveTimes {
  const inRange = (time: ast.DurationLiteral | null) => {
    if (time === null || (time.ms >= 100 && time.ms <= 86_400_000)) return time
    report(keepaliveOutOfRange(time.span, time.text))
    return null
  }
  const written = { every: inRange(statement.every), dead: inRange(statement.dead) }
  const every = written.every ?? inherited.every
  const dead = written.dead ?? inherited.dead
  if (dead.ms > every.ms) return { every, dead }
  const at = written.dead ?? written.every
  if (at !== null) {
    report(deadNotLarger(at.span, every.text, dead.text, at === dead ? every.span : dead.span))
  }
  return inherited
}

export function toKeepalive(times: KeepaliveTimes): Keepalive {
  return { intervalMs: times.every.ms, deadMs: times.dead.ms }
}

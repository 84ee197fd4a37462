// SPDX-License-Identifier: MIT
/**
 * `allow`, `deny` and `expect` to the nodes and addresses that they are about. Part of phase 1, after all overlays.
 */

import type { NameLiteral } from '../../../grammar/ast.ts'
import {
  ambiguousNode,
  expectAcross,
  expectFamilies,
  expectItself,
  expectOutOfRange,
  nobodysAddress,
  policyFamilies,
  policyOutside,
  silenceByFamilies,
  unknownNode,
} from '../../diag/catalogue.ts'
import { suggest } from '../../diag/suggest.ts'
import {
  type Address,
  type Family,
  familyOf,
  hostPrefix,
  type Prefix,
  prefixContains,
  prefixesOverlap,
  prefixLength,
} from '../../model/address.ts'
import {
  type Expect,
  type ExpectEnd,
  nodesOf,
  type Overlay,
  type Policy,
  type PolicyEnd,
} from '../../model/topology.ts'
import type * as flat from './flat.ts'
import type { ResolvedOverlay } from './overlay.ts'
import { addressOf, prefixOfLiteral, type Report } from './values.ts'

/** An overlay and its nodes by name; `whole`: none is missing because it could not be read. */
export interface Known {
  readonly overlay: Overlay
  readonly names: ReadonlySet<string>
  readonly whole: boolean
  /** Nodes that may have more addresses than could be read. */
  readonly partial: ReadonlySet<string>
  /** Unknown names that have been reported. */
  readonly missed: Set<string>
  /** Of prefixes that policies have named so far: does one of the overlay's networks or routes overlap it? */
  readonly concerned: Map<Prefix, boolean>
}

export function knownNodes({ overlay, partial }: ResolvedOverlay, whole: boolean): Known {
  const names = new Set(nodesOf(overlay).map(({ name }) => name))
  return { overlay, names, whole, partial, missed: new Set(), concerned: new Map() }
}

export function resolvePolicy(statement: flat.Policy, known: Known, report: Report): Policy | undefined {
  const from = policyEnd(statement.from, known, report)
  const to = policyEnd(statement.to, known, report)
  if (from === undefined || to === undefined) return undefined
  if (from.kind === 'prefix' && to.kind === 'prefix' && familyOf(from.prefix) !== familyOf(to.prefix)) {
    report(policyFamilies(statement.span, from.prefix, to.prefix))
    return undefined
  }
  return { overlay: known.overlay.name, action: statement.kind, from, to, span: statement.span }
}

function policyEnd(end: flat.PolicyEnd, known: Known, report: Report): PolicyEnd | undefined {
  switch (end.kind) {
    case 'word':
      return { kind: 'any' }
    case 'name':
      return hasNode(end, known, report) ? { kind: 'node', node: end.text } : undefined
    default: {
      const address = end.kind === 'address' ? addressOf(end, report) : undefined
      const prefix = end.kind === 'prefix' ? prefixOfLiteral(end, report) : address && hostPrefix(address)
      if (prefix === undefined) return undefined
      if (isConcerned(prefix, known)) return { kind: 'prefix', prefix }
      report(policyOutside(end.span, address ?? prefix, known.overlay.nets))
      return undefined
    }
  }
}

/** Asked once for each prefix: many policies name the same few, and an overlay has thousands of routes. */
function isConcerned(prefix: Prefix, { overlay, concerned }: Known): boolean {
  const before = concerned.get(prefix)
  if (before !== undefined) return before
  const overlaps = (each: Prefix) => prefixesOverlap(each, prefix)
  const { nets } = overlay
  const is =
    nets.length === 0 || nets.some(overlaps) || nodesOf(overlay).some(({ routes }) => routes.some(overlaps))
  concerned.set(prefix, is)
  return is
}

function hasNode(name: NameLiteral, known: Known, report: Report): boolean {
  if (known.names.has(name.text)) return true
  reportUnknown(name, [known], report)
  return false
}

/** Once for each name, and only where none is missing for another reason. */
function reportUnknown({ text, span }: NameLiteral, overlays: readonly Known[], report: Report): void {
  if (overlays.some(({ whole, missed }) => !whole || missed.has(text))) return
  for (const { missed } of overlays) missed.add(text)
  const all = overlays.flatMap(({ names }) => [...names])
  report(unknownNode(span, text, 'node', suggest(text, all)))
}

/** `overlays`: the one that the statement stands in, or all. */
export function resolveExpect(
  statement: flat.Expect,
  overlays: readonly Known[],
  report: Report,
): Expect | undefined {
  const from = expectEnd(statement.from, overlays, report)
  const to = expectEnd(statement.to, overlays, report)
  const amounts = amountsOf(statement, report)
  if (from === undefined || to === undefined || amounts === undefined) return undefined
  const { span } = statement
  const known = from.known.overlay.name
  if (known !== to.known.overlay.name) report(expectAcross(span, from.end.node, to.end.node))
  else if (from.end.node === to.end.node) report(expectItself(span, from.end.node))
  else {
    checkFamilies(statement, from, to, report)
    return { overlay: known, from: from.end, to: to.end, span, ...amounts }
  }
  return undefined
}

/** Between ends without a family in common nothing arrives, and nothing can be sent that is kept from arriving. */
function checkFamilies(statement: flat.Expect, from: FoundEnd, to: FoundEnd, report: Report): void {
  const [a, b] = [onlyFamilyOf(from), onlyFamilyOf(to)]
  if (a === undefined || b === undefined || a === b) return
  const ends = [
    { text: from.end.address ?? from.end.node, family: a },
    { text: to.end.address ?? to.end.node, family: b },
  ] as const
  if (statement.what === 'no ping') report(silenceByFamilies(statement.span, ...ends))
  else report(expectFamilies(statement.span, `expect ${statement.what}`, ...ends))
}

/** Undefined: it has both, none, or possibly more than could be read. */
function onlyFamilyOf({ known, end }: FoundEnd): Family | undefined {
  if (end.address !== null) return familyOf(end.address)
  const node = nodesOf(known.overlay).find(({ name }) => name === end.node)
  if (node === undefined || known.partial.has(end.node)) return undefined
  const families = new Set(node.device.addresses.map(familyOf))
  return families.size === 1 ? [...families][0] : undefined
}

type Amounts =
  | { kind: 'ping'; withinMs: number | null }
  | { kind: 'no-ping' }
  | { kind: 'throughput'; leastBitsPerSecond: number }

function amountsOf({ what, within, least }: flat.Expect, report: Report): Amounts | undefined {
  if (within !== null && (within.ms < 1 || within.ms > 3_600_000)) {
    report(expectOutOfRange(within.span, within.text, 'a time to wait is from 1ms to 1h'))
    return undefined
  }
  if (least !== null && (least.bitsPerSecond < 1000 || least.bitsPerSecond > 1e12)) {
    report(expectOutOfRange(least.span, least.text, 'a rate is from 1kbit to 1000gbit'))
    return undefined
  }
  if (what === 'no ping') return { kind: 'no-ping' }
  if (least !== null) return { kind: 'throughput', leastBitsPerSecond: least.bitsPerSecond }
  return { kind: 'ping', withinMs: within?.ms ?? null }
}

interface FoundEnd {
  /** The overlay that it is of. */
  readonly known: Known
  readonly end: ExpectEnd
}

function expectEnd(end: flat.ExpectEnd, overlays: readonly Known[], report: Report): FoundEnd | undefined {
  if (end.kind === 'address') {
    const address = addressOf(end, report)
    if (address === undefined) return undefined
    for (const known of overlays) {
      const owner = ownerOf(address, known.overlay)
      if (owner !== undefined) return { known, end: { node: owner, address } }
    }
    const all = overlays.every(({ whole, partial }) => whole && partial.size === 0)
    if (all) report(nobodysAddress(end.span, address))
    return undefined
  }
  const { text, span } = end
  const [known, ...others] = overlays.filter(({ names }) => names.has(text))
  if (known === undefined) reportUnknown(end, overlays, report)
  else if (others.length === 0) return { known, end: { node: text, address: null } }
  else
    report(
      ambiguousNode(
        span,
        text,
        [known, ...others].map(({ overlay }) => overlay.name),
      ),
    )
  return undefined
}

/** The node that has the address, or else the longest route to it. */
function ownerOf(address: Address, overlay: Overlay): string | undefined {
  let owner: string | undefined
  let longest = -1
  for (const { name, device, routes } of nodesOf(overlay)) {
    if (device.addresses.includes(address)) return name
    for (const prefix of routes) {
      if (prefixLength(prefix) <= longest || !prefixContains(prefix, address)) continue
      owner = name
      longest = prefixLength(prefix)
    }
  }
  return owner
}

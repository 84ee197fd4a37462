// SPDX-License-Identifier: MIT
/**
 * Where packets out of a node's tunnels may go: what is this node's to take or to pass on. A hub passes on to the overlay
 * and to what is behind itself, a spoke takes what is its own. Part of desire; from the file alone.
 */
import { hostPrefix, type Prefix, prefixAddress, prefixLength, prefixOf } from '../model/address.ts'
import { maxDestinations } from '../model/state.ts'
import type { Node, Overlay } from '../model/topology.ts'
import { tooManyDestinations } from './refusals.ts'
import { rangeOf, within } from './resolve/ranges.ts'

/** Sorted, joined to as few as say the same. @throws LvnError LVN4020: still more than a device holds. */
export function destinationsOf(node: Node, overlay: Overlay): Prefix[] {
  const own = node.role === 'hub' ? overlay.nets : node.device.addresses.map(hostPrefix)
  const joined = joinPrefixes([...own, ...node.routes])
  if (joined.length > maxDestinations)
    throw tooManyDestinations(node.name, joined.length, maxDestinations, node.device.span)
  return joined
}

/** The same addresses in as few prefixes as can be, IPv4 first, ascending. */
export function joinPrefixes(prefixes: readonly Prefix[]): Prefix[] {
  const sorted = prefixes.map((prefix) => ({ prefix, ...rangeOf(prefix) })).sort(outermostFirst)
  const joined: typeof sorted = []
  for (const each of sorted) {
    const last = joined.at(-1)
    if (last !== undefined && within(last, each)) continue
    joined.push(each)
    for (let two = siblings(joined); two !== null; two = siblings(joined)) {
      joined.splice(-2, 2, { prefix: two, ...rangeOf(two) })
    }
  }
  return joined.map(({ prefix }) => prefix)
}

type Ranged = { readonly prefix: Prefix; readonly start: string; readonly end: string }

function outermostFirst(a: Ranged, b: Ranged): number {
  if (a.start !== b.start) return a.start < b.start ? -1 : 1
  return a.end === b.end ? 0 : a.end > b.end ? -1 : 1
}

/** What the last two make together, where they are the halves of one prefix; else null. */
function siblings(list: readonly Ranged[]): Prefix | null {
  const [a, b] = list.slice(-2).map(({ prefix }) => prefix)
  if (a === undefined || b === undefined) return null
  const length = prefixLength(a)
  if (length === 0 || prefixLength(b) !== length) return null
  const whole = prefixOf(prefixAddress(a), length - 1)
  return whole === prefixOf(prefixAddress(b), length - 1) ? whole : null
}

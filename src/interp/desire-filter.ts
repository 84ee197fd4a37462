// SPDX-License-Identifier: MIT
/**
 * What enforces the overlay's policies on one of its nodes: every hub filters what goes through it, a spoke
 * nothing. Part of desire; it reads no live state.
 */
import { type FamilyFilter, type FilterSpec, maxLabelBytes } from '../model/filter.ts'
import { policyEndText } from '../model/policy.ts'
import type { Node, Overlay, Policy, PolicyEnd } from '../model/topology.ts'
import { compileFamily, type End } from './policy-program.ts'
import { type Territory, territoriesOf } from './territories.ts'

/** `policies`: of all overlays. Null: nothing that could meet this node is denied to anybody. */
export function filterOf(node: Node, overlay: Overlay, policies: readonly Policy[]): FilterSpec | null {
  const own = policies.filter((policy) => policy.overlay === overlay.name)
  if (node.role !== 'hub' || !own.some(({ action }) => action === 'deny')) return null
  const territories = ([4, 6] as const).map((family) => territoriesOf(overlay, family))
  const ofNode = (name: string) => territories.flatMap((each) => each.get(name) ?? [])
  const byPrefixes = own.map(({ action, from, to }) => ({
    action,
    from: rangesOf(from, ofNode),
    to: rangesOf(to, ofNode),
  }))
  const [ipv4, ipv6] = [compileFamily(byPrefixes, 4), compileFamily(byPrefixes, 6)]
  if (!denies(ipv4) && !denies(ipv6)) return null
  const owner = { overlay: overlay.name, node: node.name }
  return { device: node.device.name, owner, policies: own.map(labelOf), ipv4, ipv6 }
}

/** Null: every address. */
function rangesOf(end: PolicyEnd, ofNode: (name: string) => readonly Territory[]): readonly End[] | null {
  switch (end.kind) {
    case 'any':
      return null
    case 'prefix':
      return [end.prefix]
    case 'node':
      return ofNode(end.node)
  }
}

function denies({ lists }: FamilyFilter): boolean {
  return lists.some(
    ({ targets, otherwise }) => otherwise === 'deny' || targets.some(({ verdict }) => verdict === 'deny'),
  )
}

/** `deny rathaus -> kirche`; cut where two long names are more than the kernel keeps. */
export function labelOf({ action, from, to }: Policy): string {
  const text = `${action} ${policyEndText(from)} -> ${policyEndText(to)}`
  if (Buffer.byteLength(text) <= maxLabelBytes) return text
  let cut = text
  while (Buffer.byteLength(cut) > maxLabelBytes - Buffer.byteLength('…')) cut = [...cut].slice(0, -1).join('')
  return `${cut}…`
}

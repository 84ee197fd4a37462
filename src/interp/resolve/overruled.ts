// SPDX-License-Identifier: MIT
/**
 * Policies that never decide anything, because one further down is about all of their packets: elsewhere the first
 * that matches counts, here the last. Part of phase 1.
 */
import { policyOverruled } from '../../diag/catalogue.ts'
import type { Policy, PolicyEnd } from '../../model/topology.ts'
import type { Report } from './values.ts'

/**
 * `policies` of one overlay, as they count. Looked for are `any` and the same ends. What a `for` or a template has
 * written, and what a file writes that another one continues, may well have exceptions that say the opposite.
 */
export function checkOverruled(policies: readonly Policy[], report: Report): void {
  const later = new Map<string, Policy>()
  for (const policy of policies.toReversed()) {
    const { action, from, to, span } = policy
    const [sources, targets] = [coverings(from), coverings(to)]
    const covering = sources
      .flatMap((source) => targets.map((target) => later.get(`${source} ${target}`)))
      .find((found) => found?.span.source === span.source)
    if (covering !== undefined && span.notes === undefined)
      report(policyOverruled(span, action, covering.span))
    later.set(`${sources[0]} ${targets[0]}`, policy)
  }
}

/** The end itself, and `any`. */
function coverings(end: PolicyEnd): readonly string[] {
  if (end.kind === 'any') return ['any']
  return [end.kind === 'node' ? `node:${end.node}` : end.prefix, 'any']
}

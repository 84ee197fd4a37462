// SPDX-License-Identifier: MIT
/**
 * The ends of a policy as text: `kirche`, `10.64.0.0/20`, `any`.
 */
import { bitsOf, familyOf, prefixAddress, prefixLength } from './address.ts'
import type { PolicyEnd } from './topology.ts'

/** A prefix of full length is an address. */
export function policyEndText(end: PolicyEnd): string {
  if (end.kind === 'any') return 'any'
  if (end.kind === 'node') return end.node
  const { prefix } = end
  return prefixLength(prefix) === bitsOf(familyOf(prefix)) ? prefixAddress(prefix) : prefix
}

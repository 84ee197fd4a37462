// SPDX-License-Identifier: MIT
/**
 * Reads the kernel again after an apply and compares it with what was wanted, and with what was within reach before. It
 * repairs nothing.
 */
import type { Address, Prefix } from '../model/address.ts'
import type { Kernel } from '../model/kernel.ts'
import type { DesiredState, LiveState } from '../model/state.ts'
import { interfaceOf } from '../model/sysctl-path.ts'
import { observe } from './2-observe.ts'
import { diff } from './3-diff.ts'
import { lostReach } from './reach.ts'
import type { Change, Foreign, Plan } from './types.ts'
import { diversionsByRule } from './ways.ts'

export interface Verified {
  /** What still differs; empty when all is well. */
  readonly residue: readonly Change[]
  /** What could be reached when the plan was made, and cannot be now. */
  readonly lost: readonly (Address | Prefix)[]
  /** What of others leads packets for the overlay past its devices. */
  readonly diverted: readonly Foreign[]
}

export function verify(kernel: Kernel, plan: Pick<Plan, 'desired' | 'reach' | 'scope' | 'behind'>): Verified {
  const { desired, reach, scope, behind = [] } = plan
  const live = observe(kernel, {
    remotes: reach.remotes,
    sysctls: desired.sysctls.map(({ path }) => path),
    nets: desired.routes.flatMap(({ table, destination }) => (table === undefined ? destination : [])),
    behind,
  })
  const { changes, owners } = diff(live, withoutGone(desired, live), scope)
  return {
    residue: changes.filter((change) => !isLearned(change)),
    lost: lostReach(reach, live),
    diverted: diversionsByRule(live, owners),
  }
}

/** An interface that has gone since the plan was made takes its values along. A device of ours must be there. */
function withoutGone(desired: DesiredState, live: LiveState): DesiredState {
  const there = new Set([...live.links, ...desired.devices].map(({ name }) => name))
  const sysctls = desired.sysctls.filter(({ path }) => {
    const on = interfaceOf(path)
    return on === undefined || there.has(on)
  })
  return { ...desired, sysctls }
}

/** What a peer's signal sets, and nothing else of a tunnel. */
const signalled = ['remote', 'local', 'underlay']

/** A pending tunnel whose peer has signalled since the plan was made. */
function isLearned(change: Change): boolean {
  if (change.kind !== 'tunnel' || change.after?.remote !== null) return false
  return change.fields.includes('remote') && change.fields.every((field) => signalled.includes(field))
}

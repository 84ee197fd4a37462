// SPDX-License-Identifier: MIT
/**
 * Reads the kernel again after an apply and compares it with what was wanted. It repairs nothing.
 */
import type { Kernel } from '../model/kernel.ts'
import { observe } from './2-observe.ts'
import { diff } from './3-diff.ts'
import type { Change, Plan } from './types.ts'

/** What still differs; empty when all is well. */
export function verify(kernel: Kernel, plan: Pick<Plan, 'desired' | 'scope'>): readonly Change[] {
  const { desired, scope } = plan
  const live = observe(kernel, { remotes: [], sysctls: desired.sysctls.map(({ path }) => path) })
  return diff(live, desired, scope).changes.filter((change) => !isLearned(change))
}

/** What a peer's signal sets, and nothing else of a tunnel. */
const signalled = ['remote', 'local', 'underlay']

/** A pending tunnel whose peer has signalled since the plan was made. */
function isLearned(change: Change): boolean {
  if (change.kind !== 'tunnel' || change.op !== 'change' || change.after?.remote !== null) return false
  return change.fields.includes('remote') && change.fields.every((field) => signalled.includes(field))
}

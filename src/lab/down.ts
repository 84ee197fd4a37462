// SPDX-License-Identifier: MIT
/**
 * `lab down` and `lab list`: which labs there are is read from the names of the namespaces alone, so a lab
 * whose builder died is found and removed like any other.
 */
import { deleteNetns, listNetns } from '../../native/netns.ts'
import { labOfNamespace, labPrefix, underlayNamespace } from './names.ts'

/** Names of the namespaces removed, sorted; empty: there was no such lab. */
export function labDown(lab: string): readonly string[] {
  const prefix = labPrefix(lab)
  const underlay = underlayNamespace(lab)
  const namespaces = listNetns().filter((name) => name.startsWith(prefix))
  // The router goes last: a removal that is interrupted leaves a lab that can still be seen.
  const ordered = [
    ...namespaces.filter((name) => name !== underlay),
    ...namespaces.filter((n) => n === underlay),
  ]
  for (const name of ordered) deleteNetns(name)
  return namespaces
}

export interface Lab {
  readonly name: string
  /** Sorted. */
  readonly namespaces: readonly string[]
}

/** Labs on this machine, broken ones too, sorted by name. */
export function labList(): readonly Lab[] {
  const labs = new Map<string, string[]>()
  for (const namespace of listNetns()) {
    const lab = labOfNamespace(namespace)
    if (lab !== undefined) labs.set(lab, [...(labs.get(lab) ?? []), namespace])
  }
  return [...labs].map(([name, namespaces]) => ({ name, namespaces }))
}

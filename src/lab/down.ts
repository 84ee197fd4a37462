// SPDX-License-Identifier: MIT
/**
 * `lab down` and `lab list`: a lab is what its builder said that it would make, as far as it is there, so one whose
 * builder died is found and removed like any other.
 */
import { deleteNetns, listNetns } from '../../native/netns.ts'
import { disclaim, namespacesOf } from './claim.ts'
import { labOfNamespace, underlayNamespace } from './names.ts'

export interface LabDownReport {
  /** Names of the namespaces removed, sorted; empty: there was no such lab. */
  readonly removed: readonly string[]
  /** Namespaces that have names of the lab but that no lab has made: left alone. */
  readonly left: readonly string[]
}

export function labDown(lab: string): LabDownReport {
  const underlay = underlayNamespace(lab)
  const { own, foreign } = namespacesOf(lab)
  // The router goes last: a removal that is interrupted leaves a lab that can still be seen.
  const ordered = [...own.filter((name) => name !== underlay), ...own.filter((name) => name === underlay)]
  for (const name of ordered) deleteNetns(name)
  disclaim(lab)
  return { removed: own, left: foreign }
}

export interface Lab {
  readonly name: string
  /** Sorted. */
  readonly namespaces: readonly string[]
}

/** Labs on this machine, broken ones too, sorted by name. */
export function labList(): readonly Lab[] {
  const names = new Set(listNetns().flatMap((namespace) => labOfNamespace(namespace) ?? []))
  return [...names]
    .map((name) => ({ name, namespaces: namespacesOf(name).own }))
    .filter(({ namespaces }) => namespaces.length > 0)
}

// SPDX-License-Identifier: MIT
/**
 * Values from before us, as a plane keeps them: under the name that the interface had then, and with its index, so that
 * they find it under another name. Knows no plane and no kernel.
 */
import { interfaceOf, pathOn } from '../src/model/sysctl-path.ts'

export interface Kept {
  readonly path: string
  readonly value: string
  /** Index of the interface that the path is of; 0: it is of none, or not known. */
  readonly ifindex: number
}

const qdiscPrefix = 'clsact:'

/** Marks, among the saved values, that the interface had no clsact before us. */
export function qdiscRecord(interfaceName: string): string {
  return `${qdiscPrefix}${interfaceName}`
}

/** The interface that a path or record is of; undefined: it is of none. */
export function interfaceIn(path: string): string | undefined {
  return path.startsWith(qdiscPrefix) ? path.slice(qdiscPrefix.length) : interfaceOf(path)
}

/**
 * Each under the name that its interface has now. One whose interface has gone keeps its name: another may come under it.
 * Of two of one path, the one whose interface is known counts.
 * @param names of the interfaces that are there, by index
 */
export function underPresentNames(kept: readonly Kept[], names: ReadonlyMap<number, string>): Kept[] {
  const found = new Map<string, Kept>()
  for (const each of kept) {
    const present = names.get(each.ifindex)
    const path = present === undefined ? each.path : renamed(each.path, present)
    if (present !== undefined || !found.has(path)) found.set(path, { ...each, path })
  }
  return [...found.values()]
}

/**
 * The same, each with the index of the interface that has its name by now; 0: none has. An index that outlived its
 * interface would lead a later one to values that were never its own.
 */
export function settled(kept: readonly Kept[], names: ReadonlyMap<number, string>): Kept[] {
  const indexes = new Map([...names].map(([ifindex, name]) => [name, ifindex]))
  return underPresentNames(kept, names).map((each) => ({
    ...each,
    ifindex: indexes.get(interfaceIn(each.path) ?? '') ?? 0,
  }))
}

function renamed(path: string, name: string): string {
  if (interfaceIn(path) === undefined) return path
  return path.startsWith(qdiscPrefix) ? qdiscRecord(name) : pathOn(path, name)
}

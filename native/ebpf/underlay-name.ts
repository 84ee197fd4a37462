// SPDX-License-Identifier: MIT
/**
 * Underlay interfaces by name, also those that are gone: their tunnels keep the index, and the index is then
 * the name. No interface can be called so, for interface names hold no blanks.
 */
const gone = 'ifindex '

export function underlayName(ifindex: number, names: ReadonlyMap<number, string>): string {
  return names.get(ifindex) ?? `${gone}${ifindex}`
}

/** Null: there is no such interface, and there was none. */
export function underlayIndex(name: string, indexes: ReadonlyMap<string, number>): number | null {
  return indexes.get(name) ?? (name.startsWith(gone) ? Number(name.slice(gone.length)) : null)
}

// SPDX-License-Identifier: MIT
/** Paths below /proc/sys that are an interface's own. Pure. */

/** The interface whose own switch this is; undefined for `all`, `default` and paths that are no interface's. */
export function interfaceOf(path: string): string | undefined {
  const name = /^net\/ipv[46]\/conf\/(.+)\/[^/]+$/.exec(path)?.[1]
  return name === 'all' || name === 'default' ? undefined : name
}

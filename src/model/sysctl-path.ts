// SPDX-License-Identifier: MIT
/** Paths below /proc/sys that are an interface's own. Pure. */

/** The interface whose own switch this is; undefined for `all`, `default` and paths that are no interface's. */
export function interfaceOf(path: string): string | undefined {
  const name = /^net\/ipv[46]\/conf\/(.+)\/[^/]+$/.exec(path)?.[1]
  return name === 'all' || name === 'default' ? undefined : name
}

/** The same switch of another interface; `path` is an interface's own. */
export function pathOn(path: string, name: string): string {
  return path.replace(/^(net\/ipv[46]\/conf\/).+(?=\/[^/]+$)/, (_, start: string) => `${start}${name}`)
}

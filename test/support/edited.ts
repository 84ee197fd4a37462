// SPDX-License-Identifier: MIT
/**
 * JSON changed by hand, as whoever has the file can.
 */

type Fields = Record<string, unknown>

/** A copy with other values at some places, `plan/operations/0/op`; undefined takes the field away. */
export function edited(json: unknown, changes: Readonly<Record<string, unknown>>): unknown {
  const copy = JSON.parse(JSON.stringify(json))
  for (const [path, value] of Object.entries(changes)) {
    const names = path.split('/')
    const last = names.pop() as string
    const parent = names.reduce((at: Fields, name) => at[name] as Fields, copy as Fields)
    if (value === undefined) delete parent[last]
    else parent[last] = value
  }
  return copy
}

// SPDX-License-Identifier: MIT
/**
 * Lists whose length a file or a kernel decides. As arguments of one call, `push(...list)`, a hundred thousand values do
 * not fit on the stack; `npm run check` refuses such calls.
 */

export function append<T>(list: T[], more: Iterable<T>): void {
  for (const each of more) list.push(each)
}

/** Infinity of an empty list. */
export function least(values: Iterable<number>): number {
  let found = Number.POSITIVE_INFINITY
  for (const value of values) if (value < found) found = value
  return found
}

/** -Infinity of an empty list. */
export function largest(values: Iterable<number>): number {
  let found = Number.NEGATIVE_INFINITY
  for (const value of values) if (value > found) found = value
  return found
}

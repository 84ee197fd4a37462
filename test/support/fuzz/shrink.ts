// SPDX-License-Identifier: MIT
/**
 * The smallest text that still does what a larger one does, found by leaving out ever smaller parts.
 */

/** `still`: does the text do it? Asked some thousand times at most. */
export function shrink(text: string, still: (text: string) => boolean, most = 5000): string {
  let best = text
  let asked = 0
  for (let size = Math.ceil(best.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < best.length && asked < most; ) {
      const candidate = best.slice(0, at) + best.slice(at + size)
      asked++
      if (still(candidate)) best = candidate
      else at += size
    }
  }
  return best
}

// SPDX-License-Identifier: MIT
/**
 * "Did you mean": the nearest of a few known words. Pure; knows nothing of where the words come from.
 */

/** Optimal string alignment: insertions, deletions, replacements and swaps of neighbours count one each. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let best = Math.min(
        (last[j] as number) + 1,
        (row[j - 1] as number) + 1,
        (last[j - 1] as number) + (same ? 0 : 1),
      )
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) best = Math.min(best, (beforeLast[j - 2] as number) + 1)
      row.push(best)
    }
    beforeLast = last
    last = row
  }
  return last[b.length] as number
}

/**
 * The candidate that `word` was most likely meant to be; undefined when none is near: at most one edit for
 * each three letters (one at least, and fewer than the word has letters), or the beginning of exactly one candidate.
 * Letter case does not count.
 */
export function suggest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > 40) return undefined
  const lower = word.toLowerCase()
  let best: string | undefined
  let bestDistance = Math.min(Math.max(1, Math.floor(lower.length / 3)) + 1, lower.length)
  for (const candidate of candidates) {
    const distance = editDistance(lower, candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  if (best !== undefined || lower.length < 3) return best
  const longer = candidates.filter((candidate) => {
    const other = candidate.toLowerCase()
    return other.startsWith(lower) || lower.startsWith(other)
  })
  return longer.length === 1 ? longer[0] : undefined
}

// SPDX-License-Identifier: MIT
/**
 * Runs of lines to mutate instead of whole files, spread evenly over all of them, so that a large folder gets an
 * estimate of its score in the time of a small one.
 */
import { readFileSync } from 'node:fs'
import { filesOf } from './files.mjs'

const lines = 10

/** Ten lines of each `every` times ten of the files that `patterns` match, as StrykerJS takes them. 1: all. */
export function sampled(patterns, every) {
  if (!Number.isInteger(every) || every < 1) throw new RangeError('--sample takes a whole number from 1 on')
  if (every === 1) return patterns
  const ranges = []
  let before = 0
  for (const file of filesOf(patterns)) {
    const count = readFileSync(file, 'utf8').split('\n').length
    for (let start = 1; start <= count; start += lines)
      if (before++ % every === 0) ranges.push(`${file}:${start}-${Math.min(start + lines - 1, count)}`)
  }
  return ranges
}

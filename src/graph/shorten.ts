// SPDX-License-Identifier: MIT
/**
 * Texts that are too long for a picture.
 */

const longestText = 40

/** The start and the end of a text that is too long: names and addresses differ at both. */
export function shorten(text: string, most = longestText): string {
  if (text.length <= most) return text
  const tail = Math.floor(most / 3)
  return `${text.slice(0, most - tail - 1)}…${text.slice(-tail)}`
}

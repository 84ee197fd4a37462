// SPDX-License-Identifier: MIT
/**
 * One line of the interactive shell as words, and a word as it is written. Pure.
 */

export interface SplitLine {
  readonly words: readonly string[]
  /** A quote is not closed. */
  readonly open: boolean
  /** The last word as it was typed; empty: the line ends behind a blank. */
  readonly typed: string
}

/** Words of a line: blanks separate, quotes keep them together, a backslash takes the next character as it is. */
export function splitWords(line: string): SplitLine {
  const words: string[] = []
  let word: string | null = null
  let quote: string | null = null
  let start = 0
  for (let i = 0; i < line.length; i++) {
    const c = line.charAt(i)
    if (quote === null && /\s/.test(c)) {
      if (word !== null) words.push(word)
      word = null
      continue
    }
    if (word === null) {
      if (c === '#') break
      start = i
      word = ''
    }
    if (quote !== null) {
      if (c === quote) quote = null
      else word += c
    } else if (c === '"' || c === "'") {
      quote = c
    } else {
      word += c === '\\' && i + 1 < line.length ? line.charAt(++i) : c
    }
  }
  const typed = word === null ? '' : line.slice(start)
  if (word !== null) words.push(word)
  return { words, open: quote !== null, typed }
}

/**
 * A word that completes what was typed: in the quote that that begins with, or else with a backslash before what would
 * not be taken as it is. A blank ends it, unless it is a folder.
 */
export function written(path: string, typed: string): string {
  const folder = path.endsWith('/')
  const quote = typed.charAt(0)
  if ((quote === '"' || quote === "'") && !path.includes(quote)) {
    return `${quote}${path}${folder ? '' : `${quote} `}`
  }
  return `${path.replace(/[\s"'\\]|^#/g, '\\$&')}${folder ? '' : ' '}`
}

// SPDX-License-Identifier: MIT
/**
 * Where in a text a position is, found from the characters alone: which blocks are open around it, and what
 * of the current statement stands before it. Works on texts that cannot be parsed, in one pass.
 */

export interface Context {
  /** What stands before each open brace, outermost first: `overlay mitte`. */
  readonly blocks: readonly string[]
  /** The current statement up to the position, without the unfinished word. */
  readonly statement: string
  /** The unfinished word before the position; may be empty. */
  readonly word: string
  /** Where `word` starts. */
  readonly wordStart: number
  /** In a comment or a string nothing is completed. */
  readonly within: 'code' | 'comment' | 'string'
}

/** Parts of a text that are of interest here: comments, strings (an open one ends with its line), signs. */
const parts = /#[^\n]*|"(?:[^"\\\n]|\\[^\n])*("?)|[{}();,\n]|[^#"{}();,\n]+/g

export function contextAt(text: string, offset: number): Context {
  const before = text.slice(0, offset)
  const blocks: string[] = []
  let start = 0
  let depth = 0
  let continued = false
  let within: Context['within'] = 'code'
  for (const match of before.matchAll(parts)) {
    const part = match[0]
    const end = match.index + part.length
    within = 'code'
    if (part.startsWith('#')) {
      if (end === offset) within = 'comment'
    } else if (part.startsWith('"')) {
      if (end === offset && match[1] === '') within = 'string'
      continued = false
    } else if (part === '{') {
      blocks.push(withoutComments(before.slice(start, match.index)))
      start = end
      depth = 0
    } else if (part === '}') {
      blocks.pop()
      start = end
      depth = 0
    } else if (part === ';' || (part === '\n' && !continued && depth === 0)) {
      start = end
    } else if (part === ',') {
      continued = true
    } else if (part === '(') {
      depth++
    } else if (part === ')') {
      depth = Math.max(0, depth - 1)
    } else if (part.trim() !== '') {
      continued = false
    }
  }
  const word = /[\w.-]*$/.exec(before.slice(start))?.[0] ?? ''
  const wordStart = offset - word.length
  return { blocks, statement: withoutComments(before.slice(start, wordStart)), word, wordStart, within }
}

function withoutComments(text: string): string {
  return text
    .replace(/"(?:[^"\\\n]|\\[^\n])*"?|#[^\n]*/g, (part) => (part.startsWith('#') ? '' : part))
    .replace(/\s+/g, ' ')
    .trimStart()
}

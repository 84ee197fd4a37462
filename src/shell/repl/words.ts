// SPDX-License-Identifier: MIT
/**
 * One line of the interactive shell as words, and what may complete it. Pure.
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

/** What a word can be followed by: its sub-commands; nothing: files. */
export const commandWords: Readonly<Record<string, readonly string[]>> = {
  check: [],
  fmt: [],
  graph: [],
  explain: [],
  plan: [],
  apply: [],
  destroy: [],
  confirm: [],
  rollback: [],
  history: [],
  show: ['devices', 'tunnels', 'rules', 'policies'],
  monitor: ['devices', 'tunnels', 'rules', 'policies'],
  snapshot: [],
  dev: ['add', 'set', 'del', 'list'],
  tun: ['add', 'set', 'del', 'list'],
  rule: ['add', 'set', 'del', 'list'],
  lab: ['up', 'test', 'down', 'list'],
  completion: ['bash', 'zsh', 'fish'],
  man: [],
  netns: [],
  help: [],
  exit: [],
}

/**
 * Candidates for the last, unfinished word of a line, written as that was begun, and the word as it was typed. `files`
 * lists paths that start with a text, folders with a slash behind them.
 */
export function completions(
  line: string,
  files: (start: string) => readonly string[],
): { readonly candidates: readonly string[]; readonly word: string } {
  const { words, typed } = splitWords(line)
  const word = typed === '' ? '' : (words.at(-1) as string)
  const before = typed === '' ? words : words.slice(0, -1)
  const [command] = before
  const found = (candidates: readonly string[]) => ({ candidates, word: typed })
  if (command === undefined || (command === 'help' && before.length === 1)) {
    return found(starting(Object.keys(commandWords), word))
  }
  const next = commandWords[command] ?? []
  if (before.length === 1 && next.length > 0) return found(starting(next, word))
  return found(files(word).map((path) => written(path, typed)))
}

function starting(words: readonly string[], start: string): readonly string[] {
  return words.filter((word) => word.startsWith(start)).map((word) => `${word} `)
}

/** In the quote that the word begins with, or else with a backslash before what would not be taken as it is. */
function written(path: string, typed: string): string {
  const folder = path.endsWith('/')
  const quote = typed.charAt(0)
  if ((quote === '"' || quote === "'") && !path.includes(quote)) {
    return `${quote}${path}${folder ? '' : `${quote} `}`
  }
  return `${path.replace(/[\s"'\\]|^#/g, '\\$&')}${folder ? '' : ' '}`
}

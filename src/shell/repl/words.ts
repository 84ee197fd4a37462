// SPDX-License-Identifier: MIT
/**
 * One line of the interactive shell as words, and what may complete it. Pure.
 */

/** Words of a line: blanks separate, quotes keep them together, a backslash takes the next character as it is. */
export function splitWords(line: string): { readonly words: readonly string[]; readonly open: boolean } {
  const words: string[] = []
  let word: string | null = null
  let quote: string | null = null
  for (let i = 0; i < line.length; i++) {
    const c = line.charAt(i)
    if (quote !== null) {
      if (c === quote) quote = null
      else word = (word ?? '') + c
    } else if (c === '"' || c === "'") {
      quote = c
      word ??= ''
    } else if (c === '\\' && i + 1 < line.length) {
      word = (word ?? '') + line.charAt(++i)
    } else if (/\s/.test(c)) {
      if (word !== null) words.push(word)
      word = null
    } else if (c === '#' && word === null) {
      break
    } else {
      word = (word ?? '') + c
    }
  }
  if (word !== null) words.push(word)
  return { words, open: quote !== null }
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

/** Candidates for the last, unfinished word of a line; `files` lists paths that start with a text. */
export function completions(
  line: string,
  files: (start: string) => readonly string[],
): { readonly candidates: readonly string[]; readonly word: string } {
  const { words } = splitWords(line)
  const fresh = line === '' || /\s$/.test(line)
  const word = fresh ? '' : (words.at(-1) ?? '')
  const before = fresh ? words : words.slice(0, -1)
  const [command] = before
  if (command === undefined || (command === 'help' && before.length === 1)) {
    return { candidates: starting(Object.keys(commandWords), word), word }
  }
  const next = commandWords[command] ?? []
  if (before.length === 1 && next.length > 0) return { candidates: starting(next, word), word }
  return { candidates: files(word), word }
}

function starting(words: readonly string[], start: string): readonly string[] {
  return words.filter((word) => word.startsWith(start)).map((word) => `${word} `)
}

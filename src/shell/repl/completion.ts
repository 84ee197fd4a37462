// SPDX-License-Identifier: MIT
/**
 * What may complete a line of the interactive shell, from the command table and what the shell itself knows. What there
 * is in the file system, it is told.
 */
import type { CommandPlaces, Place } from '../cli/completion/kinds.ts'
import { optionNames } from '../cli/completion/shell-text.ts'
import { splitWords, written } from './words.ts'

/** Things of a place's kind that start with a text; folders end with a slash. `file`: the first argument, if any. */
export type Find = (place: Place, start: string, file: string | undefined) => readonly string[]

export interface Completions {
  /** Written as the word was begun. */
  readonly candidates: readonly string[]
  /** The last, unfinished word as it was typed. */
  readonly word: string
}

/** Commands of the shell alone, besides `help`, which `lvn` has as well. */
const own: readonly CommandPlaces[] = [
  { path: 'lvn netns', args: [{ kind: 'netns', words: [] }], ...plain() },
  { path: 'lvn exit', args: [], ...plain() },
]
/** Commands of `lvn` that make no sense at a prompt. */
const left = new Set(['lsp'])

export function completions(line: string, table: readonly CommandPlaces[], find: Find): Completions {
  const { words, typed } = splitWords(line)
  const word = typed === '' ? '' : (words.at(-1) as string)
  const before = typed === '' ? words : words.slice(0, -1)
  const { command, expects, args } = walk(before[0] === 'lvn' ? before.slice(1) : before, [...table, ...own])
  const at = (place: Place) =>
    place.kind === 'words' ? starting(place.words, word) : find(place, word, args[0])
  const candidates = (): readonly string[] => {
    if (expects !== null) return at(expects)
    if (word.startsWith('-')) return starting(optionNames(command, false), word)
    if (command.commands.length > 0) return starting(namesBelow(command), word)
    const place = command.args[args.length] ?? (command.variadic ? command.args.at(-1) : undefined)
    return place === undefined ? [] : at(place)
  }
  return { candidates: candidates().map((text) => written(text, typed)), word: typed }
}

interface Walked {
  readonly command: CommandPlaces
  /** The value that the last word, an option, takes; null: none. */
  readonly expects: Place | null
  readonly args: readonly string[]
}

/** Where the words lead to; sub-commands are found behind options, too. */
function walk(words: readonly string[], table: readonly CommandPlaces[]): Walked {
  let command = table[0] as CommandPlaces
  let expects: Place | null = null
  const args: string[] = []
  for (const word of words) {
    const path = `${command.path} ${word}`
    const below = table.find((each) => each.path === path)
    if (expects !== null) expects = null
    else if (word.startsWith('-')) expects = valuePlace(command, word)
    else if (below !== undefined && args.length === 0) command = below
    else args.push(word)
  }
  return { command, expects, args }
}

function valuePlace({ options }: CommandPlaces, name: string): Place | null {
  return options.find(({ short, long }) => short === name || long === name)?.value ?? null
}

function namesBelow({ path, commands }: CommandPlaces): readonly string[] {
  const names = commands.map(({ name }) => name)
  if (path !== 'lvn') return names
  return [...names.filter((name) => !left.has(name)), ...own.map((each) => each.path.split(' ')[1] as string)]
}

function starting(words: readonly string[], start: string): readonly string[] {
  return words.filter((word) => word.startsWith(start))
}

function plain(): Pick<CommandPlaces, 'commands' | 'options' | 'variadic'> {
  return { commands: [], options: [], variadic: false }
}

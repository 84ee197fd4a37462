// SPDX-License-Identifier: MIT
/**
 * What can stand at a place of a command line, told from the command table: the words of a choice, or the sort of
 * thing that the name of a value stands for. Every shell's script is written from this. Pure.
 */
import { type ArgumentEntry, allEntries, type Entry, type OptionEntry } from '../table.ts'

/** `words`: those of the place; the others are sorts of things that the script finds out. */
export type Kind = 'words' | 'source' | 'file' | 'folder' | 'node' | 'netns' | 'interface' | 'none'

export interface Place {
  readonly kind: Kind
  readonly words: readonly string[]
}

export interface CommandPlaces {
  /** `lvn lab up`. */
  readonly path: string
  readonly commands: readonly { readonly name: string; readonly summary: string }[]
  /** Those of `lvn` itself included, which every command takes. */
  readonly options: readonly OptionPlace[]
  readonly args: readonly Place[]
  /** The last argument may be given again. */
  readonly variadic: boolean
}

export interface OptionPlace extends Pick<OptionEntry, 'short' | 'long' | 'description'> {
  /** Null: it takes no value. */
  readonly value: Place | null
}

const sorts: Readonly<Record<string, Kind>> = {
  file: 'source',
  'file|overlay': 'source',
  'key-file': 'file',
  folder: 'folder',
  dir: 'folder',
  node: 'node',
  netns: 'netns',
  device: 'interface',
  interface: 'interface',
  interfaces: 'interface',
  underlay: 'interface',
}

export function placesOf(table: Entry): readonly CommandPlaces[] {
  const everywhere = table.options.map(optionPlace)
  const commands = allEntries(table).map((entry) => commandPlaces(entry, everywhere))
  const [root, ...others] = commands as [CommandPlaces, ...CommandPlaces[]]
  const names = root.commands.map(({ name }) => name)
  const helpArgument = { kind: 'words', words: names } as const
  return [
    { ...root, commands: [...root.commands, { name: 'help', summary: 'print help of a command' }] },
    ...others,
    { path: `${root.path} help`, commands: [], options: everywhere, args: [helpArgument], variadic: false },
  ]
}

function commandPlaces(entry: Entry, everywhere: readonly OptionPlace[]): CommandPlaces {
  const own = entry.path.length === 1 ? [] : entry.options.map(optionPlace)
  const known = new Set(own.map(({ long }) => long))
  return {
    path: entry.path.join(' '),
    commands: entry.commands.map(({ path, summary }) => ({ name: path.at(-1) as string, summary })),
    options: [...own, ...everywhere.filter(({ long }) => !known.has(long))],
    args: entry.args.map(argumentPlace),
    variadic: entry.args.at(-1)?.variadic ?? false,
  }
}

function optionPlace({ short, long, description, value, choices }: OptionEntry): OptionPlace {
  const kind = sorts[long?.slice(2) ?? ''] ?? sorts[value ?? ''] ?? 'none'
  return { short, long, description, value: value === null ? null : place(kind, choices) }
}

function argumentPlace({ name, choices }: ArgumentEntry): Place {
  return place(sorts[name] ?? 'none', choices)
}

function place(kind: Kind, choices: readonly string[]): Place {
  return choices.length > 0 ? { kind: 'words', words: choices } : { kind, words: [] }
}

// SPDX-License-Identifier: MIT
/**
 * One entry of the command table as a manual page. Pure: the version and the date are given.
 */
import type { ArgumentEntry, Entry, OptionEntry } from '../table.ts'
import { remarkParts } from './remarks.ts'
import { bold, italic, text } from './roff.ts'

export interface PageContext {
  readonly version: string
  /** `2026-01-31`. */
  readonly date: string
  /** The table that the entry is of: its options count everywhere. */
  readonly root: Entry
}

/** `lvn-lab-up`. */
export function pageName(entry: Entry): string {
  return entry.path.join('-')
}

export function manPage(entry: Entry, context: PageContext): string {
  const { root, version, date } = context
  const isRoot = entry === root
  const { paragraphs, sections } = remarkParts(entry.remarks)
  const title = pageName(entry).toUpperCase()
  return [
    `.TH ${text(title)} 1 ${date} "${root.path[0]} ${version}" "L-VN"`,
    '.SH NAME',
    `${text(pageName(entry))} \\- ${text(isRoot ? entry.description : entry.summary)}`,
    '.SH SYNOPSIS',
    synopsis(entry),
    '.SH DESCRIPTION',
    [entry.description, ...paragraphs].map(text).join('\n.PP\n'),
    ...section('ARGUMENTS', entry.args.flatMap(argument)),
    ...section('COMMANDS', entry.commands.flatMap(command)),
    ...section(isRoot ? 'OPTIONS OF EVERY COMMAND' : 'OPTIONS', entry.options.flatMap(option)),
    ...(isRoot ? [] : ['.PP', `Besides, the options of every command, which are in ${reference(root)}.`]),
    ...sections.flatMap(({ title, lines }) => [
      `.SH ${text(title.toUpperCase())}`,
      '.EX',
      ...lines.map((line) => text(line)),
      '.EE',
    ]),
    '.SH SEE ALSO',
    seeAlso(entry, root),
    '',
  ].join('\n')
}

function synopsis({ path, options, commands, args }: Entry): string {
  const words = [
    bold(path.join(' ')),
    ...(options.length > 0 ? [`[${italic('options')}]`] : []),
    ...(commands.length > 0 ? [italic('command')] : []),
    ...args.map(({ term }) => italic(term)),
  ]
  return words.join(' ')
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`.SH ${title}`, ...lines]
}

function argument({ term, description, choices }: ArgumentEntry): readonly string[] {
  return ['.TP', italic(term), text(description + choiceText(choices))]
}

function command(entry: Entry): readonly string[] {
  return ['.TP', reference(entry), text(capital(entry.summary))]
}

function reference(entry: Entry): string {
  return `${bold(pageName(entry))}(1)`
}

function option({ flags, description, choices, default: usual }: OptionEntry): readonly string[] {
  const more = usual === null ? '' : ` (default: ${usual})`
  return ['.TP', bold(flags), text(description + choiceText(choices) + more)]
}

function choiceText(choices: readonly string[]): string {
  return choices.length === 0 ? '' : `: ${choices.join(', ')}`
}

/** Its neighbours: the command above it, or, of `lvn` itself, all below. */
function seeAlso(entry: Entry, root: Entry): string {
  const above = entry.path.slice(0, -1)
  const pages = entry === root ? [] : [...new Set([root.path[0] as string, above.join('-')])]
  const below = entry.commands.map(pageName)
  return [...pages, ...below].map((page) => `${bold(page)}(1)`).join(',\n')
}

function capital(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}

// SPDX-License-Identifier: MIT
/**
 * Texts that the scripts of all shells are put together from. Pure.
 */
import type { Entry } from '../table.ts'
import { type CommandPlaces, type Place, placesOf } from './kinds.ts'

/** Lines that each command has in a blank of a script. */
export type Blanks = Readonly<Record<string, (command: CommandPlaces, name: string) => readonly string[]>>

/** A script with `@NAME@` and its other blanks filled in. */
export function filledIn(script: string, table: Entry, blanks: Blanks): string {
  const commands = placesOf(table)
  const name = table.path[0] as string
  return Object.entries(blanks).reduce(
    (text, [blank, lines]) =>
      text.replace(`@${blank}@`, () => commands.flatMap((command) => lines(command, name)).join('\n')),
    script.replaceAll('@NAME@', name),
  )
}

/** One word for any POSIX shell, for zsh and for bash. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/** `words human json`, `source`. */
function placeText({ kind, words }: Place): string {
  return [kind, ...words].join(' ')
}

/** The names of all options of a command, or of those that take a value. */
export function optionNames({ options }: CommandPlaces, valued: boolean): readonly string[] {
  return options
    .filter(({ value }) => !valued || value !== null)
    .flatMap(({ short, long }) => [short, long].filter((name) => name !== null))
}

/**
 * What stands at each place, by a key: `lvn plan --node` for a value, `lvn plan 1` for the first argument,
 * `lvn check +` for all that follow it.
 */
function placeKeys(command: CommandPlaces): readonly (readonly [key: string, place: Place])[] {
  const values = command.options.flatMap(({ short, long, value }) =>
    [short, long].flatMap((name) => (name === null || value === null ? [] : [[name, value] as const])),
  )
  const args = command.args.map((place, i) => [String(i + 1), place] as const)
  const last = command.args.at(-1)
  const rest = command.variadic && last !== undefined ? [['+', last] as const] : []
  return [...values, ...args, ...rest].map(([key, place]) => [`${command.path} ${key}`, place] as const)
}

function placeCases(command: CommandPlaces): readonly string[] {
  return placeKeys(command).map(([key, place]) => `    ${quoted(key)}) REPLY=${quoted(placeText(place))} ;;`)
}

/**
 * What bash and zsh say in their own ways. `script` has the blanks `@TABLE@`, `@PLACE@`, `@STEP@` and `@ARGUMENT@`; the
 * others are how they ask whether `$word` is among the words of a variable, and how they take quotes off it.
 */
export interface Dialect {
  readonly script: string
  readonly tableCase: (command: CommandPlaces) => string
  readonly valued: string
  readonly sub: string
  readonly bare: string
}

/** The script of bash or zsh. */
export function scriptIn({ script, tableCase, ...dialect }: Dialect, table: Entry): string {
  const whole = script
    .replace('@PLACE@', () => placeFunction)
    .replace('@STEP@', () => wordStep(dialect))
    .replace('@ARGUMENT@', () => argumentPlace)
  return filledIn(whole, table, { TABLE: (command) => [tableCase(command)], PLACES: placeCases })
}

/** The function that looks a place up. */
const placeFunction = `# What stands at a place: sets REPLY.
_@NAME@_place() {
  REPLY=
  case $1 in
@PLACES@
  esac
}`

/**
 * What is done with each word before the cursor: which command it leads to, what it expects, how many arguments there
 * were and which was the first.
 */
function wordStep({ valued, sub, bare }: Pick<Dialect, 'valued' | 'sub' | 'bare'>): string {
  return `    if [[ -n $expects ]]; then
      expects=
    elif [[ -z $only_arguments && $word == -- ]]; then
      only_arguments=1
    elif [[ -z $only_arguments && $word == -* ]]; then
      ${valued} && expects=$word
    elif ${sub}; then
      command_+=" $word"
      _@NAME@_table "$command_"
    else
      (( ++count ))
      [[ -n $file ]] || file=${bare}
      [[ $file == '~/'* ]] && file=$HOME\${file#'~'}
    fi`
}

/** What stands at the cursor where it is an argument: sets REPLY. */
const argumentPlace = `_@NAME@_place "$command_ $((count + 1))"
    [[ -n $REPLY ]] || _@NAME@_place "$command_ +"`

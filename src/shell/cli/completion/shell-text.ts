// SPDX-License-Identifier: MIT
/**
 * Texts that the scripts of all shells are put together from. Pure.
 */
import type { CommandPlaces, Place } from './kinds.ts'

/** One word for any POSIX shell, for zsh and for bash. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/** `words human json`, `source`. */
export function placeText({ kind, words }: Place): string {
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
export function placeKeys(command: CommandPlaces): readonly (readonly [key: string, place: Place])[] {
  const values = command.options.flatMap(({ short, long, value }) =>
    [short, long].flatMap((name) => (name === null || value === null ? [] : [[name, value] as const])),
  )
  const args = command.args.map((place, i) => [String(i + 1), place] as const)
  const last = command.args.at(-1)
  const rest = command.variadic && last !== undefined ? [['+', last] as const] : []
  return [...values, ...args, ...rest].map(([key, place]) => [`${command.path} ${key}`, place] as const)
}

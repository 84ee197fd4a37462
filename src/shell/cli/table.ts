// SPDX-License-Identifier: MIT
/**
 * The command table as plain data, read off the argument parser: what completions and manual pages are written
 * from. It names no command, so that whatever is registered is found.
 */
import type { EventEmitter } from 'node:events'
import type { Argument, Command, Option } from 'commander'

export interface Entry {
  /** `lvn lab up`, as words. */
  readonly path: readonly string[]
  readonly summary: string
  readonly description: string
  readonly args: readonly ArgumentEntry[]
  readonly options: readonly OptionEntry[]
  /** Sub-commands by name. */
  readonly commands: readonly Entry[]
  /** What stands below the options in its help: remarks, examples. */
  readonly remarks: string
}

export interface ArgumentEntry {
  readonly name: string
  /** `<file...>`, `[name]`. */
  readonly term: string
  readonly description: string
  readonly choices: readonly string[]
  readonly variadic: boolean
}

export interface OptionEntry {
  readonly short: string | null
  readonly long: string | null
  /** `-q, --quiet`, `--netns <name|path>`. */
  readonly flags: string
  readonly description: string
  /** What stands for its value, `name|path`; null: it takes none. */
  readonly value: string | null
  readonly choices: readonly string[]
  readonly default: string | null
}

/** A command and all below it, hidden ones left out. */
export function entryOf(command: Command): Entry {
  const help = command.createHelp()
  return {
    path: commandPath(command).split(' '),
    summary: help.subcommandDescription(command),
    description: command.description(),
    args: command.registeredArguments.map((argument) => argumentEntry(argument, help.argumentTerm(argument))),
    options: help.visibleOptions(command).map(optionEntry),
    commands: help
      .visibleCommands(command)
      .filter((each) => command.commands.includes(each))
      .map(entryOf),
    remarks: remarksOf(command),
  }
}

/** The command itself first. */
export function allCommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(allCommands)]
}

/** `lvn lab up`. */
export function commandPath(command: Command): string {
  const parent = command.parent
  return parent === null ? command.name() : `${commandPath(parent)} ${command.name()}`
}

/** Entries of a table, the given one first. */
export function allEntries(entry: Entry): readonly Entry[] {
  return [entry, ...entry.commands.flatMap(allEntries)]
}

function argumentEntry(argument: Argument, name: string): ArgumentEntry {
  const dots = argument.variadic ? '...' : ''
  return {
    name,
    term: argument.required ? `<${name}${dots}>` : `[${name}${dots}]`,
    description: argument.description,
    choices: argument.argChoices ?? [],
    variadic: argument.variadic,
  }
}

function optionEntry(option: Option): OptionEntry {
  return {
    short: option.short ?? null,
    long: option.long ?? null,
    flags: option.flags,
    description: option.description,
    value: /[<[](.+?)(?:\.\.\.)?[>\]]/.exec(option.flags)?.[1] ?? null,
    choices: option.argChoices ?? [],
    default: option.defaultValue === undefined || option.isBoolean() ? null : String(option.defaultValue),
  }
}

/** What `addHelpText('after', …)` has put below the help: the parser hands it out by this event alone. */
function remarksOf(command: Command): string {
  let text = ''
  const write = (part: string) => {
    text += part
  }
  const emitter = command as Command & Pick<EventEmitter, 'emit'>
  emitter.emit('afterHelp', { error: false, command, write })
  return text.trim()
}

// SPDX-License-Identifier: MIT
/**
 * The command table as a completion script for fish. Pure.
 */
import type { Entry } from '../table.ts'
import type { CommandPlaces, OptionPlace, Place } from './kinds.ts'
import { filledIn, optionNames } from './shell-text.ts'

export function fishScript(table: Entry): string {
  return filledIn(script, table, {
    TABLE: (command) => [tableCase(command)],
    COMPLETIONS: (command, name) => completions(name, command),
  })
}

function tableCase(command: CommandPlaces): string {
  const subs = command.commands.map(({ name }) => quoted(name)).join(' ')
  const valued = optionNames(command, true).join(' ')
  return `        case ${quoted(command.path)}\n            set -g __lvn_subs ${subs}\n            set -g __lvn_valued ${valued}`
}

function completions(name: string, command: CommandPlaces): readonly string[] {
  const at = (test: string) =>
    `complete -c ${name} -n ${quoted(`__${name}_at ${quoted(command.path)} ${test}`)}`
  const subs = command.commands.map(
    (each) => `${at('1')} -f -a ${quoted(each.name)} -d ${quoted(each.summary)}`,
  )
  const args = command.args.flatMap((place, i) => {
    const more = command.variadic && i === command.args.length - 1 ? '+' : ''
    return place.kind === 'none' ? [] : [`${at(`${i + 1}${more}`)}${valueText(name, place)}`]
  })
  return [...subs, ...args, ...command.options.map((option) => `${at('')}${optionText(name, option)}`)]
}

function optionText(name: string, { short, long, description, value }: OptionPlace): string {
  const names = [
    short === null ? '' : ` -s ${short.slice(1)}`,
    long === null ? '' : ` -l ${long.slice(2)}`,
  ].join('')
  return `${names} -d ${quoted(description)}${value === null ? ' -f' : ` -r${valueText(name, value)}`}`
}

function valueText(name: string, { kind, words }: Place): string {
  switch (kind) {
    case 'none':
      return ' -f'
    case 'file':
      return ' -F'
    case 'words':
      return ` -f -a ${quoted(words.join(' '))}`
    default:
      return ` -f -a ${quoted(`(__${name}_${kind})`)}`
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

const script = `# fish completion of @NAME@, written by \`@NAME@ completion fish\`

function __@NAME@_table
    set -g __lvn_subs
    set -g __lvn_valued
    switch $argv[1]
@TABLE@
    end
end

# Is the cursor in this command, and at this argument of it (\`2\`, or \`2+\` for that and all after it)?
function __@NAME@_at
    set -l path @NAME@
    set -l count 0
    set -l expects 0
    set -g __lvn_file
    __@NAME@_table $path
    for word in (commandline -opc)[2..-1]
        if test $expects = 1
            set expects 0
        else if string match -q -- '-*' $word
            contains -- $word $__lvn_valued; and set expects 1
        else if contains -- $word $__lvn_subs
            set path "$path $word"
            __@NAME@_table $path
        else
            set count (math $count + 1)
            test $count = 1; and set -g __lvn_file $word
        end
    end
    test "$path" = "$argv[1]"; or return 1
    set -l place $argv[2]
    test -z "$place"; and return 0
    test $expects = 0; or return 1
    set -l first (string trim -r -c + -- $place)
    if test "$first" = "$place"
        test (math $count + 1) = $first
    else
        test (math $count + 1) -ge $first
    end
end

function __@NAME@_source
    # Of no command: files, with quotes and ~ taken as fish takes them.
    complete -C "__@NAME@_none "(commandline -ct) | string match -r '^[^\\t]*(?:/|\\.lvn)(?:\\t.*)?$'
end

function __@NAME@_folder
    __fish_complete_directories
end

function __@NAME@_node
    set -l file (string replace -r '^~/' $HOME/ -- $__lvn_file)
    test -n "$file"; and eval (commandline -opc)[1] complete-nodes (string escape -- $file) 2>/dev/null
end

function __@NAME@_netns
    command ls /run/netns 2>/dev/null
end

function __@NAME@_interface
    set -l head (string match -r -- '.*,' (commandline -ct))
    command ls /sys/class/net 2>/dev/null | string replace -r '^' "$head"
end

complete -c @NAME@ -f
@COMPLETIONS@`

// SPDX-License-Identifier: MIT
/**
 * The command table as a completion script for bash. It needs no other script. Pure.
 */
import type { Entry } from '../table.ts'
import { type CommandPlaces, placesOf } from './kinds.ts'
import { optionNames, placeKeys, placeText, quoted } from './shell-text.ts'

export function bashScript(table: Entry): string {
  const commands = placesOf(table)
  const name = table.path[0] as string
  return script
    .replaceAll('@NAME@', name)
    .replace('@TABLE@', () => commands.map(tableCase).join('\n'))
    .replace('@PLACES@', () =>
      commands
        .flatMap(placeKeys)
        .map(([key, place]) => `    ${quoted(key)}) REPLY=${quoted(placeText(place))} ;;`)
        .join('\n'),
    )
}

function tableCase(command: CommandPlaces): string {
  const subs = command.commands.map((each) => each.name).join(' ')
  const options = optionNames(command, false).join(' ')
  const valued = optionNames(command, true).join(' ')
  return `    ${quoted(command.path)}) subs=${quoted(subs)} options=${quoted(options)} valued=${quoted(valued)} ;;`
}

const script = `# bash completion of @NAME@, written by \`@NAME@ completion bash\`

# Sub-commands and options of a command: sets subs, options, valued.
_@NAME@_table() {
  case $1 in
@TABLE@
    *) subs= options= valued= ;;
  esac
}

# What stands at a place: sets REPLY.
_@NAME@_place() {
  REPLY=
  case $1 in
@PLACES@
  esac
}

# Candidates for the word $cur: of one kind, with its words.
_@NAME@_offer() {
  local kind=$1 IFS=$' \\t\\n'
  shift
  case $kind in
    words) COMPREPLY=($(compgen -W "$*" -- "$cur")) ;;
    interface)
      # A list goes on after its last comma.
      local head=
      [[ $cur == *,* ]] && head=\${cur%,*},
      COMPREPLY=($(compgen -P "$head" -W "$(command ls /sys/class/net 2>/dev/null)" -- "\${cur##*,}"))
      ;;
    netns) COMPREPLY=($(compgen -W "$(command ls /run/netns 2>/dev/null)" -- "$cur")) ;;
    node) COMPREPLY=($(compgen -W "$([[ -n $file ]] && "\${COMP_WORDS[0]}" complete-nodes "$file" 2>/dev/null)" -- "$cur")) ;;
    source | file | folder)
      IFS=$'\\n'
      [[ $kind == source ]] && COMPREPLY=($(compgen -f -X '!*.lvn' -- "$cur"))
      [[ $kind == file ]] && COMPREPLY=($(compgen -f -- "$cur"))
      local folder
      for folder in $(compgen -d -- "$cur"); do
        [[ $kind == file ]] || COMPREPLY+=("$folder")
      done
      compopt -o filenames 2>/dev/null
      ;;
  esac
}

_@NAME@() {
  local cur=\${COMP_WORDS[COMP_CWORD]} path=@NAME@ subs options valued REPLY
  local word expects= file= count=0 i only_arguments=
  [[ $cur == = ]] && cur=
  COMPREPLY=()
  _@NAME@_table "$path"
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ $word == = ]]; then
      continue
    elif [[ -n $expects ]]; then
      expects=
    elif [[ -z $only_arguments && $word == -- ]]; then
      only_arguments=1
    elif [[ -z $only_arguments && $word == -* ]]; then
      [[ " $valued " == *" $word "* ]] && expects=$word
    elif [[ " $subs " == *" $word "* ]]; then
      path+=" $word"
      _@NAME@_table "$path"
    else
      ((++count))
      [[ -n $file ]] || file=$word
    fi
  done
  if [[ -n $expects ]]; then
    _@NAME@_place "$path $expects"
  elif [[ -z $only_arguments && $cur == -* ]]; then
    REPLY="words $options"
  elif [[ -n $subs ]]; then
    REPLY="words $subs"
  else
    _@NAME@_place "$path $((count + 1))"
    [[ -n $REPLY ]] || _@NAME@_place "$path +"
  fi
  [[ -z $REPLY ]] || _@NAME@_offer $REPLY
}

complete -F _@NAME@ @NAME@`

// SPDX-License-Identifier: MIT
/**
 * The command table as a completion script for bash. It needs no other script. Pure.
 */
import type { Entry } from '../table.ts'
import type { CommandPlaces } from './kinds.ts'
import { optionNames, quoted, scriptIn } from './shell-text.ts'

export function bashScript(table: Entry): string {
  return scriptIn(dialect, table)
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

@PLACE@

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
  local cur=\${COMP_WORDS[COMP_CWORD]} command_=@NAME@ subs options valued REPLY
  local word expects= file= count=0 i only_arguments=
  [[ $cur == = ]] && cur=
  COMPREPLY=()
  _@NAME@_table "$command_"
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    [[ $word == = ]] && continue
@STEP@
  done
  if [[ -n $expects ]]; then
    _@NAME@_place "$command_ $expects"
  elif [[ -z $only_arguments && $cur == -* ]]; then
    REPLY="words $options"
  elif [[ -n $subs ]]; then
    REPLY="words $subs"
  else
    @ARGUMENT@
  fi
  [[ -z $REPLY ]] || _@NAME@_offer $REPLY
}

complete -F _@NAME@ @NAME@`

const dialect = {
  script,
  tableCase,
  valued: '[[ " $valued " == *" $word "* ]]',
  sub: '[[ " $subs " == *" $word "* ]]',
  // As it was typed, with its quotes and backslashes.
  bare: `\${word//[\\\\\\"\\']/}`,
}

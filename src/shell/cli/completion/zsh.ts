// SPDX-License-Identifier: MIT
/**
 * The command table as a completion script for zsh: a file `_lvn` of its function path, or loaded by hand. Pure.
 */
import type { Entry } from '../table.ts'
import type { CommandPlaces, OptionPlace } from './kinds.ts'
import { optionNames, quoted, scriptIn } from './shell-text.ts'

export function zshScript(table: Entry): string {
  return scriptIn(dialect, table)
}

function tableCase(command: CommandPlaces): string {
  const subs = command.commands.map(({ name, summary }) => quoted(`${name}:${summary}`)).join(' ')
  const options = command.options.flatMap(described).map(quoted).join(' ')
  const valued = optionNames(command, true).join(' ')
  return `    ${quoted(command.path)})\n      subs=(${subs})\n      options=(${options})\n      valued=(${valued}) ;;`
}

function described({ short, long, description }: OptionPlace): readonly string[] {
  return [short, long].flatMap((name) => (name === null ? [] : [`${name}:${description}`]))
}

const script = `#compdef @NAME@
# zsh completion of @NAME@, written by \`@NAME@ completion zsh\`

# Sub-commands and options of a command: sets subs, options, valued.
_@NAME@_table() {
  subs=() options=() valued=()
  case $1 in
@TABLE@
  esac
}

@PLACE@

_@NAME@_offer() {
  local kind=$1
  shift
  case $kind in
    words) compadd -- "$@" ;;
    # A list goes on after its last comma.
    interface) compset -P '*,'; compadd -- /sys/class/net/*(N:t) ;;
    netns) compadd -- /run/netns/*(N:t) ;;
    node) [[ -n $file ]] && compadd -- \${(f)"$($words[1] complete-nodes $file 2>/dev/null)"} ;;
    source) _path_files -g '*.lvn'; _path_files -/ ;;
    file) _files ;;
    folder) _files -/ ;;
  esac
}

# Words with their descriptions beside them: name:description.
_@NAME@_describe() {
  local -a names lines
  names=(\${@%%:*})
  lines=(\${@/:/  -- })
  compadd -l -d lines -a names
}

# No \`emulate\`: the completion system has set the options that its own functions need.
_@NAME@() {
  local command_=@NAME@ REPLY word expects file only_arguments
  local -a subs options valued
  local -i i count=0
  _@NAME@_table $command_
  for ((i = 2; i < CURRENT; i++)); do
    word=$words[i]
@STEP@
  done
  word=$words[CURRENT]
  if [[ -n $expects ]]; then
    _@NAME@_place "$command_ $expects"
  elif [[ -z $only_arguments && $word == --*=* ]]; then
    _@NAME@_place "$command_ \${word%%=*}"
    compset -P '*='
  elif [[ -z $only_arguments && $word == -* ]]; then
    _@NAME@_describe $options
    return
  elif (( $#subs )); then
    _@NAME@_describe $subs
    return
  else
    @ARGUMENT@
  fi
  [[ -n $REPLY ]] && _@NAME@_offer \${=REPLY}
}

if [[ $funcstack[1] == _@NAME@ ]]; then
  _@NAME@ "$@"
else
  compdef _@NAME@ @NAME@
fi`

const dialect = {
  script,
  tableCase,
  valued: '(( $valued[(Ie)$word] ))',
  sub: '(( $subs[(I)$word:*] ))',
  bare: `\${(Q)word}`,
}

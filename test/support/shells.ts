// SPDX-License-Identifier: MIT
/**
 * Shells with our completion script loaded: what they offer for a line, asked of the real shell.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type BundledCli, lvnPath } from './cli.ts'

export type Shell = 'bash' | 'zsh' | 'fish'

export function hasShell(shell: Shell): boolean {
  return spawnSync(shell, ['-c', 'exit 0']).status === 0
}

/** Candidates for the end of a line, sorted, each once. The line begins with `lvn`, and runs in the folder of `cli`. */
export function offers(shell: Shell, cli: BundledCli, line: string): readonly string[] {
  const tools = join(cli.folder, 'tools')
  const script = join(tools, `completion.${shell}`)
  if (!existsSync(script)) install(shell, cli, tools, script)
  const program = { bash: bashProgram, zsh: zshProgram, fish: fishProgram }[shell]
  const words = line.match(/(?:\\.|"[^"]*"?|[^\s\\"])+|(?<=\s)$/g) ?? []
  const given = shell === 'bash' ? words : [line]
  const ran = spawnSync(shell, [...startup[shell], '-c', program, shell, script, ...given], {
    encoding: 'utf8',
    cwd: cli.folder,
    env: { ...process.env, PATH: `${tools}:${process.env.PATH}`, HOME: tools, TERM: 'dumb' },
    timeout: 60_000,
  })
  if (ran.status !== 0 || ran.stderr !== '')
    throw new Error(`${shell}: ${ran.status}\n${ran.stdout}${ran.stderr}`)
  const found = ran.stdout.split('\n').map((text) => text.split('\t')[0]?.trim() ?? '')
  return [...new Set(found.filter((word) => word !== ''))].sort()
}

/** Once for all lines of a test file. */
function install(shell: Shell, cli: BundledCli, tools: string, script: string): void {
  mkdirSync(tools, { recursive: true })
  writeFileSync(join(tools, 'lvn'), `#!/bin/sh\nexec ${process.execPath} ${lvnPath} "$@"\n`, { mode: 0o755 })
  writeFileSync(script, cli.run(['completion', shell]).stdout)
}

const startup = { bash: ['--norc'], zsh: ['-f'], fish: ['--no-config'] } as const

/** As readline does: the words up to the cursor as they were typed, the last one unfinished. */
const bashProgram = `
  source "$1"
  COMP_WORDS=("\${@:2}")
  COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
  _lvn
  printf '%s\\n' "\${COMPREPLY[@]}"`

/**
 * A terminal in which Tab has the completion system say what it found; each step waits for what is said. The completion
 * system reads its thousand functions once, for the first line, and leaves a dump for the next ones.
 */
const zshProgram = `
  zmodload zsh/zpty
  zpty z zsh -f -i
  zpty -w z 'PROMPT= RPROMPT=; stty -echo; unsetopt zle_bracketed_paste beep 2>/dev/null'
  zpty -w z 'autoload -Uz compinit; compinit -u -d '"\${(q)1}"'.dump; source '"\${(q)1}"
  zpty -w z 'compadd() { local -a hits; builtin compadd -O hits "$@"; (( $#hits )) && print -rl -- "HIT "$^hits; builtin compadd "$@" }'
  zpty -w z 'report() { print BEGIN; _main_complete; compstate[insert]= compstate[list]=; print END }'
  zpty -w z 'zle -C report complete-word report; bindkey "^I" report; print -r -- REA""DY'
  zpty -r z out '*READY*'
  zpty -w -n z "$2"$'\\t'
  zpty -r z out '*END*'
  print -r -- "$out" | tr -d '\\r' | sed -n 's/^HIT //p'
  zpty -d z
  exit 0`

const fishProgram = `
  source $argv[2]
  complete -C $argv[3]
  exit 0`

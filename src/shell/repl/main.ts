// SPDX-License-Identifier: MIT
/**
 * Entry of `lvnsh`: the commands of `lvn` at a prompt, with completion and history. Every line is an `lvn` of
 * its own, so that whatever becomes of a command, the shell goes on. Fed from a pipe it runs each line and ends
 * with the first failure.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { constants, homedir, hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { type CompleterResult, createInterface, type Interface } from 'node:readline'
import { cliPath } from '../../../native/paths.ts'
import { LvnError } from '../../diag/error.ts'
import { place } from '../cli/files/place.ts'
import { tolerateFailingStreams } from '../cli/streams.ts'
import { splitWords } from './words.ts'

const historyPath = join(process.env.XDG_STATE_HOME ?? join(homedir(), '.local/state'), 'lvn', 'history')
const historyLength = 500

const usage = `lvnsh: the commands of lvn at a prompt.

Usage: lvnsh [--netns <name|path>]     also: echo "show tunnels" | lvnsh

  netns NAME   work in that network namespace from here on; alone: in our own
  help [CMD]   help of lvn, or of one command
  exit         leave (also Ctrl-D)

Everything else is a command of lvn, which may stand before it:
  check, fmt, graph, explain, plan, apply, destroy, confirm, rollback, history,
  show, monitor, snapshot, dev, tun, rule, lab, completion, man

Fed from a pipe, lvnsh stops at the first command whose exit code is not 0, and
ends with that code. lvn plan has 2 where there are changes: put it last.
`

/** The network namespace that commands are sent to; null: the shell's own. */
let netns: string | null = null
/** The command that runs; null: none. */
let running: ChildProcess | null = null

/** Runs one line; the exit code of its command. Null: leave the shell. */
async function runLine(line: string): Promise<number | null> {
  const { words, open } = splitWords(line)
  const [command, ...rest] = words
  if (open) return complain('a quote is not closed')
  if (command === undefined) return 0
  if (command === 'exit' || command === 'quit') return null
  if (command === 'netns') {
    if (rest.length > 1) return complain('netns takes one name, or none')
    return enter(rest[0] ?? null)
  }
  // As every message and every page writes it.
  if (command === 'lvn') return runLvn(rest)
  return runLvn(command === 'help' && rest.length === 0 ? ['--help'] : [command, ...rest])
}

/** Commands go there from here on, or, where there is no such namespace, where they went before. */
async function enter(target: string | null): Promise<number> {
  if (target !== null) {
    const { withNetns } = await import('../../../native/netns.ts')
    try {
      withNetns(target, () => undefined)
    } catch (error) {
      return complain((error as Error).message, error instanceof LvnError ? error.exitCode : 1)
    }
  }
  netns = target
  return 0
}

function complain(message: string, code = 64): number {
  process.stderr.write(`lvnsh: ${message}\n`)
  return code
}

async function runLvn(args: readonly string[]): Promise<number> {
  const where = netns === null ? [] : ['--netns', netns]
  let child: ChildProcess
  try {
    child = spawn(process.execPath, [cliPath(), ...where, ...args], { stdio: 'inherit' })
  } catch (error) {
    return complain((error as Error).message)
  }
  running = child
  return new Promise<number>((resolve) => {
    child.once('error', (error) => resolve(complain(error.message)))
    child.once('close', (code) => resolve(code ?? 1))
  }).finally(() => {
    running = null
  })
}

/** Asked to end, it passes that on to the command that runs, and waits for it: an apply is carried to its end. */
function endOn(signal: 'SIGHUP' | 'SIGTERM'): void {
  process.once(signal, () => {
    const leave = () => process.exit(128 + constants.signals[signal])
    if (running === null) leave()
    else running.once('close', leave).kill(signal)
  })
}

/** What Tab finds; the command table, and with it the argument parser, is loaded with the first. */
async function complete(line: string): Promise<CompleterResult> {
  const [{ commandTable }, { placesOf }, { completions }, { finder }] = await Promise.all([
    import('../cli/program.ts'),
    import('../cli/completion/kinds.ts'),
    import('./completion.ts'),
    import('./find.ts'),
  ])
  const { candidates, word } = completions(line, placesOf(commandTable()), finder(cliPath()))
  return [[...candidates], word]
}

function readHistory(): string[] {
  try {
    return readFileSync(historyPath, 'utf8').split('\n').filter(Boolean)
  } catch {
    return []
  }
}

function writeHistory(history: readonly string[]): void {
  try {
    mkdirSync(dirname(historyPath), { recursive: true, mode: 0o700 })
    place(historyPath, `${history.join('\n')}\n`, { mode: 0o600, keep: true })
  } catch {
    // A shell without a home works all the same.
  }
}

function prompt(): string {
  return netns === null ? `${hostname()} lvn> ` : `${basename(netns)} lvn> `
}

/** As Node's own prompt has it; the types leave it out. Goes to a fresh line, however many rows the old one takes. */
interface LineEditor extends Interface {
  clearLine(): void
}

/** At a terminal: until exit, the end of input, or the terminal's. */
async function interact(): Promise<number> {
  const reader = openEditor()
  reader.setPrompt(prompt())
  reader.prompt()
  try {
    return await runLines(reader)
  } catch (error) {
    // A terminal that has closed takes no mode.
    if ((error as NodeJS.ErrnoException).code === 'EIO') return 128 + constants.signals.SIGHUP
    throw error
  }
}

function openEditor(): LineEditor {
  const reader = createInterface({
    input: process.stdin,
    output: process.stdout,
    history: readHistory(),
    historySize: historyLength,
    removeHistoryDuplicates: true,
    completer: (line: string, done: (error: null, result: CompleterResult) => void) => {
      const found = (result: CompleterResult) => done(null, result)
      // A build in between may have taken away what completion loads: the shell goes on without.
      void complete(line).then(found, () => found([[], line]))
    },
  }) as LineEditor
  // With each line: a terminal that closes leaves no time for it.
  reader.on('history', writeHistory)
  // Ctrl-C clears the line, as in any shell; while a command runs it is the command's.
  reader.on('SIGINT', () => {
    reader.clearLine()
    reader.prompt()
  })
  // Back after Ctrl-Z; without this nothing would be read any more.
  reader.on('SIGCONT', () => reader.prompt(true))
  process.on('SIGINT', () => undefined)
  return reader
}

async function runLines(reader: LineEditor): Promise<number> {
  for await (const line of reader) {
    reader.pause()
    // A key is a signal only where the terminal is not raw, as the line editor has it.
    process.stdin.setRawMode(false)
    const code = await runLine(line)
    if (code === null) {
      reader.close()
      return 0
    }
    process.stdin.setRawMode(true)
    reader.setPrompt(prompt())
    reader.resume()
    // What was typed meanwhile stays, and is gone on with at its end.
    reader.prompt(true)
  }
  process.stdout.write('\n')
  return 0
}

/** From a pipe or a file: every line, up to the first failure. */
async function runScript(): Promise<number> {
  for await (const line of createInterface({ input: process.stdin })) {
    const code = await runLine(line)
    if (code === null) return 0
    if (code !== 0) return code
  }
  return 0
}

async function main(args: readonly string[]): Promise<number> {
  const [option, value, ...rest] = args
  if (option === '--help' || option === '-h') {
    process.stdout.write(usage)
    return 0
  }
  if (option !== undefined && (option !== '--netns' || value === undefined || rest.length > 0)) {
    process.stderr.write(usage)
    return 64
  }
  tolerateFailingStreams()
  const entered = await enter(value ?? null)
  if (entered !== 0) return entered
  endOn('SIGHUP')
  endOn('SIGTERM')
  return process.stdin.isTTY && process.stdout.isTTY ? interact() : runScript()
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code
})

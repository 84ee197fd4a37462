// SPDX-License-Identifier: MIT
/**
 * A command at a terminal of its own: what it shows is gathered, what is typed goes in, and the terminal can go away.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { lvnPath, lvnshPath } from './cli.ts'
import { type Netns, until } from './netns.ts'

export interface Terminal {
  readonly seen: { text: string; code: number | null | undefined }
  type(keys: string): void
  shows(text: string): Promise<unknown>
  ended(): Promise<number | null | undefined>
  /** Of the terminal's session, its leader first. */
  processes(): readonly number[]
  /** Sends a signal to every process of the terminal's session; how many there were. */
  signalSession(signal: NodeJS.Signals): number
  /** Closes the terminal: its processes get SIGHUP, and reads and writes fail. */
  close(): void
}

export interface TerminalOptions {
  /** Path of another build's program. */
  readonly program?: string
  readonly env?: Readonly<Record<string, string>>
  /** For the same shell, before the command and behind it. */
  readonly before?: string
  readonly after?: string
}

/** `lvn` with these arguments at a terminal that `script` makes. */
export function lvnAtTerminal(ns: Netns, args: readonly string[], more: TerminalOptions = {}): Terminal {
  return atTerminal(ns, more.program ?? lvnPath, args, more)
}

/** The same with `lvnsh`. */
export function lvnshAtTerminal(ns: Netns, more: TerminalOptions = {}): Terminal {
  return atTerminal(ns, more.program ?? lvnshPath, [], more)
}

function atTerminal(ns: Netns, program: string, args: readonly string[], more: TerminalOptions): Terminal {
  const words = [process.execPath, program, ...args].map((word) => `'${word}'`).join(' ')
  // Nothing behind it: then it is the whole session, as at a terminal, where a shell of dash would take Ctrl-C, too.
  const command = [more.before, more.after ? words : `exec ${words}`, more.after].filter(Boolean).join('; ')
  const child = ns.start('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      ...process.env,
      SHELL: '/bin/sh',
      TERM: 'xterm',
      NO_COLOR: '1',
      FORCE_COLOR: undefined,
      ...more.env,
    },
  })
  const seen: Terminal['seen'] = { text: '', code: undefined }
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    seen.text += text
  })
  child.once('close', (code) => {
    seen.code = code
  })
  return {
    seen,
    type: (keys) => void child.stdin?.write(keys),
    shows: (text) => until(`the terminal shows ${text}`, () => seen.text.includes(text)),
    async ended() {
      await until('the command has ended', () => seen.code !== undefined)
      return seen.code
    },
    close: () => void child.kill('SIGKILL'),
    processes: () => sessionBelow(child.pid as number),
    signalSession(signal) {
      return sessionBelow(child.pid as number).filter((pid) => wasSignalled(pid, signal)).length
    },
  }
}

/** False: it has ended meanwhile, which the first of them to get the signal may bring about. */
function wasSignalled(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

/** `script` gives its shell a session of its own: all processes of the session that its child leads. */
function sessionBelow(script: number): number[] {
  const processes = readdirSync('/proc').flatMap((name) => statOf(name) ?? [])
  const leader = processes.find(({ parent }) => parent === script)?.pid
  const pids = processes.filter(({ session }) => session === leader).map(({ pid }) => pid)
  return pids.sort((a, b) => a - b)
}

/** One that has ended and that nobody has asked about does not run. */
export function isRunning(pid: number): boolean {
  const state = statOf(String(pid))?.state
  return state !== undefined && state !== 'Z'
}

interface Stat {
  readonly pid: number
  readonly state: string
  readonly parent: number
  readonly session: number
}

function statOf(name: string): Stat | undefined {
  if (!/^\d+$/.test(name)) return undefined
  try {
    const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
    const [state = '', parent, , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { pid: Number(name), state, parent: Number(parent), session: Number(session) }
  } catch {
    return undefined
  }
}

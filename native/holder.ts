// SPDX-License-Identifier: MIT
/**
 * A process as a person knows it: what it was started as, and for how long it has been there.
 */
import { readFileSync } from 'node:fs'
import { printable } from '../src/diag/message.ts'

/** USER_HZ: what /proc counts in, on every architecture that Node runs on. */
const ticksPerSecond = 100
/** Its place among the fields of proc(5)'s stat that follow the name in parentheses. */
const startTimeField = 19

/** `process 123 (lvn apply first.lvn, for 12 s)`; pid 0 is a process of another PID namespace. */
export function describeProcess(pid: number): string {
  if (pid === 0) return 'a process of another container'
  const parts = [commandOf(pid), ageOf(pid)].filter((part) => part !== undefined)
  return parts.length === 0 ? `process ${pid}` : `process ${pid} (${parts.join(', ')})`
}

/** Node and the path of our program are `lvn` to whoever typed it. */
function commandOf(pid: number): string | undefined {
  const words =
    read(`/proc/${pid}/cmdline`)
      ?.split('\0')
      .filter((word) => word !== '') ?? []
  const script = words.findIndex((word, i) => i < 2 && /(^|\/)lvn(\.js)?$/.test(word))
  const shown = script < 0 ? words : ['lvn', ...words.slice(script + 1)]
  return shown.length === 0 ? undefined : printable(shown.join(' '))
}

function ageOf(pid: number): string | undefined {
  const stat = read(`/proc/${pid}/stat`)
  const uptime = Number(read('/proc/uptime')?.split(' ')[0])
  const started = Number(stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[startTimeField]) / ticksPerSecond
  const seconds = Math.floor(uptime - started)
  if (!Number.isFinite(seconds) || seconds < 0) return undefined
  return seconds < 120 ? `for ${seconds} s` : `for ${Math.floor(seconds / 60)} min`
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

// SPDX-License-Identifier: MIT
/**
 * How much one TCP stream carries between two ends of a lab, measured by iperf3 for a few seconds.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { withNetns } from '../../native/netns.ts'
import type { Flow } from './ends.ts'

const port = 5201
const seconds = 3
const connectMs = 5000

/** A server that has not begun to listen by then never will. */
const startMs = 10_000

export type Throughput =
  | { readonly bitsPerSecond: number }
  /** What went wrong, in a sentence without a full stop. */
  | { readonly failure: string }

/** One at a time, please: another one would take its share. */
export async function throughputOf({ from, to, target }: Flow): Promise<Throughput> {
  const server = iperf3(to.namespace, ['-s', '-1', '-p', String(port), '-B', target, '--forceflush'])
  try {
    const trouble = await server.says('listening')
    if (trouble !== null) return { failure: trouble }
    const source = from.source === null ? [] : ['-B', from.source]
    const client = iperf3(from.namespace, [
      ...['-c', target, '-p', String(port), '-t', String(seconds), '-J'],
      ...['--connect-timeout', String(connectMs), ...source],
    ])
    return readReport(await client.output)
  } finally {
    server.child.kill('SIGKILL')
  }
}

function iperf3(namespace: string, args: readonly string[]) {
  const child = withNetns(namespace, () => spawn('iperf3', args, { stdio: ['ignore', 'pipe', 'pipe'] }))
  let text = ''
  const output = new Promise<string>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
    }
    child.once('error', ({ message }) =>
      resolve(JSON.stringify({ error: `iperf3 cannot be run: ${message}; \`apt-get install iperf3\`` })),
    )
    child.once('close', () => resolve(text))
  })
  return { child, output, says: (word: string) => firstWord(child, output, word) }
}

/** Null once the word has come; what was said instead where the command ended before. */
function firstWord(child: ChildProcess, output: Promise<string>, word: string): Promise<string | null> {
  return new Promise((resolve) => {
    let text = ''
    child.stdout?.on('data', (chunk: string) => {
      text += chunk
      if (text.includes(word)) resolve(null)
    })
    void output.then((all) => resolve(failureIn(all)))
    setTimeout(() => resolve('iperf3 does not begin to listen'), startMs).unref()
  })
}

function readReport(output: string): Throughput {
  try {
    const bitsPerSecond: unknown = JSON.parse(output).end?.sum_received?.bits_per_second
    if (typeof bitsPerSecond === 'number' && bitsPerSecond > 0) return { bitsPerSecond }
  } catch {}
  return { failure: failureIn(output) }
}

function failureIn(output: string): string {
  try {
    const error: unknown = JSON.parse(output).error
    if (typeof error === 'string') return error
  } catch {}
  return output.trim().split('\n').at(-1) || 'iperf3 says nothing'
}

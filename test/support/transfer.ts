// SPDX-License-Identifier: MIT
/**
 * Transfers between two namespaces: see transfer.mjs beside this file.
 */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { withNetns } from '../../native/netns.ts'
import type { Netns } from './netns.ts'

const script = fileURLToPath(new URL('./transfer.mjs', import.meta.url))

/** Sends `bytes` bytes by TCP; what was sent and what arrived. */
export async function transferTcp(from: Netns, to: Netns, address: string, bytes: number) {
  return await transfer(from, to, ['tcp-serve', '7000'], ['tcp-send', address, '7000', String(bytes)])
}

/** Sends `count` datagrams of 64 to 1,400 bytes and has each echoed. */
export async function transferUdp(from: Netns, to: Netns, address: string, count: number) {
  const run = await transfer(
    from,
    to,
    ['udp-serve', '7001', String(count)],
    ['udp-send', address, '7001', String(count)],
  )
  return run.sent as { sent: number; received: number }
}

/**
 * How many UDP packets a host has thrown away that were for a socket of its own, IPv4 and IPv6: one that is too busy, or
 * one that is given what it cannot take.
 */
export function udpErrors(ns: Netns): number {
  const read = (file: string) =>
    withNetns(ns.path, () => readFileSync(`/proc/thread-self/net/${file}`, 'utf8'))
  const [names = [], values = []] = read('snmp')
    .split('\n')
    .filter((line) => line.startsWith('Udp: '))
    .map((line) => line.split(' '))
  const six = /^Udp6InErrors\s+(\d+)$/m.exec(read('snmp6'))?.[1]
  return Number(values[names.indexOf('InErrors')]) + Number(six)
}

async function transfer(from: Netns, to: Netns, serve: readonly string[], send: readonly string[]) {
  const server = agentIn(to)
  server.order(serve)
  await server.next()
  const client = agentIn(from)
  client.order(send)
  const sent: unknown = JSON.parse(await client.next())
  const arrived = serve[0] === 'tcp-serve' ? (JSON.parse(await server.next()) as unknown) : undefined
  return { sent, arrived }
}

interface Agent {
  order(words: readonly string[]): void
  /** The next line that it says. */
  next(): Promise<string>
}

/** One for each namespace, which ends it: a start of Node.js is what takes longest where a processor is emulated. */
const agents = new WeakMap<Netns, Agent>()

function agentIn(ns: Netns): Agent {
  const there = agents.get(ns)
  if (there !== undefined) return there
  const child = ns.start(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] })
  const { next } = lines(child)
  const agent = { order: (words: readonly string[]) => child.stdin?.write(`${words.join(' ')}\n`), next }
  agents.set(ns, agent)
  return agent
}

function lines(child: ChildProcess): { next(): Promise<string> } {
  const reader = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  const queue: string[] = []
  reader.on('line', (line) => queue.push(line))
  return {
    async next() {
      while (queue.length === 0) await once(reader, 'line', { signal: AbortSignal.timeout(60_000) })
      return queue.shift() as string
    },
  }
}

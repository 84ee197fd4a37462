// SPDX-License-Identifier: MIT
/**
 * Datagrams that the stack cuts up and puts together, between two namespaces: see segments.py beside this file. One
 * process for each namespace, for a start of one is what takes longest where a processor is emulated.
 */
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Netns } from './netns.ts'

const script = fileURLToPath(new URL('./segments.py', import.meta.url))

/** Of Debian's own: a wrapper that chooses among several takes longer than it. */
const python = '/usr/bin/python3'

/** How many segments a flow has. */
export const segmentCount = 608
/** What has arrived when all is well. */
export const unbroken = { sent: segmentCount, whole: segmentCount, broken: 0, twice: 0, late: 0 }

const ports = { plain: 7100, gro: 7101 } as const

export interface Datagrams {
  /** By UDP_SEGMENT, several segments a send; else one by one. */
  readonly gso: boolean
  /** A socket with UDP_GRO, or one without. */
  readonly receiver: keyof typeof ports
}

/** Which of them is it that a segment says it belongs to? */
let flows = 0

/** Sends one flow; how many segments were sent, and arrived. Gives up `patienceS` seconds after the last one came. */
export async function sendSegments(
  from: Netns,
  to: Netns,
  address: string,
  { gso, receiver }: Datagrams,
  patienceS: number,
) {
  const flow = ++flows
  const [sender, taker] = [await workerIn(from), await workerIn(to)]
  const sent = await sender.ask({ do: 'send', to: address, port: ports[receiver], flow, gso })
  return { ...sent, ...(await taker.ask({ do: 'take', flow, patience: patienceS })) }
}

/**
 * The same one by one, by IPv4, from a socket that leaves no room in front of a datagram but for a link's header: what
 * puts others there has to make it.
 */
export async function sendTight(from: Netns, source: string, to: Netns, address: string, patienceS: number) {
  const flow = ++flows
  const [sender, taker] = [await workerIn(from), await workerIn(to)]
  const sent = await sender.ask({ do: 'send-tight', from: source, to: address, port: ports.plain, flow })
  return { ...sent, ...(await taker.ask({ do: 'take', flow, patience: patienceS })) }
}

/** Sends a stream by TCP; what was sent, and what arrived. */
export async function sendStream(from: Netns, to: Netns, address: string, bytes: number) {
  const [sender, taker] = [await workerIn(from), await workerIn(to)]
  const [sent, arrived] = await Promise.all([
    sender.ask({ do: 'stream', to: address, bytes }),
    taker.ask({ do: 'take-stream' }),
  ])
  return { sent, arrived }
}

interface Worker {
  ask(order: object): Promise<Readonly<Record<string, unknown>>>
}

const workers = new WeakMap<Netns, Promise<Worker>>()

function workerIn(ns: Netns): Promise<Worker> {
  const worker = workers.get(ns) ?? start(ns)
  workers.set(ns, worker)
  return worker
}

async function start(ns: Netns): Promise<Worker> {
  const child = ns.start(python, ['-I', '-S', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  const reader = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  const answer = async () => {
    const [line] = await once(reader, 'line', { signal: AbortSignal.timeout(120_000) })
    return JSON.parse(line as string) as Readonly<Record<string, unknown>>
  }
  await answer()
  return {
    ask(order) {
      const answered = answer()
      child.stdin?.write(`${JSON.stringify(order)}\n`)
      return answered
    },
  }
}

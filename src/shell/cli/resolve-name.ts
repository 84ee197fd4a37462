// SPDX-License-Identifier: MIT
/**
 * Host names of the underlay to addresses, through the system's resolver. An answer that does not come in
 * time is no answer: its tunnel stays pending and everything else goes on.
 */
import { spawn } from 'node:child_process'
import { setImmediate } from 'node:timers/promises'
import type { ResolveName } from '../../interp/index.ts'
import { type Address, parseAddress } from '../../model/address.ts'

/** Does a piece of work somewhere else. */
export type Inside = <T>(work: () => T) => T

type Found = ReadonlyMap<string, readonly Address[]>

/**
 * A resolver that looks up all names asked for in one turn of the event loop at the same time, under one
 * deadline. Addresses come in the system's order of preference; empty: no such name, or no answer in time.
 * Each name is looked up once. Look-ups happen in the network namespace that the thread is in, or that `inside` takes it
 * to for as long as what it is given runs.
 */
export function nameResolver(deadlineMs = 3000, inside: Inside = (work) => work()): ResolveName {
  const answers = new Map<string, Promise<readonly Address[]>>()
  let gathering: { readonly hosts: string[]; readonly found: Promise<Found> } | undefined
  const gather = () => {
    const hosts: string[] = []
    const found = setImmediate().then(() => {
      gathering = undefined
      return lookUp(hosts, deadlineMs, inside)
    })
    return { hosts, found }
  }
  return (host) => {
    const known = answers.get(host)
    if (known !== undefined) return known
    gathering ??= gather()
    gathering.hosts.push(host)
    const answer = gathering.found.then((found) => found.get(host) ?? [])
    answers.set(host, answer)
    return answer
  }
}

/**
 * Prints `[host, [address, ...]]` in a line for each host of the list that standard input holds, as the answers come. As
 * arguments of a process, names have 2 MiB of room together, some 35,000 of them.
 */
const child = `
for (const host of JSON.parse(require('node:fs').readFileSync(0, 'utf8')))
  require('node:dns').lookup(host, { all: true }, (error, found) =>
    console.log(JSON.stringify([host, error ? [] : found.map(({ address }) => address)])))`

/** A thread waits in each getaddrinfo(3), for which libuv lets no more than half of its threads be used. */
const mostAtOnce = 256

/**
 * In a process of its own: getaddrinfo(3) cannot be called off, and a process does not end before its threads
 * have come back from it.
 */
function lookUp(hosts: readonly string[], deadlineMs: number, inside: Inside): Promise<Found> {
  return new Promise((resolve) => {
    const threads = String(2 * Math.min(hosts.length, mostAtOnce))
    // A child starts in the namespace of the thread that forks it.
    const resolver = inside(() =>
      spawn(process.execPath, ['-e', child], {
        stdio: ['pipe', 'pipe', 'ignore'],
        env: { ...process.env, UV_THREADPOOL_SIZE: threads },
        timeout: deadlineMs,
        killSignal: 'SIGKILL',
      }),
    )
    let output = ''
    resolver.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    // It may end, at its deadline, before it has read all of them.
    resolver.stdin.once('error', () => undefined).end(JSON.stringify(hosts))
    resolver.once('error', () => resolve(new Map()))
    resolver.once('close', () => resolve(parseAnswers(output)))
  })
}

function parseAnswers(output: string): Found {
  // What stands behind the last line break was cut off by the deadline.
  const lines = output.split('\n').slice(0, -1)
  return new Map(
    lines.map((line) => {
      const [host, addresses] = JSON.parse(line) as [string, string[]]
      return [host, addresses.flatMap((address) => parseAddress(address) ?? [])]
    }),
  )
}

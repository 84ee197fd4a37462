// SPDX-License-Identifier: MIT
/**
 * Pings between namespaces: all pairs once, or one pair without a pause while something else happens.
 */
import type { ChildProcess } from 'node:child_process'
import { type Netns, until } from './netns.ts'
import { ping } from './plane-world.ts'

/** A namespace and the overlay addresses that reach it. */
export interface Peer {
  readonly ns: Netns
  readonly addresses: readonly string[]
}

/** Waits until every peer reaches every address of every other one; throws with the pairs that never did. */
export async function allReach(peers: readonly Peer[]): Promise<void> {
  let missing = peers.flatMap((from) =>
    peers.filter((to) => to !== from).flatMap((to) => to.addresses.map((address) => ({ from, address }))),
  )
  const names = () => missing.map(({ from, address }) => `${from.ns.name} reaches ${address}`).join(', ')
  try {
    await until('all answer', () => {
      missing = missing.filter(({ from, address }) => !ping(from.ns, address))
      return missing.length === 0
    })
  } catch {
    throw new Error(`waited in vain until ${names()}`)
  }
}

/** A ping that goes on every 20 ms until `stop`. */
export class Pinger {
  private readonly child: ChildProcess
  private text = ''

  private constructor(ns: Netns, address: string) {
    this.child = ns.start('ping', ['-n', '-i', '0.02', address], { stdio: ['ignore', 'pipe', 'ignore'] })
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.text += text
    })
  }

  /** Returns once answers come. */
  static async start(ns: Netns, address: string): Promise<Pinger> {
    const pinger = new Pinger(ns, address)
    await pinger.more(5)
    return pinger
  }

  /** Sequence numbers below the last answer for which none came; waits for some more answers first. */
  async lost(): Promise<number[]> {
    await this.more(5)
    const seen = new Set(this.sequence())
    return Array.from({ length: Math.max(...seen) }, (_, i) => i + 1).filter((n) => !seen.has(n))
  }

  stop(): void {
    this.child.kill('SIGKILL')
  }

  private async more(count: number): Promise<void> {
    // What a blocking command kept us from reading does not count as new.
    await new Promise((resolve) => setImmediate(resolve))
    const before = this.sequence().length
    await until('the ping is answered', () => this.sequence().length >= before + count)
  }

  private sequence(): number[] {
    return Array.from(this.text.matchAll(/icmp_seq=(\d+) ttl=/g), ([, n]) => Number(n))
  }
}

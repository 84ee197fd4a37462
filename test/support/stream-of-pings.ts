// SPDX-License-Identifier: MIT
/**
 * A ping in a namespace that goes on every 20 ms, or as often as the test says, until `stop`, whatever happens to the
 * network meanwhile.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { withNetns } from '../../native/netns.ts'
import { until } from './netns.ts'

export class StreamOfPings {
  private readonly child: ChildProcess
  private readonly heard = new Set<number>()
  private unread = ''

  private constructor(namespace: string, address: string, everyMs: number) {
    this.child = withNetns(namespace, () =>
      spawn('ping', ['-n', '-i', String(everyMs / 1000), address], { stdio: ['ignore', 'pipe', 'ignore'] }),
    )
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = `${this.unread}${text}`.split('\n')
      this.unread = lines.pop() ?? ''
      for (const line of lines) {
        const [, number] = / icmp_seq=(\d+) ttl=/.exec(line) ?? []
        if (number !== undefined) this.heard.add(Number(number))
      }
    })
  }

  /** Returns once answers come. */
  static async start(namespace: string, address: string, everyMs = 20): Promise<StreamOfPings> {
    const stream = new StreamOfPings(namespace, address, everyMs)
    try {
      await stream.answers(5)
    } catch (error) {
      stream.stop()
      throw error
    }
    return stream
  }

  /** Waits for so many more. */
  async answers(more: number): Promise<void> {
    // What a blocking command kept us from reading does not count as new.
    await new Promise((resolve) => setImmediate(resolve))
    const before = this.heard.size
    await until(`${more} more pings are answered`, () => this.heard.size >= before + more)
  }

  /** Numbers of the pings that were not answered, though later ones were; the first is 1. */
  lost(): readonly number[] {
    const last = [...this.heard].reduce((most, number) => Math.max(most, number), 0)
    return Array.from({ length: last }, (_, i) => i + 1).filter((number) => !this.heard.has(number))
  }

  /** How many were answered. */
  get answered(): number {
    return this.heard.size
  }

  stop(): void {
    this.child.kill('SIGKILL')
  }
}

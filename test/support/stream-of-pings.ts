// SPDX-License-Identifier: MIT
/**
 * A ping in a namespace of a lab that goes on every 20 ms until `stop`, whatever happens to the network meanwhile.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { withNetns } from '../../native/netns.ts'
import { until } from './netns.ts'

export class StreamOfPings {
  private readonly child: ChildProcess
  private count = 0

  private constructor(namespace: string, address: string) {
    this.child = withNetns(namespace, () =>
      spawn('ping', ['-n', '-i', '0.02', address], { stdio: ['ignore', 'pipe', 'ignore'] }),
    )
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.count += text.split(' ttl=').length - 1
    })
  }

  /** Returns once answers come. */
  static async start(namespace: string, address: string): Promise<StreamOfPings> {
    const stream = new StreamOfPings(namespace, address)
    await stream.answers(5)
    return stream
  }

  /** Waits for so many more. */
  async answers(more: number): Promise<void> {
    // What a blocking command kept us from reading does not count as new.
    await new Promise((resolve) => setImmediate(resolve))
    const before = this.count
    await until(`${more} more pings are answered`, () => this.count >= before + more)
  }

  stop(): void {
    this.child.kill('SIGKILL')
  }
}

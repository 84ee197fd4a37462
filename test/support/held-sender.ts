// SPDX-License-Identifier: MIT
/** A thread that holds the lock of a UDP socket of this process's: see held-sender.py beside this file. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Place } from './control-peer.ts'

const script = fileURLToPath(new URL('./held-sender.py', import.meta.url))

export interface HeldSender {
  /** Does it still hold the lock? It lets go when it has not been asked for half a minute. */
  holds(): Promise<boolean>
  /** Has it let go. */
  close(): Promise<void>
}

/** By the socket of the descriptor, to an IPv4 address. Comes back when the lock is held. */
export async function holdSender(fd: number, to: Place): Promise<HeldSender> {
  const child = spawn('/usr/bin/python3', ['-I', '-S', script, to.address, String(to.port)], {
    stdio: ['pipe', 'pipe', 'inherit', fd],
  })
  const ended = once(child, 'exit')
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]()
  // Where it is gone, the end of its output tells.
  child.stdin?.on('error', () => undefined)
  const says = async () => (await lines.next()).value === 'held'
  if (!(await says())) throw new Error('the sender does not wait for its page')
  return {
    async holds() {
      child.stdin?.write('?\n')
      return await says()
    },
    async close() {
      child.stdin?.end()
      await ended
    },
  }
}

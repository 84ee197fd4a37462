// SPDX-License-Identifier: MIT
/**
 * A netlink socket that sends whatever it is given and hides nothing of what comes back: for tests of what the
 * kernel does with nonsense, and of which dumps it marks as torn.
 */
import { spawnSync } from 'node:child_process'
import { addon } from '../../native/addon/index.ts'
import { errnoText, isErrno } from '../../native/errors.ts'
import { align4 } from '../../native/netlink/bytes.ts'
import {
  decodeMessages,
  decodeVerdict,
  encodeMessage,
  type NetlinkMessage,
  NLM_F,
  NLMSG,
} from '../../native/netlink/message.ts'
import type { Request } from '../../native/netlink/socket.ts'
import { withNetns } from '../../native/netns.ts'
import type { Netns } from './netns.ts'

export type Dump = { readonly torn: boolean; readonly messages: readonly NetlinkMessage[] }

export class RawNetlink {
  private readonly fd: ReturnType<ReturnType<typeof addon>['netlinkOpen']>
  private sequence = 0

  constructor(ns: Netns, protocol: number) {
    this.fd = withNetns(ns.path, () => addon().netlinkOpen(protocol, []))
  }

  /** Sends a datagram; how many messages came back, and how many of them say that a request was carried out. */
  send(datagram: Buffer): { readonly answers: number; readonly accepted: number } {
    addon().netlinkSend(this.fd, datagram)
    const count = { answers: 0, accepted: 0 }
    // The kernel has answered before the call that asks returns.
    for (;;) {
      const some = this.receive(0)
      if (some === null) return count
      countAnswers(some, count)
    }
  }

  /**
   * Has another process write a datagram of requests with sequence numbers from 1 on, as `cat` does: the errno
   * that each is refused with, '' where it is not.
   */
  writtenBy(command: readonly string[], datagram: Buffer): readonly string[] {
    const [program, ...args] = command as [string, ...string[]]
    const { status } = spawnSync(program, args, { input: datagram, stdio: ['pipe', this.fd, 'inherit'] })
    if (status !== 0) throw new Error(`${command.join(' ')} exited ${status}`)
    const errnos: string[] = []
    for (let some = this.receive(0); some !== null; some = this.receive(0))
      for (const message of decodeMessages(some)) {
        const { errno } = decodeVerdict(message)
        errnos[message.sequence - 1] = errno === 0 ? '' : errnoText(errno)[0]
      }
    return errnos
  }

  /** One dump as it comes. */
  dump(request: Request): Dump {
    const sequence = ++this.sequence
    const flags = NLM_F.request | NLM_F.dump
    addon().netlinkSend(
      this.fd,
      encodeMessage({ type: request.type, flags, sequence, payload: request.payload }),
    )
    const messages: NetlinkMessage[] = []
    for (let torn = false; ; ) {
      const datagram = this.receive(120_000)
      if (datagram === null) throw new Error(`${request.what}: no answer`)
      for (const message of decodeMessages(datagram)) {
        if ((message.flags & NLM_F.dumpInterrupted) !== 0) torn = true
        if (message.type === NLMSG.error) throw new Error(`${request.what}: refused`)
        if (message.type === NLMSG.done) return { torn, messages }
        messages.push(message)
      }
    }
  }

  close(): void {
    addon().close(this.fd)
  }

  private receive(timeoutMs: number): Buffer | null {
    try {
      return addon().netlinkReceive(this.fd, timeoutMs)
    } catch (error) {
      if (isErrno(error, 'ENOBUFS')) return Buffer.alloc(0)
      throw error
    }
  }
}

/** Looks at no more than it must: tens of thousands are counted. */
function countAnswers(datagram: Buffer, count: { answers: number; accepted: number }): void {
  for (let at = 0; at < datagram.length; at += align4(datagram.readUInt32LE(at))) {
    count.answers += 1
    // struct nlmsgerr starts with the negative errno.
    if (datagram.readUInt16LE(at + 4) === NLMSG.error && datagram.readInt32LE(at + 16) === 0)
      count.accepted += 1
  }
}

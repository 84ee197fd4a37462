// SPDX-License-Identifier: MIT
/**
 * A netlink socket that sends whatever it is given and hides nothing of what comes back: for tests of what the
 * kernel does with nonsense, and of which dumps it marks as torn.
 */
import { addon } from '../../native/addon/index.ts'
import { isErrno } from '../../native/errors.ts'
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
    let [answers, accepted] = [0, 0]
    for (;;) {
      // The kernel has answered before the call that asks returns.
      const messages = this.receive(0)
      if (messages === null) return { answers, accepted }
      answers += messages.length
      for (const message of messages)
        if (message.type === NLMSG.error && decodeVerdict(message).errno === 0) accepted += 1
    }
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
      const more = this.receive(10_000)
      if (more === null) throw new Error(`${request.what}: no answer`)
      for (const message of more) {
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

  private receive(timeoutMs: number): readonly NetlinkMessage[] | null {
    try {
      const datagram = addon().netlinkReceive(this.fd, timeoutMs)
      return datagram === null ? null : decodeMessages(datagram)
    } catch (error) {
      if (isErrno(error, 'ENOBUFS')) return []
      throw error
    }
  }
}

// SPDX-License-Identifier: MIT
/**
 * The kernel's side of a netlink socket as a script: for each datagram of requests it says which datagrams come back,
 * and where the receive buffer ran over. The socket under test is the real one.
 */
import {
  decodeMessages,
  encodeMessage,
  type NetlinkMessage,
  NLM_F,
  NLMSG,
} from '../../native/netlink/message.ts'
import type { OpenWire, Wire } from '../../native/netlink/wire.ts'

/** A datagram, a receive buffer that ran over, or another error of `recv`. */
export type Arrival = readonly NetlinkMessage[] | Buffer | { readonly errno: string }
/** What the kernel does with the `turn`-th datagram of requests, from 0. */
export type Script = (requests: readonly NetlinkMessage[], turn: number) => readonly Arrival[]

export const overrun: Arrival = { errno: 'ENOBUFS' }

export class ScriptedWire implements Wire {
  /** The requests, a list for each datagram. */
  readonly sent: (readonly NetlinkMessage[])[] = []
  /** The timeout of each `receive`. */
  readonly waited: number[] = []
  closed = 0
  opened: Parameters<OpenWire> | null = null
  private readonly script: Script
  private readonly queue: Arrival[] = []
  private onReadable: (() => void) | null = null

  constructor(script: Script = () => []) {
    this.script = script
  }

  readonly open: OpenWire = (...told) => {
    this.opened = told
    return this
  }

  send(datagram: Buffer): void {
    const requests = decodeMessages(datagram)
    this.sent.push(requests)
    this.queue.push(...this.script(requests, this.sent.length - 1))
  }

  receive(timeoutMs: number): Buffer | null {
    this.waited.push(timeoutMs)
    const arrival = this.queue.shift()
    if (arrival === undefined) return null
    if ('errno' in arrival) throw systemError(arrival.errno)
    return Buffer.isBuffer(arrival) ? arrival : Buffer.concat(arrival.map(encodeMessage))
  }

  watch(onReadable: () => void): () => void {
    this.onReadable = onReadable
    return () => {
      this.onReadable = null
    }
  }

  /** Datagrams that come unasked, as events do. */
  arrive(...arrivals: readonly Arrival[]): void {
    this.queue.push(...arrivals)
    this.onReadable?.()
  }

  close(): void {
    this.closed++
  }
}

export function systemError(code: string): Error {
  return Object.assign(new Error(code), { code })
}

/** A message of an answer: its payload is its name. */
export function part(to: NetlinkMessage, name: string, flags = 0): NetlinkMessage {
  return { type: 16, flags, sequence: to.sequence, payload: Buffer.from(name) }
}

function i32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}

/** NLMSG_ERROR: a refusal, or with 0 an ack. The request's header is repeated, capped. */
export function verdict(to: NetlinkMessage, errno = 0): NetlinkMessage {
  const payload = Buffer.concat([i32(-errno), encodeMessage({ ...to, payload: Buffer.alloc(0) })])
  return { type: NLMSG.error, flags: NLM_F.capped, sequence: to.sequence, payload }
}

/** NLMSG_DONE, with its code. */
export function end(to: NetlinkMessage, errno = 0, flags = 0): NetlinkMessage {
  return { type: NLMSG.done, flags, sequence: to.sequence, payload: i32(-errno) }
}

// SPDX-License-Identifier: MIT
/**
 * A netlink socket: requests with acks, many at once, and dumps that are never torn. It belongs to the network
 * namespace that the thread was in when it was opened. All calls wait; the kernel answers while it is asked.
 *
 * The kernel works through all messages of a datagram, also after it refused one. Requests that are sent
 * together are therefore each answered for; `stop` ends a batch at the datagram that held a refusal.
 */
import { isErrno, systemFailure } from '../errors.ts'
import { type NetlinkError, refused, unanswered } from './error.ts'
import {
  addFlags,
  decodeMessages,
  decodeVerdict,
  encodeMessage,
  type Keep,
  type NetlinkMessage,
  NLM_F,
  NLMSG,
} from './message.ts'
import { openWire, type Wire } from './wire.ts'

export interface Request {
  /** What it is to do, as a user would say it: "add the route 10.0.0.0/8". */
  readonly what: string
  readonly type: number
  /** Besides NLM_F_REQUEST, NLM_F_ACK and NLM_F_DUMP, which the socket sets. */
  readonly flags?: number
  readonly payload: Buffer
}

/** The kernel's answer to one request. */
export interface Outcome {
  readonly error: NetlinkError | null
  readonly replies: readonly NetlinkMessage[]
}

export interface BatchOptions {
  /**
   * `ack`: each request is done with its ack. `reply`: with its one reply (look-ups, half the messages).
   * `last`: with the ack of the last one of its datagram, unless it was refused before; a datagram without a
   * refusal is then answered by one message. For requests that have no replies.
   */
  readonly until: 'ack' | 'reply' | 'last'
  /** Send nothing after the datagram that held a refused request: the outcomes then end early. */
  readonly stop?: boolean
  /** Called after each datagram with how many requests were answered. */
  readonly onProgress?: ((answered: number) => void) | undefined
}

// The answers to one datagram fit into the receive buffer of an unprivileged socket.
const requestsPerDatagram = 128
const bytesPerDatagram = 64 * 1024
const answerTimeoutMs = 10_000
const dumpTries = 10

export class NetlinkSocket {
  private readonly wire: Wire
  private sequence = 0
  private closed = false

  /** Opens a socket of `protocol` (NETLINK_ROUTE is 0) that also hears the multicast `groups`. */
  constructor(protocol: number, groups: readonly number[] = [], open = openWire) {
    try {
      this.wire = open(protocol, groups)
    } catch (error) {
      throw systemFailure('open a netlink socket', error)
    }
  }

  /** One request with its ack; its replies, if it has any. Throws a NetlinkError when the kernel refuses it. */
  request(request: Request): readonly NetlinkMessage[] {
    const [{ error, replies }] = this.batch([request], { until: 'ack' }) as [Outcome]
    if (error !== null) throw error
    return replies
  }

  /** Many requests in few datagrams: an outcome for each that was sent, in order. */
  batch(requests: readonly Request[], options: BatchOptions): readonly Outcome[] {
    const outcomes: Outcome[] = []
    while (outcomes.length < requests.length) {
      const sent = this.sendSome(requests, outcomes.length, options.until)
      const answers = this.collect(sent, options.until)
      for (const answer of answers) outcomes.push(answer)
      options.onProgress?.(outcomes.length)
      if (options.stop && answers.some((answer) => answer.error !== null)) break
    }
    return outcomes
  }

  /**
   * A whole dump, or what of it is to be kept: the rest takes no memory, however much it is. One that the kernel calls
   * inconsistent (NLM_F_DUMP_INTR) or overran is read again.
   */
  dump(request: Request, keep?: Keep): readonly NetlinkMessage[] {
    for (let tries = 1; ; tries++) {
      const result = this.dumpOnce(request, keep)
      if (typeof result !== 'string') return result
      if (tries === dumpTries) throw unanswered(request.what, result)
    }
  }

  /**
   * Calls back with each multicast message, and with null when the kernel dropped some (ENOBUFS), until the
   * returned function is called. For sockets that send no requests.
   */
  watch(onMessage: (message: NetlinkMessage | null) => void): () => void {
    let watching = true
    const stop = this.wire.watch(() => {
      while (watching) {
        const messages = this.receive(0)
        if (messages === 'ENOBUFS') onMessage(null)
        else if (messages === null) return
        else for (const message of messages) if (watching) onMessage(message)
      }
    })
    return () => {
      watching = false
      stop()
    }
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    this.wire.close()
  }

  /** Sends requests from `start` on in one datagram; the request of each sequence number. */
  private sendSome(
    requests: readonly Request[],
    start: number,
    until: BatchOptions['until'],
  ): Map<number, Request> {
    const sent = new Map<number, Request>()
    const parts: Buffer[] = []
    let size = 0
    for (let i = start; i < requests.length && parts.length < requestsPerDatagram; i++) {
      const request = requests[i] as Request
      const sequence = this.nextSequence()
      const flags = (request.flags ?? 0) | NLM_F.request | (until === 'ack' ? NLM_F.ack : 0)
      const part = encodeMessage({ type: request.type, flags, sequence, payload: request.payload })
      if (parts.length > 0 && size + part.length > bytesPerDatagram) break
      size += part.length
      parts.push(part)
      sent.set(sequence, request)
    }
    if (until === 'last') addFlags(parts.at(-1), NLM_F.ack)
    this.send(requests[start] as Request, Buffer.concat(parts, size))
    return sent
  }

  private collect(sent: ReadonlyMap<number, Request>, until: BatchOptions['until']): readonly Outcome[] {
    const replies = new Map<number, NetlinkMessage[]>()
    const errors = new Map<number, NetlinkError | null>()
    const last = until === 'last' ? [...sent.keys()].at(-1) : undefined
    let lost: 'ETIMEDOUT' | 'ENOBUFS' = 'ETIMEDOUT'
    while (errors.size < sent.size) {
      // The kernel answers within the call that asks, so after an overrun nothing more is to be waited for.
      const messages = this.receive(lost === 'ENOBUFS' ? 0 : answerTimeoutMs)
      if (messages === null) break
      if (messages === 'ENOBUFS') {
        lost = messages
        continue
      }
      for (const message of messages) {
        const request = sent.get(message.sequence)
        if (request === undefined) continue
        if (message.type === NLMSG.error || message.type === NLMSG.done) {
          const { errno, kernelMessage, offset } = decodeVerdict(message)
          const error = errno === 0 ? null : refused(request.what, errno, kernelMessage, offset)
          errors.set(message.sequence, error)
          // The kernel works in order: what it has not refused by now it has done.
          if (message.sequence === last && lost !== 'ENOBUFS')
            for (const each of sent.keys()) if (!errors.has(each)) errors.set(each, null)
        } else {
          const list = replies.get(message.sequence)
          if (list === undefined) replies.set(message.sequence, [message])
          else list.push(message)
          if (until === 'reply') errors.set(message.sequence, null)
        }
      }
    }
    return [...sent].map(([sequence, { what }]) => {
      const error = errors.get(sequence)
      return {
        error: error === undefined ? unanswered(what, lost) : error,
        replies: replies.get(sequence) ?? [],
      }
    })
  }

  private dumpOnce(request: Request, keep?: Keep): readonly NetlinkMessage[] | 'EINTR' | 'ENOBUFS' {
    const sequence = this.nextSequence()
    const flags = (request.flags ?? 0) | NLM_F.request | NLM_F.dump
    this.send(request, encodeMessage({ type: request.type, flags, sequence, payload: request.payload }))
    const collected: NetlinkMessage[] = []
    let torn: 'EINTR' | 'ENOBUFS' | null = null
    for (;;) {
      const messages = this.receive(answerTimeoutMs, keep)
      if (messages === null) throw unanswered(request.what, torn ?? 'ETIMEDOUT')
      if (messages === 'ENOBUFS') {
        torn = messages
        continue
      }
      for (const message of messages) {
        if (message.sequence !== sequence) continue
        if ((message.flags & NLM_F.dumpInterrupted) !== 0) torn ??= 'EINTR'
        if (message.type === NLMSG.error || message.type === NLMSG.done) {
          const { errno, kernelMessage, offset } = decodeVerdict(message)
          if (errno !== 0) throw refused(request.what, errno, kernelMessage, offset)
          return torn ?? collected
        }
        collected.push(message)
      }
    }
  }

  private nextSequence(): number {
    this.sequence = (this.sequence + 1) >>> 0 || 1
    return this.sequence
  }

  private send(request: Request, datagram: Buffer): void {
    try {
      this.wire.send(datagram)
    } catch (error) {
      throw systemFailure(request.what, error)
    }
  }

  private receive(timeoutMs: number, keep?: Keep): readonly NetlinkMessage[] | 'ENOBUFS' | null {
    let datagram: Buffer | null
    try {
      datagram = this.wire.receive(timeoutMs)
    } catch (error) {
      if (isErrno(error, 'ENOBUFS')) return 'ENOBUFS'
      throw systemFailure('read from a netlink socket', error)
    }
    return datagram === null ? null : decodeMessages(datagram, keep)
  }
}

// SPDX-License-Identifier: MIT
/**
 * Netlink messages (struct nlmsghdr of <linux/netlink.h>): their headers, and the three control messages that
 * end an answer. Sockets and families are not known here.
 */
import { Attributes } from './attributes.ts'
import { align4, little, readI32, readU16, readU32 } from './bytes.ts'
import { malformed } from './error.ts'

export const headerSize = 16

/** nlmsg_flags; the meaning of 0x100 to 0x800 depends on the kind of request. */
export const NLM_F = {
  request: 0x1,
  ack: 0x4,
  dumpInterrupted: 0x10,
  dump: 0x300,
  replace: 0x100,
  exclusive: 0x200,
  create: 0x400,
  capped: 0x100,
  ackTlvs: 0x200,
} as const

/** Types below `first` (NLMSG_MIN_TYPE) are control messages. */
export const NLMSG = { noop: 1, error: 2, done: 3, overrun: 4, first: 16 } as const

const NLMSGERR_ATTR = { message: 1, offset: 2 } as const

export interface NetlinkMessage {
  readonly type: number
  readonly flags: number
  readonly sequence: number
  /** Without the header. */
  readonly payload: Buffer
}

/** One message, padded to 4 bytes as its followers in a datagram need it. */
export function encodeMessage(message: NetlinkMessage): Buffer {
  const length = headerSize + message.payload.length
  const bytes = Buffer.alloc(align4(length))
  const header = new Uint32Array([length, 0, message.sequence, 0])
  new Uint16Array(header.buffer).set([message.type, message.flags], 2)
  bytes.set(new Uint8Array(header.buffer))
  bytes.set(message.payload, headerSize)
  return bytes
}

/** Sets flags of a message already encoded. */
export function addFlags(message: Buffer | undefined, flags: number): void {
  if (message === undefined) return
  new DataView(message.buffer, message.byteOffset).setUint16(6, readU16(message, 6) | flags, little)
}

/** Is the message with the payload from `start` to `end` of `bytes` of any interest? */
export type Keep = (bytes: Buffer, start: number, end: number) => boolean

/**
 * The messages of one datagram, payloads as views of it, without those that `keep` leaves out: it is not asked about
 * control messages, nor about those that call a dump inconsistent. Throws a NetlinkError for bytes that are none.
 */
export function decodeMessages(datagram: Buffer, keep?: Keep): readonly NetlinkMessage[] {
  const messages: NetlinkMessage[] = []
  for (let at = 0; at < datagram.length; ) {
    const length = readU32(datagram, at)
    if (length < headerSize || at + length > datagram.length)
      throw malformed(`message of ${length} bytes at ${at}`)
    const type = readU16(datagram, at + 4)
    const flags = readU16(datagram, at + 6)
    const start = at + headerSize
    const end = at + length
    const asked = keep !== undefined && type >= NLMSG.first && (flags & NLM_F.dumpInterrupted) === 0
    if (!asked || keep(datagram, start, end)) {
      messages.push({
        ...{ type, flags, sequence: readU32(datagram, at + 8) },
        payload: datagram.subarray(start, end),
      })
    }
    at += align4(length)
  }
  return messages
}

/** What NLMSG_ERROR and NLMSG_DONE say. */
export interface Verdict {
  /** Positive; 0: all well. */
  readonly errno: number
  readonly kernelMessage: string | null
  readonly offset: number | null
}

/**
 * Reads NLMSG_ERROR (an error, or an ack with errno 0) and NLMSG_DONE (the end of a dump, errno in its
 * payload; empty in some families).
 */
export function decodeVerdict(message: NetlinkMessage): Verdict {
  const { type, flags, payload } = message
  if (type === NLMSG.done && payload.length < 4) return { errno: 0, kernelMessage: null, offset: null }
  const code = readI32(payload, 0)
  if (code > 0) throw malformed(`error code ${code} is positive`)
  let kernelMessage: string | null = null
  let offset: number | null = null
  if ((flags & NLM_F.ackTlvs) !== 0) {
    const attributes = new Attributes(payload, tlvStart(message))
    kernelMessage = attributes.text(NLMSGERR_ATTR.message) ?? null
    offset = attributes.u32(NLMSGERR_ATTR.offset) ?? null
  }
  return { errno: Math.abs(code), kernelMessage, offset }
}

/** After the code, NLMSG_ERROR repeats the request: its header alone when capped, else all of it. */
function tlvStart(message: NetlinkMessage): number {
  if (message.type === NLMSG.done) return 4
  if ((message.flags & NLM_F.capped) !== 0) return 4 + headerSize
  return 4 + align4(readU32(message.payload, 4))
}

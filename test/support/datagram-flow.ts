// SPDX-License-Identifier: MIT
/**
 * Datagrams as QUIC sends and reads them: many handed to the kernel in one write (UDP_SEGMENT), or read joined
 * (UDP_GRO).
 */

import { UdpPeer } from './control-peer.ts'
import type { Netns } from './netns.ts'
import { until } from './netns.ts'
import { option, setOption } from './sockopt.ts'

/** Bytes of each datagram: it says its number in the first four, the rest follows from that. */
export const datagramSize = 1000

/** So many are under way at once: no more than fit into a receive buffer of the usual size. */
const window = 64

export interface Flow {
  readonly from: Netns
  readonly to: Netns
  readonly address: string
  readonly count: number
  /** So many datagrams in one write; 1: an ordinary sender. An even part of `count`. */
  readonly perWrite: number
  /** Does the receiver ask for joined datagrams? */
  readonly joined: boolean
}

/**
 * How many different datagrams arrived unbroken. Lost ones are waited for until `patienceMs` have passed without any
 * other coming.
 */
export async function sendFlow({ from, to, address, count, perWrite, joined }: Flow): Promise<number> {
  const any = address.includes(':') ? '::' : '0.0.0.0'
  const receiver = new UdpPeer(to, { address: any, port: 7002 })
  const sender = new UdpPeer(from, { address: any, port: 7003 })
  try {
    if (joined) setOption(receiver.fd, option.udpGro, 1)
    if (perWrite > 1) setOption(sender.fd, option.udpSegment, datagramSize)
    const whole = new Set<number>()
    for (let sent = 0; sent < count; ) {
      const end = Math.min(count, sent + window)
      for (; sent < end; sent += perWrite) {
        const numbers = Array.from({ length: perWrite }, (_, index) => sent + index)
        sender.send(Buffer.concat(numbers.map(datagram)), { address, port: 7002 })
      }
      const all = await until(`datagrams up to ${sent} arrive`, () => take(receiver, whole) === sent).catch(
        () => false,
      )
      if (!all) break
    }
    return whole.size
  } finally {
    receiver.close()
    sender.close()
  }
}

function datagram(number: number): Buffer {
  const data = Buffer.alloc(datagramSize, number % 251)
  data.writeUInt32BE(number)
  return data
}

/** Moves what has been heard to `whole`; how many that are now. */
function take(receiver: UdpPeer, whole: Set<number>): number {
  for (const heard of receiver.heard.splice(0)) {
    for (let at = 0; at < heard.length; at += datagramSize) {
      const part = heard.subarray(at, at + datagramSize)
      const number = part.length < 4 ? -1 : part.readUInt32BE()
      if (number >= 0 && part.equals(datagram(number))) whole.add(number)
    }
  }
  return whole.size
}

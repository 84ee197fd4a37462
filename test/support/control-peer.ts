// SPDX-License-Identifier: MIT
/**
 * A peer of the module's that is a UDP socket: says what it is told to, true or false, and keeps what it hears.
 * Control packets are those of docs/protocol.md. Socket and thread are the test's own: no other process.
 */
import { createSocket, type Socket } from 'node:dgram'
import { withNetns } from '../../native/netns.ts'
import { type Netns, until } from './netns.ts'

export interface Place {
  readonly address: string
  readonly port: number
}

/** A UDP socket in a namespace, bound when the constructor returns. */
export class UdpPeer {
  /** What came in and was not asked for yet. */
  readonly heard: Buffer[] = []
  readonly place: Place
  private readonly socket: Socket

  constructor(ns: Netns, place: Place) {
    this.place = place
    this.socket = withNetns(ns.path, () => bound(place))
    this.socket.on('message', (data) => this.heard.push(data))
  }

  /** The file descriptor, for who wants to hand it over. */
  get fd(): number {
    return (this.socket as unknown as { _handle: { fd: number } })._handle.fd
  }

  send(data: Buffer, to: Place): void {
    this.socket.send(data, to.port, to.address)
  }

  async next(): Promise<Buffer> {
    await until('a packet comes', () => this.heard.length > 0)
    return this.heard.shift() as Buffer
  }

  close(): void {
    this.socket.close()
  }
}

/** Node binds at once where the look-up of the address answers at once: in the namespace of the caller. */
function bound({ address, port }: Place): Socket {
  const six = address.includes(':')
  const socket = createSocket({
    type: six ? 'udp6' : 'udp4',
    ipv6Only: six,
    lookup: (name, _options, done) => done(null, name, six ? 6 : 4),
  })
  socket.bind({ address, port, exclusive: true })
  return socket
}

export const controlType = { request: 1, answer: 2 } as const

export interface Control {
  readonly version: number
  readonly type: number
  readonly session: bigint
  readonly counter: bigint
  readonly nonce: bigint
}

const noKey = Buffer.alloc(16)

/** `key`: the tunnel's; null where it has none. */
export function encodeControl(
  { version = 1, type, session, counter, nonce }: Omit<Control, 'version'> & { version?: number },
  key: Buffer | null,
): Buffer {
  const packet = Buffer.alloc(48)
  packet.writeUInt8(version, 0)
  packet.writeUInt8(type, 1)
  if (key !== null) packet.writeBigUInt64LE(siphash(Buffer.from('lvn key id'), key), 8)
  packet.writeBigUInt64LE(session, 16)
  packet.writeBigUInt64BE(counter, 24)
  packet.writeBigUInt64LE(nonce, 32)
  packet.writeBigUInt64LE(siphash(packet.subarray(0, 40), key ?? noKey), 40)
  return packet
}

export function decodeControl(packet: Buffer): Control {
  return {
    version: packet.readUInt8(0),
    type: packet.readUInt8(1),
    session: packet.readBigUInt64LE(16),
    counter: packet.readBigUInt64BE(24),
    nonce: packet.readBigUInt64LE(32),
  }
}

const word = (value: bigint) => BigInt.asUintN(64, value)
const turn = (value: bigint, by: bigint) => word((value << by) | (value >> (64n - by)))

/** SipHash-2-4 (Aumasson and Bernstein, 2012) with a key of 16 bytes. */
function siphash(data: Buffer, key: Buffer): bigint {
  const [k0, k1] = [key.readBigUInt64LE(0), key.readBigUInt64LE(8)]
  let a = k0 ^ 0x736f6d6570736575n
  let b = k1 ^ 0x646f72616e646f6dn
  let c = k0 ^ 0x6c7967656e657261n
  let d = k1 ^ 0x7465646279746573n
  const rounds = (number: number) => {
    for (let left = number; left > 0; left--) {
      a = word(a + b)
      b = turn(b, 13n) ^ a
      a = turn(a, 32n)
      c = word(c + d)
      d = turn(d, 16n) ^ c
      a = word(a + d)
      d = turn(d, 21n) ^ a
      c = word(c + b)
      b = turn(b, 17n) ^ c
      c = turn(c, 32n)
    }
  }
  const padded = Buffer.alloc((data.length & ~7) + 8)
  data.copy(padded)
  padded.writeUInt8(data.length & 0xff, padded.length - 1)
  for (let at = 0; at < padded.length; at += 8) {
    const block = padded.readBigUInt64LE(at)
    d ^= block
    rounds(2)
    a ^= block
  }
  c ^= 0xffn
  rounds(4)
  return a ^ b ^ c ^ d
}

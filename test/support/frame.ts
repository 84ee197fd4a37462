// SPDX-License-Identifier: MIT
/**
 * IP packets byte by byte, with fields that no program of ours would send. What is not given is as it should be, and
 * reckoned after the rest.
 */
import { type Address, addressBytes } from '../../src/model/address.ts'

export interface Header {
  readonly from: string
  readonly to: string
  readonly version?: number
  /** Hop limit of IPv6. */
  readonly ttl?: number
  /** Bytes that the header says there are: all of an IPv4 packet, what is behind the header of an IPv6 one. */
  readonly length?: number
  /** Of IPv4; a multiple of four bytes. */
  readonly options?: Buffer
  /** Added to the header's checksum, which IPv6 has not. */
  readonly wrongBy?: number
}

export interface UdpHeader {
  readonly from: number
  readonly to: number
  readonly length?: number
  /** Absent, as our own ends send it; right; or wrong. */
  readonly checksum?: 'absent' | 'right' | 'wrong'
}

const ICMP = 1
const UDP = 17
const ICMPV6 = 58

/** An IP packet around a UDP datagram around a payload. */
export function packet(ip: Header, udp: UdpHeader, payload: Buffer): Buffer {
  const datagram = Buffer.concat([Buffer.alloc(8), payload])
  datagram.writeUInt16BE(udp.from, 0)
  datagram.writeUInt16BE(udp.to, 2)
  datagram.writeUInt16BE(udp.length ?? datagram.length, 4)
  if (udp.checksum === 'right' || udp.checksum === 'wrong') {
    const pseudo = Buffer.alloc(4)
    pseudo.writeUInt16BE(UDP, 0)
    pseudo.writeUInt16BE(datagram.length, 2)
    const right = internetChecksum(bytesOf(ip.from), bytesOf(ip.to), pseudo, datagram) || 0xffff
    datagram.writeUInt16BE(udp.checksum === 'right' ? right : right ^ 0x1111, 6)
  }
  return ipPacket(ip, UDP, datagram)
}

/** An IP packet of a protocol; 59, "no next header", has no contents that anybody would look at. */
export function ipPacket(ip: Header, protocol: number, contents: Buffer): Buffer {
  const [from, to] = [bytesOf(ip.from), bytesOf(ip.to)]
  const six = from.length === 16
  const options = ip.options ?? Buffer.alloc(0)
  const header = Buffer.alloc(six ? 8 : 12)
  if (six) {
    header.writeUInt8((ip.version ?? 6) << 4, 0)
    header.writeUInt16BE(ip.length ?? contents.length, 4)
    header.writeUInt8(protocol, 6)
    header.writeUInt8(ip.ttl ?? 64, 7)
  } else {
    header.writeUInt8(((ip.version ?? 4) << 4) | (5 + options.length / 4), 0)
    header.writeUInt16BE(ip.length ?? 20 + options.length + contents.length, 2)
    header.writeUInt8(ip.ttl ?? 64, 8)
    header.writeUInt8(protocol, 9)
    header.writeUInt16BE((internetChecksum(header, from, to, options) + (ip.wrongBy ?? 0)) & 0xffff, 10)
  }
  return Buffer.concat([header, from, to, options, contents])
}

/** An ICMPv6 message in a packet, its checksum (bytes 2 and 3) right. */
export function icmp6Packet(ip: Header, message: Buffer): Buffer {
  const pseudo = Buffer.alloc(8)
  pseudo.writeUInt32BE(message.length, 0)
  pseudo.writeUInt8(ICMPV6, 7)
  const summed = Buffer.from(message)
  summed.writeUInt16BE(internetChecksum(bytesOf(ip.from), bytesOf(ip.to), pseudo, message), 2)
  return ipPacket(ip, ICMPV6, summed)
}

/** An ICMP message in a packet, its checksum (bytes 2 and 3) right. */
export function icmp4Packet(ip: Header, message: Buffer): Buffer {
  const summed = Buffer.from(message)
  summed.writeUInt16BE(internetChecksum(message), 2)
  return ipPacket(ip, ICMP, summed)
}

const bytesOf = (address: string) => Buffer.from(addressBytes(address as Address))

/** RFC 1071. Each part but the last has an even number of bytes. */
function internetChecksum(...parts: readonly Buffer[]): number {
  const bytes = Buffer.concat([...parts, Buffer.alloc((parts.at(-1)?.length ?? 0) % 2)])
  let sum = 0
  for (let i = 0; i < bytes.length; i += 2) sum += bytes.readUInt16BE(i)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

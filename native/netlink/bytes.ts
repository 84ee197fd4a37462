// SPDX-License-Identifier: MIT
/**
 * Integers in the host's byte order, as netlink has them, and a growing buffer of attributes to send.
 * Reads out of bounds throw a NetlinkError; they never return made-up values.
 */
import { endianness } from 'node:os'
import { malformed } from './error.ts'

export const little = endianness() === 'LE'

export function align4(length: number): number {
  return (length + 3) & ~3
}

function check(bytes: Buffer, offset: number, size: number): void {
  if (offset < 0 || offset + size > bytes.length)
    throw malformed(`${size} bytes wanted at ${offset} of ${bytes.length}`)
}

export function readU8(bytes: Buffer, offset: number): number {
  check(bytes, offset, 1)
  return bytes[offset] as number
}

export function readU16(bytes: Buffer, offset: number): number {
  check(bytes, offset, 2)
  return little ? bytes.readUInt16LE(offset) : bytes.readUInt16BE(offset)
}

export function readU32(bytes: Buffer, offset: number): number {
  check(bytes, offset, 4)
  return little ? bytes.readUInt32LE(offset) : bytes.readUInt32BE(offset)
}

export function readI32(bytes: Buffer, offset: number): number {
  return readU32(bytes, offset) | 0
}

/** Text up to its first NUL or the end of `bytes`. */
export function readText(bytes: Buffer): string {
  const end = bytes.indexOf(0)
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end)
}

/** Appends integers, bytes and attributes (struct nlattr of <linux/netlink.h>); keeps attributes 4-aligned. */
export class Encoder {
  private buffer = Buffer.alloc(192)
  private length = 0

  u8(value: number): this {
    const at = this.grow(1)
    this.buffer[at] = value & 0xff
    return this
  }

  u16(value: number): this {
    const at = this.grow(2)
    if (little) this.buffer.writeUInt16LE(value, at)
    else this.buffer.writeUInt16BE(value, at)
    return this
  }

  u32(value: number): this {
    const at = this.grow(4)
    if (little) this.buffer.writeUInt32LE(value >>> 0, at)
    else this.buffer.writeUInt32BE(value >>> 0, at)
    return this
  }

  bytes(value: Uint8Array): this {
    const at = this.grow(value.length)
    this.buffer.set(value, at)
    return this
  }

  /** An attribute whose value `fill` appends; nested attributes come about by nesting calls. */
  attribute(type: number, fill: (encoder: this) => void): this {
    const start = this.length
    this.u16(0).u16(type)
    fill(this)
    const size = this.length - start
    if (size > 0xffff) throw malformed(`attribute ${type} of ${size} bytes`)
    if (little) this.buffer.writeUInt16LE(size, start)
    else this.buffer.writeUInt16BE(size, start)
    this.grow(align4(size) - size)
    return this
  }

  attributeU8(type: number, value: number): this {
    return this.attribute(type, (e) => e.u8(value))
  }

  attributeU16(type: number, value: number): this {
    return this.attribute(type, (e) => e.u16(value))
  }

  attributeU32(type: number, value: number): this {
    return this.attribute(type, (e) => e.u32(value))
  }

  attributeBytes(type: number, value: Uint8Array): this {
    return this.attribute(type, (e) => e.bytes(value))
  }

  /** NUL-terminated text. */
  attributeText(type: number, value: string): this {
    return this.attribute(type, (e) => e.bytes(Buffer.from(`${value}\0`)))
  }

  /** What was appended so far, as a copy of its own. */
  done(): Buffer {
    return Buffer.from(this.buffer.subarray(0, this.length))
  }

  /** Room for `size` more zero bytes; where they start. */
  private grow(size: number): number {
    const at = this.length
    this.length += size
    if (this.length > this.buffer.length) {
      this.buffer = Buffer.concat(
        [this.buffer.subarray(0, at)],
        Math.max(this.length, this.buffer.length * 2),
      )
    }
    return at
  }
}

// SPDX-License-Identifier: MIT
/**
 * Reading of attributes (struct nlattr). Only the places are noted at first; values are read when asked for.
 */
import { align4, readI32, readText, readU8, readU16, readU32 } from './bytes.ts'
import { malformed } from './error.ts'

const headerSize = 4
/** Without NLA_F_NESTED and NLA_F_NET_BYTEORDER. */
const typeMask = 0x3fff

export interface Attribute {
  readonly type: number
  readonly value: Buffer
}

/** All attributes of `bytes` from `offset` on, in order. Throws a NetlinkError where one reaches past the end. */
export function listAttributes(bytes: Buffer, offset = 0): readonly Attribute[] {
  const list: Attribute[] = []
  walk(bytes, offset, (type, start, end) => list.push({ type, value: bytes.subarray(start, end) }))
  return list
}

/** The attributes of one level by type; of two with one type the later counts, as in the kernel. */
export class Attributes {
  private readonly bytes: Buffer
  private readonly places = new Map<number, number>()

  constructor(bytes: Buffer, offset = 0) {
    this.bytes = bytes
    // A place is start and length in one number: route look-ups read tens of thousands of them.
    walk(bytes, offset, (type, start, end) => this.places.set(type, start * 0x10000 + (end - start)))
  }

  has(type: number): boolean {
    return this.places.has(type)
  }

  /** The value as a view; undefined: not there. So for all below. */
  value(type: number): Buffer | undefined {
    const place = this.places.get(type)
    if (place === undefined) return undefined
    const start = Math.floor(place / 0x10000)
    return this.bytes.subarray(start, start + (place % 0x10000))
  }

  u8(type: number): number | undefined {
    return this.integer(type, 1, readU8)
  }

  u16(type: number): number | undefined {
    return this.integer(type, 2, readU16)
  }

  u32(type: number): number | undefined {
    return this.integer(type, 4, readU32)
  }

  i32(type: number): number | undefined {
    return this.integer(type, 4, readI32)
  }

  text(type: number): string | undefined {
    const value = this.value(type)
    return value === undefined ? undefined : readText(value)
  }

  nested(type: number): Attributes | undefined {
    const value = this.value(type)
    return value === undefined ? undefined : new Attributes(value)
  }

  list(type: number): readonly Attribute[] {
    const value = this.value(type)
    return value === undefined ? [] : listAttributes(value)
  }

  private integer(
    type: number,
    size: number,
    read: (bytes: Buffer, offset: number) => number,
  ): number | undefined {
    const place = this.places.get(type)
    if (place === undefined) return undefined
    if (place % 0x10000 < size) throw malformed(`attribute ${type} is shorter than ${size} bytes`)
    return read(this.bytes, Math.floor(place / 0x10000))
  }
}

function walk(bytes: Buffer, offset: number, each: (type: number, start: number, end: number) => void): void {
  for (let at = offset; at + headerSize <= bytes.length; ) {
    const size = readU16(bytes, at)
    if (size < headerSize || at + size > bytes.length) throw malformed(`attribute of ${size} bytes at ${at}`)
    each(readU16(bytes, at + 2) & typeMask, at + headerSize, at + size)
    at += align4(size)
  }
}

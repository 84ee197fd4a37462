// SPDX-License-Identifier: MIT
/** Integers in the host's byte order, and attributes to send, byte for byte on a little-endian host. */
import { describe, expect, test } from 'vitest'
import {
  align4,
  Encoder,
  readI32,
  readText,
  readU8,
  readU16,
  readU32,
} from '../../../native/netlink/bytes.ts'
import { NetlinkError } from '../../../native/netlink/error.ts'
import { hex } from './hex.ts'

test('lengths are rounded up to four bytes', () => {
  expect([0, 1, 3, 4, 5, 8].map(align4)).toEqual([0, 4, 4, 4, 8, 8])
})

describe('an integer', () => {
  const bytes = hex('00 fe ff ff ff 7f')

  test('is read at its place, up to the last', () => {
    expect([readU8(bytes, 1), readU8(bytes, 5)]).toEqual([0xfe, 0x7f])
    expect([readU16(bytes, 1), readU16(bytes, 4)]).toEqual([0xfffe, 0x7fff])
    expect([readU32(bytes, 1), readU32(bytes, 2)]).toEqual([0xfffffffe, 0x7fffffff])
    expect([readI32(bytes, 1), readI32(bytes, 2)]).toEqual([-2, 0x7fffffff])
  })

  test.each([
    ['readU8', readU8, 1],
    ['readU16', readU16, 2],
    ['readU32', readU32, 4],
    ['readI32', readI32, 4],
  ])('out of bounds is refused: %s', (_, read, size) => {
    const last = bytes.length - size
    for (const at of [last + 1, bytes.length, -1]) {
      const reading = () => read(bytes, at)
      expect(reading).toThrow(NetlinkError)
      expect(reading).toThrow(`malformed netlink message: ${size} bytes wanted at ${at} of 6`)
    }
    expect(() => read(bytes, last)).not.toThrow()
    expect(() => read(bytes, 0)).not.toThrow()
  })
})

test('a text ends at its first NUL, or where the bytes do', () => {
  expect(readText(hex('6c766e 00 61'))).toBe('lvn')
  expect(readText(hex('6c766e'))).toBe('lvn')
  expect(readText(hex('00 61'))).toBe('')
})

describe('what is appended', () => {
  test('stands in the order of the host, cut to its size', () => {
    expect(new Encoder().u8(0x1ff).u16(0x1234).u32(-2).u32(0x12345678).bytes(hex('aabb')).done()).toEqual(
      hex('ff 3412 feffffff 78563412 aabb'),
    )
  })

  test('as an attribute has its length and type before it, and zeros after it', () => {
    expect(
      new Encoder()
        .attributeU8(1, 0xaa)
        .attributeU16(2, 0x1234)
        .attributeU32(3, 0x12345678)
        .attributeText(4, 'lvn')
        .attributeBytes(5, hex('aabbcc'))
        .attribute(6, (inner) => inner.attributeU8(7, 1))
        .done(),
    ).toEqual(
      hex(`
        0500 0100 aa 000000
        0600 0200 3412 0000
        0800 0300 78563412
        0800 0400 6c766e00
        0700 0500 aabbcc 00
        0c00 0600 0500 0700 01 000000
      `),
    )
  })

  test('is a copy of its own', () => {
    const encoder = new Encoder().u8(1)
    const first = encoder.done()
    encoder.u8(2).done().fill(0xff)
    expect(first).toEqual(hex('01'))
    expect(encoder.done()).toEqual(hex('01 02'))
  })

  test('keeps what was before when there is more of it than there was room for', () => {
    const many = new Encoder()
    const expected = Array.from({ length: 3_000 }, (_, i) => i & 0xff)
    for (const value of expected) many.u8(value)
    expect([...many.done()]).toEqual(expected)
    const large = Buffer.alloc(5_000, 7)
    expect(new Encoder().u8(1).bytes(large).u8(2).done()).toEqual(
      Buffer.concat([hex('01'), large, hex('02')]),
    )
  })

  test('is refused as an attribute that is longer than its length can say', () => {
    const largest = 0xffff - 4
    const encoded = new Encoder().attributeBytes(9, Buffer.alloc(largest)).done()
    expect(encoded.readUInt16LE(0)).toBe(0xffff)
    expect(encoded).toHaveLength(0x10000)
    expect(() => new Encoder().attributeBytes(9, Buffer.alloc(largest + 1))).toThrow(
      'malformed netlink message: attribute 9 of 65536 bytes',
    )
  })
})

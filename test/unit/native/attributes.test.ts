// SPDX-License-Identifier: MIT
/** Attributes (struct nlattr of <linux/netlink.h>) byte for byte: where they begin and end, and what is none. */
import { describe, expect, test } from 'vitest'
import { Attributes, listAttributes } from '../../../native/netlink/attributes.ts'
import { hex } from './hex.ts'

const list = (text: string) =>
  listAttributes(hex(text)).map(({ type, value }) => [type, value.toString('hex')])
const attributes = (text: string) => new Attributes(hex(text))

describe('a list of attributes', () => {
  test('has each in order, padded to four bytes', () => {
    expect(list('0500 0100 aa 000000  0400 0200  0800 0100 bbbbbbbb')).toEqual([
      [1, 'aa'],
      [2, ''],
      [1, 'bbbbbbbb'],
    ])
  })

  test('may start behind a header, and be empty', () => {
    expect(listAttributes(hex('ffff ffff 0500 0100 aa 000000'), 4)).toHaveLength(1)
    expect(list('')).toEqual([])
  })

  test('ends where fewer bytes are left than an attribute needs, and may lack the padding of the last', () => {
    expect(list('0500 0100 aa 000000 0400 02')).toEqual([[1, 'aa']])
    expect(list('0500 0100 aa')).toEqual([[1, 'aa']])
  })

  test('has types without the flags NLA_F_NESTED and NLA_F_NET_BYTEORDER', () => {
    expect(list('0400 0180  0400 0240  0400 ff3f').map(([type]) => type)).toEqual([1, 2, 0x3fff])
  })

  test('with one that reaches past the end is refused, and says where', () => {
    expect(() => list('0400 0100 0900 0100 aaaaaaaa')).toThrow('attribute of 9 bytes at 4')
    expect(list('0400 0100 0800 0100 aaaaaaaa')).toHaveLength(2)
  })

  test('with one that is shorter than its header is refused', () => {
    expect(() => list('0300 0100')).toThrow('attribute of 3 bytes at 0')
    expect(() => list('0000 0100')).toThrow('attribute of 0 bytes at 0')
  })
})

describe('an attribute by its type', () => {
  test('of two with one type is the later', () => {
    expect(attributes('0500 0100 aa 000000  0500 0100 bb 000000').u8(1)).toBe(0xbb)
  })

  test('that is not there is nothing', () => {
    const none = attributes('0400 0200')
    expect(none.has(1)).toBe(false)
    expect(none.has(2)).toBe(true)
    for (const read of ['value', 'u8', 'u16', 'u32', 'i32', 'text', 'nested'] as const)
      expect(none[read](1)).toBeUndefined()
    expect(none.list(1)).toEqual([])
  })

  test('is an integer of its size, or of a longer value the first bytes', () => {
    const long = attributes('0800 0100 fe ff ff ff')
    expect([long.u8(1), long.u16(1), long.u32(1), long.i32(1)]).toEqual([0xfe, 0xfffe, 0xfffffffe, -2])
  })

  test.each([
    ['u8', '0400 0100', 1],
    ['u16', '0500 0100 aa 000000', 2],
    ['u32', '0700 0100 aaaaaa 00', 4],
    ['i32', '0700 0100 aaaaaa 00', 4],
  ] as const)('that is too short for %s is refused, whatever bytes follow it', (read, text, size) => {
    expect(() => attributes(text)[read](1)).toThrow(`attribute 1 is shorter than ${size} bytes`)
  })

  test('is a text up to its first NUL, or its end', () => {
    const text = (value: string) => attributes(value).text(1)
    expect(text('0a00 0100 6c766e 00 6161 0000')).toBe('lvn')
    expect(text('0700 0100 6c766e 00')).toBe('lvn')
    expect(text('0500 0100 00 000000')).toBe('')
    expect(text('0400 0100')).toBe('')
  })

  test('holds attributes of its own, by type or in order', () => {
    const outer = attributes('1000 0180  0500 0300 aa 000000  0400 0400')
    expect(outer.nested(1)?.u8(3)).toBe(0xaa)
    expect(outer.list(1).map(({ type }) => type)).toEqual([3, 4])
    expect(() => attributes('0800 0180 0500 0300').nested(1)).toThrow('attribute of 5 bytes at 0')
  })

  test('is found in messages longer than 64 KiB', () => {
    const filler = Buffer.concat([hex('fcff 0900'), Buffer.alloc(0xfffc - 4)])
    const long = new Attributes(Buffer.concat([filler, filler, hex('0600 0100 cdab 0000')]))
    expect(long.u16(1)).toBe(0xabcd)
    expect(long.value(1)).toEqual(hex('cdab'))
    expect(long.value(9)).toHaveLength(0xfffc - 4)
  })
})

// SPDX-License-Identifier: MIT
/**
 * Messages and attributes: what was encoded is decoded, and recorded verdicts of a kernel (6.18) are understood.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Attributes, listAttributes } from '../../../native/netlink/attributes.ts'
import { Encoder } from '../../../native/netlink/bytes.ts'
import {
  addFlags,
  decodeMessages,
  decodeVerdict,
  encodeMessage,
  type NetlinkMessage,
} from '../../../native/netlink/message.ts'
import { u32 } from './arbitrary.ts'

const u16 = fc.integer({ min: 0, max: 0xffff })
const bytes = fc.uint8Array({ maxLength: 70 }).map((array) => Buffer.from(array))
const message: fc.Arbitrary<NetlinkMessage> = fc.record({
  type: u16,
  flags: u16,
  sequence: u32,
  payload: bytes,
})

function recorded(hex: string): NetlinkMessage {
  return decodeMessages(Buffer.from(hex, 'hex'))[0] as NetlinkMessage
}

test('a datagram of messages is decoded as it was encoded', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 5 }), (messages) => {
      expect(decodeMessages(Buffer.concat(messages.map(encodeMessage)))).toEqual(messages)
    }),
  )
})

test('bytes that are no messages say where', () => {
  const short = encodeMessage({ type: 1, flags: 0, sequence: 1, payload: Buffer.alloc(0) })
  const wrong = Buffer.from(short)
  wrong.writeUInt32LE(8, 0)
  expect(() => decodeMessages(Buffer.concat([short, wrong]))).toThrow(
    'malformed netlink message: message of 8 bytes at 16',
  )
})

test('flags are added to a message, and to none', () => {
  const bytes = encodeMessage({ type: 1, flags: 0x100, sequence: 1, payload: Buffer.alloc(0) })
  addFlags(bytes, 4)
  expect(decodeMessages(bytes)[0]?.flags).toBe(0x104)
  expect(() => addFlags(undefined, 4)).not.toThrow()
})

test('attributes are decoded as they were encoded', () => {
  const attribute = fc.record({ type: fc.integer({ min: 0, max: 0x3fff }), value: bytes })
  fc.assert(
    fc.property(fc.array(attribute, { maxLength: 6 }), (attributes) => {
      const encoder = new Encoder()
      for (const { type, value } of attributes) encoder.attributeBytes(type, value)
      const encoded = encoder.done()
      expect(listAttributes(encoded)).toEqual(attributes)
      const byType = new Attributes(encoded)
      for (const [type, value] of new Map(attributes.map(({ type, value }) => [type, value]))) {
        expect(byType.value(type)).toEqual(value)
      }
    }),
  )
})

test('nested attributes, integers and texts come back', () => {
  const encoded = new Encoder()
    .attributeU8(1, 200)
    .attributeU16(2, 60_000)
    .attributeU32(3, 4_000_000_000)
    .attribute(4, (inner) => inner.attributeText(5, 'grüße').attribute(6, (most) => most.attributeU32(7, 1)))
    .done()
  const attributes = new Attributes(encoded)
  expect([attributes.u8(1), attributes.u16(2), attributes.u32(3)]).toEqual([200, 60_000, 4_000_000_000])
  expect(attributes.nested(4)?.text(5)).toBe('grüße')
  expect(attributes.nested(4)?.nested(6)?.u32(7)).toBe(1)
  expect(attributes.has(8)).toBe(false)
  expect(attributes.u32(8)).toBeUndefined()
})

test('a buffer grows beyond its first size', () => {
  const value = Buffer.alloc(5_000, 7)
  expect(new Attributes(new Encoder().u32(1).attributeBytes(9, value).done(), 4).value(9)).toEqual(value)
})

describe('verdicts', () => {
  test('an ack', () => {
    const ack = recorded('2400000002000001010000000000000000000000480000002c0005060100000000000000')
    expect(decodeVerdict(ack)).toEqual({ errno: 0, kernelMessage: null, offset: null })
  })

  test("a refusal with the kernel's sentence", () => {
    const error = recorded(
      '440000000200000301000000000000009bffffff3400000018000506010000000000000020000100' +
        '4e657874686f702068617320696e76616c6964206761746577617900',
    )
    expect(decodeVerdict(error)).toEqual({
      errno: 101,
      kernelMessage: 'Nexthop has invalid gateway',
      offset: null,
    })
  })

  test('the end of a dump that failed', () => {
    const done = recorded(
      '38000000030022020100000000000000feffffff23000100697076343a20464942207461626c6520646f6573206e6f7420657869737400' +
        '00',
    )
    expect(decodeVerdict(done)).toEqual({
      errno: 2,
      kernelMessage: 'ipv4: FIB table does not exist',
      offset: null,
    })
  })

  test('an uncapped refusal repeats the whole request before its attributes', () => {
    const request = encodeMessage({ type: 24, flags: 5, sequence: 1, payload: Buffer.alloc(13) })
    const length = Buffer.from(request)
    const payload = new Encoder().u32(-22).bytes(length).attributeU32(2, 20).attributeText(1, 'no').done()
    expect(decodeVerdict({ type: 2, flags: 0x200, sequence: 1, payload })).toEqual({
      errno: 22,
      kernelMessage: 'no',
      offset: 20,
    })
  })

  test('without the flag has no attributes, whatever follows', () => {
    const payload = new Encoder().u32(-22).bytes(Buffer.alloc(16)).attributeText(1, 'no').done()
    expect(decodeVerdict({ type: 2, flags: 0x100, sequence: 1, payload })).toEqual({
      errno: 22,
      kernelMessage: null,
      offset: null,
    })
  })

  test('without a code, or with a positive one, are none', () => {
    const none = { type: 2, flags: 0, sequence: 1, payload: Buffer.alloc(0) }
    expect(() => decodeVerdict(none)).toThrow()
    expect(() => decodeVerdict({ ...none, payload: Buffer.of(5, 0, 0, 0) })).toThrow(
      'malformed netlink message: error code 5 is positive',
    )
  })

  test('the end of a dump without a code', () => {
    expect(decodeVerdict({ type: 3, flags: 2, sequence: 1, payload: Buffer.alloc(0) }).errno).toBe(0)
  })
})

// SPDX-License-Identifier: MIT
/**
 * Decoders on bytes that no kernel sends: random ones, and recorded messages with bytes changed or cut off.
 * They return something or throw a NetlinkError; nothing else, and never an endless loop.
 */
import fc from 'fast-check'
import { test } from 'vitest'
import { eventOf } from '../../../native/host/index.ts'
import { decodeAddress } from '../../../native/netlink/address.ts'
import { Attributes, listAttributes } from '../../../native/netlink/attributes.ts'
import { NetlinkError } from '../../../native/netlink/error.ts'
import { decodeFamily, decodeGeneric } from '../../../native/netlink/genetlink.ts'
import { decodeLink } from '../../../native/netlink/link.ts'
import { decodeMessages, decodeVerdict, type NetlinkMessage } from '../../../native/netlink/message.ts'
import { decodeRoute } from '../../../native/netlink/route.ts'
import { decodeBpfFilter, decodeQdisc } from '../../../native/netlink/traffic.ts'
import { recordings } from './recordings.ts'

const decoders: readonly ((message: NetlinkMessage) => unknown)[] = [
  ...[decodeVerdict, decodeLink, decodeAddress, decodeRoute, decodeQdisc, decodeBpfFilter],
  ...[decodeGeneric, decodeFamily, eventOf],
  ({ payload }) => listAttributes(payload),
  ({ payload }) => new Attributes(payload).nested(1),
]

function survives(decode: () => unknown): void {
  try {
    decode()
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw error
  }
}

function survivesAll(datagram: Buffer): void {
  survives(() => {
    for (const message of decodeMessages(datagram))
      for (const decode of decoders) survives(() => decode(message))
  })
}

test('random payloads', () => {
  const type = fc.integer({ min: 0, max: 50 })
  fc.assert(
    fc.property(
      type,
      fc.integer({ min: 0, max: 0xffff }),
      fc.uint8Array({ maxLength: 300 }),
      (type, flags, bytes) => {
        const message = { type, flags, sequence: 1, payload: Buffer.from(bytes) }
        for (const decode of decoders) survives(() => decode(message))
      },
    ),
    { numRuns: 5_000 },
  )
})

test('random datagrams', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => survivesAll(Buffer.from(bytes))),
    { numRuns: 5_000 },
  )
})

test('recorded messages with bytes changed, or cut short', () => {
  const recording = fc.constantFrom(...Object.values(recordings)).map((hex) => Buffer.from(hex, 'hex'))
  const changes = fc.array(fc.tuple(fc.nat(2_000), fc.integer({ min: 0, max: 255 })), { maxLength: 8 })
  fc.assert(
    fc.property(recording, changes, fc.nat(2_000), (original, changes, cut) => {
      const bytes = Buffer.from(original)
      for (const [at, value] of changes) bytes[at % bytes.length] = value
      survivesAll(bytes)
      // Short payloads in a message whose header is right.
      const shorter = Buffer.from(original.subarray(0, Math.max(16, cut % original.length)))
      new DataView(shorter.buffer, shorter.byteOffset).setUint32(0, shorter.length, true)
      survivesAll(shorter)
    }),
    { numRuns: 5_000 },
  )
})

// SPDX-License-Identifier: MIT
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decodeConfig,
  encodeConfig,
  encodeLocalKey,
  encodePeerKey,
  encodeRuleKey,
  encodeSavedValue,
  encodeText,
  readCounters,
  readInfo,
  readRuleKey,
  readSavedValue,
  readText,
  readTunnel,
  size,
  writeInfo,
  writeTunnel,
} from '../../../native/ebpf/layout.ts'
import { type Address, formatAddress, type Prefix, prefixOf } from '../../../src/model/address.ts'

const address4 = fc.uint8Array({ minLength: 4, maxLength: 4 }).map(formatAddress)
const address6 = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(formatAddress)
const port = fc.integer({ min: 1, max: 65535 })
const endpoints = (address: fc.Arbitrary<Address>) => fc.record({ address, port })
const lengths = (bits: number) => fc.uniqueArray(fc.integer({ min: 0, max: bits }))
const someOf = (address: fc.Arbitrary<Address>, bits: number) =>
  fc.array(
    fc.tuple(address, fc.integer({ min: 0, max: bits })).map(([each, length]) => prefixOf(each, length)),
    { maxLength: 64 },
  )
const destinations = fc.tuple(someOf(address4, 32), someOf(address6, 128)).map((families) => families.flat())
const lists = fc.record({ 4: lengths(32), 6: lengths(128) })

describe('what is encoded is decoded', () => {
  test('config', () => {
    fc.assert(
      fc.property(
        fc.record({
          abi: fc.nat(),
          mode: fc.constantFrom('fixed' as const, 'multi' as const),
          ifindex: fc.nat(),
          capacity: fc.nat(),
          rulesVersion: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
          ports: fc.array(port, { maxLength: 16 }),
          list: fc.constantFrom(0 as const, 1 as const),
          lengths: fc.tuple(lists, lists),
          destinationList: fc.constantFrom(0 as const, 1 as const),
          destinations: fc.tuple(destinations, destinations),
          name: fc.constantFrom('lvn0', 'fifteen-bytes-a'),
          alias: fc.constantFrom('lvn:first/gw1', `lvn:${'o'.repeat(63)}/${'n'.repeat(63)}`),
        }),
        (config) => {
          const descending = (list: readonly number[]) => [...list].sort((a, b) => b - a)
          const sorted = config.lengths.map((list) => ({ 4: descending(list[4]), 6: descending(list[6]) }))
          expect(decodeConfig(encodeConfig(config))).toEqual({ ...config, lengths: sorted })
        },
      ),
    )
  })

  test('tunnels', () => {
    const ends = fc.oneof(
      fc.tuple(endpoints(address4), fc.option(endpoints(address4))),
      fc.tuple(endpoints(address6), fc.option(endpoints(address6))),
    )
    fc.assert(
      fc.property(
        ends,
        fc.integer({ min: 1, max: 2 ** 31 }),
        fc.boolean(),
        ([local, remote], ifindex, ethernet) => {
          const tunnel = { local, remote, underlay: remote === null ? 0 : ifindex, ethernet }
          const bytes = Buffer.alloc(size.tunnel + 3, 0xff)
          writeTunnel(bytes, 3, tunnel)
          expect(readTunnel(bytes, 3)).toEqual(tunnel)
        },
      ),
    )
  })

  test('names and keepalives', () => {
    const info = fc.record({
      name: fc.string({ maxLength: 63 }).filter((name) => !name.includes('\0')),
      keepalive: fc.record({ intervalMs: fc.nat(), deadMs: fc.nat() }),
    })
    fc.assert(
      fc.property(info, (entry) => {
        const bytes = Buffer.alloc(size.info)
        writeInfo(bytes, 0, entry)
        expect(readInfo(bytes, 0)).toEqual(entry)
      }),
    )
  })

  test('rule keys', () => {
    const prefixes = fc.oneof(
      fc.tuple(address4, fc.integer({ min: 0, max: 32 })),
      fc.tuple(address6, fc.integer({ min: 0, max: 128 })),
    )
    fc.assert(
      fc.property(prefixes, ([address, length]) => {
        const prefix = prefixOf(address, length)
        expect(readRuleKey(encodeRuleKey(prefix), 0, prefix.includes(':') ? 6 : 4)).toBe(prefix)
      }),
    )
  })
})

test('the bytes are those of bpf/lvn.h', () => {
  expect(encodePeerKey({ address: '192.0.2.7' as Address, port: 50_000 }, 50_001).toString('hex')).toBe(
    `${'00'.repeat(10)}ffffc0000207c350c351`,
  )
  expect(encodeLocalKey({ address: '2001:db8::1' as Address, port: 1 }).toString('hex')).toBe(
    '20010db800000000000000000000000100010000',
  )
  expect(encodeRuleKey('10.64.0.0/16' as Prefix).toString('hex')).toBe('0a40000010000000')
  const config = encodeConfig({
    abi: 1,
    mode: 'multi',
    ifindex: 7,
    capacity: 1024,
    rulesVersion: 4,
    ports: [50_000],
    list: 1,
    lengths: [
      { 4: [0, 24, 32], 6: [] },
      { 4: [8], 6: [64] },
    ],
    destinationList: 1,
    destinations: [[], ['10.64.0.0/15' as Prefix, 'fd42::/32' as Prefix]],
    name: 'lvn0',
    alias: 'lvn:o/n',
  })
  expect(config.length).toBe(11_224)
  expect(config.toString('hex', 0, 30)).toBe(
    ['01000000', '01000000', '07000000', '00040000', '04000000', '01000000', '01000000', 'c350'].join(''),
  )
  expect(config.toString('hex', 60, 92)).toBe(
    ['20000000ffffffff', '18000000ffffff00', '0000000000000000', 'ff00000000000000'].join(''),
  )
  expect(config.toString('hex', 332, 348)).toBe('08000000ff000000ff00000000000000')
  expect(config.toString('hex', 604, 608)).toBe('ff000000')
  expect(config.toString('hex', 3204, 3232)).toBe(
    ['40000000', 'ffffffffffffffff0000000000000000', 'ff00000000000000'].join(''),
  )
  expect(config.toString('hex', 5804, 5820)).toBe(`01000000${'00'.repeat(12)}`)
  expect(config.toString('hex', 8380, 8400)).toBe(
    ['01000000', '01000000', '01000000', '0a400000', 'fffe0000'].join(''),
  )
  expect(config.toString('hex', 8904, 8936)).toBe(`fd42${'00'.repeat(14)}ffffffff${'00'.repeat(12)}`)
  expect(config.toString('utf8', 10_952, 10_956)).toBe('lvn0')
  expect(config.toString('utf8', 10_968, 10_975)).toBe('lvn:o/n')
})

test('counters are summed over CPUs, times are the latest', () => {
  const bytes = Buffer.alloc(size.counters * 2)
  for (let i = 0; i < 7; i++) {
    bytes.writeBigUInt64LE(BigInt(i + 1), i * 8)
    bytes.writeBigUInt64LE(BigInt((i + 1) * 10), size.counters + i * 8)
  }
  expect(readCounters(bytes, 0, 2)).toEqual({
    rxPackets: 11,
    rxBytes: 22,
    txPackets: 33,
    txBytes: 44,
    dropped: 55,
    lastRxNs: 60,
    lastTxNs: 70,
  })
})

test('a saved value has the index of its interface, and one of an older version has none', () => {
  const kept = { value: '1', ifindex: 2 ** 31 - 1 }
  const bytes = encodeSavedValue(kept)
  expect(bytes.length).toBe(size.savedValue)
  expect(readSavedValue(bytes, 0)).toEqual(kept)
  expect(readSavedValue(encodeText('1', size.savedValue, 'value'), 0)).toEqual({ value: '1', ifindex: 0 })
  // An older version reads the value alone.
  expect(readText(bytes, 0, size.savedValue)).toBe('1')
})

test('a text that does not fit is refused, one that just fits is kept', () => {
  expect(() => encodeText('x'.repeat(64), 64, 'tunnel name')).toThrow('longer than 63 bytes')
  expect(readText(encodeText('x'.repeat(63), 64, 'tunnel name'), 0, 64)).toBe('x'.repeat(63))
  expect(() => encodeText('a\0b', 64, 'tunnel name')).toThrow()
})

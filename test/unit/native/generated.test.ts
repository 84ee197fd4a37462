// SPDX-License-Identifier: MIT
/**
 * The code that is written from spec/lvn.yaml: `decode(encode(x)) = x` for every attribute set, and bytes of another
 * form are refused.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type DropsAttributes,
  decodeDrops,
  decodeLink,
  decodeLocal,
  decodeRule,
  decodeStats,
  decodeTunnel,
  dfNames,
  encodeDrops,
  encodeLink,
  encodeLocal,
  encodeRule,
  encodeStats,
  encodeTunnel,
  eventNames,
  keyLen,
  type LinkAttributes,
  type LocalAttributes,
  modeNames,
  nameLen,
  onDeadNames,
  type RuleAttributes,
  reasonNames,
  type StatsAttributes,
  stateNames,
  type TunnelAttributes,
} from '../../../native/kmod/generated.ts'
import { Attributes } from '../../../native/netlink/attributes.ts'
import { Encoder } from '../../../native/netlink/bytes.ts'
import { NetlinkError } from '../../../native/netlink/error.ts'
import { dropReasons } from '../../../src/model/state.ts'
import { address, byte, ifindex, u32 } from './arbitrary.ts'

const u16 = fc.integer({ min: 0, max: 0xffff })
const u64 = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const set = fc.constant(true as const)
/** A tunnel's name as the kernel takes it. */
const name = fc
  .string({ unit: 'grapheme', maxLength: nameLen })
  .filter((text) => !text.includes('\0') && Buffer.byteLength(text) <= nameLen)

/** Any of the properties may be absent. */
function some<T extends object>(
  model: { readonly [K in keyof T]-?: fc.Arbitrary<Exclude<T[K], undefined>> },
) {
  return fc.record(model as Record<string, fc.Arbitrary<unknown>>, { requiredKeys: [] }) as fc.Arbitrary<T>
}

const stats = some<StatsAttributes>({
  rxPackets: u64,
  rxBytes: u64,
  txPackets: u64,
  txBytes: u64,
  dropped: u64,
  sinceRx: u64,
  sinceTx: u64,
  controlRejected: u64,
})
const drops = some<DropsAttributes>({
  noRule: u64,
  noRemote: u64,
  badSource: u64,
  unknownPeer: u64,
  malformed: u64,
  fragment: u64,
  ecn: u64,
  noRoom: u64,
  unsupported: u64,
  badDestination: u64,
})
const link = some<LinkAttributes>({
  mode: fc.constantFrom(...modeNames),
  capacity: u32,
  df: fc.constantFrom(...dfNames),
  userdata: fc.uint8Array(),
  tunnels: u32,
  rules: u32,
  drops,
  destinations: fc.uint8Array(),
})
const local = some<LocalAttributes>({
  ifindex,
  address,
  port: u16,
  socket: u32,
  handedOver: set,
  tunnels: u32,
})
const tunnel = some<TunnelAttributes>({
  ifindex,
  id: u32,
  name,
  localAddress: address,
  localPort: u16,
  remoteAddress: address,
  remotePort: u16,
  underlay: u32,
  key: bytes(keyLen),
  keepaliveInterval: u32,
  deadTime: u32,
  onDead: fc.constantFrom(...onDeadNames),
  state: fc.constantFrom(...stateNames),
  stats,
  event: fc.constantFrom(...eventNames),
  reason: fc.constantFrom(...reasonNames),
  forgetRemote: set,
})
const rule = some<RuleAttributes>({ ifindex, prefix: address, prefixLen: byte, tunnel: u32 })

function encoded(fill: (encoder: Encoder) => unknown): Attributes {
  const encoder = new Encoder()
  fill(encoder)
  return new Attributes(encoder.done())
}

describe('what is read is what was written', () => {
  function holds<T>(
    values: fc.Arbitrary<T>,
    encode: (encoder: Encoder, value: T) => unknown,
    decode: (attributes: Attributes) => T,
  ): void {
    fc.assert(
      fc.property(values, (value) => {
        // fast-check makes records without prototype.
        expect(decode(encoded((encoder) => encode(encoder, value)))).toEqual(structuredClone(value))
      }),
    )
  }

  test('of a link', () => holds(link, encodeLink, decodeLink))
  test('of drops', () => holds(drops, encodeDrops, decodeDrops))
  test('of a local endpoint', () => holds(local, encodeLocal, decodeLocal))
  test('of a tunnel', () => holds(tunnel, encodeTunnel, decodeTunnel))
  test('of counters', () => holds(stats, encodeStats, decodeStats))
  test('of a rule', () => holds(rule, encodeRule, decodeRule))
})

describe('bytes', () => {
  test('ports and addresses are in network order', () => {
    const encoder = encodeLocal(new Encoder(), { address: '192.0.2.1' as never, port: 50_000 })
    expect(encoder.done().toString('hex')).toContain('c0000201')
    expect(encoder.done().toString('hex')).toContain('c350')
  })

  test('any bytes are read, or refused with a NetlinkError', () => {
    const decoders = [decodeLink, decodeDrops, decodeLocal, decodeTunnel, decodeStats, decodeRule]
    fc.assert(
      fc.property(fc.constantFrom(...decoders), fc.uint8Array({ maxLength: 200 }), (decode, bytes) => {
        try {
          decode(new Attributes(Buffer.from(bytes)))
        } catch (error) {
          expect(error).toBeInstanceOf(NetlinkError)
        }
      }),
      { numRuns: 1000 },
    )
  })

  test('values of another form are refused', () => {
    const short = encoded((e) => e.attributeBytes(4, Buffer.from([1, 2, 3])))
    expect(() => decodeTunnel(short)).toThrow('no address')
    expect(() => decodeRule(encoded((e) => e.attributeU8(4, 1)))).toThrow('shorter than 4 bytes')
    expect(() => decodeLink(encoded((e) => e.attributeU32(1, 99)))).toThrow('unknown value 99')
    expect(() => decodeStats(encoded((e) => e.attributeU32(2, 1)))).toThrow('shorter than 8 bytes')
  })

  test('numbers that do not fit are refused', () => {
    for (const port of [-1, 0x10000, 1.5, Number.NaN])
      expect(() => encodeLocal(new Encoder(), { port })).toThrow(`cannot be ${port}`)
    expect(() => encodeStats(new Encoder(), { rxBytes: 2 ** 53 })).toThrow(NetlinkError)
  })

  test('text and names that do not fit are refused', () => {
    expect(() => encodeTunnel(new Encoder(), { name: 'a\0b' })).toThrow('attribute 3 cannot hold a NUL')
    expect(() => encodeLink(new Encoder(), { mode: 'both' as never })).toThrow('attribute 1 cannot be both')
  })

  test('what is not there is no property', () => {
    expect(Object.keys(decodeRule(new Attributes(Buffer.alloc(0))))).toEqual([])
  })
})

test('the kernel counts every reason that the model knows', () => {
  const camel = (reason: string) => reason.replace(/-(.)/g, (_, letter) => letter.toUpperCase())
  const all = encodeDrops(new Encoder(), Object.fromEntries(dropReasons.map((reason) => [camel(reason), 1])))
  expect(Object.keys(decodeDrops(new Attributes(all.done())))).toEqual(dropReasons.map(camel))
})

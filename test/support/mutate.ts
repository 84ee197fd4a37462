// SPDX-License-Identifier: MIT
/**
 * Nonsense that looks like sense: changes to netlink attributes, the same ones in every run for a seed.
 */

/** Whole numbers below `below`. */
export type Random = (below: number) => number

/** Marsaglia's xorshift with 32 bits. */
export function randomFrom(seed: number): Random {
  let state = seed | 0 || 1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

const pick = <T>(random: Random, values: readonly T[]): T => values[random(values.length)] as T

/** Numbers at which checks tend to be wrong. */
const edges = [0, 1, 3, 4, 5, 8, 16, 17, 63, 64, 65, 255, 256, 4_096, 0x7fff, 0x8000, 0xfffc, 0xffff]

/** Where the attributes of a message start, each 4 bytes of header and as much as it says. */
function attributesOf(bytes: Buffer, start: number): readonly number[] {
  const found: number[] = []
  for (let at = start; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt16LE(at)
    if (length < 4 || at + length > bytes.length) break
    found.push(at)
    at += (length + 3) & ~3
  }
  return found
}

const changes: readonly ((bytes: Buffer, start: number, random: Random) => Buffer)[] = [
  function flip(bytes, _start, random) {
    if (bytes.length === 0) return bytes
    const at = random(bytes.length)
    bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << random(8)), at)
    return bytes
  },
  function overwrite(bytes, _start, random) {
    if (bytes.length > 0) bytes.writeUInt8(random(256), random(bytes.length))
    return bytes
  },
  function length(bytes, start, random) {
    const at = attributesOf(bytes, start)
    if (at.length > 0) bytes.writeUInt16LE(pick(random, edges), pick(random, at))
    return bytes
  },
  function type(bytes, start, random) {
    const at = attributesOf(bytes, start)
    if (at.length > 0)
      bytes.writeUInt16LE(random(24) | pick(random, [0, 0, 0x4000, 0x8000]), pick(random, at) + 2)
    return bytes
  },
  function value(bytes, start, random) {
    const at = attributesOf(bytes, start).filter((each) => bytes.readUInt16LE(each) === 8)
    if (at.length > 0)
      bytes.writeUInt32LE(pick(random, [...edges, 0x7fffffff, 0x80000000, 0xffffffff]), pick(random, at) + 4)
    return bytes
  },
  function twice(bytes, start, random) {
    const at = attributesOf(bytes, start)
    if (at.length === 0) return bytes
    const from = pick(random, at)
    return Buffer.concat([bytes, bytes.subarray(from, from + ((bytes.readUInt16LE(from) + 3) & ~3))])
  },
  function leaveOut(bytes, start, random) {
    const at = attributesOf(bytes, start)
    if (at.length === 0) return bytes
    const from = pick(random, at)
    const to = from + ((bytes.readUInt16LE(from) + 3) & ~3)
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)])
  },
  function cut(bytes, _start, random) {
    return bytes.subarray(0, random(bytes.length + 1))
  },
  function append(bytes, _start, random) {
    return Buffer.concat([bytes, Buffer.from(Array.from({ length: random(64) }, () => random(256)))])
  },
]

/** A copy with up to four changes; attributes start at `start`. */
export function mutate(valid: Buffer, start: number, random: Random): Buffer {
  let bytes = Buffer.from(valid)
  for (let left = random(5); left > 0; left--)
    bytes = pick(random, changes)(bytes, start, random) as typeof bytes
  return bytes
}

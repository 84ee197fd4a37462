// SPDX-License-Identifier: MIT
/**
 * The bytes that the kmod plane keeps with a device: read as they were written, and refused whole where any part has
 * another form.
 */
import { deflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { userdataLen } from '../../../native/kmod/generated.ts'
import { decodeUserData, encodeUserData } from '../../../native/kmod/userdata.ts'

const data = {
  owner: { overlay: 'mitte', node: 'gw1' },
  underlays: ['eth0', 'eth1'],
  saved: [
    { path: 'net/ipv4/ip_forward', value: '0', ifindex: 0 },
    { path: 'net/ipv6/conf/eth0/accept_ra', value: '1', ifindex: 7 },
  ],
}

/** As they stand in the bytes. */
const written = {
  ...data,
  saved: [
    ['net/ipv4/ip_forward', '0'],
    ['net/ipv6/conf/eth0/accept_ra', '1', '7'],
  ],
}

const decode = (value: unknown) => decodeUserData(Buffer.from(JSON.stringify(value)))

test('they are read as they were written', () => {
  expect(decodeUserData(encodeUserData(data))).toEqual({ version: 1, ...data })
  expect(decode({ version: 1, ...written })).toEqual({ version: 1, ...data })
  expect(decode({ version: 1, ...written, underlays: [], saved: [] })).not.toBeNull()
})

test('they say of which namespace the saved values are, and those of older versions do not', () => {
  expect(decodeUserData(encodeUserData({ ...data, home: '4097' }))?.home).toBe('4097')
  expect(decode({ version: 1, ...written })?.home).toBeUndefined()
})

test('a device without any has none', () => {
  expect(decodeUserData(undefined)).toBeNull()
})

describe('what is not ours is refused', () => {
  test.each(['', '{', '[]', 'null', '7', '"text"', 'true'])('%j', (text) => {
    expect(decodeUserData(Buffer.from(text))).toBeNull()
  })

  test.each<[string, object]>([
    ['another version', { version: 2 }],
    ['no version', { version: undefined }],
    ['no owner', { owner: undefined }],
    ['an owner that is null', { owner: null }],
    ['an owner that is text', { owner: 'mitte/gw1' }],
    ['an owner without a node', { owner: { overlay: 'mitte' } }],
    ['an owner without an overlay', { owner: { node: 'gw1' } }],
    ['an overlay that is a number', { owner: { overlay: 1, node: 'gw1' } }],
    ['no underlays', { underlays: undefined }],
    ['underlays that are no list', { underlays: 'eth0' }],
    ['an underlay that is a number', { underlays: ['eth0', 2] }],
    ['a namespace that is a number', { home: 4097 }],
    ['no saved values', { saved: undefined }],
    ['a saved value that is text', { saved: [['a', 'b'], 'c'] }],
    ['a saved value that is a number', { saved: [['net/ipv4/ip_forward', 0]] }],
    ['a path without a value', { saved: [['net/ipv4/ip_forward']] }],
  ])('%s', (_, change) => {
    expect(decode({ version: 1, ...written, ...change })).toBeNull()
  })
})

describe('those of a hub with many interfaces', () => {
  const of = (count: number) => {
    const underlays = Array.from({ length: count }, (_, i) => `enp${i % 7}s${i}f1np${i % 3}`)
    const saved = underlays.map((name, i) => {
      return { path: `net/ipv6/conf/${name}/accept_ra`, value: '1', ifindex: i + 2 }
    })
    return { owner: { overlay: 'mitte', node: 'gw1' }, underlays, saved }
  }

  test.each([1, 42, 43, 300])('fit into what the module keeps: %i', (count) => {
    const bytes = encodeUserData(of(count))
    expect(bytes.length).toBeLessThanOrEqual(userdataLen)
    expect(decodeUserData(bytes)).toEqual({ version: 1, ...of(count) })
  })

  test('are refused in a sentence where they are too many', () => {
    expect(() => encodeUserData(of(3000))).toThrow(
      expect.objectContaining({
        code: 'LVN5017',
        message: expect.stringMatching(/cannot keep 3000 values .* take \d+ bytes of 4096$/),
      }),
    )
  })

  test('are none where they promise more than anybody would read', () => {
    expect(decodeUserData(deflateSync(Buffer.alloc(1 << 21, ' ')))).toBeNull()
  })
})

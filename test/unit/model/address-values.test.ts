// SPDX-License-Identifier: MIT
/** What addresses, prefixes and endpoints are as values: one line for each rule of their text forms. */
import { describe, expect, it } from 'vitest'
import {
  type Address,
  addressBytes,
  bits4,
  type Endpoint,
  format4,
  formatAddress,
  hostPrefix,
  lastAddress,
  type Prefix,
  parseAddress,
  parseEndpoint,
  parsePrefix,
  prefixAddress,
  prefixContains,
  prefixesOverlap,
  prefixOf,
  sameEndpoint,
} from '../../../src/model/address.ts'

describe('an IPv4 address', () => {
  it.each(['0.0.0.0', '1.2.3.4', '10.20.30.40', '199.99.9.0', '255.255.255.255'])('may be %s', (text) => {
    expect(parseAddress(text)).toBe(text)
    expect(formatAddress(addressBytes(text as Address))).toBe(text)
    expect(format4(bits4(text as Address))).toBe(text)
  })

  it.each([
    ...['10.0.0.256', '1.2.3.4.5', '1.2.3', '1..2.3', '.1.2.3', '1.2.3.', '1.2.3.4.', '1.2.3.a', ''],
    ...['1.2.3/4', '1.2.3;4', '1.2.3.4 ', '00.1.2.3', '0.0.0.00', '1.2.3.04'],
  ])('is not %j', (text) => expect(parseAddress(text)).toBeUndefined())

  it('is a number, the first byte the highest', () => {
    expect(bits4('192.0.2.1' as Address)).toBe(0xc0000201)
    expect([...addressBytes('192.0.2.1' as Address)]).toEqual([192, 0, 2, 1])
  })
})

describe('an IPv6 address', () => {
  it.each([
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['1:2:3:4:5:6::8', '1:2:3:4:5:6:0:8'],
    ['1:2:3:4:5:6:0:0', '1:2:3:4:5:6::'],
    ['1::2:0:0:0:3', '1:0:0:2::3'],
    ['1:0:0:2:0:0:3:4', '1::2:0:0:3:4'],
    ['2001:DB8::00ff', '2001:db8::ff'],
    ['fedc:ba98:7654:3210:0123:4567:89ab:cdef', 'fedc:ba98:7654:3210:123:4567:89ab:cdef'],
    ['::1.2.3.4', '::102:304'],
    ['::255.254.253.252', '::fffe:fdfc'],
    ['1:2:3:4:5:6:1.2.3.4', '1:2:3:4:5:6:102:304'],
    ['1:2:3:4:5::1.2.3.4', '1:2:3:4:5:0:102:304'],
  ])('that is written %s is %s', (written, canonical) => {
    expect(parseAddress(written)).toBe(canonical)
    expect(parseAddress(canonical)).toBe(canonical)
  })

  it.each([
    ...['1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '1:2:3:4::5:6:7:8', '::1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8::'],
    ...['1::2::3', '::1::2', ':1', '1:', '1::2:', ':', ':::', '1:::2', '12345::', '::12345'],
    ...['1:2:3:4:5:6:7:1.2.3.4', '1:2:3:4:5:1.2.3.4', '1.2.3.4::', '::1.2.3.4:1', '1::1.2.3.256', '::1.2.3'],
    ...['::g', '::G', '::`', '::@', '::/', '::;', '::1%lo', ' ::1', '::1 '],
  ])('is not %j', (text) => expect(parseAddress(text)).toBeUndefined())

  it('has its bytes in network order', () => {
    expect([...addressBytes('102:304::fffe' as Address)]).toEqual([
      1,
      2,
      3,
      4,
      ...Array(10).fill(0),
      255,
      254,
    ])
  })

  it('that is none is no canonical text', () => {
    expect(() => addressBytes('::x' as Address)).toThrow(new TypeError('not a canonical address: ::x'))
    expect(() => addressBytes('1.2.3' as Address)).toThrow(new TypeError('not a canonical address: 1.2.3'))
  })
})

describe('a prefix', () => {
  it.each([
    ['10.0.0.1/16', '10.0.0.0/16', '10.0.255.255'],
    ['10.64.77.9/20', '10.64.64.0/20', '10.64.79.255'],
    ['192.0.2.255/31', '192.0.2.254/31', '192.0.2.255'],
    ['192.0.2.255/32', '192.0.2.255/32', '192.0.2.255'],
    ['255.1.2.3/1', '128.0.0.0/1', '255.255.255.255'],
    ['255.1.2.3/0', '0.0.0.0/0', '255.255.255.255'],
    ['fd42:0:1:2::3/47', 'fd42::/47', 'fd42:0:1:ffff:ffff:ffff:ffff:ffff'],
    ['fd42::ffff/120', 'fd42::ff00/120', 'fd42::ffff'],
    ['fd42::7/127', 'fd42::6/127', 'fd42::7'],
    ['fd42::7/128', 'fd42::7/128', 'fd42::7'],
    ['ff00::/0', '::/0', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ])('%s is %s, and ends with %s', (written, prefix, last) => {
    expect(parsePrefix(written)).toBe(prefix)
    expect(lastAddress(prefix as Prefix)).toBe(last)
    expect(prefixAddress(prefix as Prefix)).toBe(prefix.slice(0, prefix.indexOf('/')))
  })

  it.each([
    ...['10.0.0.0', '10.0.0.0/', '/8', '10.0.0.0/33', '::/129', '10.0.0.0/08', '10.0.0.0/00', '10.0.0/8'],
    ...['10.0.0.0/-1', '10.0.0.0/+1', '10.0.0.0/1x', '10.0.0.0/x1', '10.0.0.0/1000', '10.0.0.0/8/8', '/', ''],
  ])('is not %j', (text) => expect(parsePrefix(text)).toBeUndefined())

  it('of the whole address is as long as its family has bits', () => {
    expect(hostPrefix('10.0.0.1' as Address)).toBe('10.0.0.1/32')
    expect(hostPrefix('fd42::1' as Address)).toBe('fd42::1/128')
    expect(prefixOf('fd42::1' as Address, 0)).toBe('::/0')
  })

  it.each([
    ['10.0.0.0/8', '10.255.255.255', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['10.0.0.0/8', '9.255.255.255', false],
    ['10.0.0.0/8', '10.0.0.0/8', true],
    ['10.0.0.0/8', '10.1.0.0/16', true],
    ['10.0.0.0/8', '10.0.0.0/7', false],
    ['10.64.64.0/20', '10.64.79.255', true],
    ['10.64.64.0/20', '10.64.80.0', false],
    ['0.0.0.0/0', '255.255.255.255', true],
    ['10.0.0.1/32', '10.0.0.1', true],
    ['10.0.0.1/32', '10.0.0.2', false],
    ['fd42::/47', 'fd42:0:1::1', true],
    ['fd42::/47', 'fd42:0:2::', false],
    ['fd42::/48', 'fd42::/47', false],
    ['fd42::/48', 'fd42::/48', true],
    ['fd42::/48', 'fd42:0:0:1::/64', true],
    ['fd42::/48', 'fd41::/64', false],
    ['fd42::7/128', 'fd42::7', true],
    ['fd42::7/128', 'fd42::6', false],
    ['::/0', 'ffff::', true],
    ['::/0', '10.0.0.1', false],
    ['0.0.0.0/0', '::1', false],
  ])('%s: does it hold %s? %s', (outer, inner, holds) => {
    expect(prefixContains(outer as Prefix, inner as Prefix)).toBe(holds)
  })

  it.each([
    ['10.0.0.0/8', '10.1.0.0/16', true],
    ['10.1.0.0/16', '10.0.0.0/8', true],
    ['10.1.0.0/16', '10.2.0.0/16', false],
    ['fd42::/48', 'fd42::/32', true],
    ['::/0', '0.0.0.0/0', false],
  ])('%s: does it touch %s? %s', (one, other, touches) => {
    expect(prefixesOverlap(one as Prefix, other as Prefix)).toBe(touches)
  })
})

describe('an endpoint', () => {
  it.each([
    ['192.0.2.1:1', { address: '192.0.2.1', port: 1 }],
    ['192.0.2.1:65535', { address: '192.0.2.1', port: 65535 }],
    ['[2001:DB8::1]:50000', { address: '2001:db8::1', port: 50000 }],
    ['[::1.2.3.4]:7', { address: '::102:304', port: 7 }],
  ])('may be written %s', (text, endpoint) => expect(parseEndpoint(text)).toEqual(endpoint))

  it.each([
    ...['192.0.2.1', '192.0.2.1:', '192.0.2.1:0', '192.0.2.1:07', '192.0.2.1:65536', '192.0.2.1:100000'],
    ...['::1:7', '[::1]', '[192.0.2.1]:7', '[::1]7', 'x[::1]:7', '[::1]:7x', 'x192.0.2.1:7', '192.0.2.1:7x'],
    ...['192.0.2.256:7', '[::g]:7', '[]:7', ':7'],
  ])('is not %j', (text) => expect(parseEndpoint(text)).toBeUndefined())

  it('is the same where address and port are', () => {
    const one: Endpoint = { address: '192.0.2.1' as Address, port: 7 }
    const otherAddress = { ...one, address: '192.0.2.2' as Address }
    expect(sameEndpoint(one, { ...one })).toBe(true)
    expect(sameEndpoint(null, null)).toBe(true)
    expect(sameEndpoint(one, otherAddress)).toBe(false)
    expect(sameEndpoint(one, { ...one, port: 8 })).toBe(false)
    expect(sameEndpoint(one, null)).toBe(false)
    expect(sameEndpoint(null, one)).toBe(false)
  })
})

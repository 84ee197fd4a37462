// SPDX-License-Identifier: MIT
/**
 * The filter of routes on bytes written by hand: in the middle of a datagram, at the edges of nets, and on messages
 * that are cut off. What it cannot tell it leaves to the decoder, which says what is wrong.
 */
import { describe, expect, test } from 'vitest'
import { type RouteInterest, routesThatMatter, withoutMark } from '../../../native/netlink/route-filter.ts'
import type { Prefix } from '../../../src/model/address.ts'
import { hex } from './hex.ts'

/** rtmsg: AF_INET, /24, of any source, tos; main, RTPROT_BOOT 3, RT_SCOPE_LINK, unicast; flags. */
const header = '02 18 00 00 fe 03 fd 01 00000000'
const destination = '0800 0100 0a400100'
/** RTA_PRIORITY 6. */
const metric = '0800 0600 07000000'
const nothing: RouteInterest = { protocol: 76, ifindexes: new Set(), nets: [], exact: [] }
const into = (...ifindexes: number[]): RouteInterest => ({ ...nothing, ifindexes: new Set(ifindexes) })
const within = (...nets: string[]): RouteInterest => ({ ...nothing, nets: nets as Prefix[] })
const exactly = (...exact: string[]): RouteInterest => ({ ...nothing, exact: exact as Prefix[] })

/** Is it kept alone, and in the middle of a datagram as well? */
function keeps(text: string, interest: RouteInterest): boolean {
  const message = hex(text)
  const keep = routesThatMatter(interest)
  const alone = keep(message, 0, message.length)
  for (const [before, after] of [
    [16, 16],
    [200, 3],
  ] as const) {
    // Around it are routes of ours to everywhere, which would be kept.
    const datagram = Buffer.concat([Buffer.alloc(before, 0x4c), message, Buffer.alloc(after, 0x4c)])
    expect(keep(datagram, before, before + message.length)).toBe(alone)
  }
  return alone
}

describe('a route', () => {
  test('is left out where nothing is asked for', () => {
    expect(keeps(`${header} ${destination} ${metric}`, nothing)).toBe(false)
    expect(keeps(header, nothing)).toBe(false)
  })

  test('of our protocol is kept, in the main table alone', () => {
    expect(keeps(`02 18 00 00 fe 4c fd 01 00000000 ${destination}`, nothing)).toBe(true)
    expect(keeps(`02 18 00 00 ff 4c fd 01 00000000 ${destination}`, nothing)).toBe(false)
  })

  test('for every destination is kept, in the main table alone', () => {
    expect(keeps('02 00 00 00 fe 03 fd 01 00000000', nothing)).toBe(true)
    expect(keeps('02 00 00 00 ff 03 fd 01 00000000', nothing)).toBe(false)
  })

  test('is kept for the interface that it leads to, whatever attributes come before', () => {
    const route = `${header} ${destination} ${metric} 0800 0400 07000000`
    expect(keeps(route, into(7))).toBe(true)
    expect(keeps(route, into(3, 7))).toBe(true)
    expect(keeps(route, into(6))).toBe(false)
    expect(keeps(route, nothing)).toBe(false)
    // An attribute of 5 bytes has padding of 3; RTA_PRIORITY with the value of the index is none.
    expect(keeps(`${header} 0500 ff00 07 000000 0800 0400 07000000`, into(7))).toBe(true)
    expect(keeps(`${header} ${destination} ${metric}`, into(7))).toBe(false)
  })

  test('is kept for its interface also where another family has no nets to look for', () => {
    // AF_MPLS 28.
    expect(keeps('1c 14 00 00 fe 03 fd 01 00000000 0800 0100 00001000 0800 0400 07000000', into(7))).toBe(
      true,
    )
    expect(keeps('1c 14 00 00 fe 03 fd 01 00000000 0800 0100 00001000', within('0.0.0.0/0'))).toBe(false)
  })
})

describe('a route with several next hops', () => {
  const hop = (index: string) => `1000 00 00 ${index} 0800 0500 c0000202`
  const two = `${header} 2400 0900 ${hop('03000000')} ${hop('04000000')}`

  test('is kept for each of their interfaces, and for no other number in them', () => {
    expect([3, 4].map((index) => keeps(two, into(index)))).toEqual([true, true])
    // 16 and 8 are lengths, 0x00050008 an attribute, 0x020200c0 the gateway.
    expect([16, 8, 0x50008, 0x20200c0, 0].map((index) => keeps(two, into(index)))).toEqual(
      Array(5).fill(false),
    )
  })

  test('ends with the attribute that holds them', () => {
    expect(keeps(`${header} 1400 0900 ${hop('03000000')} 0c00 ff00 0800 0000 04000000`, into(4))).toBe(false)
    expect(keeps(`${header} 0c00 0900 0800 00 00 03000000`, into(3))).toBe(true)
    expect(keeps(`${header} 0800 0900 0800 00 00`, into(3))).toBe(false)
  })

  test('of a length that cannot be is left to the decoder', () => {
    expect(keeps(`${header} 0c00 0900 0700 00 00 03000000`, into(9))).toBe(true)
    expect(keeps(`${header} 0c00 0900 0800 00 00 03000000`, into(9))).toBe(false)
  })
})

describe('a message that is cut off', () => {
  test('in its header is left to the decoder', () => {
    expect(keeps('02 18 00 00 fe 03 fd 01 000000', nothing)).toBe(true)
    expect(keeps('', nothing)).toBe(true)
  })

  test('in an attribute is left to the decoder', () => {
    expect(keeps(`${header} 0900 0600 07000000`, nothing)).toBe(true)
    expect(keeps(`${header} 0300 0600`, nothing)).toBe(true)
    expect(keeps(`${header} 0400 0600`, nothing)).toBe(false)
    expect(keeps(`${header} ${metric} 0800 06`, nothing)).toBe(false)
  })
})

describe('a destination', () => {
  const to4 = (bytes: string, length: number, interest: RouteInterest) =>
    keeps(
      `02 ${length.toString(16).padStart(2, '0')} 00 00 fe 03 fd 01 00000000 0800 0100 ${bytes}`,
      interest,
    )
  const to6 = (bytes: string, length: number, interest: RouteInterest) =>
    keeps(
      `0a ${length.toString(16).padStart(2, '0')} 00 00 fe 03 fd 01 00000000 1400 0100 ${bytes}`,
      interest,
    )

  test('of IPv4 is within a net whose bits it has, however many they are', () => {
    for (const [net, inside, outside] of [
      ['10.0.0.0/7', '0bffffff', '0c000000'],
      ['10.64.0.0/16', '0a40ffff', '0a410000'],
      ['10.64.8.0/21', '0a400fff', '0a401000'],
      ['10.64.1.8/31', '0a400109', '0a40010a'],
      ['10.64.1.8/32', '0a400108', '0a400109'],
      ['255.255.255.254/31', 'ffffffff', 'fffffffd'],
      ['128.0.0.0/1', '80000000', '7fffffff'],
    ] as const) {
      expect(to4(inside, 32, within(net)), net).toBe(true)
      expect(to4(outside, 32, within(net)), net).toBe(false)
    }
    expect(to4('01000000', 8, within('0.0.0.0/0'))).toBe(true)
  })

  test('that is wider than a net is not within it, and within one as wide it is', () => {
    expect(to4('0a400000', 15, within('10.64.0.0/16'))).toBe(false)
    expect(to4('0a400000', 16, within('10.64.0.0/16'))).toBe(true)
  })

  test('of IPv6 is within a net whose bits it has, also behind the first 32', () => {
    const rest = (text: string) => text.padEnd(32, '0')
    for (const [net, inside, outside] of [
      ['fd42::/16', 'fd42ffff', 'fd43'],
      ['fd42:0:8000::/33', 'fd420000ffff', 'fd4200007fff'],
      ['fd42:0:1::/48', 'fd4200000001ffff', 'fd4200000002'],
      ['fd42:0:1:8::/61', 'fd4200000001000f', 'fd42000000010010'],
      ['fd42::1:0:0:0:8/125', 'fd42000000000001000000000000000f', 'fd420000000000010000000000000010'],
      ['fd42::8/128', 'fd420000000000000000000000000008', 'fd420000000000000000000000000009'],
    ] as const) {
      expect(to6(rest(inside), 128, within(net)), net).toBe(true)
      expect(to6(rest(outside), 128, within(net)), net).toBe(false)
    }
  })

  test('is within the last of many nets as well, of one length or of many', () => {
    const many = [
      '10.1.0.0/16',
      '10.2.3.0/24',
      '10.2.0.0/16',
      'fd42:0:1::/48',
      'fd42:0:2::/48',
      '10.0.0.0/30',
    ]
    const kept = (bytes: string) => to4(bytes, 32, within(...many))
    expect(['0a010203', '0a020909', '0a000003'].map(kept)).toEqual([true, true, true])
    // Longer than what is asked for, a net says nothing of the shorter ones after it.
    expect(to4('0a020000', 20, within('10.2.3.0/24', '10.2.0.0/16'))).toBe(true)
    expect(['0a030203', '0a000004', 'fd420000'].map(kept)).toEqual([false, false, false])
    const kept6 = (bytes: string) => to6(bytes.padEnd(32, '0'), 64, within(...many))
    expect(['fd4200000001', 'fd4200000002'].map(kept6)).toEqual([true, true])
    expect(['fd4200000003', '0a010203'].map(kept6)).toEqual([false, false])
  })

  test('is one that is asked for, and no other of its length or within it', () => {
    const asked = exactly('10.64.0.0/16', '10.65.0.0/24', 'fd42:0:1::/48')
    expect(to4('0a400000', 16, asked)).toBe(true)
    expect(to4('0a410000', 24, asked)).toBe(true)
    expect(to4('0a410000', 16, asked)).toBe(false)
    expect(to4('0a400000', 24, asked)).toBe(false)
    expect(to6('fd42000000010000'.padEnd(32, '0'), 48, asked)).toBe(true)
    expect(to6('fd42000000020000'.padEnd(32, '0'), 48, asked)).toBe(false)
  })

  test('is told by RTA_DST alone, wherever it stands', () => {
    // RTA_GATEWAY 5, RTA_PREFSRC 7.
    const others = '0800 0500 0a400101 0800 0700 0a400102'
    expect(keeps(`${header} ${others}`, within('10.64.0.0/16'))).toBe(false)
    expect(keeps(`${header} ${others} ${destination}`, within('10.64.0.0/16'))).toBe(true)
  })
})

test('routes without a mark are all but those that have it, and what the decoder has to tell', () => {
  const keeps = (text: string) => withoutMark(76)(hex(`4c4c4c4c ${text}`), 4, hex(text).length + 4)
  expect(keeps('02 00 00 00 fe 4c fd 01 00000000')).toBe(false)
  expect(keeps('02 00 00 00 fe 03 fd 01 00000000')).toBe(true)
  expect(keeps('02 00 00 00 fe 4c')).toBe(true)
})

// SPDX-License-Identifier: MIT
/**
 * The filter of routes on raw bytes says the same as the decoded route does.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeMessages } from '../../../native/netlink/message.ts'
import { addRoute, decodeRoute, RTN } from '../../../native/netlink/route.ts'
import { type RouteInterest, routesThatMatter } from '../../../native/netlink/route-filter.ts'
import {
  type Address,
  bitsOf,
  familyOf,
  type Prefix,
  parsePrefix,
  prefixAddress,
  prefixContains,
  prefixLength,
  prefixOf,
} from '../../../src/model/address.ts'
import { family, prefixIn } from './arbitrary.ts'
import { recordings } from './recordings.ts'

const fields = { table: 254, type: RTN.unicast, gateway: null, onlink: false, metric: 7, mtu: 1400 }
const bytesOf = (destination: Prefix, protocol: number, ifindex: number | null) =>
  addRoute({ ...fields, destination, protocol, ifindex }).payload
const keeps = (payload: Buffer, interest: Omit<RouteInterest, 'exact'> & { exact?: readonly Prefix[] }) =>
  routesThatMatter({ exact: [], ...interest })(payload, 0, payload.length)
const prefix = (text: string) => parsePrefix(text) as Prefix

/** A net and a destination that often lies in it, around it or beside it by one bit. */
const pair = family.chain((of) =>
  fc
    .tuple(prefixIn(of), prefixIn(of), fc.integer({ min: 0, max: bitsOf(of) }), fc.boolean())
    .map(([net, other, length, near]): [Prefix, Prefix] => [
      net,
      near ? prefixOf(prefixAddress(net), length) : other,
    ]),
)

test('a route to within a net, and no other, is kept for its destination', () => {
  fc.assert(
    fc.property(pair, fc.array(family.chain(prefixIn), { maxLength: 4 }), ([net, destination], more) => {
      const nets = [net, ...more]
      const inside = nets.some((each) => prefixContains(each, destination))
      const payload = bytesOf(destination, 3, 5)
      expect(keeps(payload, { protocol: 76, ifindexes: new Set(), nets })).toBe(
        inside || prefixLength(destination) === 0,
      )
    }),
  )
})

test('a route to just a destination that is asked for is kept, one to within it not', () => {
  fc.assert(
    fc.property(pair, fc.array(family.chain(prefixIn), { maxLength: 4 }), ([asked, destination], more) => {
      const exact = [asked, ...more]
      const payload = bytesOf(destination, 3, 5)
      expect(keeps(payload, { protocol: 76, ifindexes: new Set(), nets: [], exact })).toBe(
        exact.includes(destination) || prefixLength(destination) === 0,
      )
    }),
  )
})

describe('without a net, a route is kept', () => {
  const none = { protocol: 76, ifindexes: new Set([5]), nets: [] }
  test.each([
    ['for our protocol', bytesOf(prefix('10.0.0.0/8'), 76, 9), true],
    ['for the interface that it leads to', bytesOf(prefix('10.0.0.0/8'), 3, 5), true],
    ['for every destination, by whomever', bytesOf(prefix('0.0.0.0/0'), 3, 9), true],
    ['for every IPv6 destination, too', bytesOf(prefix('::/0'), 3, 9), true],
    ['for none of these: not', bytesOf(prefix('10.0.0.0/8'), 3, 9), false],
    ['without an interface: not', bytesOf(prefix('10.0.0.0/8'), 3, null), false],
    ['of another table: not', withTable(bytesOf(prefix('10.0.0.0/8'), 76, 5), 100), false],
    ['cut off: to be told by the decoder', Buffer.alloc(5), true],
  ])('%s', (_, payload, kept) => expect(keeps(payload, none)).toBe(kept))

  test('for the interface of any of its next hops', () => {
    const [message] = decodeMessages(Buffer.from(recordings.multipath, 'hex'))
    const payload = message?.payload as Buffer
    const first = decodeRoute({ payload })?.ifindex as number
    const second = Buffer.from(payload)
    // The first next hop leads to another interface now; where its index stands is known by its gateway.
    const at = second.indexOf(Buffer.from([192, 0, 2, 2])) - 8
    second.writeInt32LE(first + 1, at)
    expect(decodeRoute({ payload: second })?.ifindex).toBe(first + 1)
    for (const ifindex of [first, first + 1])
      expect(keeps(second, { protocol: 76, ifindexes: new Set([ifindex]), nets: [] })).toBe(true)
    expect(keeps(second, { protocol: 76, ifindexes: new Set([first + 2]), nets: [] })).toBe(false)
  })
})

test('an IPv6 net is no IPv4 destination of the same bytes', () => {
  const nets = [prefix('a40::/16')]
  const payload = bytesOf(prefix('10.64.1.0/24'), 3, 5)
  expect(familyOf('10.64.1.0' as Address)).toBe(4)
  expect(keeps(payload, { protocol: 76, ifindexes: new Set(), nets })).toBe(false)
})

function withTable(payload: Buffer, table: number): Buffer {
  const bytes = Buffer.from(payload)
  bytes[4] = table
  return bytes
}

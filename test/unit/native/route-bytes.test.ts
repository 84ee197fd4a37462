// SPDX-License-Identifier: MIT
/**
 * Requests and answers about routes byte for byte: struct rtmsg, rtnexthop and rta_cacheinfo of <linux/rtnetlink.h>.
 */
import { describe, expect, test } from 'vitest'
import {
  addRoute,
  decodeRoute,
  deleteRoute,
  listRoutes,
  lookUpDecision,
  lookUpRoute,
  type RouteChange,
  RTN,
  replaceRoute,
} from '../../../native/netlink/route.ts'
import type { Address, Prefix } from '../../../src/model/address.ts'
import { hex } from './hex.ts'

const RTM = { newRoute: 24, delRoute: 25, getRoute: 26 }
const NLM_F = { replace: 0x100, exclusive: 0x200, create: 0x400 }

const net4: RouteChange = {
  ...{ destination: '10.64.0.0/16' as Prefix, table: 254, type: RTN.unicast, protocol: 76 },
  ...{ ifindex: 7, gateway: null, onlink: false, metric: 0, mtu: null },
}
const net6: RouteChange = { ...net4, destination: 'fd42::/16' as Prefix }
const fd42 = 'fd42 0000 0000 0000 0000 0000 0000 0000'

describe('a new route', () => {
  test('into a device has the scope of the link, and must not be there', () => {
    expect(addRoute(net4)).toEqual({
      what: 'add the route 10.64.0.0/16',
      type: RTM.newRoute,
      flags: NLM_F.create | NLM_F.exclusive,
      payload: hex(`
        02 10 00 00 fe 4c fd 01 00000000 # rtmsg: AF_INET, /16, of any source, tos; main, 76, RT_SCOPE_LINK, unicast
        0800 0100 0a400000               # RTA_DST 1
        0800 0400 07000000               # RTA_OIF 4
      `),
    })
  })

  test('of IPv6 has no scope', () => {
    expect(addRoute(net6).payload).toEqual(
      hex(`
        0a 10 00 00 fe 4c 00 01 00000000
        1400 0100 ${fd42}                # RTA_DST 1
        0800 0400 07000000               # RTA_OIF 4
      `),
    )
  })

  test('by a gateway has it, a metric, and says where the gateway is on the link', () => {
    const by = { ...net4, gateway: '192.0.2.1' as Address, metric: 50 }
    expect(addRoute({ ...by, onlink: true }).payload).toEqual(
      hex(`
        02 10 00 00 fe 4c 00 01 04000000 # RT_SCOPE_UNIVERSE; RTNH_F_ONLINK
        0800 0100 0a400000
        0800 0500 c0000201               # RTA_GATEWAY 5
        0800 0400 07000000
        0800 0600 32000000               # RTA_PRIORITY 6
      `),
    )
    expect(addRoute(by).payload.readUInt32LE(8)).toBe(0)
  })

  test('that leads nowhere has no interface, and is not of a link', () => {
    expect(addRoute({ ...net4, type: RTN.unreachable, ifindex: null, metric: 500 }).payload).toEqual(
      hex(`
        02 10 00 00 fe 4c 00 07 00000000 # RTN_UNREACHABLE
        0800 0100 0a400000
        0800 0600 f4010000
      `),
    )
  })

  test('in a table whose number needs more than a byte tells it by an attribute', () => {
    const nowhere = { ...net4, type: RTN.throw, ifindex: null }
    expect(addRoute({ ...nowhere, table: 255 }).payload).toEqual(
      hex('02 10 00 00 ff 4c 00 09 00000000  0800 0100 0a400000'),
    )
    expect(addRoute({ ...nowhere, table: 7600 }).payload).toEqual(
      hex(`
        02 10 00 00 00 4c 00 09 00000000
        0800 0100 0a400000
        0800 0f00 b01d0000               # RTA_TABLE 15
      `),
    )
  })

  test('has its MTU as a metric, and for IPv6 locks it', () => {
    expect(addRoute({ ...net4, mtu: 1372 }).payload).toEqual(
      hex(`
        02 10 00 00 fe 4c fd 01 00000000
        0800 0100 0a400000
        0800 0400 07000000
        0c00 0800                        # RTA_METRICS 8
          0800 0200 5c050000             #   RTAX_MTU 2
      `),
    )
    expect(addRoute({ ...net6, mtu: 1372 }).payload).toEqual(
      hex(`
        0a 10 00 00 fe 4c 00 01 00000000
        1400 0100 ${fd42}
        0800 0400 07000000
        1400 0800
          0800 0100 04000000             #   RTAX_LOCK 1: 1 << RTAX_MTU
          0800 0200 5c050000
      `),
    )
  })
})

describe('a route for some packets, or with more to say,', () => {
  const from = { ...net6, from: 'fd99::/64' as Prefix, source: 'fd42::1' as Address }
  const requests = (route: RouteChange) =>
    [addRoute, replaceRoute, deleteRoute].map((request) => request(route).payload)

  test('of IPv4 has its TOS in the header, and its source', () => {
    const route = { ...net4, tos: 0x10, source: '198.51.100.1' as Address }
    for (const payload of requests(route)) {
      expect(payload.subarray(0, 6)).toEqual(hex('02 10 00 10 fe 4c'))
      expect(payload.subarray(12)).toEqual(
        hex(`
          0800 0100 0a400000
          0800 0400 07000000
          0800 0700 c6336401             # RTA_PREFSRC 7
        `),
      )
      expect(decodeRoute({ payload })).toMatchObject({ tos: 0x10, source: '198.51.100.1', from: null })
    }
  })

  test('of IPv6 has the prefix of its packets, and its source', () => {
    for (const payload of requests(from)) {
      expect(payload.subarray(0, 6)).toEqual(hex('0a 10 40 00 fe 4c'))
      expect(payload.subarray(12)).toEqual(
        hex(`
          1400 0100 ${fd42}
          1400 0200 fd99 0000 0000 0000 0000 0000 0000 0000 # RTA_SRC 2
          0800 0400 07000000
          1400 0700 fd42 0000 0000 0000 0000 0000 0000 0001 # RTA_PREFSRC 7
        `),
      )
      expect(decodeRoute({ payload })).toMatchObject({ from: 'fd99::/64', source: 'fd42::1', tos: 0 })
    }
  })

  test('by a gateway of the other family has it as RTA_VIA', () => {
    const payload = addRoute({ ...net4, gateway: 'fd42::' as Address }).payload
    expect(payload.subarray(20)).toEqual(
      hex(`
        1600 1200 0a00 ${fd42} 0000      # RTA_VIA 18: AF_INET6
        0800 0400 07000000
      `),
    )
    expect(decodeRoute({ payload })?.gateway).toBe('fd42::')
  })
})

test('a changed route is the same, in the place of what is there', () => {
  expect(replaceRoute(net4)).toEqual({
    ...addRoute(net4),
    what: 'change the route 10.64.0.0/16',
    flags: NLM_F.create | NLM_F.replace,
  })
})

test('a deletion is of a route of whatever scope', () => {
  expect(deleteRoute(net4)).toEqual({
    what: 'delete the route 10.64.0.0/16',
    type: RTM.delRoute,
    payload: hex(`
      02 10 00 00 fe 4c ff 01 00000000   # RT_SCOPE_NOWHERE
      0800 0100 0a400000
      0800 0400 07000000
    `),
  })
  expect(deleteRoute(net6).payload.subarray(0, 12)).toEqual(hex('0a 10 00 00 fe 4c 00 01 00000000'))
})

describe('a question', () => {
  test('about routes has the table and the protocol', () => {
    expect(listRoutes(6, { table: 254, protocol: 76 })).toEqual({
      what: 'list the IPv6 routes',
      type: RTM.getRoute,
      payload: hex('0a 00 00 00 fe 4c 00 00 00000000'),
    })
    expect(listRoutes(4, { table: 0, protocol: 0 })).toMatchObject({
      what: 'list the IPv4 routes',
      payload: hex('02 00 00 00 00 00 00 00 00000000'),
    })
    expect(listRoutes(4, { table: 7600, protocol: 0 }).payload).toEqual(
      hex('02 00 00 00 00 00 00 00 00000000  0800 0f00 b01d0000'),
    )
  })

  test('about the way to an address tells the table, and has its mark, where it has one', () => {
    const plain = hex('02 20 00 00 00 00 00 00 00100000 # RTM_F_LOOKUP_TABLE 0x1000\n 0800 0100 c0000209')
    expect(lookUpRoute('192.0.2.9' as Address)).toEqual({
      what: 'look up the route to 192.0.2.9',
      type: RTM.getRoute,
      payload: plain,
    })
    expect(lookUpRoute('192.0.2.9' as Address, 76).payload).toEqual(
      Buffer.concat([plain, hex('0800 1000 4c000000 # RTA_MARK 16')]),
    )
    expect(lookUpRoute('fd42::' as Address).payload).toEqual(
      hex(`0a 80 00 00 00 00 00 00 00000000  1400 0100 ${fd42}`),
    )
  })

  test('about the route that decides', () => {
    expect(lookUpDecision('192.0.2.9' as Address, null)).toEqual({
      what: 'look up the route to 192.0.2.9',
      type: RTM.getRoute,
      payload: hex(`
        02 20 00 00 00 00 00 00 00300000 # RTM_F_FIB_MATCH 0x2000 and RTM_F_LOOKUP_TABLE 0x1000
        0800 0100 c0000209
      `),
    })
    expect(lookUpDecision('192.0.2.9' as Address, '192.0.2.1' as Address).payload).toEqual(
      hex(`
        02 20 20 00 00 00 00 00 00300000
        0800 0100 c0000209
        0800 0200 c0000201               # RTA_SRC 2
      `),
    )
  })

  test('about the route that decides for IPv6 does not ask for the table', () => {
    expect(lookUpDecision('fd42::' as Address, 'fd42::' as Address).payload).toEqual(
      hex(`0a 80 80 00 00 00 00 00 00200000  1400 0100 ${fd42}  1400 0200 ${fd42}`),
    )
  })
})

describe('an answer', () => {
  const route = (text: string) => decodeRoute({ payload: hex(text) })
  const bare4 = '02 00 00 00 fe 03 00 01 00000000'
  const bare6 = '0a 00 00 00 fe 03 00 01 00000000'

  test('without any attribute is a default route in the table of its header', () => {
    const rest = { table: 254, protocol: 3, type: RTN.unicast, metric: 0, cloned: false }
    const none = { ifindex: null, gateway: null, source: null, mtu: null, from: null, tos: 0 }
    expect(route(bare4)).toEqual({ destination: '0.0.0.0/0', ...rest, ...none })
    expect(route(bare6)).toEqual({ destination: '::/0', ...rest, ...none })
  })

  test('of another family is none', () => {
    // AF_MPLS 28, whose labels have 20 bits; RTNL_FAMILY_IPMR 128.
    expect(route('1c 14 00 00 fe 03 00 01 00000000')).toBeNull()
    expect(route('80 ff 00 00 fe 03 00 01 00000000')).toBeNull()
  })

  test('with a longer prefix than the family has is refused', () => {
    expect(() => route('02 21 00 00 fe 03 00 01 00000000')).toThrow('an IPv4 prefix of 33 bits')
    expect(() => route('0a 81 00 00 fe 03 00 01 00000000')).toThrow('an IPv6 prefix of 129 bits')
    expect(() => route('02 20 21 00 fe 03 00 01 00000000')).toThrow('an IPv4 prefix of 33 bits')
    expect(() => route('0a 80 81 00 fe 03 00 01 00000000')).toThrow('an IPv6 prefix of 129 bits')
    expect(route('02 20 00 00 fe 03 00 01 00000000  0800 0100 0a400001')?.destination).toBe('10.64.0.1/32')
    expect(route(`0a 80 00 00 fe 03 00 01 00000000  1400 0100 ${fd42}`)?.destination).toBe('fd42::/128')
  })

  describe('with several next hops', () => {
    const hops = (length: string, text: string) => route(`${bare4} ${length} 0900 ${text}`)

    test('tells the first', () => {
      // RTA_MULTIPATH 9 of struct rtnexthop: length, flags, hops, ifindex; RTA_GATEWAY.
      const two = hops(
        '2400',
        '1000 00 00 03000000 0800 0500 c0000202  1000 00 00 04000000 0800 0500 c0000203',
      )
      expect(two).toMatchObject({ ifindex: 3, gateway: '192.0.2.2' })
    })

    test('tells the only one', () => {
      const one = hops('1400', '1000 00 00 03000000 0800 0500 c0000202')
      expect(one).toMatchObject({ ifindex: 3, gateway: '192.0.2.2' })
    })

    test('of which the first has no gateway has none', () => {
      const two = hops('1c00', '0800 00 00 03000000  1000 00 00 04000000 0800 0500 c0000203')
      expect(two).toMatchObject({ ifindex: 3, gateway: null })
    })

    test('tells a gateway of the other family', () => {
      const one = hops('2400', `2000 00 00 03000000  1600 1200 0a00 ${fd42} 0000`)
      expect(one).toMatchObject({ ifindex: 3, gateway: 'fd42::' })
    })

    test('that are too short for one has none', () => {
      expect(hops('0400', '')).toMatchObject({ ifindex: null, gateway: null })
      expect(hops('0800', '0800 00 00')).toMatchObject({ ifindex: null, gateway: null })
    })

    test('of a length that cannot be is refused', () => {
      expect(() => hops('0c00', '0700 00 00 03000000')).toThrow('a next hop of 7 bytes')
      expect(() => hops('0c00', '0900 00 00 03000000')).toThrow('a next hop of 9 bytes')
    })
  })

  describe('with an MTU', () => {
    const metrics = '0c00 0800 0800 0200 5c050000'
    /** RTA_CACHEINFO 12: clntref, lastuse, expires, error, used, id, ts, tsage. */
    const cache = (expires: string) =>
      `2400 0c00 00000000 00000000 ${expires} 00000000 ${'00000000'.repeat(4)}`

    test('of IPv4 has it, unless it expires: then it was only learned', () => {
      expect(route(`${bare4} ${metrics}`)?.mtu).toBe(1372)
      expect(route(`${bare4} ${metrics} ${cache('00000000')}`)?.mtu).toBe(1372)
      expect(route(`${bare4} ${metrics} ${cache('10270000')}`)?.mtu).toBeNull()
    })

    test('of IPv6 has it, unless it is a clone: then it was only learned', () => {
      expect(route(`${bare6} ${metrics} ${cache('10270000')}`)).toMatchObject({ mtu: 1372, cloned: false })
      // RTM_F_CLONED 0x200.
      expect(route(`0a 00 00 00 fe 03 00 01 00020000 ${metrics}`)).toMatchObject({ mtu: null, cloned: true })
    })

    test('of a clone of IPv4 has it: every look-up is answered with a clone', () => {
      const clone = route(`02 00 00 00 fe 03 00 01 00020000 ${metrics}`)
      expect(clone).toMatchObject({ mtu: 1372, cloned: true })
    })
  })

  test('whose metrics say no MTU has none', () => {
    // RTAX_LOCK 1 alone.
    expect(route(`${bare4} 0c00 0800 0800 0100 04000000`)?.mtu).toBeNull()
  })
})

// SPDX-License-Identifier: MIT
/**
 * Codecs of links, addresses, routes, qdiscs, filters and generic families: on bytes recorded from a kernel
 * (6.18), and `decode(encode(x)) = x` for what requests and answers have in common.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addAddress, decodeAddress, IFA_F } from '../../../native/netlink/address.ts'
import { decodeFamily, decodeGeneric, genericRequest } from '../../../native/netlink/genetlink.ts'
import { addIpRule, decodeIpRule, deleteIpRule, FR_ACT } from '../../../native/netlink/ip-rule.ts'
import { changeLink, decodeLink } from '../../../native/netlink/link.ts'
import { decodeMessages, type NetlinkMessage } from '../../../native/netlink/message.ts'
import { addRoute, decodeRoute, RTN } from '../../../native/netlink/route.ts'
import { addBpfFilter, decodeBpfFilter, decodeQdisc } from '../../../native/netlink/traffic.ts'
import type { Address, Prefix } from '../../../src/model/address.ts'
import { familyOf, prefixAddress, prefixLength } from '../../../src/model/address.ts'
import { address, addressOf, byte, family, ifindex, interfaceName, prefixIn, u32 } from './arbitrary.ts'
import { recordings } from './recordings.ts'

function recorded(name: keyof typeof recordings): NetlinkMessage {
  return decodeMessages(Buffer.from(recordings[name], 'hex'))[0] as NetlinkMessage
}

describe('recorded from a kernel', () => {
  test('a veth link with an alias', () => {
    expect(decodeLink(recorded('link'))).toEqual({
      ifindex: 3,
      name: 'v0',
      hardwareType: 1,
      up: true,
      mtu: 1500,
      kind: 'veth',
      alias: 'lvn:mitte/gw1',
      qdisc: 'noqueue',
    })
  })

  test('a port of something with XDP programs', () => {
    const { payload } = recorded('link')
    // IFLA_MASTER 10; IFLA_XDP 43 with IFLA_XDP_ATTACHED 2 and IFLA_XDP_PROG_ID 4 of <linux/if_link.h>.
    const link = (more: string) => decodeLink({ payload: Buffer.concat([payload, Buffer.from(more, 'hex')]) })
    expect(link('08000a0007000000')).toMatchObject({ ifindex: 3, master: 7 })
    expect(link('14002b80050002000200000008000400c9010000').xdp).toBe(457)
    expect(link('0c002b800500020004000000').xdp).toBe(0)
    expect(link('0c002b800500020000000000').xdp).toBeUndefined()
  })

  test('the user who may attach to a TUN device', () => {
    const { payload } = recorded('link')
    // IFLA_LINKINFO 18 with IFLA_INFO_KIND 1, and IFLA_INFO_DATA 2 with IFLA_TUN_OWNER 1 of <linux/if_link.h>.
    const link = (info: string) =>
      decodeLink({ payload: Buffer.concat([payload.subarray(0, 16), Buffer.from(info, 'hex')]) })
    const kind = '0800010074756e00'
    expect(link(`18001200${kind}0c00020008000100e8030000`)).toMatchObject({ kind: 'tun', tunOwner: 1000 })
    expect(link(`18001200${kind}0c0002000800010000000000`).tunOwner).toBe(0)
    expect(link(`10001200${kind}04000200`).tunOwner).toBeUndefined()
    expect(link('18001200080001006c766e000c00020008000100e8030000').tunOwner).toBeUndefined()
  })

  test('an address with our mark, IPv4 and IPv6', () => {
    expect(decodeAddress(recorded('address4'))).toEqual({
      ifindex: 3,
      address: '10.64.0.1',
      prefixLength: 32,
      protocol: 76,
      flags: expect.any(Number),
    })
    expect(decodeAddress(recorded('address6'))).toEqual({
      ifindex: 3,
      address: 'fd42::1',
      prefixLength: 128,
      protocol: 76,
      flags: expect.any(Number),
    })
  })

  test('of a point-to-point address, the local end', () => {
    expect(decodeAddress(recorded('addressPeer'))?.address).toBe('10.9.0.1')
  })

  test('routes', () => {
    const common = { table: 254, gateway: null, source: null, cloned: false, from: null, tos: 0 }
    expect(decodeRoute(recorded('route4'))).toEqual({
      ...common,
      ...{ destination: '10.64.0.0/16', protocol: 76, type: RTN.unicast, ifindex: 3, metric: 50, mtu: 1372 },
    })
    expect(decodeRoute(recorded('unreachable4'))).toEqual({
      ...common,
      ...{ destination: '10.65.0.0/16', protocol: 76, type: RTN.unreachable, metric: 500, mtu: null },
      ifindex: null,
    })
    expect(decodeRoute(recorded('unreachable6'))).toEqual({
      ...common,
      ...{
        destination: 'fd43::/48',
        protocol: 76,
        type: RTN.unreachable,
        metric: 500,
        mtu: null,
        ifindex: 1,
      },
    })
  })

  test('of several next hops, the first', () => {
    expect(decodeRoute(recorded('multipath'))).toMatchObject({
      destination: '10.70.0.0/16',
      ifindex: 3,
      gateway: '192.0.2.2',
    })
  })

  test('the answers to look-ups', () => {
    expect(decodeRoute(recorded('lookUp4'))).toMatchObject({ source: '192.0.2.1', mtu: 1372, ifindex: 3 })
    expect(decodeRoute(recorded('lookUp6'))).toMatchObject({ source: 'fd42::1', mtu: null, ifindex: 3 })
  })

  test('a clsact qdisc and a filter', () => {
    expect(decodeQdisc(recorded('clsact'))).toEqual({
      ifindex: 3,
      kind: 'clsact',
      handle: 0xffff0000,
      parent: 0xfffffff1,
    })
    expect(decodeBpfFilter(recorded('filter'))).toEqual({
      ifindex: 3,
      direction: 'ingress',
      priority: 257,
      handle: 2,
      name: 'lvn',
      program: 785,
      directAction: true,
    })
  })

  test("the controller's own family", () => {
    expect(decodeFamily(recorded('family'))).toEqual({
      id: 16,
      name: 'nlctrl',
      version: 2,
      groups: new Map([['notify', 16]]),
    })
  })
})

describe('what a request says is what an answer of the same bytes says', () => {
  test('link changes', () => {
    const change = fc.record({
      up: fc.boolean(),
      mtu: u32,
      alias: fc.string({ minLength: 1, unit: 'grapheme' }).filter((alias) => !alias.includes('\0')),
    })
    fc.assert(
      fc.property(ifindex, change, (index, change) => {
        const { payload } = changeLink({ ifindex: index, name: 'x' }, { ...change, addrGenMode: 'none' })
        expect(decodeLink({ payload })).toMatchObject({ ifindex: index, ...change })
      }),
    )
  })

  test('addresses', () => {
    fc.assert(
      fc.property(ifindex, address, byte, fc.boolean(), (index, address, protocol, noPrefixRoute) => {
        const added = { ifindex: index, address, prefixLength: 24, protocol }
        const flags = (familyOf(address) === 6 ? IFA_F.nodad : 0) | (noPrefixRoute ? IFA_F.noPrefixRoute : 0)
        expect(decodeAddress(addAddress({ ...added, noPrefixRoute }, 'x'))).toEqual({ ...added, flags })
      }),
    )
  })

  test('routes', () => {
    const always = [
      'destination',
      'table',
      'gateway',
      'ifindex',
      'type',
      'protocol',
      'metric',
      'mtu',
    ] as const
    const route = family.chain((of) =>
      fc.record(
        {
          from: prefixIn(of).filter((prefix) => prefixLength(prefix) > 0),
          tos: byte,
          source: addressOf(of),
          destination: prefixIn(of),
          table: fc.constantFrom(1, 254, 255, 256, 7600, 0xffffffff),
          gateway: fc.option(address),
          ifindex: fc.option(ifindex),
          type: byte,
          protocol: byte,
          metric: u32,
          mtu: fc.option(fc.integer({ min: 1, max: 65535 })),
          onlink: fc.boolean(),
        },
        { requiredKeys: [...always, 'onlink'] },
      ),
    )
    fc.assert(
      fc.property(route, ({ onlink, ...route }) => {
        expect(decodeRoute(addRoute({ ...route, onlink }))).toMatchObject(route)
      }),
    )
  })

  test('rules of routing', () => {
    const mark = fc.option(fc.record({ value: u32, mask: u32 }))
    const rule = family.chain((of) =>
      fc.record({
        ...{ family: fc.constant(of), priority: u32, table: u32, protocol: byte, mark },
        from: fc.option(prefixIn(of)),
        suppressedLength: fc.option(fc.integer({ min: 0, max: 128 })),
      }),
    )
    const plain = { to: null, iif: null, oif: null, inverted: false, narrowed: false, action: FR_ACT.toTable }
    fc.assert(
      fc.property(rule, (rule) => {
        expect(decodeIpRule(addIpRule(rule))).toEqual({ ...rule, ...plain })
        expect(decodeIpRule(deleteIpRule(rule))).toEqual({ ...rule, ...plain })
      }),
    )
  })

  test('a default route', () => {
    const destination = '::/0' as Prefix
    const route = addRoute({
      ...{ destination, table: 254, type: RTN.unicast, protocol: 4, ifindex: 2, metric: 0 },
      ...{ mtu: null, onlink: true },
      gateway: 'fe80::1' as Address,
    })
    expect(decodeRoute(route)).toMatchObject({ destination, gateway: 'fe80::1' })
    expect(prefixAddress(destination)).toBe('::')
  })

  test('filters', () => {
    const filter = fc.record({
      ifindex,
      direction: fc.constantFrom('ingress' as const, 'egress' as const),
      priority: fc.integer({ min: 1, max: 0xffff }),
      handle: fc.integer({ min: 1, max: 0xffffffff }),
      name: interfaceName,
    })
    fc.assert(
      fc.property(filter, (filter) => {
        expect(decodeBpfFilter(addBpfFilter(filter, 5, false))).toMatchObject({
          ...filter,
          directAction: true,
        })
      }),
    )
  })

  test('generic messages', () => {
    fc.assert(
      fc.property(byte, byte, u32, (command, version, value) => {
        const request = genericRequest('x', { id: 20, version }, command, (e) => e.attributeU32(1, value))
        const decoded = decodeGeneric(request)
        expect([decoded.command, decoded.version, decoded.attributes.u32(1)]).toEqual([
          command,
          version,
          value,
        ])
      }),
    )
  })
})

// SPDX-License-Identifier: MIT
/**
 * Requests and answers about links byte for byte: struct ifinfomsg of <linux/rtnetlink.h>, attributes of
 * <linux/if_link.h>.
 */
import { describe, expect, test } from 'vitest'
import {
  addLink,
  addVeth,
  changeLink,
  changeLinkData,
  decodeLink,
  decodeLinkData,
  deleteLink,
  getLink,
  listLinks,
} from '../../../native/netlink/link.ts'
import { hex } from './hex.ts'

const RTM = { newLink: 16, delLink: 17, getLink: 18 }
/** NLM_F_CREATE and NLM_F_EXCL. */
const createNew = 0x400 | 0x200
const lvn0 = { ifindex: 7, name: 'lvn0' }

describe('a question', () => {
  test('about all links wants no statistics', () => {
    expect(listLinks()).toEqual({
      what: 'list the interfaces',
      type: RTM.getLink,
      payload: hex(`
        00 00 0000 00000000 00000000 00000000 # ifinfomsg: family, pad, type, index, flags, change
        0800 1d00 08000000                    # IFLA_EXT_MASK 29: RTEXT_FILTER_SKIP_STATS
      `),
    })
  })

  test('about one link has its name', () => {
    expect(getLink('lvn0')).toEqual({
      what: 'look for the interface lvn0',
      type: RTM.getLink,
      payload: hex(`
        00 00 0000 00000000 00000000 00000000
        0800 1d00 08000000                    # IFLA_EXT_MASK 29
        0900 0300 6c766e3000 000000           # IFLA_IFNAME 3: lvn0
      `),
    })
  })
})

describe('a change', () => {
  const changed = (change: Parameters<typeof changeLink>[1]) => {
    const { payload, ...rest } = changeLink(lvn0, change)
    expect(rest).toEqual({ what: 'change the interface lvn0', type: RTM.newLink })
    return payload
  }

  test('of nothing leaves everything alone', () => {
    expect(changed({})).toEqual(hex('00 00 0000 07000000 00000000 00000000'))
  })

  test('up or down touches that flag alone', () => {
    expect(changed({ up: true })).toEqual(hex('00 00 0000 07000000 01000000 01000000'))
    expect(changed({ up: false })).toEqual(hex('00 00 0000 07000000 00000000 01000000'))
  })

  test('to no multicast clears IFF_MULTICAST, and leaves up and down alone', () => {
    expect(changed({ multicast: false })).toEqual(hex('00 00 0000 07000000 00000000 00100000'))
    expect(changed({ multicast: false, up: true })).toEqual(hex('00 00 0000 07000000 01000000 01100000'))
  })

  test('of MTU, alias and link-local addresses', () => {
    expect(changed({ mtu: 1372, alias: 'lvn:a/b', addrGenMode: 'none' })).toEqual(
      hex(`
        00 00 0000 07000000 00000000 00000000
        0800 0400 5c050000                    # IFLA_MTU 4: 1372
        0b00 1400 6c766e3a612f62 00           # IFLA_IFALIAS 20, without a NUL
        1000 1a00                             # IFLA_AF_SPEC 26
          0c00 0a00                           #   AF_INET6 10
            0500 0800 01 000000               #     IFLA_INET6_ADDR_GEN_MODE 8: IN6_ADDR_GEN_MODE_NONE
      `),
    )
  })

  test('of the alias to none has an empty one', () => {
    expect(changed({ alias: null })).toEqual(hex('00 00 0000 07000000 00000000 00000000  0400 1400'))
  })

  test("of the kind's own attributes", () => {
    expect(changeLinkData(lvn0, 'lvn', (data) => data.attributeU32(2, 9))).toEqual({
      what: 'change the interface lvn0',
      type: RTM.newLink,
      payload: hex(`
        00 00 0000 07000000 00000000 00000000
        1800 1200                             # IFLA_LINKINFO 18
          0800 0100 6c766e00                  #   IFLA_INFO_KIND 1: lvn
          0c00 0200 0800 0200 09000000        #   IFLA_INFO_DATA 2
      `),
    })
  })
})

describe('a new link', () => {
  const link = { name: 'lvn0', kind: 'lvn', mtu: 1372 }

  test('has a name, an MTU and a kind with its attributes, and must not be there', () => {
    expect(addLink({ ...link, up: true, data: (data) => data.attributeU8(1, 1) })).toEqual({
      what: 'make the interface lvn0',
      type: RTM.newLink,
      flags: createNew,
      payload: hex(`
        00 00 0000 00000000 01000000 01000000 # IFF_UP
        0900 0300 6c766e3000 000000           # IFLA_IFNAME 3
        0800 0400 5c050000                    # IFLA_MTU 4
        1800 1200                             # IFLA_LINKINFO 18
          0800 0100 6c766e00                  #   IFLA_INFO_KIND 1
          0c00 0200 0500 0100 01 000000       #   IFLA_INFO_DATA 2
      `),
    })
  })

  test('may be down', () => {
    const { payload } = addLink({ ...link, up: false, data: () => {} })
    expect(payload.subarray(0, 16)).toEqual(hex('00 00 0000 00000000 00000000 01000000'))
  })

  test('that is a veth pair has both ends, each in its namespace', () => {
    expect(addVeth({ name: 'a', netnsFd: null }, { name: 'b', netnsFd: 5 })).toEqual({
      what: 'make the veth pair a, b',
      type: RTM.newLink,
      flags: createNew,
      payload: hex(`
        00 00 0000 00000000 00000000 00000000
        0600 0300 6100 0000                   # IFLA_IFNAME 3: a
        3800 1200                             # IFLA_LINKINFO 18
          0900 0100 7665746800 000000         #   IFLA_INFO_KIND 1: veth
          2800 0200                           #   IFLA_INFO_DATA 2
            2400 0100                         #     VETH_INFO_PEER 1
              00 00 0000 00000000 00000000 00000000
              0600 0300 6200 0000             #       IFLA_IFNAME 3: b
              0800 1c00 05000000              #       IFLA_NET_NS_FD 28
      `),
    })
  })
})

test('a deletion names the link by its index', () => {
  expect(deleteLink(lvn0)).toEqual({
    what: 'delete the interface lvn0',
    type: RTM.delLink,
    payload: hex('00 00 0000 07000000 00000000 00000000'),
  })
})

describe('an answer', () => {
  const header = '00 00 feff 07000000 00000000 00000000'

  test('without any attribute is a link without name, of no kind', () => {
    expect(decodeLink({ payload: hex(header) })).toStrictEqual({
      ...{ ifindex: 7, name: '', hardwareType: 0xfffe, up: false, mtu: 0, kind: null, alias: null },
    })
  })

  test('says that the link is up by IFF_UP, whatever the other flags', () => {
    const up = (flags: string) => decodeLink({ payload: hex(`00 00 feff 07000000 ${flags} 00000000`) }).up
    expect([up('01000000'), up('c3100100'), up('feffffff')]).toEqual([true, true, false])
  })

  test('may have a master, a qdisc and, for a TUN device, the user who may attach to it', () => {
    const bare = decodeLink({ payload: hex(header) })
    const link = (more: string) => decodeLink({ payload: hex(`${header} ${more}`) })
    expect(link('0800 0a00 09000000 # IFLA_MASTER 10')).toStrictEqual({ ...bare, master: 9 })
    expect(link('0800 0600 68746200 # IFLA_QDISC 6: htb')).toStrictEqual({ ...bare, qdisc: 'htb' })
    // IFLA_LINKINFO 18 with IFLA_INFO_KIND 1 and IFLA_INFO_DATA 2, in which IFLA_TUN_OWNER 1.
    const owner = '0c00 0200 0800 0100 e8030000'
    expect(link(`1800 1200 0800 0100 74756e00 ${owner}`)).toStrictEqual({
      ...bare,
      kind: 'tun',
      tunOwner: 1000,
    })
    expect(link(`1800 1200 0800 0100 6c766e00 ${owner}`)).toStrictEqual({ ...bare, kind: 'lvn' })
    expect(link('0c00 1200 0800 0100 74756e00')).toStrictEqual({ ...bare, kind: 'tun' })
    expect(link(`1000 1200 ${owner}`)).toStrictEqual(bare)
  })

  test('has the XDP program that is attached, and 0 where only their number is told', () => {
    const xdp = (more: string) => decodeLink({ payload: hex(`${header} ${more}`) })
    // IFLA_XDP 43 with IFLA_XDP_ATTACHED 2 alone: XDP_ATTACHED_NONE, XDP_ATTACHED_MULTI.
    expect(xdp('0c00 2b00 0500 0200 00 000000')).not.toHaveProperty('xdp')
    expect(xdp('0c00 2b00 0500 0200 04 000000')).toHaveProperty('xdp', 0)
    expect(xdp('0400 2b00')).not.toHaveProperty('xdp')
  })

  test("has the kind's own attributes, or none", () => {
    const data = (more: string) => decodeLinkData({ payload: hex(`${header} ${more}`) })
    expect(data('1000 1200 0c00 0200 0800 0500 09000000')?.u32(5)).toBe(9)
    expect(data('0c00 1200 0800 0100 6c766e00')).toBeNull()
    expect(data('')).toBeNull()
  })
})

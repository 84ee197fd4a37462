// SPDX-License-Identifier: MIT
/** Requests and answers about addresses byte for byte: struct ifaddrmsg of <linux/if_addr.h>. */
import { describe, expect, test } from 'vitest'
import {
  addAddress,
  afOf,
  decodeAddress,
  decodeIp,
  deleteAddress,
  IFA_F,
  ipFamily,
  listAddresses,
} from '../../../native/netlink/address.ts'
import type { Address } from '../../../src/model/address.ts'
import { hex } from './hex.ts'

const RTM = { newAddress: 20, delAddress: 21, getAddress: 22 }
/** NLM_F_CREATE and NLM_F_EXCL. */
const createNew = 0x400 | 0x200
const four = { ifindex: 7, address: '10.64.0.1' as Address, prefixLength: 16, protocol: 76 }
const six = { ...four, address: 'fd42::1' as Address, prefixLength: 128 }
const fd42 = 'fd42 0000 0000 0000 0000 0000 0000 0001'

test('the flags are the numbers of the kernel', () => {
  expect(IFA_F).toEqual({
    ...{ nodad: 0x02, optimistic: 0x04, dadFailed: 0x08, deprecated: 0x20, tentative: 0x40 },
    noPrefixRoute: 0x200,
  })
})

describe('a request', () => {
  test('for all addresses is of any family', () => {
    expect(listAddresses()).toEqual({
      what: 'list the addresses',
      type: RTM.getAddress,
      payload: hex('00 00 00 00 00000000'),
    })
  })

  test('for a new IPv4 address has it as local end and as peer, and its protocol', () => {
    expect(addAddress({ ...four, noPrefixRoute: true }, 'lvn0')).toEqual({
      what: 'add the address 10.64.0.1 to lvn0',
      type: RTM.newAddress,
      flags: createNew,
      payload: hex(`
        02 10 00 00 07000000        # ifaddrmsg: AF_INET, /16, flags, scope, index
        0800 0200 0a400001          # IFA_LOCAL 2
        0800 0100 0a400001          # IFA_ADDRESS 1
        0800 0800 00020000          # IFA_FLAGS 8: IFA_F_NOPREFIXROUTE
        0500 0b00 4c 000000         # IFA_PROTO 11
      `),
    })
  })

  test('for a new IPv6 address has it usable at once', () => {
    expect(addAddress({ ...six, noPrefixRoute: false, protocol: 0 }, 'lvn0').payload).toEqual(
      hex(`
        0a 80 00 00 07000000
        1400 0200 ${fd42}
        1400 0100 ${fd42}
        0800 0800 02000000          # IFA_F_NODAD
      `),
    )
  })

  test('to take an address away has index, length and address alone', () => {
    expect(deleteAddress(four, 'lvn0')).toEqual({
      what: 'delete the address 10.64.0.1 from lvn0',
      type: RTM.delAddress,
      payload: hex('02 10 00 00 07000000  0800 0200 0a400001  0800 0100 0a400001'),
    })
  })
})

describe('an answer', () => {
  const address = (text: string) => decodeAddress({ payload: hex(text) })

  test('of an older kernel has its flags in the header, and no protocol', () => {
    expect(address('02 10 80 00 07000000  0800 0100 0a400001')).toEqual({ ...four, protocol: 0, flags: 0x80 })
    expect(address(`0a 80 80 00 07000000  1400 0100 ${fd42}  0800 0800 82020000`)?.flags).toBe(0x282)
  })

  test('of another family is none', () => {
    expect(address('1c 10 00 00 07000000')).toBeNull()
  })

  test('without an address is refused', () => {
    expect(() => address('02 10 00 00 07000000')).toThrow('an address message without an address')
  })

  test('with an address of the wrong length is refused', () => {
    expect(() => address(`02 10 00 00 07000000 1400 0100 ${fd42}`)).toThrow('an IPv4 address of 16 bytes')
    expect(() => address('0a 10 00 00 07000000 0800 0100 0a400001')).toThrow('an IPv6 address of 4 bytes')
  })
})

test('address families have the numbers of the kernel, both ways', () => {
  expect([afOf(4), afOf(6)]).toEqual([2, 10])
  expect([ipFamily(2), ipFamily(10), ipFamily(0), ipFamily(7)]).toEqual([4, 6, null, null])
  expect(decodeIp(hex('c0000201'), 4)).toBe('192.0.2.1')
})

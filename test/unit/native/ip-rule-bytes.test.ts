// SPDX-License-Identifier: MIT
/** Requests and answers about `ip rule` byte for byte: struct fib_rule_hdr of <linux/fib_rules.h>. */
import { describe, expect, test } from 'vitest'
import {
  addIpRule,
  decodeIpRule,
  deleteIpRule,
  FR_ACT,
  type IpRuleChange,
  listIpRules,
} from '../../../native/netlink/ip-rule.ts'
import type { Prefix } from '../../../src/model/address.ts'
import { hex } from './hex.ts'

const RTM = { newRule: 32, delRule: 33, getRule: 34 }
/** NLM_F_CREATE and NLM_F_EXCL. */
const createNew = 0x400 | 0x200
const plain: IpRuleChange = {
  ...{
    family: 4,
    priority: 20_000,
    from: null,
    mark: null,
    table: 7600,
    suppressedLength: null,
    protocol: 76,
  },
}
const bytes = `
  02 00 00 00 00 00 00 01 00000000 # fib_rule_hdr: family, dst_len, src_len, tos; table, res, res, FR_ACT_TO_TBL; flags
  0800 0600 204e0000               # FRA_PRIORITY 6
  0800 0f00 b01d0000               # FRA_TABLE 15
  0500 1500 4c 000000              # FRA_PROTOCOL 21
`

describe('a request', () => {
  test('for the list has the family alone', () => {
    expect(listIpRules(4)).toEqual({
      what: 'list the IPv4 rules of routing',
      type: RTM.getRule,
      payload: hex('02 00 00 00 00 00 00 00 00000000'),
    })
    expect(listIpRules(6)).toMatchObject({
      what: 'list the IPv6 rules of routing',
      payload: hex('0a 00 00 00 00 00 00 00 00000000'),
    })
  })

  test('for a new rule must find none that is the same', () => {
    expect(addIpRule(plain)).toEqual({
      what: 'add the IPv4 rule of routing with priority 20000',
      type: RTM.newRule,
      flags: createNew,
      payload: hex(bytes),
    })
  })

  test('to take one away has all that it is known by', () => {
    expect(deleteIpRule(plain)).toEqual({
      what: 'delete the IPv4 rule of routing with priority 20000',
      type: RTM.delRule,
      payload: hex(bytes),
    })
  })

  test('has the source, the mark and the length of prefixes that do not count', () => {
    const rule: IpRuleChange = {
      ...{ ...plain, family: 6, from: 'fd42::/16' as Prefix, suppressedLength: 0 },
      mark: { value: 76, mask: 0xffffffff },
    }
    expect(addIpRule(rule).payload).toEqual(
      hex(`
        0a 00 10 00 00 00 00 01 00000000
        1400 0200 fd42 0000 0000 0000 0000 0000 0000 0000 # FRA_SRC 2
        0800 0600 204e0000
        0800 0a00 4c000000                                # FRA_FWMARK 10
        0800 1000 ffffffff                                # FRA_FWMASK 16
        0800 0f00 b01d0000
        0800 0e00 00000000                                # FRA_SUPPRESS_PREFIXLEN 14
        0500 1500 4c 000000
      `),
    )
  })
})

describe('a listed rule', () => {
  const header = '02 00 00 00 fe 00 00 01 00000000'
  const rule = (text: string) => decodeIpRule({ payload: hex(text) })
  const everything = {
    ...{ family: 4, priority: 0, from: null, to: null, iif: null, oif: null, mark: null, inverted: false },
    ...{ action: FR_ACT.toTable, table: 254, suppressedLength: null, narrowed: false, protocol: 0 },
  }

  test('that says no more is for all packets, in the table of its header, by nobody known', () => {
    expect(rule(header)).toEqual(everything)
  })

  test('of another family is none', () => {
    // RTNL_FAMILY_IPMR 128 has rules, too.
    expect(rule('80 00 00 00 fe 00 00 01 00000000')).toBeNull()
  })

  test('has source, target and interfaces', () => {
    expect(
      rule(`
        02 08 10 00 fe 00 00 01 00000000
        0800 0100 0a000000         # FRA_DST 1
        0800 0200 c0a80000         # FRA_SRC 2
        0700 0300 6c6f00 00        # FRA_IIFNAME 3: lo
        0900 1100 6c766e3000 000000 # FRA_OIFNAME 17: lvn0
      `),
    ).toEqual({ ...everything, to: '10.0.0.0/8', from: '192.168.0.0/16', iif: 'lo', oif: 'lvn0' })
  })

  test('with a longer prefix than the family has is refused', () => {
    expect(() => rule('02 00 21 00 fe 00 00 01 00000000')).toThrow('an IPv4 prefix of 33 bits')
    expect(() => rule('0a 81 00 00 fe 00 00 01 00000000')).toThrow('an IPv6 prefix of 129 bits')
    expect(rule('02 00 20 00 fe 00 00 01 00000000 0800 0200 c0000201')?.from).toBe('192.0.2.1/32')
  })

  test('has a mark where value or mask is told, all bits of it where no mask is', () => {
    expect(rule(`${header} 0800 0a00 4c000000`)?.mark).toEqual({ value: 76, mask: 0xffffffff })
    expect(rule(`${header} 0800 1000 ff000000`)?.mark).toEqual({ value: 0, mask: 255 })
    expect(rule(`${header} 0800 0a00 4c000000 0800 1000 ff000000`)?.mark).toEqual({ value: 76, mask: 255 })
  })

  test('has no length of prefixes that do not count where the kernel says -1', () => {
    expect(rule(`${header} 0800 0e00 ffffffff`)?.suppressedLength).toBeNull()
    expect(rule(`${header} 0800 0e00 00000000`)?.suppressedLength).toBe(0)
  })

  test('may hold for what does not match: FIB_RULE_INVERT, whatever the other flags', () => {
    expect(rule('02 00 00 00 fe 00 00 01 02000000')?.inverted).toBe(true)
    expect(rule('02 00 00 00 fe 00 00 01 1d000100')?.inverted).toBe(false)
  })

  test.each([
    ['FRA_TUN_ID', '0c00 0c00 0000000000000001'],
    ['FRA_SUPPRESS_IFGROUP', '0800 0d00 01000000'],
    ['FRA_L3MDEV', '0500 1300 01 000000'],
    ['FRA_UID_RANGE', '0c00 1400 00000000 e8030000'],
    ['FRA_IP_PROTO', '0500 1600 11 000000'],
    ['FRA_SPORT_RANGE', '0800 1700 0100 0200'],
    ['FRA_DPORT_RANGE', '0800 1800 0100 0200'],
    ['FRA_DSCP', '0500 1900 08 000000'],
    ['FRA_FLOWLABEL', '0800 1a00 00000001'],
  ])('that asks for more than is told here says so: %s', (_, attribute) => {
    expect(rule(`${header} ${attribute}`)).toEqual({ ...everything, narrowed: true })
  })

  test('that asks for a type of service is narrowed, one for no interface group is not', () => {
    expect(rule('02 00 00 08 fe 00 00 01 00000000')?.narrowed).toBe(true)
    expect(rule(`${header} 0800 0d00 ffffffff`)?.narrowed).toBe(false)
  })

  test('has the action', () => {
    // FR_ACT_TO_TBL, _GOTO, _NOP, _BLACKHOLE, _UNREACHABLE, _PROHIBIT.
    expect(Object.values(FR_ACT)).toEqual([1, 2, 3, 6, 7, 8])
    expect(rule('02 00 00 00 00 00 00 08 00000000')).toMatchObject({ action: FR_ACT.prohibit, table: 0 })
  })
})

// SPDX-License-Identifier: MIT
/**
 * Requests and answers about qdiscs and filters byte for byte: struct tcmsg of <linux/rtnetlink.h>, attributes of
 * <linux/pkt_cls.h>.
 */
import { describe, expect, test } from 'vitest'
import {
  addBpfFilter,
  addClsact,
  type BpfFilter,
  decodeBpfFilter,
  decodeFilter,
  decodeQdisc,
  deleteBpfFilter,
  deleteClsact,
  listFilters,
  listQdiscs,
} from '../../../native/netlink/traffic.ts'
import { hex } from './hex.ts'

const RTM = { newQdisc: 36, delQdisc: 37, getQdisc: 38, newFilter: 44, delFilter: 45, getFilter: 46 }
const NLM_F = { exclusive: 0x200, create: 0x400 }

/** tcmsg: family, pad, pad, index; handle TC_H_MAKE(TC_H_CLSACT, 0), parent TC_H_CLSACT, info; TCA_KIND 1. */
const clsact = '00 00 0000 07000000 0000ffff f1ffffff 00000000  0b00 0100 636c7361637400 00'

describe('a request', () => {
  test('for the qdiscs is for those of all interfaces', () => {
    expect(listQdiscs()).toEqual({
      what: 'list the qdiscs',
      type: RTM.getQdisc,
      payload: hex('00 00 0000 00000000 00000000 00000000 00000000'),
    })
  })

  test('for a clsact qdisc must find none', () => {
    expect(addClsact(7, 'eth0')).toEqual({
      what: 'add a clsact qdisc to eth0',
      type: RTM.newQdisc,
      flags: NLM_F.create | NLM_F.exclusive,
      payload: hex(clsact),
    })
    expect(deleteClsact(7, 'eth0')).toEqual({
      what: 'delete the clsact qdisc of eth0',
      type: RTM.delQdisc,
      payload: hex(clsact),
    })
  })

  test('for the filters is for those of one direction', () => {
    // Parents TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS) and TC_H_MIN_EGRESS.
    expect(listFilters(7, 'ingress')).toEqual({
      what: 'list the ingress filters of interface 7',
      type: RTM.getFilter,
      payload: hex('00 00 0000 07000000 00000000 f2ffffff 00000000'),
    })
    expect(listFilters(7, 'egress')).toMatchObject({
      what: 'list the egress filters of interface 7',
      payload: hex('00 00 0000 07000000 00000000 f3ffffff 00000000'),
    })
  })

  const filter: BpfFilter = { ifindex: 7, direction: 'ingress', priority: 0x102, handle: 2, name: 'lvn' }
  /** info: priority, and ETH_P_ALL in network order. */
  const place = '00 00 0000 07000000 02000000 f2ffffff 0003 0201  0800 0100 62706600'

  test('for a new filter runs the program for every protocol, and lets it decide', () => {
    expect(addBpfFilter(filter, 9, false)).toEqual({
      what: 'add the ingress filter lvn',
      type: RTM.newFilter,
      flags: NLM_F.create | NLM_F.exclusive,
      payload: hex(`
        ${place}
        1c00 0200              # TCA_OPTIONS 2
          0800 0600 09000000   #   TCA_BPF_FD 6
          0800 0700 6c766e00   #   TCA_BPF_NAME 7
          0800 0800 01000000   #   TCA_BPF_FLAGS 8: TCA_BPF_FLAG_ACT_DIRECT
      `),
    })
  })

  test('for a filter in the place of another does not ask that there is none', () => {
    expect(addBpfFilter(filter, 9, true)).toEqual({ ...addBpfFilter(filter, 9, false), flags: NLM_F.create })
  })

  test('to take a filter away has its place alone', () => {
    expect(deleteBpfFilter({ ...filter, direction: 'egress', priority: 0xffff })).toEqual({
      what: 'delete the egress filter lvn',
      type: RTM.delFilter,
      payload: hex('00 00 0000 07000000 02000000 f3ffffff 0003 ffff  0800 0100 62706600'),
    })
    expect(deleteBpfFilter(filter).payload).toEqual(hex(place))
  })
})

describe('an answer', () => {
  test('about a qdisc may lack its kind', () => {
    const payload = hex('00 00 0000 07000000 01000000 ffffffff 02000000')
    expect(decodeQdisc({ payload })).toEqual({ ifindex: 7, handle: 1, parent: 0xffffffff, kind: '' })
  })

  const bpf = '0800 0100 62706600'
  const place = (handle: string, parent: string) => `00 00 0000 07000000 ${handle} ${parent} 0003 0101`
  const decoded = (text: string) => decodeFilter({ payload: hex(text) })

  test('about a BPF filter of another has what it tells', () => {
    expect(decoded(`${place('02000000', 'f3ffffff')} ${bpf}`)).toEqual({
      kind: 'bpf',
      priority: 257,
      bpf: {
        ...{ ifindex: 7, direction: 'egress', priority: 257, handle: 2 },
        ...{ name: '', program: 0, directAction: false },
      },
    })
  })

  test('about one whose program does not decide says so', () => {
    // TCA_OPTIONS 2 with TCA_BPF_FLAGS 8, and other bits than TCA_BPF_FLAG_ACT_DIRECT.
    const filter = (flags: string) =>
      decoded(`${place('02000000', 'f2ffffff')} ${bpf} 0c00 0200 0800 0800 ${flags}`).bpf
    expect(filter('feffffff')).toMatchObject({ direction: 'ingress', directAction: false })
    expect(filter('ffffffff')?.directAction).toBe(true)
  })

  test.each([
    ['the chain of a priority', `${place('00000000', 'f2ffffff')} ${bpf}`, 'bpf'],
    ['a filter under another qdisc', `${place('02000000', '00000100')} ${bpf}`, 'bpf'],
    ['a filter of another kind', `${place('02000000', 'f2ffffff')} 0b00 0100 666c6f77657200 00`, 'flower'],
    ['a filter of no kind', place('02000000', 'f2ffffff'), ''],
  ])('about %s is no BPF filter', (_, text, kind) => {
    expect(decoded(text)).toEqual({ kind, priority: 257, bpf: null })
    expect(decodeBpfFilter({ payload: hex(text) })).toBeNull()
  })
})

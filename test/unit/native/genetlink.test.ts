// SPDX-License-Identifier: MIT
/**
 * Generic netlink byte for byte (struct genlmsghdr and the controller's attributes of <linux/genetlink.h>), and
 * families looked for at a kernel that answers by a script.
 */
import { describe, expect, test } from 'vitest'
import {
  decodeFamily,
  decodeGeneric,
  genericRequest,
  NETLINK_GENERIC,
  resolveFamily,
} from '../../../native/netlink/genetlink.ts'
import type { NetlinkMessage } from '../../../native/netlink/message.ts'
import { NetlinkSocket } from '../../../native/netlink/socket.ts'
import { type Arrival, ScriptedWire, verdict } from '../../support/scripted-wire.ts'
import { hex } from './hex.ts'

const GENL_ID_CTRL = 16
const ENOENT = 2
const EPERM = 1

/** CTRL_CMD_NEWFAMILY 1, version 2; CTRL_ATTR_FAMILY_NAME 2, CTRL_ATTR_FAMILY_ID 1. */
const header = '01 02 0000'
const named = '0800 0200 6c766e00'
const numbered = '0600 0100 1f00 0000'

describe('a message', () => {
  test('has command, version and attributes', () => {
    const request = genericRequest('do it', { id: 31, version: 3 }, 5, (e) => e.attributeU32(1, 9))
    const payload = hex('05 03 0000 0800 0100 09000000')
    expect(request).toEqual({ what: 'do it', type: 31, payload })
    expect(decodeGeneric({ payload })).toMatchObject({ command: 5, version: 3 })
    expect(decodeGeneric({ payload }).attributes.u32(1)).toBe(9)
  })

  test('may have no attributes', () => {
    expect(genericRequest('do it', { id: 31, version: 1 }, 5).payload).toEqual(hex('05 01 0000'))
  })
})

describe('a family', () => {
  const family = (text: string) => decodeFamily({ payload: hex(text) })

  test('has id, name, version and groups', () => {
    expect(
      family(`
        ${header} ${named} ${numbered}
        0800 0300 02000000            # CTRL_ATTR_VERSION 3
        3400 0700                     # CTRL_ATTR_MCAST_GROUPS 7
          1800 0100                   #   the first
            0800 0200 04000000        #     CTRL_ATTR_MCAST_GRP_ID 2
            0900 0100 6c6f7374 00 000000 #  CTRL_ATTR_MCAST_GRP_NAME 1: lost
          1800 0200                   #   the second
            0900 0100 6d616465 00 000000 #  made
            0800 0200 05000000
      `),
    ).toEqual({
      ...{ id: 31, name: 'lvn', version: 2 },
      groups: new Map([
        ['lost', 4],
        ['made', 5],
      ]),
    })
  })

  test('that tells no version has the first, and may have no groups', () => {
    expect(family(`${header} ${named} ${numbered}`)).toEqual({
      ...{ id: 31, name: 'lvn', version: 1, groups: new Map() },
    })
  })

  test('has no group without name or id', () => {
    expect(
      family(`
        ${header} ${named} ${numbered}
        1c00 0700
          0c00 0100 0800 0200 04000000
          0c00 0200 0600 0100 6100 0000
      `).groups,
    ).toEqual(new Map())
  })

  test('without name or id is refused', () => {
    const refusal = 'a generic netlink family without id or name'
    expect(() => family(`${header} ${named}`)).toThrow(refusal)
    expect(() => family(`${header} ${numbered}`)).toThrow(refusal)
  })
})

describe('a look-up of a family', () => {
  const answered = (...answers: ((to: NetlinkMessage) => NetlinkMessage)[]) => {
    const wire = new ScriptedWire(([to]): Arrival[] => (to ? [answers.map((answer) => answer(to))] : []))
    return { wire, look: () => resolveFamily(new NetlinkSocket(NETLINK_GENERIC, [], wire.open), 'lvn') }
  }
  const description = (to: NetlinkMessage) => ({
    ...{ type: GENL_ID_CTRL, flags: 0, sequence: to.sequence },
    payload: hex(`${header} ${named} ${numbered}`),
  })

  test('asks the controller for the name', () => {
    const { wire, look } = answered(description, (to) => verdict(to))
    expect(look()).toMatchObject({ id: 31, name: 'lvn' })
    expect(wire.opened).toEqual([16, []])
    // CTRL_CMD_GETFAMILY 3 in version 2.
    expect(wire.sent).toMatchObject([[{ type: GENL_ID_CTRL, payload: hex(`03 02 0000 ${named}`) }]])
  })

  test('finds none where the kernel knows none of that name', () => {
    expect(answered((to) => verdict(to, ENOENT)).look()).toBeNull()
  })

  test('that is refused throws the refusal', () => {
    expect(answered((to) => verdict(to, EPERM)).look).toThrow(expect.objectContaining({ errno: 'EPERM' }))
    expect(answered((to) => verdict(to, 12)).look).toThrow('cannot look for the netlink family lvn: ')
  })

  test('that is answered with nothing fails', () => {
    expect(answered((to) => verdict(to)).look).toThrow('no description of the family lvn')
  })
})

// SPDX-License-Identifier: MIT
/**
 * Generic netlink: families by name, with their multicast groups (struct genlmsghdr and the controller's
 * attributes of <linux/genetlink.h>). What a family's own commands mean is not known here.
 */
import { Attributes } from './attributes.ts'
import { Encoder, readU8 } from './bytes.ts'
import { malformed } from './error.ts'
import type { NetlinkMessage } from './message.ts'
import type { NetlinkSocket, Outcome, Request } from './socket.ts'

export const NETLINK_GENERIC = 16

const GENL_ID_CTRL = 16
const CTRL_CMD_GETFAMILY = 3
const CTRL_ATTR = { familyId: 1, familyName: 2, version: 3, multicastGroups: 7 } as const
const CTRL_ATTR_MCAST_GRP = { name: 1, id: 2 } as const
const headerSize = 4

export interface GenericFamily {
  readonly id: number
  readonly name: string
  readonly version: number
  /** Group ids by name, to open a socket with. */
  readonly groups: ReadonlyMap<string, number>
}

/** A message of a family: the command and its attributes. */
export interface GenericMessage {
  readonly command: number
  readonly version: number
  readonly attributes: Attributes
}

/** A request of a family; `fill` appends the attributes. */
export function genericRequest(
  what: string,
  family: Pick<GenericFamily, 'id' | 'version'>,
  command: number,
  fill: (encoder: Encoder) => void = () => {},
): Request {
  const payload = new Encoder().u8(command).u8(family.version).u16(0)
  fill(payload)
  return { what, type: family.id, payload: payload.done() }
}

export function decodeGeneric(message: Pick<NetlinkMessage, 'payload'>): GenericMessage {
  const { payload } = message
  return {
    command: readU8(payload, 0),
    version: readU8(payload, 1),
    attributes: new Attributes(payload, headerSize),
  }
}

/** Throws a NetlinkError for messages without name or id. */
export function decodeFamily(message: Pick<NetlinkMessage, 'payload'>): GenericFamily {
  const { attributes } = decodeGeneric(message)
  const id = attributes.u16(CTRL_ATTR.familyId)
  const name = attributes.text(CTRL_ATTR.familyName)
  if (id === undefined || name === undefined) throw malformed('a generic netlink family without id or name')
  const groups = new Map<string, number>()
  for (const { value } of attributes.list(CTRL_ATTR.multicastGroups)) {
    const group = new Attributes(value)
    const groupName = group.text(CTRL_ATTR_MCAST_GRP.name)
    const groupId = group.u32(CTRL_ATTR_MCAST_GRP.id)
    if (groupName !== undefined && groupId !== undefined) groups.set(groupName, groupId)
  }
  return { id, name, version: attributes.u32(CTRL_ATTR.version) ?? 1, groups }
}

/** The family of that name; null: no module that offers it is loaded, nor could the kernel load one. */
export function resolveFamily(socket: NetlinkSocket, name: string): GenericFamily | null {
  const controller = { id: GENL_ID_CTRL, version: 2 }
  const request = genericRequest(`look for the netlink family ${name}`, controller, CTRL_CMD_GETFAMILY, (e) =>
    e.attributeText(CTRL_ATTR.familyName, name),
  )
  const [{ error, replies }] = socket.batch([request], { until: 'ack' }) as [Outcome]
  if (error?.errno === 'ENOENT') return null
  if (error !== null) throw error
  const [reply] = replies
  if (reply === undefined) throw malformed(`no description of the family ${name}`)
  return decodeFamily(reply)
}

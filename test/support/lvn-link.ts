// SPDX-License-Identifier: MIT
/**
 * Devices of lvn.ko and requests of its family in one namespace, without the plane: for tests of the module
 * itself, which must also send what the plane never would.
 */
import {
  decodeLink as decodeLinkAttributes,
  encodeLink,
  familyName,
  type LinkAttributes,
} from '../../native/kmod/generated.ts'
import type { Attributes } from '../../native/netlink/attributes.ts'
import type { Encoder } from '../../native/netlink/bytes.ts'
import {
  type GenericFamily,
  genericRequest,
  NETLINK_GENERIC,
  resolveFamily,
} from '../../native/netlink/genetlink.ts'
import { decodeLink, decodeLinkData, getLink, addLink as linkRequest } from '../../native/netlink/link.ts'
import type { NetlinkMessage } from '../../native/netlink/message.ts'
import { NETLINK_ROUTE } from '../../native/netlink/rtnetlink.ts'
import { NetlinkSocket, type Request } from '../../native/netlink/socket.ts'
import { withNetns } from '../../native/netns.ts'
import type { Netns } from './netns.ts'

/** Makes a device; its index. Throws a NetlinkError where the kernel refuses. */
export function addLink(ns: Netns, name: string, link: LinkAttributes): number {
  return withRoute(ns, (socket) => {
    socket.request(linkRequest({ name, kind: 'lvn', mtu: 1400, up: false, data: (e) => encodeLink(e, link) }))
    const [made] = socket.request(getLink(name))
    return decodeLink(made as NetlinkMessage).ifindex
  })
}

/** What the kernel says of a device, counters of dropped packets included. */
export function readLink(ns: Netns, name: string): LinkAttributes {
  return withRoute(ns, (socket) => {
    const [found] = socket.request(getLink(name))
    return decodeLinkAttributes(decodeLinkData(found as NetlinkMessage) as Attributes)
  })
}

function withRoute<T>(ns: Netns, work: (socket: NetlinkSocket) => T): T {
  return withNetns(ns.path, () => {
    const socket = new NetlinkSocket(NETLINK_ROUTE)
    try {
      return work(socket)
    } finally {
      socket.close()
    }
  })
}

/** A socket of the family in a namespace; in the thread's own where none is given. */
export function openFamily(ns?: Netns): Family {
  const open = () => new NetlinkSocket(NETLINK_GENERIC)
  return new Family(ns === undefined ? open() : withNetns(ns.path, open))
}

export class Family {
  readonly family: GenericFamily
  private readonly socket: NetlinkSocket

  constructor(socket: NetlinkSocket) {
    this.socket = socket
    const family = resolveFamily(socket, familyName)
    if (family === null) throw new Error('the family lvn is not there')
    this.family = family
  }

  /** The answers to a command. Throws a NetlinkError where the kernel refuses. */
  send(command: number, fill: (encoder: Encoder) => unknown, flags = 0): readonly NetlinkMessage[] {
    return this.socket.request({ ...this.request(command, fill), flags })
  }

  dump(command: number, fill: (encoder: Encoder) => unknown = () => {}): readonly NetlinkMessage[] {
    return this.socket.dump(this.request(command, fill))
  }

  close(): void {
    this.socket.close()
  }

  private request(command: number, fill: (encoder: Encoder) => unknown): Request {
    return genericRequest(`send command ${command}`, this.family, command, (encoder) => {
      fill(encoder)
    })
  }
}

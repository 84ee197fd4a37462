// SPDX-License-Identifier: MIT
/**
 * The route family of netlink in one network namespace: the one the thread was in when it was opened. Links,
 * addresses, routes, qdiscs and filters as plain objects; what they are for is not known here.
 */
import { type Family, familyOf } from '../../src/model/address.ts'
import * as address from './address.ts'
import { NetlinkError } from './error.ts'
import * as ipRule from './ip-rule.ts'
import * as link from './link.ts'
import type { Keep, NetlinkMessage } from './message.ts'
import * as route from './route.ts'
import { type BatchOptions, NetlinkSocket, type Outcome, type Request } from './socket.ts'
import * as traffic from './traffic.ts'

export const NETLINK_ROUTE = 0

export class Rtnetlink {
  private readonly socket: NetlinkSocket

  constructor(socket = new NetlinkSocket(NETLINK_ROUTE)) {
    this.socket = socket
  }

  links(): readonly link.Link[] {
    return this.socket.dump(link.listLinks()).map(link.decodeLink)
  }

  /** Null: there is none of that name. */
  link(name: string): link.Link | null {
    const [reply] = absent(['ENODEV'], () => this.socket.request(link.getLink(name))) ?? []
    return reply === undefined ? null : link.decodeLink(reply)
  }

  addresses(): readonly address.ListedAddress[] {
    return decodeEach(this.socket.dump(address.listAddresses()), address.decodeAddress)
  }

  /**
   * Those in a table or with a protocol mark, cached clones left out, and what `keep` leaves out before it is decoded. An
   * absent mark or table counts for all.
   */
  routes(
    family: Family,
    which: { readonly table?: number; readonly protocol?: number },
    keep?: Keep,
  ): readonly route.Route[] {
    const { table = 0, protocol = 0 } = which
    const messages =
      absent(['ENOENT'], () => this.socket.dump(route.listRoutes(family, { table, protocol }), keep)) ?? []
    // A kernel without IPv6 answers with the routes of all families that it has.
    return decodeEach(messages, route.decodeRoute).filter(
      (each) =>
        (table === 0 || each.table === table) &&
        (protocol === 0 || each.protocol === protocol) &&
        !each.cloned &&
        familyOf(each.destination) === family,
    )
  }

  /** In the order in which the kernel goes through them. */
  ipRules(family: Family): readonly ipRule.IpRule[] {
    const missing = ['EOPNOTSUPP', 'EAFNOSUPPORT']
    const messages = absent(missing, () => this.socket.dump(ipRule.listIpRules(family))) ?? []
    // A kernel without IPv6 answers with the rules of all families that it has.
    return decodeEach(messages, ipRule.decodeIpRule).filter((rule) => rule.family === family)
  }

  qdiscs(ifindex: number): readonly traffic.Qdisc[] {
    const all = this.socket.dump(traffic.listQdiscs()).map(traffic.decodeQdisc)
    return all.filter((qdisc) => qdisc.ifindex === ifindex)
  }

  /** Is there any filter, of whatever kind, under the interface's clsact qdisc? */
  hasFilters(ifindex: number, direction: traffic.Direction): boolean {
    return this.filterMessages(ifindex, direction).length > 0
  }

  /** Filters of every kind under the interface's clsact qdisc, the smallest preference first. */
  filters(ifindex: number, direction: traffic.Direction): readonly traffic.LiveFilter[] {
    const found = this.filterMessages(ifindex, direction).map(traffic.decodeFilter)
    return found.toSorted((a, b) => a.priority - b.priority)
  }

  /** BPF filters under the interface's clsact qdisc; none where it has no such qdisc. */
  bpfFilters(ifindex: number, direction: traffic.Direction): readonly traffic.LiveBpfFilter[] {
    return decodeEach(this.filterMessages(ifindex, direction), traffic.decodeBpfFilter)
  }

  /** Carries out a request of the codecs; throws a NetlinkError when the kernel refuses it. */
  request(request: Request): readonly NetlinkMessage[] {
    return this.socket.request(request)
  }

  batch(requests: readonly Request[], options: BatchOptions): readonly Outcome[] {
    return this.socket.batch(requests, options)
  }

  close(): void {
    this.socket.close()
  }

  private filterMessages(ifindex: number, direction: traffic.Direction): readonly NetlinkMessage[] {
    return absent(['EINVAL', 'ENOENT'], () => this.socket.dump(traffic.listFilters(ifindex, direction))) ?? []
  }
}

/** `ask()`, or undefined when the kernel refuses with one of `errnos`. */
function absent<T>(errnos: readonly string[], ask: () => T): T | undefined {
  try {
    return ask()
  } catch (error) {
    if (error instanceof NetlinkError && errnos.includes(error.errno)) return undefined
    throw error
  }
}

function decodeEach<T>(
  messages: readonly NetlinkMessage[],
  decode: (message: NetlinkMessage) => T | null,
): T[] {
  return messages.map(decode).filter((decoded): decoded is T & {} => decoded !== null)
}

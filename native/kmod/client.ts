// SPDX-License-Identifier: MIT
/**
 * The module's two doors in one network namespace: its generic netlink family for tunnels and rules, rtnetlink
 * for devices. What a plane is, is not known here.
 */
import { ExitCode, LvnError } from '../../src/diag/error.ts'
import type { Attributes } from '../netlink/attributes.ts'
import type { Encoder } from '../netlink/bytes.ts'
import {
  decodeGeneric,
  type GenericFamily,
  genericRequest,
  NETLINK_GENERIC,
  resolveFamily,
} from '../netlink/genetlink.ts'
import {
  addLink,
  changeLink,
  changeLinkData,
  decodeLink,
  decodeLinkData,
  deleteLink,
  type Link,
  type LinkChange,
  type LinkId,
  listLinks,
  type NewLink,
} from '../netlink/link.ts'
import { NETLINK_ROUTE } from '../netlink/rtnetlink.ts'
import { type BatchOptions, NetlinkSocket, type Outcome, type Request } from '../netlink/socket.ts'
import {
  command,
  decodeLink as decodeLinkAttributes,
  decodeRule,
  decodeTunnel,
  encodeLink,
  encodeRule,
  encodeTunnel,
  familyName,
  type LinkAttributes,
  multicastGroup,
  type RuleAttributes,
  type TunnelAttributes,
} from './generated.ts'

/** The link type's name. */
export const linkKind = 'lvn'

/** An interface of the module's, or any other, for which `lvn` is null. */
export interface KmodLink extends Link {
  readonly lvn: LinkAttributes | null
}

/** Null: the module is neither loaded nor to be found. */
export function openClient(): KmodClient | null {
  const generic = new NetlinkSocket(NETLINK_GENERIC)
  try {
    const family = resolveFamily(generic, familyName)
    if (family !== null) return new KmodClient(generic, family)
  } catch (error) {
    generic.close()
    throw error
  }
  generic.close()
  return null
}

export class KmodClient {
  private readonly generic: NetlinkSocket
  private readonly family: GenericFamily
  private readonly route = new NetlinkSocket(NETLINK_ROUTE)

  constructor(generic: NetlinkSocket, family: GenericFamily) {
    this.generic = generic
    this.family = family
  }

  close(): void {
    this.generic.close()
    this.route.close()
  }

  // ---- devices

  links(): readonly KmodLink[] {
    return this.route.dump(listLinks()).map((message) => {
      const link = decodeLink(message)
      const data = link.kind === linkKind ? decodeLinkData(message) : null
      return { ...link, lvn: data === null ? null : decodeLinkAttributes(data) }
    })
  }

  addLink(link: Omit<NewLink, 'kind' | 'data'>, lvn: LinkAttributes): void {
    this.route.request(addLink({ ...link, kind: linkKind, data: (e) => void encodeLink(e, lvn) }))
  }

  changeLink(link: LinkId, change: LinkChange): void {
    this.route.request(changeLink(link, change))
  }

  changeLinkAttributes(link: LinkId, lvn: LinkAttributes): void {
    this.route.request(changeLinkData(link, linkKind, (e) => void encodeLink(e, lvn)))
  }

  deleteLink(link: LinkId): void {
    this.route.request(deleteLink(link))
  }

  // ---- tunnels and rules

  tunnels(ifindex: number): readonly TunnelAttributes[] {
    return this.dump('list the tunnels', command.tunnelGet, decodeTunnel, (e) => encodeTunnel(e, { ifindex }))
  }

  rules(ifindex: number): readonly RuleAttributes[] {
    return this.dump('list the rules', command.ruleGet, decodeRule, (e) => encodeRule(e, { ifindex }))
  }

  tunnelRequest(what: string, number: number, tunnel: TunnelAttributes): Request {
    return genericRequest(what, this.family, number, (e) => encodeTunnel(e, tunnel))
  }

  ruleRequest(what: string, number: number, rule: RuleAttributes): Request {
    return genericRequest(what, this.family, number, (e) => encodeRule(e, rule))
  }

  /** Requests of the family, many in a datagram. */
  send(requests: readonly Request[], options: BatchOptions): readonly Outcome[] {
    return this.generic.batch(requests, options)
  }

  /**
   * Calls back with each event of a tunnel, and with null when the kernel dropped some, until the returned function
   * is called.
   */
  watch(onEvent: (event: TunnelAttributes | null) => void): () => void {
    const group = this.family.groups.get(multicastGroup.events)
    if (group === undefined) throw new TypeError(`the family has no group ${multicastGroup.events}`)
    const socket = new NetlinkSocket(NETLINK_GENERIC, [group])
    const stop = socket.watch((message) =>
      onEvent(message === null ? null : decodeTunnel(decodeGeneric(message).attributes)),
    )
    return () => {
      stop()
      socket.close()
    }
  }

  private dump<T>(
    what: string,
    number: number,
    decode: (attributes: Attributes) => T,
    fill: (encoder: Encoder) => void,
  ): readonly T[] {
    const messages = this.generic.dump(genericRequest(what, this.family, number, fill))
    return messages.map((message) => decode(decodeGeneric(message).attributes))
  }
}

/** The sentence for a kernel without the module. */
export function noModule(): LvnError {
  return new LvnError(
    'LVN7004',
    ExitCode.noPlane,
    'the kernel module lvn is not loaded, and not to be found',
    {
      hint: 'load it (`modprobe lvn`), use `--plane ebpf`, or leave the choice to L-VN',
    },
  )
}

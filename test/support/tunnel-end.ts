// SPDX-License-Identifier: MIT
/**
 * One end of tunnels of the module's: a fixed device lvn0 in a namespace, and what the family tells of its one
 * tunnel, which has id 1 and local port 50000.
 */
import {
  command,
  decodeTunnel,
  type Event,
  encodeTunnel,
  type Reason,
  type TunnelAttributes,
} from '../../native/kmod/generated.ts'
import { decodeGeneric, NETLINK_GENERIC } from '../../native/netlink/genetlink.ts'
import { NetlinkSocket } from '../../native/netlink/socket.ts'
import { withNetns } from '../../native/netns.ts'
import type { Address } from '../../src/model/address.ts'
import { addLink, type Family, openFamily, readLink } from './lvn-link.ts'
import type { Netns } from './netns.ts'

/** What was told of a tunnel. */
export interface Told {
  readonly event: Event
  readonly reason: Reason | undefined
  /** When it was read, as performance.now() has it. */
  readonly at: number
}

export class TunnelEnd {
  readonly ns: Netns
  readonly ifindex: number
  private readonly local: Address
  private readonly family: Family
  private listeners: (() => void)[] = []

  constructor(ns: Netns, local: string) {
    this.ns = ns
    this.local = local as Address
    this.ifindex = addLink(ns, 'lvn0', { mode: 'fixed' })
    // Without an address of the kernel's own, it has nothing to say to routers that it looks for.
    ns.ip('link set lvn0 addrgenmode none')
    ns.ip('link set lvn0 up')
    this.family = openFamily(ns)
  }

  add(more: TunnelAttributes): void {
    this.send(command.tunnelNew, { localAddress: this.local, localPort: 50_000, ...more })
  }

  set(more: TunnelAttributes): void {
    this.send(command.tunnelSet, more)
  }

  get(): TunnelAttributes {
    const [reply] = this.send(command.tunnelGet, {})
    return decodeTunnel(decodeGeneric(reply as never).attributes)
  }

  /** Packets from nobody known that the device dropped. */
  unknown(): number {
    return readLink(this.ns, 'lvn0').drops?.unknownPeer ?? 0
  }

  /** What is told from now on, until `clear`. */
  listen(): readonly Told[] {
    const group = this.family.family.groups.get('events') as number
    const socket = withNetns(this.ns.path, () => new NetlinkSocket(NETLINK_GENERIC, [group]))
    const told: Told[] = []
    const stop = socket.watch((message) => {
      if (message === null) return
      const { event, reason } = decodeTunnel(decodeGeneric(message).attributes)
      if (event !== undefined) told.push({ event, reason, at: performance.now() })
    })
    this.listeners.push(() => {
      stop()
      socket.close()
    })
    return told
  }

  /** Takes the tunnel away, if there is one, and listens no longer. */
  clear(): void {
    for (const stop of this.listeners) stop()
    this.listeners = []
    const tunnels = this.family.dump(command.tunnelGet, (e) => encodeTunnel(e, { ifindex: this.ifindex }))
    if (tunnels.length > 0) this.send(command.tunnelDel, {})
  }

  close(): void {
    this.clear()
    this.family.close()
  }

  private send(number: number, more: TunnelAttributes) {
    return this.family.send(number, (e) => encodeTunnel(e, { ifindex: this.ifindex, id: 1, ...more }))
  }
}

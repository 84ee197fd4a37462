// SPDX-License-Identifier: MIT
/**
 * The underlay as one node sees it: how it reaches an address, which interface holds one, how large a packet
 * may be. Answers come from a live state alone. A snapshot taken without the file at hand holds no look-up for
 * a new peer; its route table then answers.
 */
import {
  type Address,
  type Family,
  familyOf,
  type Prefix,
  prefixContains,
  prefixLength,
} from '../model/address.ts'
import { isSelective } from '../model/selective.ts'
import type { LiveAddress, LiveState, UnderlayPath } from '../model/state.ts'

export type Via = NonNullable<UnderlayPath['via']>

/** Bytes that encapsulation puts before an inner packet: outer IP header without options, UDP header. */
export function overhead(outer: Family): number {
  return outer === 4 ? 20 + 8 : 40 + 8
}

/** The largest inner packet for a path of `mtu` bytes; an IP packet never exceeds 65,535 bytes. */
export function fits(mtu: number, outer: Family): number {
  return Math.min(mtu, 65535) - overhead(outer)
}

export class Underlay {
  private readonly live: LiveState
  private readonly paths: ReadonlyMap<Address, Via | null>
  private readonly holders: ReadonlyMap<Address, readonly [LiveAddress, ...LiveAddress[]]>
  private readonly overlays: ReadonlySet<string>
  private readonly mtus: ReadonlyMap<string, number>

  constructor(live: LiveState) {
    this.live = live
    this.paths = new Map(live.paths.map((path) => [path.remote, path.via]))
    const holders = new Map<Address, [LiveAddress, ...LiveAddress[]]>()
    for (const each of live.addresses) {
      const others = holders.get(each.address)
      if (others === undefined) holders.set(each.address, [each])
      else others.push(each)
    }
    this.holders = holders
    this.overlays = new Set(live.links.filter(({ owner }) => owner !== null).map(({ name }) => name))
    this.mtus = new Map(live.links.map((link) => [link.name, link.mtu]))
  }

  /** Null: unreachable. */
  path(remote: Address): Via | null {
    const known = this.paths.get(remote)
    return known === undefined ? this.fromTable(remote) : known
  }

  /** The interface that holds this address; null: it is no address of this host. */
  holder(address: Address): string | null {
    return this.holders.get(address)?.[0].device ?? null
  }

  /**
   * Why the node with that device cannot have this address in the underlay; null: it can. One that is deprecated serves
   * whoever asks for it.
   */
  lack(address: Address, device: string): string | null {
    const holders = this.holders.get(address) ?? []
    const outside = holders.filter((holder) => holder.device !== device)
    if (outside.some(({ flaw }) => flaw === undefined || flaw === 'deprecated')) return null
    const [first] = outside
    if (first !== undefined) return `${first.device} ${flawText(first.flaw)}`
    return holders.length > 0 ? `only ${device} has it` : 'no interface of this host has it'
  }

  /** Why the source that the kernel would choose is none for the node with that device; null: it is one. */
  sourceLack({ source, interface: out }: Via, remote: Address, device: string): string | null {
    const holders = this.holders.get(source) ?? []
    const inner = (name: string) => name === device || (this.overlays.has(name) && name !== out)
    const [any] = holders
    const first = holders.find((holder) => !inner(holder.device))
    if (first === undefined && any !== undefined) return `it is an address of ${any.device}`
    if (isLinkLocal(source) && !isLinkLocal(remote)) return 'it is link-local'
    return first?.flaw === undefined ? null : `${first.device} ${flawText(first.flaw)}`
  }

  /** Null: there is no such interface. */
  mtu(link: string): number | null {
    return this.mtus.get(link) ?? null
  }

  /** Some address that a socket of this family could use; null: none. */
  anyAddress(family: Family, except: ReadonlySet<string>): Address | null {
    const usable = this.live.addresses.filter(
      ({ address, device, flaw }) =>
        familyOf(address) === family &&
        flaw === undefined &&
        device !== 'lo' &&
        !except.has(device) &&
        !isLinkLocal(address),
    )
    return usable[0]?.address ?? null
  }

  private fromTable(remote: Address): Via | null {
    const [best] = this.live.routes
      .filter((route) => route.table === undefined && !isSelective(route))
      .filter(({ destination }) => prefixContains(destination, remote))
      .sort((a, b) => prefixLength(b.destination) - prefixLength(a.destination) || a.metric - b.metric)
    const device = best?.device ?? null
    const mtu = device === null ? null : this.mtu(device)
    if (device === null || mtu === null) return null
    const source = this.live.addresses.find(
      ({ address, device: holder }) =>
        holder === device && familyOf(address) === familyOf(remote) && !isLinkLocal(address),
    )
    return source === undefined ? null : { interface: device, source: source.address, mtu }
  }
}

function flawText(flaw: LiveAddress['flaw']): string {
  if (flaw === 'duplicate') return 'has it, but another host has it as well'
  if (flaw === 'tentative') return 'has it, but still asks whether another host does'
  return 'has it no longer as an address of first choice'
}

/** Of IPv6, which every interface has its own of. */
export function isLinkLocal(what: Address | Prefix): boolean {
  return prefixContains('fe80::/10' as Prefix, what)
}

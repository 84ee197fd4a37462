// SPDX-License-Identifier: MIT
/**
 * Underlay interfaces by name, also those that are gone: their tunnels keep the index, and the index is then
 * the name. No interface can be called so, for interface names hold no blanks.
 */
import type { LiveLink } from '../../src/model/state.ts'

const gone = 'ifindex '
const ethernetTypes = new Set([1 /* ARPHRD_ETHER */, 772 /* ARPHRD_LOOPBACK */])

/** `ethernet`: frames have Ethernet headers there. */
export interface Underlay {
  readonly ifindex: number
  readonly ethernet: boolean
}

export function underlayName(ifindex: number, names: ReadonlyMap<number, string>): string {
  return names.get(ifindex) ?? `${gone}${ifindex}`
}

/** Null: there is no such interface, and there was none. */
export function findUnderlay(name: string, links: ReadonlyMap<string, LiveLink>): Underlay | null {
  const link = links.get(name)
  if (link !== undefined) return { ifindex: link.ifindex, ethernet: isEthernet(link) }
  return name.startsWith(gone) ? { ifindex: Number(name.slice(gone.length)), ethernet: false } : null
}

export function isEthernet({ hardwareType }: Pick<LiveLink, 'hardwareType'>): boolean {
  return ethernetTypes.has(hardwareType)
}

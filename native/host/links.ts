// SPDX-License-Identifier: MIT
/**
 * The interfaces of one network namespace as the model has them. For planes that make interfaces of their own;
 * which of them are whose is told from the alias alone.
 */
import { ExitCode, LvnError } from '../../src/diag/error.ts'
import type { LiveLink } from '../../src/model/state.ts'
import { changeLink, deleteLink, type Link, type LinkChange } from '../netlink/link.ts'
import { Rtnetlink } from '../netlink/rtnetlink.ts'
import { parseAlias } from './alias.ts'

export interface Links {
  all(): readonly LiveLink[]
  /** Null: there is none of that name. */
  find(name: string): LiveLink | null
  /** Throws an LvnError where there is none of that name. */
  get(name: string): LiveLink
  set(ifindex: number, change: LinkChange): void
  delete(ifindex: number): void
  close(): void
}

/** Of the namespace that the thread is in. */
export function openLinks(): Links {
  const rtnetlink = new Rtnetlink()
  const find = (name: string): LiveLink | null => {
    const link = rtnetlink.link(name)
    return link === null ? null : liveLink(link)
  }
  return {
    all: () => rtnetlink.links().map(liveLink),
    find,
    get: (name) => {
      const link = find(name)
      if (link === null) throw noInterface(name)
      return link
    },
    set: (ifindex, change) => void rtnetlink.request(changeLink(numbered(ifindex), change)),
    delete: (ifindex) => void rtnetlink.request(deleteLink(numbered(ifindex))),
    close: () => rtnetlink.close(),
  }
}

/** Kinds of interfaces that a plane's device can be. The alias of any other says nothing: everybody can set one. */
const deviceKinds: ReadonlySet<string | null> = new Set(['tun', 'lvn'])

export function liveLink(link: Link): LiveLink {
  return { ...link, owner: deviceKinds.has(link.kind) ? parseAlias(link.alias) : null }
}

/** The sentence for a name that no interface has. */
export function noInterface(name: string): LvnError {
  return new LvnError('LVN7025', ExitCode.internal, `there is no interface ${name}`)
}

function numbered(ifindex: number): { ifindex: number; name: string } {
  return { ifindex, name: `number ${ifindex}` }
}

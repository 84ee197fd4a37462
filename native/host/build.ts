// SPDX-License-Identifier: MIT
/**
 * Building blocks for test networks: veth pairs, addresses, routes with gateways, sysctls. Everything acts in
 * the network namespace that the thread is in (`withNetns`); nothing is marked as an overlay's.
 */

import { ExitCode, LvnError } from '../../src/diag/error.ts'
import { type Address, type Prefix, parseAddress, parsePrefix } from '../../src/model/address.ts'
import { mainTable } from '../../src/model/own-tables.ts'
import type { Fd } from '../addon/index.ts'
import { addAddress as addAddressRequest } from '../netlink/address.ts'
import { addVeth, changeLink, deleteLink as deleteLinkRequest, type LinkChange } from '../netlink/link.ts'
import { addRoute as addRouteRequest, RTN } from '../netlink/route.ts'
import { Rtnetlink } from '../netlink/rtnetlink.ts'
import { requireInterfaceName } from './interface-name.ts'
import { noInterface } from './links.ts'

export { readSysctl, writeSysctl } from './proc-sys.ts'

/** One end of a veth pair; without `netnsFd` it is made in the thread's own namespace. */
export interface VethEnd {
  readonly name: string
  readonly netnsFd?: Fd
}

export interface BuildRoute {
  /** `default` takes the gateway's family. */
  readonly destination: Prefix | 'default'
  readonly device: string
  readonly gateway?: Address
  /** Reach the gateway on `device`, whatever its addresses say. */
  readonly onlink?: boolean
}

/** RTPROT_STATIC: set by an administrator. */
const protocolStatic = 4

export function makeVeth(a: VethEnd, b: VethEnd): void {
  for (const { name } of [a, b]) requireInterfaceName(name)
  const end = ({ name, netnsFd }: VethEnd) => ({ name, netnsFd: netnsFd ?? null })
  withRtnetlink((rtnetlink) => rtnetlink.request(addVeth(end(a), end(b))))
}

/** `cidr` is an address with its prefix length, host bits kept: `192.0.2.1/24`. */
export function addAddress(device: string, cidr: string): void {
  const address = parseAddress(cidr.slice(0, Math.max(0, cidr.indexOf('/'))))
  if (address === undefined || parsePrefix(cidr) === undefined) {
    throw new LvnError('LVN7027', ExitCode.internal, `\`${cidr}\` is no address with a prefix length`)
  }
  const prefixLength = Number(cidr.slice(cidr.indexOf('/') + 1))
  withRtnetlink((rtnetlink) => {
    const { ifindex } = linkOf(rtnetlink, device)
    const added = { ifindex, address, prefixLength, protocol: 0, noPrefixRoute: false }
    rtnetlink.request(addAddressRequest(added, device))
  })
}

export function addRoute({ destination, device, gateway, onlink = false }: BuildRoute): void {
  const anywhere = (gateway?.includes(':') ? '::/0' : '0.0.0.0/0') as Prefix
  withRtnetlink((rtnetlink) =>
    rtnetlink.request(
      addRouteRequest({
        destination: destination === 'default' ? anywhere : destination,
        table: mainTable,
        type: RTN.unicast,
        protocol: protocolStatic,
        ifindex: linkOf(rtnetlink, device).ifindex,
        gateway: gateway ?? null,
        onlink,
        metric: 0,
        mtu: null,
      }),
    ),
  )
}

export function linkUp(name: string): void {
  change(name, { up: true })
}

export function setMtu(name: string, mtu: number): void {
  change(name, { mtu })
}

export function deleteLink(name: string): void {
  withRtnetlink((rtnetlink) => rtnetlink.request(deleteLinkRequest(linkOf(rtnetlink, name))))
}

function change(name: string, what: LinkChange): void {
  withRtnetlink((rtnetlink) => rtnetlink.request(changeLink(linkOf(rtnetlink, name), what)))
}

function linkOf(rtnetlink: Rtnetlink, name: string) {
  const link = rtnetlink.link(name)
  if (link === null) throw noInterface(name)
  return link
}

/** A socket for one call: it must be of the namespace that the thread is in now. */
function withRtnetlink<T>(use: (rtnetlink: Rtnetlink) => T): T {
  const rtnetlink = new Rtnetlink()
  try {
    return use(rtnetlink)
  } finally {
    rtnetlink.close()
  }
}

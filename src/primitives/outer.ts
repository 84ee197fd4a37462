// SPDX-License-Identifier: MIT
/**
 * The outer side of a tunnel: its endpoints and the underlay interface, what is not given found out from the
 * kernel's own routing decision.
 */
import { type Address, type Endpoint, type Family, familyOf } from '../model/address.ts'
import type { Kernel } from '../model/kernel.ts'
import type { LiveLink, TunnelSpec, UnderlayPath } from '../model/state.ts'
import { checkUnderlays } from './device.ts'
import { insideItself, localNeeded, notLocal, noWay, otherFamily, remoteNeeded } from './refusals.ts'
import { checkPort, defaultPort } from './values.ts'

export interface OuterWish {
  /** Absent: the address that the kernel would send from; the port 50000. */
  readonly local?: Partial<Endpoint> | undefined
  /** Null: unknown until it is learned. Without a port, 50000. */
  readonly remote?: Partial<Endpoint> | null | undefined
  /** Checked against the addresses, which alone decide. */
  readonly family?: Family | undefined
  /** Interface that outer packets leave by; absent: the route's. */
  readonly underlay?: string | undefined
}

export type Outer = Pick<TunnelSpec, 'local' | 'remote' | 'underlay'>

/** What the network stack says of the ends of tunnels, asked once. */
export interface Surroundings {
  readonly links: readonly LiveLink[]
  readonly addresses: ReadonlySet<Address>
  /** By remote address. */
  readonly paths: ReadonlyMap<Address, UnderlayPath>
}

export function surroundings(kernel: Kernel, wishes: readonly OuterWish[]): Surroundings {
  const { links, addresses } = kernel.host.interfaces()
  const remotes = new Set(wishes.flatMap(({ remote }) => remote?.address ?? []))
  return {
    links,
    addresses: new Set(addresses.map(({ address }) => address)),
    paths: new Map(kernel.host.paths([...remotes]).map((path) => [path.remote, path])),
  }
}

export function outerOf({ links, addresses, paths }: Surroundings, device: string, wish: OuterWish): Outer {
  const remote = wish.remote ? remoteOf(wish.remote) : null
  const via = remote === null ? null : (paths.get(remote.address)?.via ?? null)
  if (remote !== null && via?.interface === device) throw insideItself(remote.address, device)
  if (remote !== null && via === null && wish.underlay === undefined) throw noWay(remote.address)
  const given = wish.local?.address
  const source = given ?? via?.source
  if (source === undefined) throw localNeeded()
  const family = wish.family ?? familyOf(source)
  if (familyOf(source) !== family) throw otherFamily('local', source, family)
  if (remote !== null && familyOf(remote.address) !== family)
    throw otherFamily('remote', remote.address, family)
  if (!addresses.has(source)) throw notLocal(source)
  const [underlay = via?.interface ?? null] = checkUnderlays(
    wish.underlay === undefined ? [] : [wish.underlay],
    links,
  )
  return {
    local: endpoint(source, wish.local?.port, 'local'),
    remote,
    underlay: remote === null ? null : underlay,
  }
}

function remoteOf({ address, port }: Partial<Endpoint>): Endpoint {
  if (address === undefined) throw remoteNeeded()
  return endpoint(address, port, 'remote')
}

function endpoint(address: Address, port: number | undefined, what: string): Endpoint {
  return { address, port: checkPort(port ?? defaultPort, what) }
}

// SPDX-License-Identifier: MIT
/**
 * A tunnel on every leg of a chain, of each kind that is compared.
 */

import type { Prefix } from '../../src/model/address.ts'
import type { Netns } from '../../test/support/netns.ts'
import {
  add,
  applyAll,
  device,
  endpoint,
  type OpenPlane,
  rule,
  tunnel,
} from '../../test/support/plane-world.ts'
import { type Chain, destination, overlay, source, underlay } from './chain.ts'

/** Brings tunnels up: the near end's device for each leg, and how to take all away. */
export type MakeTunnels = (
  chain: Chain,
  number: number,
) => { readonly devices: readonly string[]; readonly away: () => void }

/** `kind(leg, dev, local, remote)`: the arguments of `ip link add NAME type`. */
function inTree(
  name: string,
  kind: (leg: number, dev: string, local: string, remote: string) => readonly string[],
): MakeTunnels {
  return (chain, number) => {
    const ends = chain.legs.flatMap(({ leg, near, far }) => {
      const [outer, inner] = [underlay(leg), overlay(number, leg)]
      return [
        { ns: near, dev: `${name}${leg}`, kind: kind(leg, 'next', outer.near, outer.far), inner: inner.near },
        { ns: far, dev: `${name}${leg}`, kind: kind(leg, 'prev', outer.far, outer.near), inner: inner.far },
      ]
    })
    for (const { ns, dev, kind, inner } of ends) {
      ns.run('ip', 'link', 'add', dev, 'type', ...kind)
      ns.run('ip', 'addr', 'add', `${inner}/24`, 'dev', dev)
      ns.run('ip', 'link', 'set', dev, 'up')
    }
    const away = () => {
      for (const { ns, dev } of ends) ns.run('ip', 'link', 'del', dev)
    }
    return { devices: chain.legs.map(({ leg }) => `${name}${leg}`), away }
  }
}

export const fou: MakeTunnels = (chain, number) => {
  for (const ns of chain.hosts) ns.run('ip', 'fou', 'add', 'port', '5555', 'ipproto', '4')
  const made = inTree('fou', (_leg, _dev, local, remote) => [
    ...['ipip', 'local', local, 'remote', remote, 'ttl', '64'],
    ...['encap', 'fou', 'encap-sport', '5555', 'encap-dport', '5555'],
  ])
  const { devices, away } = made(chain, number)
  const portsToo = () => {
    away()
    for (const ns of chain.hosts) ns.run('ip', 'fou', 'del', 'port', '5555')
  }
  return { devices, away: portsToo }
}

export const vxlan: MakeTunnels = inTree('vx', (leg, dev, _local, remote) => [
  ...['vxlan', 'id', `${7 + leg}`, 'remote', remote, 'dstport', '4789', 'dev', dev],
])

/** The hub is the last host but one, and has `tunnels` of them, or two where it stands between two spokes. */
export function lvn(open: OpenPlane, tunnels: number): MakeTunnels {
  return (chain, number) => {
    const hub = chain.hosts.length - 2
    for (const [host, ns] of chain.hosts.entries()) {
      if (host === hub) makeHub(ns, open, number, hub, tunnels)
      else if (host < hub) makeSpoke(ns, open, number, host, 'next')
      else makeSpoke(ns, open, number, hub, 'prev')
    }
    const away = () => {
      for (const ns of chain.hosts) applyAll(ns, open, [{ op: 'delete', kind: 'device', name: 'lvn0' }])
    }
    return { devices: chain.legs.map(() => 'lvn0'), away }
  }
}

function makeHub(ns: Netns, open: OpenPlane, number: number, leg: number, tunnels: number): void {
  const others = Array.from({ length: tunnels - 1 }, (_, i) => i)
  const sides = [
    ...(leg === 0 ? [] : [{ ...side(number, leg - 1, 'prev'), behind: source }]),
    { ...side(number, leg, 'next'), behind: destination },
  ]
  applyAll(ns, open, [
    add.device(
      {
        ...device('lvn0', 'multi', 1472, ...sides.map(({ dev }) => dev)),
        destinations: prefixes('10.0.0.0/8', source, destination),
      },
      16_384,
    ),
    // Nobody is there: keepalives would fill the table of neighbours, which then drops the packets of all.
    ...others.map((i) =>
      add.tunnel({
        ...tunnel(`s${i}`, endpoint(underlay(leg).near), endpoint(`203.0.${i >> 8}.${i & 255}`), 'next'),
        keepalive: { intervalMs: 0, deadMs: 0 },
      }),
    ),
    ...sides.map(({ dev, local, remote }) => add.tunnel(tunnel(dev, endpoint(local), endpoint(remote), dev))),
    ...others.map((i) => add.rule(rule(`10.250.${i >> 8}.${i & 255}/32`, `s${i}`))),
    ...sides.flatMap(({ dev, behind, peer }) => [
      add.rule(rule(behind, dev)),
      add.rule(rule(`${peer}/32`, dev)),
    ]),
  ])
  for (const { own } of sides) ns.run('ip', 'addr', 'add', `${own}/24`, 'dev', 'lvn0')
}

function makeSpoke(ns: Netns, open: OpenPlane, number: number, leg: number, dev: 'prev' | 'next'): void {
  const { local, remote, own } = side(number, leg, dev)
  const behind = dev === 'next' ? source : destination
  applyAll(ns, open, [
    add.device({ ...device('lvn0', 'fixed', 1472, dev), destinations: prefixes(`${own}/32`, behind) }, 1),
    add.tunnel(tunnel('hub', endpoint(local), endpoint(remote), dev)),
  ])
  ns.run('ip', 'addr', 'add', `${own}/24`, 'dev', 'lvn0')
}

/** Where packets out of its tunnels may go, as a file of these hosts would have it. */
const prefixes = (...list: string[]): Prefix[] => list as Prefix[]

/** A leg as the host sees it whose device towards the other end is `dev`. */
function side(number: number, leg: number, dev: 'prev' | 'next') {
  const [outer, inner] = [underlay(leg), overlay(number, leg)]
  return dev === 'next'
    ? { dev, local: outer.near, remote: outer.far, own: inner.near, peer: inner.far }
    : { dev, local: outer.far, remote: outer.near, own: inner.far, peer: inner.near }
}

// SPDX-License-Identifier: MIT
/**
 * A walk from file to file: an overlay of up to two hubs and several spokes, and moves that rename, swap, re-home, add,
 * drop and readdress. Which move and of whom is drawn from a number, so that a list of numbers is a walk, and a shorter
 * list a shorter one.
 *
 * Sites 1 to 6 are machines: a hub and the spokes `one` and `two`, which stay as they are, two spokes and a hub that are
 * moved. Spokes elsewhere are in the file alone.
 */
import { siteAddress } from './sites.ts'

export interface Hub {
  readonly site: number
  name: string
  which: number
  port: number
  /** Of its device; null: as the underlay has it. */
  mtu: number | null
}

export interface Spoke {
  /** Where it is; null: behind a NAT. */
  site: number | null
  readonly home: number
  name: string
  which: number
  port: number
  /** Third byte of its inner address. */
  inner: number
  routed: boolean
  /** Sites of hubs. */
  via: number[]
  seconds: number
  mtu: number | null
}

export interface Draft {
  overlay: string
  seconds: number
  routed: boolean
  hubs: Hub[]
  spokes: Spoke[]
  /** Who must not reach whom, by home; counts while both are there. */
  denied: (readonly [from: number, to: number])[]
}

export const sitesOfWalk = 6

export interface InnerAddresses {
  readonly v4: string
  readonly v6: string
}

export const ofHub = (site: number): InnerAddresses => ({ v4: `10.64.0.${site}`, v6: `fd42:64::${site}` })
export const ofSpoke = (inner: number): InnerAddresses => ({
  ...{ v4: `10.64.${inner}.1`, v6: `fd42:64:0:${inner}::1` },
})

export function firstDraft(): Draft {
  const spoke = (site: number, name: string, inner: number): Spoke => ({
    ...{
      site,
      home: site,
      name,
      which: 1,
      port: 50_000,
      inner,
      routed: false,
      via: [1],
      seconds: 20,
      mtu: null,
    },
  })
  return {
    ...{ overlay: 'mitte', seconds: 20, routed: false, denied: [] },
    hubs: [
      { site: 1, name: 'anchor', which: 1, port: 50_000, mtu: null },
      { site: 6, name: 'fra', which: 1, port: 50_000, mtu: null },
    ],
    spokes: [
      spoke(2, 'one', 1),
      spoke(3, 'two', 2),
      spoke(4, 'kirche', 4),
      { ...spoke(5, 'dom', 5), via: [1, 6] },
      spoke(7, 'dach', 7),
    ],
  }
}

export function textOf({ overlay, seconds, routed, hubs, spokes, denied }: Draft): string {
  const nameAt = (site: number) => hubs.find((hub) => hub.site === site)?.name as string
  const nameOf = (at: number) => spokes.find(({ home }) => home === at)?.name
  const device = (addresses: InnerAddresses, mtu: number | null) =>
    `device lvn0 { address ${addresses.v4}, ${addresses.v6}${mtu === null ? '' : `; mtu ${mtu}`} }`
  const hubLines = hubs.map(({ site, name, which, port, mtu }) => {
    const routes = routed && site === 1 ? '; routes 10.64.200.0/24' : ''
    return `hub ${name} { listen ${siteAddress(site, which)}:${port}; ${device(ofHub(site), mtu)}${routes} }`
  })
  const spokeLines = spokes.map((spoke) => {
    const { site, which, port, inner, via, mtu } = spoke
    const endpoint = site === null ? 'nat' : `${siteAddress(site, which)}:${port}`
    const routes = spoke.routed ? `; routes 10.64.${inner}.0/24` : ''
    const homes = `via ${via.map(nameAt).join(', ')}; keepalive every ${spoke.seconds}s`
    return `spoke ${spoke.name} { endpoint ${endpoint}; ${device(ofSpoke(inner), mtu)}${routes}; ${homes} }`
  })
  const policies = denied.flatMap((pair) => {
    const [from, to] = pair.map(nameOf)
    return from === undefined || to === undefined ? [] : `deny ${from} -> ${to}`
  })
  const lines = [
    'net 10.64.0.0/16, fd42:64::/48',
    `keepalive every ${seconds}s`,
    ...hubLines,
    ...spokeLines,
    ...policies,
  ]
  return `lvn 1\noverlay ${overlay} {\n  ${lines.join('\n  ')}\n}\n`
}

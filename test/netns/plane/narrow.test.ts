// SPDX-License-Identifier: MIT
/**
 * A path that is narrower than the first interface, on each plane: the hub's routes know of it, so that its own stack
 * answers what is too large and TCP keeps to what fits.
 *
 *     hub eth0 9000 ─── router ─── 1500 eth0 wide
 *                              └── 1492 eth0 narrow l0 ─── eth0 lan     10.64.2.0/24, fd42:64:0:2::/64
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Host, type SpokeMachine } from '../../support/host.ts'
import { connect, Netns } from '../../support/netns.ts'
import { reaches } from '../../support/plane-world.ts'
import { planeKinds } from '../../support/planes.ts'
import { linesOf, Site } from '../../support/sites.ts'
import { transferTcp } from '../../support/transfer.ts'

const largest = { wide: 1472, narrow: 1464 }

const atMost = new RegExp(`mtu(: | ?= ?)${largest.narrow}`)

let hub: Host
let wide: SpokeMachine
let narrow: SpokeMachine
let lan: Netns
let sites: Record<'gw' | 'wide' | 'narrow', Site>

const source = (mtu: string) => `lvn 1
overlay mitte {
  net 10.64.0.0/16, fd42:64::/48
  hub gw { listen 198.51.100.10; address 10.64.0.1, fd42:64::1 }
  spoke wide { endpoint ${wide.v4}; device lvn0 { address 10.64.1.1, fd42:64:0:1::1; mtu ${largest.wide} } }
  spoke narrow {
    endpoint ${narrow.v4}
    device lvn0 { address 10.64.2.1, fd42:64:0:2::1; mtu ${mtu} }
    routes 10.64.2.0/24, fd42:64:0:2::/64
  }
}
`

/** A packet of `size` bytes that no router may break; what ping says. */
function pingWhole(ns: Netns, to: string, size: number): string {
  const headers = (to.includes(':') ? 40 : 20) + 8
  const sized = ['-s', String(size - headers), '-M', 'do']
  const { stdout, stderr } = ns.try('ping', '-n', '-c1', '-W5', ...sized, to)
  return `${stdout}${stderr}`
}

describe.each(planeKinds)('plane %s', (_, open) => {
  beforeEach(async () => {
    hub = new Host('gw')
    wide = hub.addSpoke('wide')
    narrow = hub.addSpoke('narrow')
    lan = new Netns('lan')
    connect(
      { ns: narrow.ns, dev: 'l0', addresses: ['10.64.2.3/24', 'fd42:64:0:2::3/64'] },
      { ns: lan, dev: 'eth0', addresses: ['10.64.2.2/24', 'fd42:64:0:2::2/64'] },
    )
    lan.ip('route add default via 10.64.2.3', 'route add default via fd42:64:0:2::3')
    for (const [ns, dev, mtu] of [
      [hub.ns, 'eth0', 9000],
      [hub.router, 'u0', 9000],
      [hub.router, 's2', 1492],
      [narrow.ns, 'eth0', 1492],
    ] as const)
      ns.ip(`link set ${dev} mtu ${mtu}`)
    sites = {
      ...{ gw: new Site(hub.ns, open), wide: new Site(wide.ns, open), narrow: new Site(narrow.ns, open) },
    }
    for (const [node, site] of Object.entries(sites)) site.apply(source(String(largest.narrow)), node)
    for (const to of ['10.64.2.2', 'fd42:64:0:2::2']) {
      await reaches(wide.ns, to)
      await reaches(hub.ns, to)
    }
  })

  afterEach(() => {
    for (const site of Object.values(sites)) site.close()
    lan.dispose()
    hub.dispose()
  })

  test('a packet that is too large for the way behind the hub is answered, and does not vanish', () => {
    for (const to of ['10.64.2.1', 'fd42:64:0:2::1', '10.64.2.2', 'fd42:64:0:2::2']) {
      expect(pingWhole(hub.ns, to, largest.narrow)).toContain(' 0% packet loss')
      expect(pingWhole(wide.ns, to, largest.narrow)).toContain(' 0% packet loss')
      expect(pingWhole(hub.ns, to, largest.wide)).toMatch(atMost)
      expect(pingWhole(wide.ns, to, largest.wide)).toMatch(
        new RegExp(`From (10\\.64\\.0\\.1|fd42:64::1) .*${atMost.source}`),
      )
    }
  })

  test('TCP from the hub and through it into a LAN behind the narrow path flows', async () => {
    for (const from of [hub.ns, wide.ns]) {
      for (const to of ['10.64.2.2', 'fd42:64:0:2::2']) {
        const { sent, arrived } = await transferTcp(from, lan, to, 2_000_000)
        expect(arrived).toEqual(sent)
      }
    }
  })

  test('a changed MTU changes the routes in place, another apply nothing, and a plan says what is narrow', () => {
    const { gw } = sites
    const route = (mtu: number) => `~ route 10.64.2.0/24 mtu ${mtu} → 1400`
    const lines = () => linesOf(gw.plan(source('1400'), 'gw'))
    expect(lines()).toContain(route(largest.narrow))
    expect(
      gw
        .plan(source('1400'), 'gw')
        .notes.map(({ id, note }) => `${id}: ${note}`)
        .join(),
    ).toMatch(/device lvn0: wide \(1472 bytes\), narrow \(1400 bytes\) take smaller packets than its 8972/)
    gw.apply(source('1400'), 'gw')
    expect(hub.ns.run('ip', 'route', 'show', '10.64.2.0/24', 'proto', '76')).toContain('mtu 1400')
    hub.ns.ip('route change 10.64.2.0/24 dev lvn0 proto 76 scope link mtu 1300')
    expect(lines()).toEqual([route(1300)])
  })
})

// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest'
import type { Prefix } from '../../../src/model/address.ts'
import { type LiveFilter, openFamily } from '../../../src/model/filter.ts'
import { type Drops, dropReasons, type LiveLink, type LiveTunnel } from '../../../src/model/state.ts'
import { policiesOf } from '../../../src/shell/cli/format-policies.ts'
import {
  formatShow,
  inOrder,
  type Shown,
  showSubjects,
  tunnelState,
} from '../../../src/shell/cli/format-show.ts'
import { plain } from '../../../src/shell/cli/output.ts'
import { device, tunnel } from './plans.ts'

const noDrops = Object.fromEntries(dropReasons.map((reason) => [reason, 0])) as Record<string, number>
const counters = {
  rxPackets: 12_345,
  rxBytes: 15_728_640,
  txPackets: 3,
  txBytes: 252,
  dropped: 0,
  sinceRxMs: 4200,
  sinceTxMs: null,
}
const live: LiveTunnel = { ...tunnel, id: 1, counters }
const filter = (name: string, policies: readonly string[], intact = true): LiveFilter => ({
  ...{ device: name, owner: { overlay: 'mitte', node: 'gw1' }, policies, intact },
  ...{ ipv4: openFamily, ipv6: openFamily },
})
const state: Shown = {
  devices: [
    {
      ...device,
      plane: 'ebpf',
      ifindex: 7,
      up: true,
      capacity: 1024,
      intact: true,
      drops: { ...noDrops, 'bad-source': 12, 'no-rule': 3 } as Drops,
    },
  ],
  tunnels: [
    live,
    {
      ...live,
      name: 'rathaus',
      remote: null,
      underlay: null,
      counters: { ...counters, rxPackets: 0, rxBytes: 0, sinceRxMs: null },
    },
  ],
  rules: [{ device: 'lvn0', prefix: '10.64.1.0/24' as Prefix, tunnel: 'kirche' }],
  policies: policiesOf([
    filter('lvn1', ['deny any -> any'], false),
    filter('lvn0', ['deny rathaus -> kirche', 'allow any -> gw1']),
    { ...filter('eth0', []), owner: null },
  ]),
}

describe('formatShow', () => {
  it('prints the tables asked for', () => {
    expect(formatShow(state, showSubjects, plain)).toBe(`\
DEVICE  NODE       STATE  MODE   PLANE   MTU  OVER  TUNNELS  RULES  DROPS
lvn0    mitte/gw1  up     multi  ebpf   1452  eth0   2/1024      1  no-rule 3, bad-source 12

TUNNEL        STATE    REMOTE             RX PKTS      RX  TX PKTS     TX  DROPPED  LAST RECEIVED
lvn0/kirche   active   203.0.113.7:50000   12.3 k  15 MiB        3  252 B        0  4 s ago
lvn0/rathaus  pending  -                        0     0 B        3  252 B        0  never

DEVICE  INNER DESTINATION  TUNNEL
lvn0    10.64.1.0/24       kirche
1 rule

DEVICE  NODE       FILTER   POLICY
lvn0    mitte/gw1  intact   deny rathaus -> kirche
lvn0    mitte/gw1  intact   allow any -> gw1
lvn1    mitte/gw1  damaged  deny any -> any
3 policies`)
  })

  it('puts rules in the order of their addresses, tunnels in that of their making', () => {
    const rule = (device: string, prefix: string) => ({ device, prefix: prefix as Prefix, tunnel: 'kirche' })
    const wanted = [
      rule('lvn0', '10.9.0.0/16'),
      rule('lvn0', '10.9.0.0/24'),
      rule('lvn0', '10.10.0.0/16'),
      rule('lvn0', 'fd42::/64'),
      rule('lvn1', '10.1.0.0/16'),
    ]
    const tunnels = [{ ...live, id: 2 }, live]
    const sorted = inOrder({ devices: [], tunnels, rules: wanted.toReversed() })
    expect(sorted.rules).toEqual(wanted)
    expect(sorted.tunnels.map(({ id }) => id)).toEqual([1, 2])
  })

  it('names the XDP programs where a device receives', () => {
    const link = {
      name: 'eth0',
      ifindex: 2,
      kind: null,
      mtu: 1500,
      up: true,
      hardwareType: 1,
      alias: null,
      owner: null,
    }
    const shown = (links: readonly LiveLink[]) =>
      formatShow({ ...state, links }, ['devices'], plain)
        .split('\n')
        .slice(2)
    expect(
      shown([
        { ...link, xdp: 457 },
        { ...link, name: 'eth7', xdp: 9 },
      ]),
    ).toEqual(['', 'XDP program (id 457): runs on eth0 before lvn0 receives there, and may take its packets'])
    expect(shown([{ ...link, xdp: 0 }])[1]).toContain('XDP programs: run on eth0')
    expect(shown([link])).toEqual([])
  })

  it('says so when there is nothing', () => {
    expect(formatShow({ devices: [], tunnels: [], rules: [], policies: [] }, ['tunnels'], plain)).toBe(
      'No devices of L-VN in this network namespace.',
    )
    expect(formatShow({ ...state, tunnels: [] }, ['tunnels'], plain)).toBe('No tunnels.')
    expect(formatShow({ ...state, policies: [] }, ['policies'], plain)).toBe('No policies.')
  })

  it('reads the state of a tunnel off its counters', () => {
    const since = (sinceRxMs: number | null) => tunnelState({ ...live, counters: { ...counters, sinceRxMs } })
    expect([since(null), since(90_000), since(90_001)]).toEqual(['unheard', 'active', 'silent'])
    expect(tunnelState({ ...live, remote: null })).toBe('pending')
  })
})

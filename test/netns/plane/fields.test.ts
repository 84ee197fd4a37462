// SPDX-License-Identifier: MIT
/**
 * Each field of the outer and of the inner header, changed alone: what it makes of a packet that would be the peer's.
 * Each packet is followed by one that is, so that there is something to wait for.
 *
 *     peer eth0 ─── eth0 hub      192.0.2.2, 2001:db8:1::2 and 192.0.2.1, 2001:db8:1::1 of port 50000: the tunnel
 *                                 192.0.2.9, 2001:db8:1::9 and port 50001 are the hub's, too, for other tunnels
 *     lvn0 multi on the hub, 10.64.0.1, fd42::1. Behind the peer's tunnel over IPv4 are 10.64.1.1 and fd42:1::1, behind
 *     that over IPv6 10.64.3.1 and fd42:3::1, behind another 10.64.2.1 and fd42:2::1. Behind both are addresses of one
 *     link (fe80::/10), and those beside them
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Header, ipPacket, packet, type UdpHeader } from '../../support/frame.ts'
import { connect, Netns, until } from '../../support/netns.ts'
import {
  add,
  applyAll,
  device,
  endpoint,
  type OpenPlane,
  rule,
  snapshot,
  tunnel,
} from '../../support/plane-world.ts'
import { planesOfOwnLogic } from '../../support/planes.ts'

const outer = {
  v4: { hub: '192.0.2.1', alias: '192.0.2.9', peer: '192.0.2.2', stranger: '192.0.2.3', type: '0800' },
  v6: {
    hub: '2001:db8:1::1',
    alias: '2001:db8:1::9',
    peer: '2001:db8:1::2',
    stranger: '2001:db8:1::3',
    type: '86dd',
  },
} as const
type Family = keyof typeof outer
/** By inner family; `from` by the outer one. */
const inner = {
  v4: { from: { v4: '10.64.1.1', v6: '10.64.3.1' }, other: '10.64.2.1', to: '10.64.0.1' },
  v6: { from: { v4: 'fd42:1::1', v6: 'fd42:3::1' }, other: 'fd42:2::1', to: 'fd42::1' },
} as const
const families = ['v4', 'v6'] as const
/** By outer family: rules lead to them, one after the other. */
const linkLocal = { v4: ['fe80::4', 'febf:ffff::4'], v6: ['fe80::6', 'febf:ffff::6'] } as const
const besideLinkLocal = { v4: ['fe7f:ffff::4', 'fec0::4'], v6: ['fe7f:ffff::6', 'fec0::6'] } as const

/** Bytes that are nobody's, in a packet whose protocol nobody knows. */
const contents = Buffer.from('here is nothing that anybody would answer')
/** The same, and longer than anything that is changed. */
const marker = Buffer.concat([contents, Buffer.alloc(200)])
const noNextHeader = 59

interface Change {
  readonly ip?: Partial<Header>
  readonly udp?: Partial<UdpHeader>
  readonly inner?: Partial<Header>
  readonly innerFamily?: Family
  readonly contents?: Buffer
  /** Behind the packet, as some interfaces fill up short frames. */
  readonly padding?: number
  /** The frame's destination is not the hub's interface. */
  readonly mac?: string
}

/** Bytes of an inner packet, and of an outer one, as their headers should say. */
const innerSize = { v4: 20 + contents.length, v6: contents.length } as const
const outerSize = (family: Family, innerFamily: Family) =>
  (family === 'v4' ? 20 : 0) + 8 + contents.length + (innerFamily === 'v4' ? 20 : 40)

function frame(family: Family, change: Change): Buffer {
  const { ip, udp, inner: changed, innerFamily = 'v4', padding = 0 } = change
  const { from, to } = inner[innerFamily]
  const header = { from: from[family], to, ...changed }
  const payload = ipPacket(header, noNextHeader, change.contents ?? contents)
  const { hub, peer } = outer[family]
  const whole = packet({ from: peer, to: hub, ...ip }, { from: 50_000, to: 50_000, ...udp }, payload)
  return Buffer.concat([whole, Buffer.alloc(padding, 0xff)])
}

const refusedOuter = (family: Family): readonly (readonly [string, Change])[] => {
  const size = outerSize(family, 'v4')
  const udpSize = 8 + 20 + contents.length
  return [
    ['another local address of the hub', { ip: { to: outer[family].alias } }],
    ['another remote address', { ip: { from: outer[family].stranger } }],
    ['another remote port', { udp: { from: 50_002 } }],
    ['another local port of the hub', { udp: { to: 50_001 } }],
    ['another version', { ip: { version: family === 'v4' ? 6 : 4 } }],
    ['a length of IP beyond the frame', { ip: { length: size + 1 } }],
    ['a length of IP without UDP', { ip: { length: family === 'v4' ? 20 : 0 } }],
    ['a length of IP that cuts the inner packet', { ip: { length: size - 1 } }],
    ['a length of UDP beyond that of IP', { udp: { length: udpSize + 1 }, padding: 4 }],
    ['a length of UDP that cuts the inner packet', { udp: { length: udpSize - 1 } }],
    ['a length of UDP without contents', { udp: { length: 8 } }],
    ['a checksum of UDP that is wrong', { udp: { checksum: 'wrong' } }],
    ['a TTL that has come to its end', { ip: { ttl: 0 } }],
    ['another host’s hardware address', { mac: '020000000099' }],
    ...(family === 'v4' ? [['a checksum of IP that is wrong', { ip: { wrongBy: 1 } }] as const] : []),
  ]
}

const takenOuter: readonly (readonly [string, Change])[] = [
  ['a checksum of UDP that is right', { udp: { checksum: 'right' } }],
  ['padding behind the packet', { padding: 7 }],
  ['a TTL of one', { ip: { ttl: 1 } }],
]

const refusedInner = (family: Family): readonly (readonly [string, Change])[] => [
  ['a source behind another tunnel', { inner: { from: inner[family].other } }],
  ['a source behind none', { inner: { from: family === 'v4' ? '10.99.0.1' : 'fd99::1' } }],
  ['another version', { inner: { version: 7 } }],
  ['the other family’s version', { inner: { version: family === 'v4' ? 6 : 4 } }],
  ['a length beyond the outer packet', { inner: { length: innerSize[family] + 1 } }],
  ['a length that reaches into the padding', { inner: { length: innerSize[family] + 1 }, padding: 4 }],
  ...(family === 'v4' ? [['a length shorter than the header', { inner: { length: 19 } }] as const] : []),
]

describe.each(planesOfOwnLogic)('plane %s', (_, open) => {
  let hub: Netns
  let peer: Netns
  let hubMac: string
  let peerIndex: number

  beforeAll(() => {
    ;[hub, peer] = [new Netns('hub'), new Netns('peer')]
    connect(
      {
        ns: hub,
        dev: 'eth0',
        addresses: ['192.0.2.1/24', '192.0.2.9/24', '2001:db8:1::1/64', '2001:db8:1::9/64'],
      },
      { ns: peer, dev: 'eth0', addresses: ['192.0.2.2/24', '2001:db8:1::2/64'] },
    )
    overlay(hub, open)
    hubMac = linkOf(hub).address.replaceAll(':', '')
    peerIndex = linkOf(peer).ifindex
  })

  afterAll(() => {
    for (const ns of [hub, peer]) ns?.dispose()
  })

  /** Sends a packet to the hub; has the hub taken it? One that it does take comes behind it. */
  async function isTaken(family: Family, changed: Change): Promise<boolean> {
    const frames = [changed, { contents: marker }].map((change: Change) => {
      const head = `${change.mac ?? hubMac}020000000001${outer[family].type}`
      return head + frame(family, change).toString('hex')
    })
    const counters = () => snapshot(hub, open).tunnels.find(({ name }) => name === `peer-${family}`)?.counters
    const before = counters()
    const done = (before?.rxBytes ?? 0) + 20 + marker.length
    const script = `
      socket(my $s, 17, 3, 0) || die $!; # AF_PACKET, SOCK_RAW
      for (@ARGV) { send($s, pack("H*", $_), 0, pack("SniSCCa8", 17, 0, ${peerIndex}, 0, 0, 0, "")) || die $! }`
    peer.run('perl', '-e', script, ...frames)
    await until('the one behind it has come', () => (counters()?.rxBytes ?? 0) >= done, 60_000)
    return (counters()?.rxPackets ?? 0) - (before?.rxPackets ?? 0) === 2
  }

  describe.each(families)('outer %s', (family) => {
    test.each(refusedOuter(family))('%s is refused', async (_, change) => {
      expect(await isTaken(family, change)).toBe(false)
    })

    test.each(takenOuter)('%s is taken', async (_, change) => {
      expect(await isTaken(family, change)).toBe(true)
    })

    describe.each(families)('inner %s', (innerFamily) => {
      test.each(refusedInner(innerFamily))('%s is refused', async (_, change) => {
        expect(await isTaken(family, { innerFamily, ...change })).toBe(false)
      })

      test('what is as it should be is taken', async () => {
        expect(await isTaken(family, { innerFamily })).toBe(true)
      })
    })

    test.each(linkLocal[family])(
      'a source of one link, %s, is refused though a rule has it',
      async (from) => {
        expect(await isTaken(family, { innerFamily: 'v6', inner: { from } })).toBe(false)
      },
    )

    test.each(besideLinkLocal[family])('a source beside those, %s, is taken', async (from) => {
      expect(await isTaken(family, { innerFamily: 'v6', inner: { from } })).toBe(true)
    })
  })
})

function linkOf(ns: Netns): { readonly address: string; readonly ifindex: number } {
  return JSON.parse(ns.run('ip', '-j', 'link', 'show', 'eth0'))[0]
}

const hostPrefix = (address: string) => `${address}/${address.includes(':') ? 128 : 32}`

/** A tunnel of each family to the peer, and others from each other local endpoint, so that none is foreign. */
function overlay(hub: Netns, open: OpenPlane): void {
  applyAll(hub, open, [
    add.device(device('lvn0', 'multi', 1400, 'eth0'), 16),
    ...families.flatMap((family) => {
      const { hub, alias, peer, stranger } = outer[family]
      return [
        add.tunnel(tunnel(`peer-${family}`, endpoint(hub), endpoint(peer))),
        add.tunnel(tunnel(`alias-${family}`, endpoint(alias), endpoint(stranger, 50_009))),
        add.tunnel(tunnel(`port-${family}`, endpoint(hub, 50_001), endpoint(stranger, 50_008))),
      ]
    }),
    ...families.flatMap((family) =>
      families.map((innerFamily) =>
        add.rule(rule(hostPrefix(inner[innerFamily].from[family]), `peer-${family}`)),
      ),
    ),
    ...families.map((innerFamily) => add.rule(rule(hostPrefix(inner[innerFamily].other), 'alias-v4'))),
    ...families.flatMap((family) =>
      [...linkLocal[family], ...besideLinkLocal[family]].map((from) =>
        add.rule(rule(hostPrefix(from), `peer-${family}`)),
      ),
    ),
  ])
  hub.ip('addr add 10.64.0.1/32 dev lvn0', 'addr add fd42::1/128 dev lvn0 nodad')
}

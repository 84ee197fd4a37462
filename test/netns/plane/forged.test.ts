// SPDX-License-Identifier: MIT
/**
 * Somebody at a spoke's address who runs no L-VN forges outer packets to the hub: what the hub lets through is what
 * the file names, on each plane.
 *
 *     hub eth0 ─── router ─── eth0 forger, at the endpoint of a spoke
 *      └ l0 ─── eth0 lan: 10.64.100.2, fd42:64:0:100::2 (the hub's routes), 192.168.99.2, fd99::2 (not in the file)
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { addressBytes, parseAddress } from '../../../src/model/address.ts'
import { UdpPeer } from '../../support/control-peer.ts'
import { Host, type SpokeMachine } from '../../support/host.ts'
import { connect, Netns, until } from '../../support/netns.ts'
import { planeKinds } from '../../support/planes.ts'
import { Site } from '../../support/sites.ts'

let hub: Host
let forger: SpokeMachine
let lan: Netns
let gw: Site
let listeners: UdpPeer[]
let liar: UdpPeer

const source = () => `lvn 1
overlay mitte {
  net 10.64.0.0/16, fd42:64::/48
  hub gw {
    listen 198.51.100.10
    address 10.64.0.1, fd42:64::1
    routes 10.64.100.0/24, fd42:64:0:100::/64
  }
  spoke a { endpoint ${forger.v4}; address 10.64.1.1, fd42:64:0:1::1 }
}
`

const bytesOf = (text: string) =>
  addressBytes(parseAddress(text) as NonNullable<ReturnType<typeof parseAddress>>)

/** The one's complement of the one's complement sum of 16-bit words (RFC 1071). */
function checksum(bytes: Uint8Array): number {
  let sum = 0
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] as number) << 8) | (bytes[i + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

/** An inner UDP packet to port 7777 that says where it wants to go. */
function inner(from: string, to: string): Buffer {
  const text = Buffer.from(`${to}${to.length % 2 === 0 ? '' : ' '}`)
  const udp = Buffer.alloc(8 + text.length)
  for (const [at, value] of [
    [0, 9],
    [2, 7777],
    [4, udp.length],
  ] as const)
    udp.writeUInt16BE(value, at)
  text.copy(udp, 8)
  const ends = [...bytesOf(from), ...bytesOf(to)]
  udp.writeUInt16BE(checksum(Buffer.from([...ends, 0, 17, udp.length >> 8, udp.length & 0xff, ...udp])), 6)
  if (to.includes(':')) {
    const header = Buffer.from([0x60, 0, 0, 0, 0, udp.length, 17, 64, ...ends])
    return Buffer.concat([header, udp])
  }
  const header = Buffer.from([0x45, 0, 0, 20 + udp.length, 0, 0, 0, 0, 64, 17, 0, 0, ...ends])
  header.writeUInt16BE(checksum(header), 10)
  return Buffer.concat([header, udp])
}

const forge = (from: string, to: string) =>
  liar.send(inner(from, to), { address: '198.51.100.10', port: 50_000 })
const heard = () => listeners.flatMap((each) => each.heard.map((data) => data.toString().trim()))
const dropped = () => gw.state().devices[0]?.drops['bad-destination']

describe.each(planeKinds)('plane %s', (_, open) => {
  beforeEach(() => {
    hub = new Host('gw')
    forger = hub.addSpoke('forger')
    lan = new Netns('lan')
    connect(
      {
        ns: hub.ns,
        dev: 'l0',
        addresses: ['10.64.100.1/24', '192.168.99.1/24', 'fd42:64:0:100::1/64', 'fd99::1/64'],
      },
      {
        ns: lan,
        dev: 'eth0',
        addresses: ['10.64.100.2/24', '192.168.99.2/24', 'fd42:64:0:100::2/64', 'fd99::2/64'],
      },
    )
    hub.ns.forward()
    gw = new Site(hub.ns, open)
    gw.apply(source(), 'gw')
    listeners = ['0.0.0.0', '::'].map((address) => new UdpPeer(lan, { address, port: 7777 }))
    liar = new UdpPeer(forger.ns, { address: forger.v4, port: 50_000 })
  })

  afterEach(() => {
    for (const socket of [...listeners, liar]) socket.close()
    gw.close()
    lan.dispose()
    hub.dispose()
  })

  test('a forged packet reaches what the file names, and no other network of the hub', async () => {
    const before = dropped() ?? 0
    for (const [from, to] of [
      ['10.64.1.1', '192.168.99.2'],
      ['fd42:64:0:1::1', 'fd99::2'],
    ] as const)
      forge(from, to)
    await until('the hub has dropped both', () => dropped() === before + 2)
    for (const [from, to] of [
      ['10.64.1.1', '10.64.100.2'],
      ['fd42:64:0:1::1', 'fd42:64:0:100::2'],
    ] as const) {
      forge(from, to)
      await until(`a packet to ${to} arrives`, () => heard().includes(to))
    }
    expect(heard().filter((to) => to.includes('99'))).toEqual([])
  })
})

// SPDX-License-Identifier: MIT
/**
 * Endpoints that change under traffic, and their sockets with them: those of the module's own, and those that user
 * space hands over and closes. Traffic goes on, and nothing stays behind.
 *
 *     a eth0 ─── eth0 b          192.0.2.1, 192.0.2.2; lvn0 on both: 10.64.0.1, 10.64.0.2; a floods b
 */
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  command,
  decodeLocal,
  encodeLocal,
  encodeTunnel,
  type TunnelAttributes,
} from '../../native/kmod/generated.ts'
import { decodeGeneric } from '../../native/netlink/genetlink.ts'
import type { Address } from '../../src/model/address.ts'
import { UdpPeer } from '../support/control-peer.ts'
import { type Family, openFamily } from '../support/lvn-link.ts'
import { makePair, type Pair, received } from '../support/lvn-pair.ts'
import { type Netns, until } from '../support/netns.ts'
import { reaches } from '../support/plane-world.ts'

interface End {
  readonly ns: Netns
  readonly address: Address
  readonly ifindex: number
  readonly family: Family
}

let pair: Pair
let a: End
let b: End

beforeEach(async () => {
  pair = makePair()
  const end = (ns: Netns, address: string): End => {
    const [device] = JSON.parse(ns.run('ip', '-json', 'link', 'show', 'lvn0')) as { ifindex: number }[]
    // What arrives together is joined: more ways to hold on to a packet.
    ns.run('ethtool', '-K', 'eth0', 'gro', 'on')
    return { ns, address: address as Address, ifindex: device?.ifindex ?? 0, family: openFamily(ns) }
  }
  a = end(pair.a, '192.0.2.1')
  b = end(pair.b, '192.0.2.2')
  await reaches(a.ns, '10.64.0.2')
  a.ns.start('ping', ['-q', '-f', '10.64.0.2'], { stdio: 'ignore' })
})

afterEach(() => {
  for (const { family } of [a, b]) family.close()
  pair.dispose()
})

const set = ({ family, ifindex }: End, more: TunnelAttributes) =>
  family.send(command.tunnelSet, (e) => encodeTunnel(e, { ifindex, id: 1, ...more }))

/** b receives at another port from now on, and a sends there. */
function moveTo(port: number): void {
  set(b, { localAddress: b.address, localPort: port })
  set(a, { remoteAddress: b.address, remotePort: port })
}

const ports = ({ family, ifindex }: End) =>
  family
    .dump(command.localGet, (e) => encodeLocal(e, { ifindex }))
    .map((message) => decodeLocal(decodeGeneric(message).attributes).port)

async function flows(packets = 50): Promise<void> {
  const start = received(b.ns, 'lvn0')
  await until('b receives', () => received(b.ns, 'lvn0') >= start + packets)
}

test('ports change a hundred times, and each has its socket just as long', async () => {
  for (let port = 50_001; port <= 50_100; port++) {
    moveTo(port)
    expect(ports(b)).toEqual([port])
    if (port % 10 === 0) await flows()
  }
  expect(b.ns.run('ss', '-Huan').match(/:50\d\d\d\b/g)).toEqual([':50100'])
})

test('sockets are handed over, taken back and closed', async () => {
  for (let round = 0; round < 20; round++) {
    const port = 50_001 + round
    const owner = new UdpPeer(b.ns, { address: b.address, port })
    const local = { ifindex: b.ifindex, address: b.address, port }
    b.family.send(command.localNew, (e) => encodeLocal(e, { ...local, socket: owner.fd }))
    moveTo(port)
    await flows(20)
    if (round % 2 === 0) {
      // Closed under traffic, it takes the tunnel along; a new one takes its place.
      owner.close()
      await until('the tunnel is gone with it', () => ports(b).length === 0)
      const ends = { localAddress: b.address, localPort: port, remoteAddress: a.address, remotePort: 50_000 }
      b.family.send(command.tunnelNew, (e) => encodeTunnel(e, { ifindex: b.ifindex, id: 1, ...ends }))
    } else {
      moveTo(50_000)
      b.family.send(command.localDel, (e) => encodeLocal(e, local))
      owner.close()
    }
    await flows(20)
  }
})

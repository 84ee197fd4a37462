// SPDX-License-Identifier: MIT
/**
 * IPv4 identifications of outer packets that may be fragmented. Fragments are put together by addresses and
 * identification, whatever their ports: two tunnels to one address must not use the same.
 *
 *     hub eth0 ─── eth0 peer        192.0.2.1, 192.0.2.2; two tunnels on the hub, to two ports of the peer
 */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { command, encodeRule, encodeTunnel } from '../../native/kmod/generated.ts'
import type { Address } from '../../src/model/address.ts'
import { addLink, openFamily } from '../support/lvn-link.ts'
import { connect, Netns, until } from '../support/netns.ts'

let hub: Netns
let peer: Netns

beforeEach(() => {
  ;[hub, peer] = [new Netns('hub'), new Netns('peer')]
  connect(
    { ns: hub, dev: 'eth0', addresses: ['192.0.2.1/24'] },
    { ns: peer, dev: 'eth0', addresses: ['192.0.2.2/24'] },
  )
  const ifindex = addLink(hub, 'lvn0', { mode: 'multi', df: 'unset' })
  const family = openFamily(hub)
  for (const number of [1, 2]) {
    const [local, remote] = ['192.0.2.1' as Address, '192.0.2.2' as Address]
    const ends = {
      localAddress: local,
      localPort: 50_000,
      remoteAddress: remote,
      remotePort: 50_000 + number,
    }
    family.send(command.tunnelNew, (e) => encodeTunnel(e, { ifindex, id: number, ...ends }))
    const rule = { prefix: `10.64.${number}.0` as Address, prefixLen: 24, tunnel: number }
    family.send(command.ruleNew, (e) => encodeRule(e, { ifindex, ...rule }))
  }
  family.close()
  hub.ip('link set lvn0 up', 'addr add 10.64.0.1/16 dev lvn0')
  peer.run(
    'nft',
    'add table ip t; add set ip t seen { typeof udp dport . ip id; flags dynamic; }; ' +
      'add chain ip t c { type filter hook prerouting priority 0; }; ' +
      'add rule ip t c udp dport 50001-50002 ip frag-off & 0x4000 == 0 add @seen { udp dport . ip id }',
  )
})

afterEach(() => {
  hub.dispose()
  peer.dispose()
})

/** [port, identification] of each packet without Don't Fragment, in the order of the identifications. */
function seen(): [number, number][] {
  const { nftables } = JSON.parse(peer.run('nft', '-j', 'list', 'set', 'ip', 't', 'seen'))
  const elements: { concat: [number, number] }[] =
    nftables.find((each: { set?: unknown }) => each.set !== undefined).set.elem ?? []
  return elements.map(({ concat }) => concat).sort(([, a], [, b]) => a - b)
}

test('count together for all tunnels between two addresses', async () => {
  // Without an answer: nobody is there. Each tunnel in its turn, by two packets.
  for (const number of [1, 2, 1, 2]) hub.try('ping', '-n', '-c1', '-W0.1', '-Mdont', `10.64.${number}.1`)
  await until('four packets came', () => seen().length === 4)
  const idents = seen().map(([, ident]) => ident)
  const first = idents.find((ident) => !idents.includes((ident + 0xffff) & 0xffff)) as number
  expect(idents.sort()).toEqual([0, 1, 2, 3].map((step) => (first + step) & 0xffff).sort())
  expect(new Set(seen().map(([port]) => port))).toEqual(new Set([50_001, 50_002]))
})

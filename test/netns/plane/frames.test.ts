// SPDX-License-Identifier: MIT
/**
 * Frames that carry the addresses and ports of a tunnel, and are not its peer's all the same. Each is followed by one
 * that is, so that there is something to wait for.
 *
 *     peer eth0 ─── eth0 hub         192.0.2.2 and 192.0.2.1; lvn0 multi on the hub, 10.64.1.1 is behind the peer
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hubAndPeer, type Netns, until } from '../../support/netns.ts'
import { add, applyAll, device, endpoint, rule, snapshot, tunnel } from '../../support/plane-world.ts'
import { planes } from '../../support/planes.ts'

/** An inner packet without payload, UDP before it, and IPv4 before that. */
const inner = '4500001400000000403b00000a4001010a400001'
const udp = `c350c350001c0000${inner}`
const ipv4 = `45000030000040004011b6b9c0000202c0000201${udp}`
const mapped = (address: string) => `00000000000000000000ffff${address}`
const ipv6 = `60000000001c1140${mapped('c0000202')}${mapped('c0000201')}${udp}`

describe.each(planes)('plane %s', (_, open) => {
  let hub: Netns
  let peer: Netns

  beforeEach(() => {
    ;({ hub, peer } = hubAndPeer('eth0'))
    applyAll(hub, open, [
      add.device(device('lvn0', 'multi', 1400, 'eth0'), 4),
      add.tunnel(tunnel('peer', endpoint('192.0.2.1'), endpoint('192.0.2.2'))),
      add.rule(rule('10.64.1.1/32', 'peer')),
    ])
  })

  afterEach(() => {
    for (const ns of [hub, peer]) ns.dispose()
  })

  const interfaceOf = (ns: Netns) => {
    const [link] = JSON.parse(ns.run('ip', '-j', 'link', 'show', 'eth0')) as {
      address: string
      ifindex: number
    }[]
    return { address: link?.address.replaceAll(':', ''), ifindex: link?.ifindex }
  }

  /** Sends frames to the hub; what follows the hardware addresses in hex. */
  function send(...frames: string[]): void {
    const whole = frames.map((frame) => `${interfaceOf(hub).address}020000000001${frame}`)
    const script = `
      socket(my $s, 17, 3, 0) || die $!; # AF_PACKET, SOCK_RAW
      for (@ARGV) { send($s, pack("H*", $_), 0, pack("SniSCCa8", 17, 0, ${interfaceOf(peer).ifindex}, 0, 0, 0, "")) || die $! }`
    peer.run('perl', '-e', script, ...whole)
  }

  const received = () => snapshot(hub, open).tunnels[0]?.counters.rxPackets ?? 0

  test('what comes in by a VLAN of the interface is not the interface’s', async () => {
    // VLAN 5 with a priority; then a priority alone, and nothing at all, which are the interface's.
    send(`8100e0050800${ipv4}`, `8100e0000800${ipv4}`, `0800${ipv4}`)
    await until('the others have come', () => received() >= 2)
    expect(received()).toBe(2)
  })

  test('IPv4 addresses in an IPv6 header are nobody’s', async () => {
    send(`86dd${ipv6}`, `0800${ipv4}`)
    await until('the other has come', () => received() >= 1)
    expect(received()).toBe(1)
  })
})

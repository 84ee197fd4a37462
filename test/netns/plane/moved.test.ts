// SPDX-License-Identifier: MIT
/**
 * An underlay interface is moved into another namespace, in which everything was made in the same order, and therefore
 * has the same numbers where nobody takes care.
 *
 *     peer eth0 ─── up0 home, then twin        192.0.2.2 and 192.0.2.1
 *     home and twin: lvn0 multi, 10.64.0.1; 10.64.1.1 is behind a tunnel
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { linkUp } from '../../../native/host/build.ts'
import { withNetns } from '../../../native/netns.ts'
import { ipPacket, packet } from '../../support/frame.ts'
import { received } from '../../support/lvn-pair.ts'
import { connect, Netns, until } from '../../support/netns.ts'
import { add, applyAll, device, endpoint, rule, snapshot, tunnel } from '../../support/plane-world.ts'
import { planesOfOwnLogic } from '../../support/planes.ts'

const frames = 20

describe.each(planesOfOwnLogic)('plane %s', (_, open) => {
  let home: Netns
  let twin: Netns
  let peer: Netns
  let far: Netns

  beforeEach(() => {
    ;[home, twin, peer, far] = [new Netns('home'), new Netns('twin'), new Netns('peer'), new Netns('far')]
    for (const [ns, dev, other, local, remote] of [
      [home, 'up0', peer, '192.0.2.1', '192.0.2.2'],
      [twin, 'eth0', far, '198.51.100.1', '198.51.100.2'],
    ] as const) {
      connect(
        { ns, dev, addresses: [`${local}/24`] },
        { ns: other, dev: 'eth0', addresses: [`${remote}/24`] },
      )
      applyAll(ns, open, [
        add.device(device('lvn0', 'multi', 1400, dev), 4),
        add.tunnel(tunnel(other === peer ? 'peer' : 'far', endpoint(local), endpoint(remote), dev)),
        add.rule(rule('10.64.1.1/32', other === peer ? 'peer' : 'far')),
      ])
      ns.ip('addr add 10.64.0.1/32 dev lvn0')
    }
  })

  afterEach(() => {
    for (const ns of [home, twin, peer, far]) ns.dispose()
  })

  /** From the peer, by the tunnel that home has to it. */
  function send(): void {
    const [{ address }] = JSON.parse(twin.run('ip', '-j', 'link', 'show', 'up0'))
    const [{ ifindex }] = JSON.parse(peer.run('ip', '-j', 'link', 'show', 'eth0'))
    const inner = ipPacket({ from: '10.64.1.1', to: '10.64.0.1' }, 59, Buffer.alloc(40))
    const outer = packet({ from: '192.0.2.2', to: '192.0.2.1' }, { from: 50_000, to: 50_000 }, inner)
    const frame = `${address.replaceAll(':', '')}0200000000010800${outer.toString('hex')}`
    const script = `
      socket(my $s, 17, 3, 0) || die $!; # AF_PACKET, SOCK_RAW
      for (1..${frames}) { send($s, pack("H*", $ARGV[0]), 0, pack("SniSCCa8", 17, 0, ${ifindex}, 0, 0, 0, "")) || die $! }`
    peer.run('perl', '-e', script, frame)
  }

  test('its tunnel does not come along', async () => {
    const arrived = 'add counter inet t arrived; add rule inet t in iifname lvn0 counter name arrived'
    const chain = 'add chain inet t in { type filter hook prerouting priority -300 ; }'
    twin.run('nft', `add table inet t; ${chain}; ${arrived}`)
    home.ip(`link set up0 netns ${twin.name}`)
    withNetns(twin.path, () => linkUp('up0'))
    const before = received(twin, 'up0')
    send()
    await until('the frames have come', () => received(twin, 'up0') >= before + frames)
    expect(twin.run('nft', 'list', 'counter', 'inet', 't', 'arrived')).toContain('packets 0 ')
    const state = snapshot(twin, open)
    expect(state.devices).toMatchObject([{ name: 'lvn0', underlays: ['eth0'], intact: true }])
    expect(state.tunnels.map(({ name }) => name)).toEqual(['far'])
    applyAll(twin, open, [{ op: 'delete', kind: 'device', name: 'lvn0' }])
    expect(snapshot(twin, open).devices).toEqual([])
    expect(snapshot(home, open).devices).toMatchObject([{ name: 'lvn0' }])
  })
})

// SPDX-License-Identifier: MIT
/**
 * Somebody at the hub's address forges what a router says to its link, to a spoke whose device takes any source: it makes
 * no route, no address and no MTU, on each plane.
 *
 *     forger eth0 ─── eth0 spoke       192.0.2.1 and 192.0.2.2, port 50000 of both
 *                          lvn0        fixed, fd42::2, 10.64.1.1
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Address, addressBytes } from '../../../src/model/address.ts'
import { UdpPeer } from '../../support/control-peer.ts'
import { icmp4Packet, icmp6Packet, ipPacket } from '../../support/frame.ts'
import { connect, Netns, until } from '../../support/netns.ts'
import { add, applyAll, device, endpoint, snapshot, tunnel } from '../../support/plane-world.ts'
import { planeKinds } from '../../support/planes.ts'

const spec = device('lvn0', 'fixed', 1400, 'eth0')
const narrow = { ...spec, mtu: 1000 }
const capacity = 1
const to = 'fd42::2'

/** RFC 4861 section 4.2, with a prefix on the link (4.6.2) and an MTU of 1280 bytes (4.6.4). */
function advertisement(): Buffer {
  const head = Buffer.from(`8600000003000708${'0'.repeat(16)}`, 'hex')
  const prefix = Buffer.from(`030440c0${'00015180'.repeat(2)}00000000`, 'hex')
  const net = Buffer.from(addressBytes('fd66::' as Address))
  const mtu = Buffer.from('0501000000000500', 'hex')
  return icmp6Packet({ from: 'fe80::bad', to, ttl: 255 }, Buffer.concat([head, prefix, net, mtu]))
}

/**
 * RFC 792: what the spoke sends to 203.0.113.7 had better go by the forger. Said in the name of the spoke's own router, of an
 * echo reply, which belongs to no socket.
 */
function redirect(options?: Buffer): Buffer {
  const head = Buffer.from([5, 1, 0, 0, 192, 0, 2, 1])
  const quoted = ipPacket({ from: '192.0.2.2', to: '203.0.113.7' }, 1, Buffer.alloc(8))
  const ends = { from: '192.0.2.254', to: '10.64.1.1', ...(options && { options }) }
  return icmp4Packet(ends, Buffer.concat([head, quoted]))
}
const noOperations = Buffer.from([1, 1, 1, 0])

const noNextHeader = 59
const behindIt = () => ipPacket({ from: 'fd42::1', to }, noNextHeader, Buffer.alloc(300))

let forger: Netns
let spoke: Netns
let liar: UdpPeer | undefined

const switchPaths = [
  ...['accept_redirects', 'accept_source_route', 'ignore_routes_with_linkdown'].flatMap((name) => [
    `ipv4/conf/lvn0/${name}`,
    `ipv6/conf/lvn0/${name}`,
  ]),
  'ipv6/conf/lvn0/accept_ra',
]
const names = switchPaths.map((path) => `net.${path.replaceAll('/', '.')}`)
const values = () =>
  spoke
    .run('sysctl', '-n', ...names)
    .trim()
    .split('\n')
const off = names.map(() => '0')
const routes = () => spoke.run('ip', '-6', 'route', 'show', 'table', 'all', 'dev', 'lvn0')
const turnOn = () => spoke.run('sysctl', '-qw', ...names.map((name) => `${name}=1`))

describe.each(planeKinds)('plane %s', (_, open) => {
  beforeEach(() => {
    ;[forger, spoke] = [new Netns('forger'), new Netns('spoke')]
    connect(
      { ns: forger, dev: 'eth0', addresses: ['192.0.2.1/24'] },
      { ns: spoke, dev: 'eth0', addresses: ['192.0.2.2/24'] },
    )
    applyAll(spoke, open, [
      add.device(spec, capacity),
      add.tunnel(tunnel('hub', endpoint('192.0.2.2'), endpoint('192.0.2.1'))),
    ])
    spoke.ip(`addr add ${to}/128 dev lvn0 nodad`)
    spoke.ip('addr add 10.64.1.1/32 dev lvn0')
    spoke.ip('route add default via 192.0.2.254 dev eth0')
  })

  afterEach(() => {
    liar?.close()
    liar = undefined
    for (const ns of [forger, spoke]) ns.dispose()
  })

  const state = () => snapshot(spoke, open)
  const isIntact = () => state().devices[0]?.intact
  const set = (to: typeof spec) => applyAll(spoke, open, [{ op: 'set', kind: 'device', spec: to, capacity }])

  test('an advertisement leaves nothing, also where the switch is on', async () => {
    turnOn()
    const before = routes()
    liar = new UdpPeer(forger, { address: '192.0.2.1', port: 50_000 })
    const hub = { address: '192.0.2.2', port: 50_000 }
    for (const inner of [advertisement(), behindIt()]) liar.send(inner, hub)
    await until('what is behind it has come', () => (state().tunnels[0]?.counters.rxBytes ?? 0) >= 340)
    expect(routes()).toBe(before)
    expect(spoke.run('ip', '-6', 'addr', 'show', 'dev', 'lvn0')).not.toContain('fd66')
    expect(spoke.run('sysctl', '-n', 'net.ipv6.conf.lvn0.mtu')).toBe('1400\n')
    expect(spoke.run('sysctl', '-n', 'net.ipv6.conf.lvn0.hop_limit')).toBe('64\n')
    expect(state().devices[0]?.drops['bad-source']).toBe(1)
  })

  test.each([
    ['', undefined],
    [' with options', noOperations],
  ])('a redirect of IPv4%s leaves nothing, whatever the host takes on other links', async (_, options) => {
    spoke.run('sysctl', '-qw', 'net.ipv4.conf.all.accept_redirects=1')
    // Linux takes no redirect to a router whose hardware address it does not know.
    spoke.run('ping', '-c1', '-W5', '192.0.2.1')
    liar = new UdpPeer(forger, { address: '192.0.2.1', port: 50_000 })
    const hub = { address: '192.0.2.2', port: 50_000 }
    for (const inner of [redirect(options), behindIt()]) liar.send(inner, hub)
    await until('what is behind it has come', () => (state().tunnels[0]?.counters.rxBytes ?? 0) >= 340)
    expect(spoke.run('ip', 'route', 'get', '203.0.113.7')).toContain('via 192.0.2.254')
    expect(state().devices[0]?.drops['bad-source']).toBe(1)
  })

  test('a device takes no advertisements and no redirects, and one that does is found and mended', () => {
    expect(values()).toEqual(off)
    expect(isIntact()).toBe(true)
    for (const name of names) {
      spoke.run('sysctl', '-qw', `${name}=1`)
      expect(isIntact()).toBe(false)
      set(spec)
      expect(values()).toEqual(off)
      expect(isIntact()).toBe(true)
    }
  })

  test('nor does it where its MTU is raised to one of IPv6, which it gets anew', () => {
    set(narrow)
    expect(isIntact()).toBe(true)
    set(spec)
    expect(values()).toEqual(off)
  })
})

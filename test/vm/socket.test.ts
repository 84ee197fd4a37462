// SPDX-License-Identifier: MIT
/**
 * A socket of user space's as a tunnel's local endpoint.
 *
 *     a eth0 ─── eth0 b          192.0.2.0/24 and 2001:db8::/64; lvn0 fixed on both: 10.64.0.1, 10.64.0.2
 *     socket handed over on a, the module's own on b
 */
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  command,
  decodeLocal,
  encodeLocal,
  encodeTunnel,
  type LocalAttributes,
  type TunnelAttributes,
} from '../../native/kmod/generated.ts'
import { decodeGeneric } from '../../native/netlink/genetlink.ts'
import type { Address } from '../../src/model/address.ts'
import { UdpPeer } from '../support/control-peer.ts'
import { type HeldSender, holdSender } from '../support/held-sender.ts'
import { addLink, type Family, openFamily } from '../support/lvn-link.ts'
import { connect, Netns, until } from '../support/netns.ts'
import { ping, reaches } from '../support/plane-world.ts'
import { getOption, option, setOption } from '../support/sockopt.ts'

const port = 50_000

let a: Netns
let b: Netns
let family: Family
let ifindex: number
let made: { close(): void }[]

beforeEach(() => {
  made = []
  a = new Netns('a')
  b = new Netns('b')
  connect(
    { ns: a, dev: 'eth0', addresses: ['192.0.2.1/24', '2001:db8::1/64'] },
    { ns: b, dev: 'eth0', addresses: ['192.0.2.2/24', '2001:db8::2/64'] },
  )
  for (const [i, ns] of [a, b].entries()) {
    const index = addLink(ns, 'lvn0', { mode: 'fixed' })
    if (ns === a) ifindex = index
    ns.ip(`addr add 10.64.0.${i + 1}/24 dev lvn0`, 'link set lvn0 up')
  }
  family = openFamily(a)
})

afterEach(() => {
  for (const each of made) each.close()
  family.close()
  a.dispose()
  b.dispose()
})

function locals(): LocalAttributes[] {
  return family
    .dump(command.localGet, (e) => encodeLocal(e, { ifindex }))
    .map((message) => decodeLocal(decodeGeneric(message).attributes))
}

/** Binds a socket on a, and hands it over to the device for a tunnel to `theirs`. */
function handOver(mine: Address, theirs: Address): UdpPeer {
  const owner = new UdpPeer(a, { address: mine, port })
  const local = { ifindex, address: mine, port, socket: owner.fd }
  family.send(command.localNew, (e) => encodeLocal(e, local))
  family.send(command.tunnelNew, (e) => encodeTunnel(e, { ifindex, ...between(mine, theirs) }))
  return owner
}

const between = (mine: Address, theirs: Address): TunnelAttributes => ({
  localAddress: mine,
  localPort: port,
  remoteAddress: theirs,
  remotePort: port,
})

test.each([
  ['192.0.2.1', '192.0.2.2'],
  ['2001:db8::1', '2001:db8::2'],
] as [Address, Address][])(
  '%s: data goes through the kernel, the rest to its owner and from it; closed, it takes the tunnel along',
  async (mine, theirs) => {
    let owner = handOver(mine, theirs)
    const other = openFamily(b)
    made.push(other)
    const [device] = JSON.parse(b.run('ip', '-json', 'link', 'show', 'lvn0')) as { ifindex: number }[]
    other.send(command.tunnelNew, (e) =>
      encodeTunnel(e, { ifindex: device?.ifindex ?? 0, ...between(theirs, mine) }),
    )
    const friend = new UdpPeer(b, { address: theirs, port: port + 1 })
    made.push(friend)
    // Closed and handed over anew, all is as it was.
    for (let round = 0; round < 2; round++) {
      await reaches(a, '10.64.0.2')
      expect(ping(b, '10.64.0.1')).toBe(true)
      const [control, reply] = [Buffer.from('00abcd', 'hex'), Buffer.from('0012', 'hex')]
      friend.send(control, { address: mine, port })
      expect(await owner.next()).toEqual(control)
      owner.send(reply, { address: theirs, port: port + 1 })
      expect(await friend.next()).toEqual(reply)
      expect(ping(a, '10.64.0.2')).toBe(true)
      expect([owner.heard, friend.heard]).toEqual([[], []])
      expect(locals()).toMatchObject([{ address: mine, handedOver: true, tunnels: 1 }])
      owner.close()
      await until('its tunnel and local endpoint are gone', () => locals().length === 0)
      expect(family.dump(command.tunnelGet, (e) => encodeTunnel(e, { ifindex }))).toEqual([])
      if (round === 0) owner = handOver(mine, theirs)
    }
    expect(ping(a, '10.64.0.2', '-W1')).toBe(false)
  },
)

const forget = (address: Address) =>
  family.send(command.localDel, (e) => encodeLocal(e, { ifindex, address, port }))

test.each([
  ['192.0.2.1', [option.multicastLoop, option.udpEncap]],
  ['2001:db8::1', [option.multicastLoop, option.udpEncap, option.noChecksum6Receive]],
] as const)('%s: a socket given back is the ordinary one that it was', async (address, options) => {
  const owner = new UdpPeer(a, { address, port })
  made.push(owner)
  const read = () => options.map((each) => getOption(owner.fd, each))
  const before = read()
  family.send(command.localNew, (e) =>
    encodeLocal(e, { ifindex, address: address as Address, port, socket: owner.fd }),
  )
  // Its own multicasts are its owner's matter meanwhile, too.
  expect(read()).toEqual([before[0], 1, ...before.slice(2).map(() => 1)])
  forget(address as Address)
  expect(read()).toEqual(before)
  const friend = new UdpPeer(a, { address, port: port + 1 })
  made.push(friend)
  friend.send(Buffer.from('45', 'hex'), owner.place)
  expect(await owner.next()).toEqual(Buffer.from('45', 'hex'))
})

test('the mark of a socket is that of the packets that it sends, data and control, and of no others', async () => {
  const [mine, theirs] = ['192.0.2.1', '192.0.2.2'] as [Address, Address]
  a.run(
    'nft',
    `add table ip t; add counter ip t marked; add counter ip t unmarked;
     add chain ip t out { type filter hook output priority 0 ; };
     add rule ip t out udp dport ${port} meta mark 7 counter name marked;
     add rule ip t out udp dport ${port} meta mark != 7 counter name unmarked`,
  )
  const packets = (name: string) =>
    Number(/packets (\d+)/.exec(a.run('nft', 'list', 'counter', 'ip', 't', name))?.[1])
  const owner = handOver(mine, theirs)
  made.push(owner)
  const change = (more: TunnelAttributes) =>
    family.send(command.tunnelSet, (e) => encodeTunnel(e, { ifindex, id: 1, ...more }))
  const sends = () => ping(a, '10.64.0.2', '-W1')
  sends()
  expect([packets('marked'), packets('unmarked') > 0]).toEqual([0, true])
  setOption(owner.fd, option.mark, 7)
  const unmarked = packets('unmarked')
  sends()
  const marked = packets('marked')
  expect(marked).toBeGreaterThan(0)
  change({ keepaliveInterval: 50 })
  await until('keepalives are sent', () => packets('marked') >= marked + 3)
  expect(packets('unmarked')).toBe(unmarked)
  change({ keepaliveInterval: 0 })
  change({ localAddress: mine, localPort: port + 1 })
  const before = packets('marked')
  sends()
  expect([packets('marked'), packets('unmarked') > unmarked]).toEqual([before, true])
})

test('an owner that switches the encapsulation off has taken its socket back, closed or not', async () => {
  const mine = '192.0.2.1' as Address
  const owner = handOver(mine, '192.0.2.2' as Address)
  setOption(owner.fd, option.udpEncap, 0)
  owner.close()
  await until('its tunnel and local endpoint are gone', () => locals().length === 0)
  expect(family.dump(command.tunnelGet, (e) => encodeTunnel(e, { ifindex }))).toEqual([])
  // The port is free again: nobody holds the closed socket.
  made.push(handOver(mine, '192.0.2.2' as Address))
})

test('an owner that sets another encapsulation gets its socket back as the ordinary one that it was', async () => {
  const mine = '192.0.2.1' as Address
  const owner = handOver(mine, '192.0.2.2' as Address)
  made.push(owner)
  // UDP_ENCAP_L2TPINUDP changes the type, and not where packets go.
  setOption(owner.fd, option.udpEncap, 3)
  await until('its tunnel and local endpoint are gone', () => locals().length === 0)
  expect(getOption(owner.fd, option.udpEncap)).toBe(0)
  const other = new UdpPeer(b, { address: '192.0.2.2', port })
  made.push(other)
  other.send(Buffer.from('Eis'), owner.place)
  expect((await owner.next()).toString()).toBe('Eis')
})

test('a thread that does not get on with sending keeps its socket from being taken, and holds up nobody', async () => {
  const address = '192.0.2.1' as Address
  const owner = new UdpPeer(a, { address, port })
  made.push(owner)
  const take = (device: number) =>
    family.send(command.localNew, (e) => encodeLocal(e, { ifindex: device, address, port, socket: owner.fd }))
  const other = addLink(a, 'lvn1', { mode: 'fixed' })
  let sender: HeldSender | null = null
  const held = async (action: () => void) => {
    sender = await holdSender(owner.fd, { address: '192.0.2.2', port })
    action()
    expect(await sender.holds()).toBe(true)
    await sender.close()
  }
  try {
    await held(() => expect(() => take(ifindex)).toThrow('the socket is in use: try again'))
    take(ifindex)
    await held(() => forget(address))
    expect(getOption(owner.fd, option.udpEncap)).toBe(0)
    take(other)
    await held(() => a.ip('link del lvn1'))
    expect(getOption(owner.fd, option.udpEncap)).toBe(0)
    take(ifindex)
  } finally {
    await (sender as HeldSender | null)?.close()
  }
})

test('a device and a namespace have so many local endpoints and no more, and all of them go with the device', () => {
  const most = 1_024
  const local = (number: number) => ({ ifindex, address: '192.0.2.1' as Address, port: 20_000 + number })
  const add = (number: number) => family.send(command.localNew, (e) => encodeLocal(e, local(number)))
  for (let number = 0; number < most; number++) add(number)
  expect(locals()).toHaveLength(most)
  expect(() => add(most)).toThrow('the device has as many local endpoints as it can have')
  const other = addLink(a, 'lvn1', { mode: 'fixed' })
  const addToOther = (number: number) =>
    family.send(command.localNew, (e) => encodeLocal(e, { ...local(number), ifindex: other }))
  expect(() => addToOther(most)).toThrow('network namespace has as many local endpoints as it can have')
  // One socket serves both devices.
  addToOther(0)
  a.ip('link del lvn1', 'link del lvn0')
  ifindex = addLink(a, 'lvn0', { mode: 'fixed' })
  // Free at once, all of them.
  for (let number = 0; number < most; number += 100) add(number)
  made.push(new UdpPeer(a, { address: '192.0.2.1', port: 20_001 }))
})

test('a namespace has so many devices and no more, wherever they are, and room again when they go', () => {
  const most = 1_024
  const link = (number: number) => `link add lvn${number} type lvn`
  // One was there before.
  a.ip(...Array.from({ length: most - 1 }, (_, number) => link(number + 1)))
  const oneMore = () => addLink(a, 'more', { mode: 'fixed' })
  expect(oneMore).toThrow('network namespace has as many devices as it can have')
  a.ip('link del lvn1')
  expect(oneMore).not.toThrow()
})

test('what is no UDP socket is refused', () => {
  const local = { ifindex, address: '192.0.2.1' as Address, port: 50_000 }
  const tryFd = (socket: number) => () =>
    family.send(command.localNew, (e) => encodeLocal(e, { ...local, socket }))
  expect(tryFd(0)).toThrow(/no (UDP )?socket/)
  expect(tryFd(0x7fffffff)).toThrow(/no (UDP )?socket/)
  expect(tryFd(0xffffffff)).toThrow(/no (UDP )?socket/)
})

// SPDX-License-Identifier: MIT
/**
 * What every data plane must do, run on each of them.
 *
 *     s1 eth0 ─── h1 ┐          ┌ h2 ─── eth0 s2          underlay 192.0.2.0/24 and 2001:db8:1::/64 to s1,
 *        lvn0        hub lvn0             lvn0            198.51.100.0/24 and 2001:db8:2::/64 to s2
 *        fixed         multi              fixed           overlay 10.64.0.0/16, fd42::/32
 */
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RuleSpec } from '../../../src/model/state.ts'
import { connect, Netns, until } from '../../support/netns.ts'
import {
  add,
  applyAll,
  device,
  endpoint,
  ping,
  reaches,
  rule,
  snapshot,
  tryAll,
  tunnel,
} from '../../support/plane-world.ts'
import { planes } from '../../support/planes.ts'

/** Prints the first datagram to the tunnel port that user space is given. */
const listenOnce = `
  const socket = require('node:dgram').createSocket('udp4')
  socket.on('message', (data) => { console.log(data.toString('hex')); socket.close() })
  socket.bind(50000, () => console.log('ready'))`

/** Sends datagrams from the tunnel's own port. */
const sendAll = (hex: readonly string[]) => `
  const socket = require('node:dgram').createSocket('udp4')
  let left = ${hex.length}
  socket.bind(50000, () => {
    for (const data of ${JSON.stringify(hex)})
      socket.send(Buffer.from(data, 'hex'), 50000, '192.0.2.1', () => { if (--left === 0) socket.close() })
  })`

interface Outer {
  readonly name: string
  readonly overhead: number
  readonly hub: readonly [string, string]
  readonly spokes: readonly [string, string]
}

const outers: readonly Outer[] = [
  { name: 'v4', overhead: 28, hub: ['192.0.2.1', '198.51.100.1'], spokes: ['192.0.2.2', '198.51.100.2'] },
  {
    name: 'v6',
    overhead: 48,
    hub: ['2001:db8:1::1', '2001:db8:2::1'],
    spokes: ['2001:db8:1::2', '2001:db8:2::2'],
  },
  {
    name: 'v4 on one leg, v6 on the other',
    overhead: 48,
    hub: ['192.0.2.1', '2001:db8:2::1'],
    spokes: ['192.0.2.2', '2001:db8:2::2'],
  },
]

describe.each(planes)('plane %s', (name, open) => {
  let hub: Netns
  let s1: Netns
  let s2: Netns

  beforeEach(() => {
    hub = new Netns('hub')
    s1 = new Netns('s1')
    s2 = new Netns('s2')
    connect(
      { ns: s1, dev: 'eth0', addresses: ['192.0.2.2/24', '2001:db8:1::2/64'] },
      { ns: hub, dev: 'h1', addresses: ['192.0.2.1/24', '2001:db8:1::1/64'] },
    )
    connect(
      { ns: s2, dev: 'eth0', addresses: ['198.51.100.2/24', '2001:db8:2::2/64'] },
      { ns: hub, dev: 'h2', addresses: ['198.51.100.1/24', '2001:db8:2::1/64'] },
    )
  })

  afterEach(() => {
    for (const ns of [hub, s1, s2]) ns.dispose()
  })

  function overlay(outer: Outer): void {
    const mtu = 1500 - outer.overhead
    applyAll(hub, open, [
      add.device(device('lvn0', 'multi', mtu, 'h1', 'h2'), 1024),
      add.tunnel(tunnel('s1', endpoint(outer.hub[0]), endpoint(outer.spokes[0]), 'h1')),
      add.tunnel(tunnel('s2', endpoint(outer.hub[1]), endpoint(outer.spokes[1]), 'h2')),
      add.rule(rule('10.64.1.1/32', 's1')),
      add.rule(rule('10.64.2.0/24', 's2')),
      add.rule(rule('fd42:1::1/128', 's1')),
      add.rule(rule('fd42:2::/32', 's2')),
    ])
    for (const [i, ns] of [s1, s2].entries()) {
      applyAll(ns, open, [
        add.device(device('lvn0', 'fixed', mtu, 'eth0'), 1),
        add.tunnel(tunnel('hub', endpoint(outer.spokes[i] as string), endpoint(outer.hub[i] as string))),
      ])
    }
    const addresses = [
      [hub, '10.64.0.1', 'fd42::1'],
      [s1, '10.64.1.1', 'fd42:1::1'],
      [s2, '10.64.2.1', 'fd42:2::1'],
    ] as const
    for (const [ns, v4, v6] of addresses) {
      ns.ip(
        `addr add ${v4}/32 dev lvn0`,
        `addr add ${v6}/128 dev lvn0 nodad`,
        'route add 10.64.0.0/16 dev lvn0',
        'route add fd42::/16 dev lvn0',
      )
    }
    hub.sysctl('net/ipv4/conf/lvn0/forwarding', 1)
    hub.sysctl('net/ipv6/conf/all/forwarding', 1)
  }

  describe.each(outers)('outer $name', (outer) => {
    beforeEach(() => overlay(outer))

    test('hub and spokes reach each other in both inner families', async () => {
      for (const to of ['10.64.0.1', 'fd42::1', '10.64.2.1', 'fd42:2::1']) await reaches(s1, to)
      for (const to of ['10.64.1.1', 'fd42:1::1']) await reaches(s2, to)
      const tunnels = snapshot(hub, open).tunnels
      expect(tunnels.map(({ name }) => name).sort()).toEqual(['s1', 's2'])
      for (const { counters } of tunnels) {
        expect(counters.rxPackets).toBeGreaterThan(0)
        expect(counters.txPackets).toBeGreaterThan(0)
        expect(counters.dropped).toBe(0)
        expect(counters.sinceRxMs).toBeLessThan(60_000)
      }
    })

    test('every size up to exactly the device MTU passes, one more does not', async () => {
      await reaches(s1, '10.64.2.1')
      await reaches(s1, 'fd42:2::1')
      const mtu = 1500 - outer.overhead
      for (const size of [1, 2, 64, 500, 1000, 1279, 1280, mtu - 28]) {
        expect(ping(s1, '10.64.2.1', '-Mdo', `-s${size}`), `IPv4, ${size} bytes`).toBe(true)
      }
      for (const size of [1, 2, 64, 500, 1000, mtu - 48]) {
        expect(ping(s1, 'fd42:2::1', '-Mdo', `-s${size}`), `IPv6, ${size} bytes`).toBe(true)
      }
      expect(ping(s1, '10.64.2.1', '-Mdo', `-s${mtu - 27}`)).toBe(false)
    })
  })

  test('a spoke that sends with another spoke’s inner source is dropped and counted', async () => {
    overlay(outers[0] as Outer)
    await reaches(s1, '10.64.0.1')
    s1.run('ip', 'addr', 'add', '10.64.2.9/32', 'dev', 'lvn0')
    expect(ping(s1, '10.64.0.1', '-I', '10.64.2.9')).toBe(false)
    const { devices, tunnels } = snapshot(hub, open)
    expect(devices[0]?.drops['bad-source']).toBe(1)
    expect(tunnels.find(({ name }) => name === 's1')?.counters.dropped).toBe(1)
    expect(tunnels.find(({ name }) => name === 's2')?.counters.dropped).toBe(0)
  })

  test('the first packet after a change of rules goes by the new ones, both ways and in both families', async () => {
    overlay(outers[0] as Outer)
    s1.ip('addr add 10.64.7.7/32 dev lvn0', 'addr add fd42:7::7/128 dev lvn0 nodad')
    const wandering = ['10.64.7.7/32', 'fd42:7::7/128'] as const
    const addresses = ['10.64.7.7', 'fd42:7::7'] as const
    applyAll(
      hub,
      open,
      wandering.map((prefix) => add.rule(rule(prefix, 's1'))),
    )
    for (const address of addresses) await reaches(hub, address)
    expect(ping(s1, '10.64.0.1', '-I', '10.64.7.7')).toBe(true)
    applyAll(
      hub,
      open,
      wandering.map((prefix) => ({ op: 'set', kind: 'rule', spec: rule(prefix, 's2') })),
    )
    const sent = () => snapshot(hub, open).tunnels.map(({ counters }) => counters.txPackets)
    const [toS1, toS2] = sent() as [number, number]
    for (const address of addresses) expect(ping(hub, address, '-W0.5')).toBe(false)
    expect(sent()).toEqual([toS1, toS2 + 2])
    expect(ping(s1, '10.64.0.1', '-I', '10.64.7.7', '-W0.5')).toBe(false)
    expect(snapshot(hub, open).devices[0]?.drops['bad-source']).toBe(1)
    applyAll(
      hub,
      open,
      wandering.map((prefix) => ({ op: 'delete', kind: 'rule', spec: rule(prefix, 's2') })),
    )
    // The hub's own router solicitations have no rule either.
    const withoutRule = () => snapshot(hub, open).devices[0]?.drops['no-rule'] as number
    const before = withoutRule()
    for (const address of addresses) expect(ping(hub, address, '-W0.5')).toBe(false)
    expect(sent()).toEqual([toS1, toS2 + 2])
    expect(withoutRule()).toBeGreaterThanOrEqual(before + 2)
  })

  test('the longest of the prefixes that hold an address has it, with three lengths and with all of them', async () => {
    overlay(outers[0] as Outer)
    const elsewhere = (length: number) => [
      ...(length <= 32 ? [rule(`192.0.0.0/${length}`, 's1')] : []),
      rule(`c000::/${length}`, 's1'),
    ]
    const addAll = (specs: readonly RuleSpec[]) => applyAll(hub, open, specs.map(add.rule))
    const change = (op: 'set' | 'delete', ...specs: RuleSpec[]) =>
      applyAll(
        hub,
        open,
        specs.map((spec) => ({ op, kind: 'rule', spec })),
      )
    const reachEachOther = async () => {
      for (const to of ['10.64.2.1', 'fd42:2::1']) await reaches(s1, to)
      for (const to of ['10.64.1.1', 'fd42:1::1']) await reaches(s2, to)
    }
    addAll([...elsewhere(31), ...elsewhere(127)])
    await reachEachOther()

    change('delete', rule('10.64.2.0/24', 's2'), rule('fd42:2::/32', 's2'))
    const others = Array.from({ length: 127 }, (_, i) => i + 2).filter(
      (length) => ![31, 127].includes(length),
    )
    addAll(others.flatMap(elsewhere).filter(({ prefix }) => prefix !== 'c000::/2'))
    addAll([rule('0.0.0.0/1', 's2'), rule('c000::/2', 's2'), rule('0.0.0.0/0', 's1'), rule('8000::/1', 's1')])
    await reachEachOther()

    change('delete', rule('0.0.0.0/1', 's2'), rule('8000::/1', 's1'), rule('c000::/2', 's2'))
    addAll([rule('128.0.0.0/1', 's1'), rule('4000::/2', 's1'), rule('::/1', 's1'), rule('::/0', 's2')])
    change('set', rule('0.0.0.0/0', 's2'))
    await reachEachOther()
  })

  test('what was applied is read back', () => {
    overlay(outers[2] as Outer)
    const state = snapshot(hub, open)
    expect(state.devices).toMatchObject([
      { ...device('lvn0', 'multi', 1452, 'h1', 'h2'), up: true, intact: true, capacity: 1024 },
    ])
    expect(state.tunnels).toMatchObject([
      tunnel('s1', endpoint('192.0.2.1'), endpoint('192.0.2.2'), 'h1'),
      tunnel('s2', endpoint('2001:db8:2::1'), endpoint('2001:db8:2::2'), 'h2'),
    ])
    expect([...state.rules].sort((a, b) => a.prefix.localeCompare(b.prefix))).toEqual([
      rule('10.64.1.1/32', 's1'),
      rule('10.64.2.0/24', 's2'),
      rule('fd42:1::1/128', 's1'),
      rule('fd42:2::/32', 's2'),
    ])
  })

  test('two spokes with one address and different ports stay apart', () => {
    applyAll(hub, open, [
      add.device(device('lvn0', 'multi', 1472, 'h1'), 1024),
      add.tunnel(tunnel('a', endpoint('192.0.2.1'), endpoint('192.0.2.2', 50_001), 'h1')),
      add.tunnel(tunnel('b', endpoint('192.0.2.1'), endpoint('192.0.2.2', 50_002), 'h1')),
      add.rule(rule('10.64.1.1/32', 'a')),
      add.rule(rule('10.64.2.1/32', 'b')),
    ])
    const twice = tryAll(hub, open, [
      add.tunnel(tunnel('c', endpoint('192.0.2.1'), endpoint('192.0.2.2', 50_002), 'h1')),
    ])
    expect(twice).toMatchObject([
      { status: 'failed', error: { message: expect.stringContaining('same remote') } },
    ])
  })

  test('a full device says so and keeps what it had', () => {
    const spoke = (i: number) =>
      tunnel(`s${i}`, endpoint('192.0.2.1'), endpoint('192.0.2.2', 40_000 + i), 'h1')
    const results = tryAll(hub, open, [
      add.device(device('lvn0', 'multi', 1472, 'h1'), 2),
      add.tunnel(spoke(1)),
      add.tunnel(spoke(2)),
      add.tunnel(spoke(3)),
      add.tunnel(spoke(4)),
    ])
    expect(results.map(({ status }) => status)).toEqual(['done', 'done', 'done', 'failed', 'not-tried'])
    expect(results[3]).toMatchObject({
      error: { message: 'device lvn0: it is full: it was made for 2 tunnels' },
    })
    expect(snapshot(hub, open).tunnels).toHaveLength(2)
    applyAll(hub, open, [{ op: 'delete', kind: 'tunnel', device: 'lvn0', name: 's1' }, add.tunnel(spoke(3))])
    expect(
      snapshot(hub, open)
        .tunnels.map(({ name }) => name)
        .sort(),
    ).toEqual(['s2', 's3'])
  })

  test('a device that cannot be made whole is not made at all', () => {
    const before = hub.run('ip', '-d', '-j', 'link')
    const results = tryAll(hub, open, [add.device(device('lvn0', 'multi', 1472, 'h1', 'nowhere'), 2)])
    expect(results).toMatchObject([
      { status: 'failed', error: { message: expect.stringContaining('nowhere') } },
    ])
    expect(hub.run('ip', '-d', '-j', 'link')).toBe(before)
    expect(snapshot(hub, open).devices).toEqual([])
    expect(hub.run('bpftool', 'net')).not.toContain('lvn_')
  })

  test('a device too small for IPv6 is made, and made larger and smaller again', () => {
    const sized = (mtu: number) => device('lvn0', 'multi', mtu, 'h1')
    applyAll(hub, open, [add.device(sized(576), 1)])
    expect(snapshot(hub, open).devices).toMatchObject([{ name: 'lvn0', mtu: 576 }])
    for (const mtu of [1400, 1279, 1280]) {
      applyAll(hub, open, [{ op: 'set', kind: 'device', spec: sized(mtu), capacity: 1 }])
      expect(snapshot(hub, open).devices).toMatchObject([{ mtu }])
    }
    expect(hub.run('ip', '-d', 'link', 'show', 'lvn0')).toContain('addrgenmode none')
  })

  test('a moved endpoint takes effect at once, the old one is refused', async () => {
    overlay(outers[0] as Outer)
    await reaches(s1, '10.64.0.1')
    const moved = tunnel('s1', endpoint('192.0.2.1'), endpoint('192.0.2.2', 50_009), 'h1')
    applyAll(hub, open, [{ op: 'set', kind: 'tunnel', spec: moved }])
    expect(ping(s1, '10.64.0.1')).toBe(false)
    expect(snapshot(hub, open).devices[0]?.drops['unknown-peer']).toBe(1)
    applyAll(s1, open, [
      {
        op: 'set',
        kind: 'tunnel',
        spec: tunnel('hub', endpoint('192.0.2.2', 50_009), endpoint('192.0.2.1')),
      },
    ])
    await reaches(s1, '10.64.0.1')
  })

  test('control packets reach user space, malformed ones are dropped and counted', async () => {
    overlay(outers[0] as Outer)
    await reaches(s1, '10.64.0.1')
    const packets = [
      { hex: `00${'11'.repeat(30)}`, becomes: 'control' },
      { hex: '45', becomes: 'malformed' },
      { hex: `43${'00'.repeat(40)}`, becomes: 'malformed' },
      { hex: `4500ffff${'00'.repeat(36)}`, becomes: 'malformed' },
      { hex: `60000000ffff${'00'.repeat(50)}`, becomes: 'malformed' },
      { hex: `70${'00'.repeat(60)}`, becomes: 'malformed' },
      { hex: 'ff', becomes: 'malformed' },
    ]
    // Its port is the sender's now.
    applyAll(s1, open, [{ op: 'delete', kind: 'device', name: 'lvn0' }])
    const send = () => s1.run(process.execPath, '-e', sendAll(packets.map(({ hex }) => hex)))
    // The module's own sockets have no reader; those that user space hands over are tested with the module.
    if (name === 'kmod') send()
    else {
      const stdio = ['ignore', 'pipe', 'inherit'] as const
      const received = hub.start(process.execPath, ['-e', listenOnce], { stdio: [...stdio] })
      const output = received.stdout as NodeJS.ReadableStream
      const lines = createInterface({ input: output })[Symbol.asyncIterator]()
      expect((await lines.next()).value).toBe('ready')
      send()
      expect((await lines.next()).value).toBe(packets[0]?.hex)
    }
    await until('all were judged', () => {
      const wanted = packets.filter(({ becomes }) => becomes === 'malformed').length
      return snapshot(hub, open).devices[0]?.drops.malformed === wanted
    })
  })

  test('the loopback interface may be an underlay, and is left as it was', () => {
    const facts = () => [hub.run('ip', '-d', '-j', 'link'), hub.run('tc', '-j', 'qdisc')]
    const before = facts()
    const on = (...underlays: string[]) => device('lvn0', 'multi', 1452, ...underlays)
    applyAll(hub, open, [add.device(on('h1', 'lo'), 4)])
    expect(snapshot(hub, open).devices).toMatchObject([{ underlays: ['h1', 'lo'], intact: true }])
    applyAll(hub, open, [{ op: 'set', kind: 'device', spec: on('h1'), capacity: 4 }])
    expect(snapshot(hub, open).devices).toMatchObject([{ underlays: ['h1'], intact: true }])
    applyAll(hub, open, [{ op: 'delete', kind: 'device', name: 'lvn0' }])
    expect(facts()).toEqual(before)
  })

  test('deleting the device leaves links and queueing disciplines as they were', () => {
    const facts = () => [hub.run('ip', '-d', '-j', 'link'), hub.run('tc', '-j', 'qdisc')]
    const before = facts()
    overlay(outers[0] as Outer)
    applyAll(hub, open, [{ op: 'delete', kind: 'device', name: 'lvn0' }])
    expect(facts()).toEqual(before)
    expect(snapshot(hub, open)).toEqual({ devices: [], tunnels: [], rules: [], saved: [] })
  })
})

// SPDX-License-Identifier: MIT
/**
 * Two spokes behind one address: a router with a NAT maps a port of it to each of them, both ways.
 *
 *   hub gw 198.51.100.10 ─── router ─── n0 203.0.113.9 nat lan0 10.1.0.1 ─── east 10.1.0.2, port 50001
 *                                                          lan1 10.2.0.1 ─── west 10.2.0.2, port 50002
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Host, Machine } from '../support/host.ts'
import { connect, Netns } from '../support/netns.ts'
import { ping, reaches } from '../support/plane-world.ts'

let hub: Host
let nat: Netns
let east: Machine
let west: Machine
let file: string

beforeAll(() => {
  hub = new Host('gw')
  nat = new Netns('nat')
  east = new Machine(new Netns('east'))
  west = new Machine(new Netns('west'))
  connect(
    { ns: nat, dev: 'n0', addresses: ['203.0.113.9/24'] },
    { ns: hub.router, dev: 'r0', addresses: ['203.0.113.1/24'] },
  )
  nat.run('ip', 'route', 'add', 'default', 'via', '203.0.113.1')
  nat.run('sysctl', '-qw', 'net.ipv4.ip_forward=1')
  for (const [i, { ns }] of [east, west].entries()) {
    connect(
      { ns, dev: 'eth0', addresses: [`10.${i + 1}.0.2/24`] },
      { ns: nat, dev: `lan${i}`, addresses: [`10.${i + 1}.0.1/24`] },
    )
    ns.run('ip', 'route', 'add', 'default', 'via', `10.${i + 1}.0.1`)
  }
  const rules = [
    'add table ip nat',
    'add chain ip nat in { type nat hook prerouting priority dstnat; }',
    'add chain ip nat out { type nat hook postrouting priority srcnat; }',
    'add rule ip nat in iif n0 udp dport 50001 dnat to 10.1.0.2:50001',
    'add rule ip nat in iif n0 udp dport 50002 dnat to 10.2.0.2:50002',
    'add rule ip nat out oif n0 ip saddr 10.1.0.2 udp sport 50001 snat to 203.0.113.9:50001',
    'add rule ip nat out oif n0 ip saddr 10.2.0.2 udp sport 50002 snat to 203.0.113.9:50002',
  ]
  nat.run('nft', rules.join('; '))
  file = hub.file(
    'twins.lvn',
    `lvn 1
overlay twins {
  net 10.64.0.0/16, fd42:64::/48
  hub gw { listen 198.51.100.10; address 10.64.0.1, fd42:64::1 }
  spoke east { endpoint 203.0.113.9:50001; address 10.64.1.1, fd42:64:0:1::1 }
  spoke west { endpoint 203.0.113.9:50002; address 10.64.2.1, fd42:64:0:2::1 }
}
`,
  )
  hub.expectLvn(0, 'apply', file, '--yes')
  east.expectLvn(0, 'apply', file, '--yes', '--node', 'east')
  west.expectLvn(0, 'apply', file, '--yes', '--node', 'west')
})

afterAll(() => {
  for (const { ns } of [east, west]) ns.dispose()
  nat.dispose()
  hub.dispose()
})

interface Counters {
  readonly rxPackets: number
  readonly txPackets: number
  readonly dropped: number
}

function counters(): Record<string, Counters> {
  const { tunnels } = JSON.parse(hub.expectLvn(0, 'show', 'tunnels', '--json').stdout) as {
    tunnels: { name: string; counters: Counters }[]
  }
  return Object.fromEntries(tunnels.map((tunnel) => [tunnel.name, tunnel.counters]))
}

/** Packets that each tunnel of the hub carried while `work` ran, both ways. */
function carried(work: () => void): Record<string, [rx: number, tx: number]> {
  const before = counters()
  work()
  return Object.fromEntries(
    Object.entries(counters()).map(([name, after]) => [
      name,
      [after.rxPackets - (before[name]?.rxPackets ?? 0), after.txPackets - (before[name]?.txPackets ?? 0)],
    ]),
  )
}

test('the hub reaches the right one of two spokes behind one address, and counts them apart', async () => {
  for (const to of ['10.64.1.1', 'fd42:64:0:1::1', '10.64.2.1', 'fd42:64:0:2::1']) await reaches(hub.ns, to)
  const five = (to: string) => () => hub.ns.run('ping', '-n', '-c5', '-i0.02', '-W2', to)
  expect(carried(five('10.64.1.1'))).toEqual({ east: [5, 5], west: [0, 0] })
  expect(carried(five('fd42:64:0:2::1'))).toEqual({ east: [0, 0], west: [5, 5] })
})

test('the two reach each other through the hub', async () => {
  await reaches(east.ns, '10.64.2.1')
  await reaches(west.ns, 'fd42:64:0:1::1')
  const five = () => east.ns.run('ping', '-n', '-c5', '-i0.02', '-W2', '10.64.2.1')
  expect(carried(five)).toEqual({ east: [5, 5], west: [5, 5] })
})

test("a spoke that sends with the other's address is dropped and counted", async () => {
  await reaches(east.ns, '10.64.0.1')
  east.ns.run('ip', 'addr', 'add', '10.64.2.1/32', 'dev', 'lvn0')
  const before = counters()
  expect(ping(east.ns, '10.64.0.1', '-I', '10.64.2.1', '-W1')).toBe(false)
  east.ns.run('ip', 'addr', 'del', '10.64.2.1/32', 'dev', 'lvn0')
  const after = counters()
  expect(after.east?.dropped).toBeGreaterThan(before.east?.dropped ?? 0)
  expect(after.west).toMatchObject({ rxPackets: before.west?.rxPackets, dropped: before.west?.dropped })
  expect(after.east?.rxPackets).toBe(before.east?.rxPackets)
  const { devices } = JSON.parse(hub.expectLvn(0, 'show', 'devices', '--json').stdout)
  expect(devices[0].drops['bad-source']).toBeGreaterThanOrEqual(1)
})

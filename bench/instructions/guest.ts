// SPDX-License-Identifier: MIT
/**
 * Instructions per forwarded packet, run inside a machine whose clock counts instructions: see instructions.mjs.
 * Prints one JSON object, what is passed through → path → instructions a packet.
 */
import { execFileSync } from 'node:child_process'
import { planeKinds } from '../../test/support/planes.ts'
import { Chain, least } from './chain.ts'
import { fou, lvn, type MakeTunnels, vxlan } from './tunnels.ts'

type Paths = readonly (readonly [string, MakeTunnels])[]

const inTree: Paths = [
  ['ipip over FOU', fou],
  ['vxlan', vxlan],
]
const ofPlanes = (label: string, tunnels: number): Paths =>
  planeKinds.map(([name, open]) => [`L-VN ${name}${label}`, lvn(open, tunnels)])

/** Every path is made and measured twice: what disturbs one set-up may do so as long as it stands. */
const rounds = 2

function measureAll(hosts: number, paths: Paths): Record<string, number | null> {
  const report: Record<string, number | null> = {}
  const chain = new Chain(hosts)
  try {
    chain.route()
    report['plain forwarding'] = chain.measure()
    const all = Array.from({ length: rounds }, () => paths).flat()
    for (const [i, [name, make]] of all.entries()) {
      console.error(name)
      const number = 10 + i
      const { devices, away } = make(chain, number)
      chain.route({ number, devices })
      report[name] = least(report[name] ?? null, chain.measure())
      away()
    }
  } finally {
    chain.dispose()
  }
  return report
}

for (const module of ['pktgen', 'dummy', 'fou', 'ipip', 'vxlan']) execFileSync('modprobe', [module])
console.log(
  JSON.stringify({
    'one tunnel': measureAll(2, [
      ...inTree,
      ...ofPlanes(', 1 tunnel', 1),
      ...ofPlanes(', 10,000 tunnels', 10_000),
    ]),
    'spoke, hub, spoke': measureAll(3, [...inTree, ...ofPlanes('', 1)]),
  }),
)

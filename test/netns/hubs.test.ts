// SPDX-License-Identifier: MIT
/**
 * Two hubs and four spokes in a lab, and what a file expects of them.
 *
 *     s1 ───── ber ───── fra ───── s2
 *               ├── s3 ───┤ (prefers fra) ── hosts in 10.64.3.0/24
 *               └── s4 ───┘ (ber)            hidden: behind a NAT, joins ber
 */
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LabNodeReport } from '../../src/lab/index.ts'
import { dropEchoRequests, shutting } from '../support/firewall.ts'
import { LabRun, lvn, sourceFile } from '../support/lab.ts'
import { StreamOfPings } from '../support/stream-of-pings.ts'

const source = (prefer: string) => `lvn 1
overlay two {
  net 10.64.0.0/16, fd42:64::/48
  hub ber { listen 198.51.100.10, [2001:db8:1::10]; address 10.64.0.1, fd42:64::1 }
  hub fra { listen [2001:db8:2::20], 198.51.100.20; address 10.64.0.2, fd42:64::2 }
  spoke s1 { endpoint 203.0.113.1; address 10.64.1.1, fd42:64:0:1::1; via ber }
  spoke s2 { endpoint [2001:db8:77::2]; address 10.64.2.1, fd42:64:0:2::1; via fra }
  spoke s3 {
    endpoint 203.0.113.3
    address 10.64.3.1, fd42:64:0:3::1
    routes 10.64.3.0/24
    via ber, fra
    prefer ${prefer}
  }
  spoke s4 { endpoint 203.0.113.4; address 10.64.4.1, fd42:64:0:4::1; via ber, fra }
  spoke hidden { endpoint nat; address 10.64.5.1; via ber }
}
expect ping s1 -> s2 within 2s
expect ping s1 -> 10.64.3.77
expect ping 10.64.3.77 -> 10.64.2.1
expect no ping s1 -> 10.64.2.1
expect throughput s1 -> 10.64.3.77 >= 1kbit
expect throughput s1 -> s3 >= 1000gbit
expect ping s1 -> hidden
expect no ping hidden -> s1
`

interface Tunnel {
  readonly name: string
  readonly id: number
  readonly counters: { readonly rxPackets: number; readonly txPackets: number }
}

interface Tried {
  readonly expect: string
  readonly outcome: string
  readonly detail: string
}

describe('two hubs', () => {
  let file: ReturnType<typeof sourceFile>
  let lab: LabRun
  let nodes: readonly LabNodeReport[]
  const namespaceOf = (name: string) => nodes.find(({ node }) => node === name)?.namespace as string
  const inside = (node: string, ...args: string[]) =>
    lab.json<never>(0, '--netns', namespaceOf(node), ...args)
  const tunnelsOf = (node: string): Record<string, Tunnel> => {
    const { tunnels } = inside(node, 'show', 'tunnels') as { tunnels: Tunnel[] }
    return Object.fromEntries(tunnels.map((tunnel) => [tunnel.name, tunnel]))
  }

  const tried = (status: number) => {
    const { expects } = lab.json<{ expects: Tried[] }>(status, 'lab', 'test', file.path, '--name', lab.name)
    return Object.fromEntries(expects.map((each) => [each.expect, each]))
  }
  beforeAll(() => {
    file = sourceFile(source('fra'))
    lab = new LabRun(file.path, 'hubs')
    nodes = lab.up().nodes
  })
  afterAll(() => {
    lab?.down()
    file?.remove()
  })

  test('come up, each with its tunnels, and the second plan of every node is empty', () => {
    expect(nodes.map(({ node, error }) => ({ node, error }))).toEqual(
      ['ber', 'fra', 's1', 's2', 's3', 's4', 'hidden'].map((node) => ({ node, error: null })),
    )
    expect(Object.keys(tunnelsOf('ber')).sort()).toEqual(['fra', 'hidden', 's1', 's3', 's4'])
    expect(Object.keys(tunnelsOf('fra')).sort()).toEqual(['ber', 's2', 's3', 's4'])
    for (const { node, namespace } of nodes) {
      expect(lvn('--netns', namespace, 'plan', file.path, '--node', node)).toMatchObject({ status: 0 })
    }
  })

  test('carry pings between all pairs, those of both hubs too', () => {
    // Exit code 1: of the expectations some cannot be met.
    const pings = lab.test(1)
    expect(pings.filter((ping) => !ping.pending && !ping.denied && !ping.ok)).toEqual([])
    expect(
      pings.filter((ping) => ping.pending).map(({ from, to }) => from === 'hidden' || to === 'hidden'),
    ).not.toContain(false)
    expect(
      pings.filter((ping) => ping.denied && !ping.pending).map(({ from, address }) => `${from} ${address}`),
    ).toEqual(['s1 10.64.2.1'])
    const answered = pings.filter(({ ok, subnet }) => ok && subnet === null)
    // Six nodes, each to five others in two families, but for what the file denies.
    expect(answered).toHaveLength(6 * 5 * 2 - 1)
  })

  test('expectations: one of each kind is met and one is not, and what is pending is skipped', () => {
    const open = tried(1)
    const outcomes = (of: Record<string, Tried>) =>
      Object.fromEntries(Object.entries(of).map(([text, { outcome }]) => [text, outcome]))
    const skipped = { 'ping s1 -> hidden': 'skipped', 'no ping hidden -> s1': 'skipped' }
    expect(outcomes(open)).toEqual({
      'ping s1 -> s2 within 2s': 'passed',
      'ping s1 -> 10.64.3.77': 'passed',
      'ping 10.64.3.77 -> 10.64.2.1': 'passed',
      'no ping s1 -> 10.64.2.1': 'failed',
      'throughput s1 -> 10.64.3.77 >= 1kbit': 'passed',
      'throughput s1 -> s3 >= 1000gbit': 'failed',
      ...skipped,
    })
    expect(open['no ping s1 -> 10.64.2.1']?.detail).toMatch(/^10\.64\.2\.1 answered in /)
    expect(open['ping s1 -> hidden']?.detail).toBe(
      'hidden is behind a NAT, and its endpoint has not been signalled',
    )

    const drops = [
      dropEchoRequests('10.64.1.1', '10.64.2.1'),
      dropEchoRequests('fd42:64:0:1::1', 'fd42:64:0:2::1'),
    ]
    const shut = shutting(namespaceOf('ber'), drops, () => tried(1))
    expect(outcomes(shut)).toMatchObject({
      'ping s1 -> s2 within 2s': 'failed',
      'no ping s1 -> 10.64.2.1': 'passed',
    })
    expect(shut['no ping s1 -> 10.64.2.1']?.detail).toBe('no answer, while the other way is answered')
    expect(shut['ping s1 -> s2 within 2s']?.detail).toBe(
      'no answer from 10.64.2.1 or fd42:64:0:2::1 within 2 s',
    )
  })

  test('the spoke that prefers the other hub is carried by it, in place, while traffic flows', async () => {
    const moved = join(dirname(file.path), 'moved.lvn')
    writeFileSync(moved, source('ber'))
    const stream = await StreamOfPings.start(namespaceOf('s2'), '10.64.3.77')
    try {
      const before = { ber: tunnelsOf('ber'), fra: tunnelsOf('fra'), s3: tunnelsOf('s3') }
      // The new home first, then the spoke, then the hubs that send to it.
      for (const node of ['ber', 's3', 'fra', 's1', 's2', 's4']) {
        const { plan } = inside(node, 'apply', moved, '--node', node, '--yes') as {
          plan: { summary: unknown }
        }
        const change = { ber: 3, fra: 3, s3: 2 }[node] ?? 0
        expect({ node, summary: plan.summary }).toEqual({ node, summary: { add: 0, change, remove: 0 } })
      }
      await stream.answers(20)
      const after = { ber: tunnelsOf('ber'), fra: tunnelsOf('fra'), s3: tunnelsOf('s3') }
      for (const node of ['ber', 'fra', 's3'] as const) {
        for (const [name, { id, counters }] of Object.entries(before[node])) {
          expect(after[node][name]).toMatchObject({ id })
          expect(after[node][name]?.counters.rxPackets).toBeGreaterThanOrEqual(counters.rxPackets)
        }
      }
      const sent = (node: 'ber' | 'fra') =>
        (after[node].s3?.counters.txPackets ?? 0) - (before[node].s3?.counters.txPackets ?? 0)
      expect(sent('ber')).toBeGreaterThanOrEqual(20)
      const settled = tunnelsOf('fra').s3?.counters
      await stream.answers(10)
      expect(tunnelsOf('fra').s3?.counters).toMatchObject({
        rxPackets: settled?.rxPackets,
        txPackets: settled?.txPackets,
      })
    } finally {
      stream.stop()
    }
  })
})

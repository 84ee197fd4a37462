// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest'
import type { Change } from '../../../src/interp/types.ts'
import { formatPlan } from '../../../src/shell/cli/format-plan.ts'
import { plain } from '../../../src/shell/cli/output.ts'
import { changes, device, planOf, tunnel, tunnels } from './plans.ts'

const print = (plan: ReturnType<typeof planOf>, all = false) =>
  formatPlan(plan, { paint: plain, all, nothing: 'Nothing to do.' })

describe('formatPlan', () => {
  it('prints a diff grouped by device, and the sum', () => {
    expect(print(planOf(changes))).toBe(`gw1, hub of mitte (ebpf plane)

+ device lvn0 multi mtu 1452 over eth0
  + address lvn0 10.64.0.1
  ~ tunnel lvn0/kirche remote 203.0.113.7:50000 → 203.0.113.8:50000, keepalive every 20s dead after 1m30s → every 15s dead after 1m
  + rule lvn0 10.64.1.0/24 → kirche
  + sysctl net/ipv4/conf/lvn0/forwarding = 1
  - route 10.65.0.0/16

+ route unreachable 10.64.9.0/24 metric 4096

Plan: 5 to add, 1 to change, 1 to remove.`)
  })

  it('prints every change of a large plan, however many', () => {
    const many = 150_000
    const plan = planOf(tunnels(many))
    const absent = Array.from({ length: many }, () => ({
      device: 'lvn0',
      listen: '::1',
      reason: 'none has it',
    }))
    const lines = print({ ...plan, absent }, true).split('\n')
    expect(lines.filter((line) => line.startsWith('  + tunnel'))).toHaveLength(many)
    expect(lines.filter((line) => line.includes('none has it'))).toHaveLength(many)
  })

  it('says that it is about a node where nothing tells whether that is a hub', () => {
    const bare = planOf([], { nodes: [{ overlay: 'mitte', name: 'gw1', role: null }] })
    expect(print(bare)).toMatch(/^node gw1, of mitte \(ebpf plane\)\n/)
  })

  it('leaves a remote endpoint that a tunnel does not get to the line of what is pending', () => {
    const waits = { ...(tunnels(1)[0] as Change), after: { ...tunnel, name: 's0', remote: null } } as Change
    const pending = [{ device: 'lvn0', tunnel: 's0', reason: '198.51.100.10 cannot be used' }]
    const text = print(planOf([waits], { pending }))
    expect(text).toContain('  + tunnel lvn0/s0 local 198.51.100.10:50000\n')
    expect(text).toContain('  tunnel lvn0/s0: 198.51.100.10 cannot be used\n')
  })

  it('names a device that stays as it is above its changes', () => {
    expect(print(planOf(tunnels(1)))).toContain(
      '  device lvn0\n  + tunnel lvn0/s0 local 198.51.100.10:50000 remote 203.0.113.7:50000\n',
    )
  })

  it('says in words what is mended', () => {
    const change = { op: 'change', kind: 'device', id: 'device lvn0', before: device, after: device } as const
    const mended = { ...change, fields: ['up', 'intact'] } as const
    expect(print(planOf([mended]))).toContain('~ device lvn0 down → up, damaged → whole\n')
  })

  it('counts the interfaces of a host with many, and names those that come and go', () => {
    const many = ['eth0', 'eth1', 'eth2', 'eth3', 'ppp0']
    const from = {
      op: 'change',
      kind: 'device',
      id: 'device lvn0',
      before: device,
      fields: ['underlays'],
    } as const
    const change = (before: readonly string[], after: readonly string[]) =>
      print(
        planOf([
          { ...from, before: { ...device, underlays: before }, after: { ...device, underlays: after } },
        ]),
      )
    expect(change(['eth0'], ['eth0', 'eth1'])).toContain('~ device lvn0 underlays eth0 → eth0+eth1\n')
    expect(change(many, [...many.slice(0, 4), 'wg0'])).toContain(
      '~ device lvn0 underlays 5 → 5 (+wg0, -ppp0)\n',
    )
    expect(change([], many)).toContain('underlays 0 → 5 (+eth0, +eth1, +eth2 and 2 more)\n')
    const made = { ...(changes[0] as Change), after: { ...device, underlays: many } } as Change
    expect(print(planOf([made]))).toContain('+ device lvn0 multi mtu 1452 over eth0, eth1, eth2 and 2 more\n')
  })

  it('prints a device that is made anew as an old one and a new one', () => {
    const gone = {
      op: 'remove',
      kind: 'device',
      id: 'device lvn0',
      before: device,
      after: null,
      fields: [],
    } as const
    const made = {
      ...gone,
      op: 'add',
      before: null,
      after: { ...device, mode: 'fixed', underlays: [] },
    } as const
    const old = { ...(tunnels(1)[0] as Change), op: 'remove', before: tunnel, after: null } as Change
    expect(print(planOf([old, gone, made, ...tunnels(1)]))).toBe(`gw1, hub of mitte (ebpf plane)

- device lvn0
  - tunnel lvn0/s0

+ device lvn0 fixed mtu 1452
  + tunnel lvn0/s0 local 198.51.100.10:50000 remote 203.0.113.7:50000

Plan: 2 to add, 0 to change, 2 to remove.`)
  })

  it('folds a long run to its first five, unless all are wanted', () => {
    const long = planOf([...changes, ...tunnels(999)])
    const text = print(long)
    expect(text).toContain('  + tunnel lvn0/s4 ')
    expect(text).not.toContain('tunnel lvn0/s5 ')
    expect(text).toContain('  + … and 994 more tunnels (--all shows them)\n')
    expect(text).toContain('Plan: 1004 to add, 1 to change, 1 to remove.')
    expect(print(long, true)).toContain('tunnel lvn0/s998 ')
    expect(print(planOf(tunnels(40)))).toContain('tunnel lvn0/s39 ')
  })

  it('says that nothing is to be done, and still what waits and what is foreign', () => {
    const quiet = planOf([], {
      pending: [{ device: 'lvn0', tunnel: 'dach', reason: 'dach.example has no address now' }],
      foreign: [{ id: 'route 10.64.7.0/24', note: 'lies inside the overlay' }],
      notes: [{ id: 'device lvn0', note: 'is down' }],
    })
    expect(print(quiet)).toBe(`gw1, hub of mitte (ebpf plane)

pending: 1 tunnel cannot carry packets yet
  tunnel lvn0/dach: dach.example has no address now

foreign: 1 object of others, left alone
  route 10.64.7.0/24: lies inside the overlay

note:
  device lvn0: is down

Nothing to do.`)
  })
})

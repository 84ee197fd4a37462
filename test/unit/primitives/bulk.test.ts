// SPDX-License-Identifier: MIT
/** Many changes in one call: each is done or it is not, whatever becomes of the others. */
import { describe, expect, it } from 'vitest'
import type { Address, Prefix } from '../../../src/model/address.ts'
import {
  addDevice,
  addRules,
  addTunnels,
  deleteRules,
  deleteTunnels,
  type NewTunnel,
  type Result,
} from '../../../src/primitives/index.ts'
import { SimKernel } from '../../support/sim-kernel.ts'

const prefix = (text: string) => text as Prefix
const to = (name: string, address: string): NewTunnel => ({
  ...{ device: 'lvn5', name, remote: { address: address as Address } },
})

function host(): SimKernel {
  const kernel = new SimKernel([
    { name: 'eth0', addresses: ['198.51.100.10/24'] },
    { name: 'eth1', addresses: ['192.0.2.10/24'] },
  ])
  addDevice(kernel, { name: 'lvn5', mode: 'multi', capacity: 6 })
  return kernel
}

const outcomes = (results: readonly Result<unknown>[]) =>
  results.map((result) => (result.ok ? 'done' : result.error.message))
const tunnels = (kernel: SimKernel) => kernel.plane.snapshot().tunnels.map(({ name }) => name)
const rules = (kernel: SimKernel) =>
  kernel.plane.snapshot().rules.map((rule) => `${rule.prefix} ${rule.tunnel}`)

describe('many changes in one call', () => {
  it('have a result each, and one that is refused stops no other', () => {
    const kernel = host()
    const made = addTunnels(kernel, [
      to('a', '198.51.100.1'),
      to('a', '198.51.100.2'),
      to('far', '10.9.9.9'),
      { ...to('c', '198.51.100.3'), device: 'lvn6' },
      to('d', '192.0.2.1'),
      to('e', '198.51.100.4'),
    ])
    expect(outcomes(made)).toEqual([
      'done',
      'device lvn5 has a tunnel a already',
      'there is no route to 10.9.9.9',
      'there is no device lvn6',
      ...['done', 'done'],
    ])
    expect(made[4]).toMatchObject({ ok: true, value: { name: 'd', underlay: 'eth1', counters: {} } })
    expect(kernel.plane.snapshot().devices[0]?.underlays).toEqual(['eth0', 'eth1'])
    const ruled = addRules(kernel, [
      { device: 'lvn5', prefix: prefix('10.1.0.0/16'), tunnel: 'a' },
      { device: 'lvn5', prefix: prefix('10.1.0.0/16'), tunnel: 'd' },
      { device: 'lvn5', prefix: prefix('10.2.0.0/16'), tunnel: 'x' },
      { device: 'lvn5', prefix: prefix('10.3.0.0/16'), tunnel: 'a' },
      { device: 'lvn5', prefix: prefix('10.4.0.0/16'), tunnel: 'd' },
    ])
    expect(outcomes(ruled)).toEqual([
      'done',
      'device lvn5 has a rule for 10.1.0.0/16 already: it leads to a',
      'device lvn5 has no tunnel x',
      ...['done', 'done'],
    ])
    const taken = deleteRules(kernel, [
      { device: 'lvn5', prefix: prefix('10.3.0.0/16') },
      { device: 'lvn5', prefix: prefix('10.3.0.0/16') },
    ])
    expect(outcomes(taken)).toEqual(['done', 'device lvn5 has no rule for 10.3.0.0/16'])
    const gone = deleteTunnels(kernel, [
      { device: 'lvn5', tunnel: 'a' },
      { device: 'lvn5', tunnel: 'a' },
      { device: 'lvn5', tunnel: 'e' },
    ])
    expect(outcomes(gone)).toEqual(['done', 'device lvn5 has no tunnel a', 'done'])
    expect(gone[0]).toMatchObject({ value: { tunnel: { name: 'a' }, rules: [{ prefix: '10.1.0.0/16' }] } })
    expect([tunnels(kernel), rules(kernel)]).toEqual([['d'], ['10.4.0.0/16 d']])
  })

  it('leave nothing of one that the kernel refuses, at whatever step, and all of the others', () => {
    const wishes = [
      to('a', '198.51.100.1'),
      to('b', '192.0.2.1'),
      to('c', '192.0.2.2'),
      to('d', '198.51.100.2'),
    ]
    const whole = host()
    const first = whole.operations
    addTunnels(whole, wishes)
    const count = whole.operations - first
    // Two of them widen the device first.
    expect(count).toBe(6)
    for (let i = 0; i < count; i++) {
      const kernel = host()
      kernel.refuseAt = kernel.operations + i
      const made = addTunnels(kernel, wishes)
      const refused = outcomes(made).indexOf('refused')
      expect(
        outcomes(made).filter((outcome) => outcome !== 'done'),
        `operation ${i}`,
      ).toEqual(['refused'])
      const rest = wishes.filter((_, index) => index !== refused)
      const alone = host()
      addTunnels(alone, rest)
      expect(kernel.dump(), `operation ${i}`).toEqual(alone.dump())
    }
  })

  it('are refused where the device has no room for them, without asking the kernel for each', () => {
    const kernel = host()
    const wishes = Array.from({ length: 9 }, (_, i) => to(`t${i}`, `198.51.100.${i + 20}`))
    const before = kernel.operations
    expect(outcomes(addTunnels(kernel, wishes)).slice(5)).toEqual([
      'done',
      ...Array(3).fill('device lvn5 was made for 6 tunnels, and has them'),
    ])
    // One for each that was made, and one that gives the device its underlay.
    expect(kernel.operations - before).toBe(7)
  })

  it('ask the kernel for its state as often as one change does', () => {
    const looks = (wishes: readonly NewTunnel[]) => {
      const kernel = host()
      let count = 0
      const { plane, host: network } = kernel
      addTunnels(
        {
          plane: {
            ...plane,
            snapshot: () => {
              count++
              return plane.snapshot()
            },
          },
          host: {
            ...network,
            snapshot: () => {
              count++
              return network.snapshot()
            },
          },
        },
        wishes,
      )
      return count
    }
    const many = Array.from({ length: 6 }, (_, i) => to(`t${i}`, `198.51.100.${i + 20}`))
    expect(looks(many)).toBe(looks(many.slice(0, 1)))
  })

  it('are nothing where there are none', () => {
    const kernel = host()
    expect([addTunnels(kernel, []), deleteRules(kernel, [])]).toEqual([[], []])
  })
})

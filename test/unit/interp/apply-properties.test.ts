// SPDX-License-Identifier: MIT
/**
 * What must hold for any two topologies, whichever was there first: applying converges, is idempotent, survives
 * death and refusal at every operation, and destroy leaves the host as it was. On a kernel in memory.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { diff } from '../../../src/interp/3-diff.ts'
import { applyPlan, observe, planDestroy } from '../../../src/interp/index.ts'
import type { Address } from '../../../src/model/address.ts'
import { openFamily } from '../../../src/model/filter.ts'
import type { TunnelSpec } from '../../../src/model/state.ts'
import type { SimKernel } from '../../support/sim-kernel.ts'
import { anyFile, brought, host, hubOf, planned, where } from '../../support/sim-worlds.ts'
import { at, hub, nat, overlay, spoke, topology } from '../../support/topologies.ts'

const states = { a: anyFile(), b: anyFile() }

describe('any topology after any other', () => {
  it('is reached, and the second plan is empty', async () => {
    await fc.assert(
      fc.asyncProperty(states.a, states.b, async (a, b) => {
        const kernel = host()
        for (const file of [a, b]) {
          await brought(kernel, file)
          const again = await planned(kernel, file)
          expect(again.steps.map((step) => step.change)).toEqual([])
          expect(diff(observe(kernel), again.desired, again.scope).changes).toEqual([])
        }
      }),
      { numRuns: 300 },
    )
  })

  it('ends the same whether reached directly or by way of the other', async () => {
    await fc.assert(
      fc.asyncProperty(states.a, states.b, async (a, b) => {
        const kernel = host()
        await brought(kernel, a)
        const direct = host()
        await brought(direct, b)
        applyPlan(kernel, planDestroy(kernel, b, hubOf(b)), () => {})
        await brought(kernel, b)
        expect(kernel.dump()).toEqual(direct.dump())
      }),
      { numRuns: 100 },
    )
  })

  it('is left by destroy as if it had never been', async () => {
    await fc.assert(
      fc.asyncProperty(states.a, states.b, async (a, b) => {
        const kernel = host()
        const before = kernel.dump()
        await brought(kernel, a)
        await brought(kernel, b)
        const report = applyPlan(kernel, planDestroy(kernel, a, hubOf(a)), () => {})
        expect(report).toMatchObject({ outcome: 'done', residue: [] })
        expect(kernel.dump()).toEqual(before)
        expect(planDestroy(kernel, a, hubOf(a)).steps).toEqual([])
      }),
      { numRuns: 200 },
    )
  })

  it('converges after a death before any operation', async () => {
    await fc.assert(
      fc.asyncProperty(states.a, states.b, where, async (a, b, part) => {
        const whole = host()
        await brought(whole, a)
        await brought(whole, b)
        const kernel = host()
        await brought(kernel, a)
        const plan = await planned(kernel, b)
        const count = plan.steps.flatMap((step) => step.operations).length
        kernel.dieAt = kernel.operations + Math.floor(part * count)
        applyPlan(kernel, plan, () => {})
        kernel.dieAt = null
        await brought(kernel, b)
        expect(kernel.dump()).toEqual(whole.dump())
        kernel.dieAt = kernel.operations + Math.floor(part * 30)
        applyPlan(kernel, planDestroy(kernel, b, hubOf(b)), () => {})
        kernel.dieAt = null
        applyPlan(kernel, planDestroy(kernel, b, hubOf(b)), () => {})
        expect(kernel.dump()).toEqual(host().dump())
      }),
      { numRuns: 300 },
    )
  })

  it('is taken back whole when any operation is refused', async () => {
    await fc.assert(
      fc.asyncProperty(states.a, states.b, where, fc.boolean(), async (a, b, part, destroying) => {
        const kernel = host()
        await brought(kernel, a)
        const before = kernel.dump()
        const plan = destroying ? planDestroy(kernel, a, hubOf(a)) : await planned(kernel, b)
        const count = plan.steps.flatMap((step) => step.operations).length
        if (count === 0) return
        kernel.refuseAt = kernel.operations + Math.floor(part * count)
        const report = applyPlan(kernel, plan, () => {})
        expect(report.outcome).toBe('rolled-back')
        expect(report.steps.filter((step) => step.status === 'failed')).toHaveLength(1)
        expect(report.steps.some((step) => step.status === 'done')).toBe(false)
        expect(kernel.dump()).toEqual(before)
      }),
      { numRuns: 400 },
    )
  })
})

describe('drift', () => {
  it('made by hand is planned and repaired, and what others do is left alone', async () => {
    await fc.assert(
      fc.asyncProperty(
        states.a,
        fc.array(fc.nat({ max: 7 }), { minLength: 1, maxLength: 4 }),
        async (a, harms) => {
          const kernel = host()
          await brought(kernel, a)
          const whole = kernel.dump()
          for (const harm of harms) harmful[harm]?.(kernel)
          await brought(kernel, a)
          expect(kernel.dump()).toEqual(whole)
        },
      ),
      { numRuns: 150 },
    )
  })

  const harmful: ((kernel: SimKernel) => void)[] = [
    (kernel) => {
      const ours = kernel.addresses.filter((address) => address.owned)
      kernel.host.apply(ours.map((spec) => ({ op: 'delete', kind: 'address', spec })))
    },
    (kernel) => {
      const ours = kernel.routes.filter((route) => route.owned)
      kernel.host.apply(ours.map((spec) => ({ op: 'delete', kind: 'route', spec })))
    },
    (kernel) => kernel.rules.clear(),
    (kernel) => kernel.write('net/ipv4/conf/all/send_redirects', '1'),
    (kernel) => {
      for (const [key, spec] of kernel.tunnels) {
        if (spec.remote !== null)
          kernel.tunnels.set(key, { ...spec, keepalive: { intervalMs: 1, deadMs: 2 } })
      }
    },
    (kernel) => {
      for (const device of kernel.devices.values()) device.intact = false
    },
    (kernel) => kernel.filters.clear(),
    (kernel) => {
      for (const [device, filter] of kernel.filters)
        kernel.filters.set(device, { ...filter, ipv4: openFamily, intact: false })
    },
  ]

  it('is not what a tunnel has learned', async () => {
    const kernel = host()
    const nodes = [spoke('s1', nat, { addresses: ['10.64.1.1'] }), spoke('s2', at('203.0.113.2'))]
    const file = topology(overlay(['10.64.0.0/16'], hub('gw1', ['198.51.100.10']), nodes))
    await brought(kernel, file)
    const key = 'lvn0/s1'
    const learned = { address: '203.0.113.77' as Address, port: 40001 }
    const before = kernel.tunnels.get(key) as TunnelSpec
    expect(before.remote).toBeNull()
    kernel.tunnels.set(key, { ...before, remote: learned, underlay: 'eth0' })
    const plan = await planned(kernel, file)
    expect(plan.steps).toEqual([])
    expect(plan.pending).toEqual([])
    expect(plan.desired.tunnels[0]?.remote).toEqual(learned)
  })

  it('of endpoints that changed hands is mended without two holding one', async () => {
    const kernel = host()
    const file = (x: string, y: string) =>
      topology(
        overlay(['10.64.0.0/16'], hub('gw1', ['198.51.100.10']), [
          spoke('s1', at(x), { addresses: ['10.64.1.1'] }),
          spoke('s2', at(y), { addresses: ['10.64.2.1'] }),
        ]),
      )
    await brought(kernel, file('203.0.113.1', '203.0.113.2'))
    await brought(kernel, file('203.0.113.2', '203.0.113.1'))
    expect(kernel.tunnels.get('lvn0/s1')?.remote?.address).toBe('203.0.113.2')
    expect(kernel.tunnels.get('lvn0/s2')?.remote?.address).toBe('203.0.113.1')
  })
})

describe('two overlays on one host', () => {
  const both = {
    a: anyFile('mitte', 64, fc.constant('lvn0')),
    b: anyFile('city', 65, fc.constant('lvn5')),
  }

  it('come and go in any order and leave nothing', async () => {
    await fc.assert(
      fc.asyncProperty(both.a, both.b, fc.boolean(), async (a, b, swap) => {
        const kernel = host()
        await brought(kernel, a)
        await brought(kernel, b)
        expect((await planned(kernel, a)).steps).toEqual([])
        const [first, second] = swap ? [b, a] : [a, b]
        applyPlan(kernel, planDestroy(kernel, first, hubOf(first)), () => {})
        // What only the first needed has been handed over, and is put back now that nobody else is there.
        const after = await planned(kernel, second)
        expect(after.steps.filter(({ change }) => change.kind !== 'sysctl')).toEqual([])
        applyPlan(kernel, after, () => {})
        expect((await planned(kernel, second)).steps).toEqual([])
        applyPlan(kernel, planDestroy(kernel, second, hubOf(second)), () => {})
        expect(kernel.dump()).toEqual(host().dump())
      }),
      { numRuns: 200 },
    )
  })

  it('of one file behave as one', async () => {
    await fc.assert(
      fc.asyncProperty(both.a, both.b, where, async (a, b, part) => {
        const policies = [...a.policies, ...b.policies]
        const together = { ...a, overlays: [...a.overlays, ...b.overlays], policies }
        const kernel = host()
        await brought(kernel, together)
        expect((await planned(kernel, together)).steps).toEqual([])
        const before = kernel.dump()
        const plan = planDestroy(kernel, together, hubOf(together))
        kernel.refuseAt =
          kernel.operations + Math.floor(part * plan.steps.flatMap((s) => s.operations).length)
        expect(applyPlan(kernel, plan, () => {}).outcome).toBe('rolled-back')
        expect(kernel.dump()).toEqual(before)
        applyPlan(kernel, planDestroy(kernel, together, hubOf(together)), () => {})
        expect(kernel.dump()).toEqual(host().dump())
      }),
      { numRuns: 100 },
    )
  })
})

// SPDX-License-Identifier: MIT
/** The pipeline as its callers see it: what a plan says of itself, and what an apply reports at its end. */
import { describe, expect, it } from 'vitest'
import {
  applyPlan,
  type PlanOptions,
  planApply,
  planDestroy,
  planFromState,
  planRestore,
  prepareApply,
  prepareDestroy,
  prepareDestroyOwned,
  wayBack,
} from '../../../src/interp/index.ts'
import type { ApplyProgress } from '../../../src/interp/types.ts'
import { SimKernel } from '../../support/sim-kernel.ts'
import { empty } from '../../support/states.ts'
import { at, hub, named, overlay, spoke, topology } from '../../support/topologies.ts'

function host(): SimKernel {
  const kernel = new SimKernel([{ name: 'eth0', addresses: ['198.51.100.10/24'] }])
  kernel.route('203.0.113.0/24', 'eth0')
  return kernel
}
const gateway = hub('gw1', ['198.51.100.10'], { addresses: ['10.64.0.1'] })
const file = topology(
  overlay(['10.64.0.0/16'], gateway, [
    spoke('s1', at('203.0.113.1'), { addresses: ['10.64.1.1'] }),
    spoke('s2', named('a.example'), { addresses: ['10.64.2.1'] }),
  ]),
)
const options: PlanOptions = { resolveName: async () => ['203.0.113.2' as never] }
const planned = (kernel: SimKernel, more: Partial<PlanOptions> = {}) =>
  planApply(kernel, file, [gateway], { ...options, ...more })

describe('a plan', () => {
  it('says what it was made for and from, and what it does', async () => {
    const kernel = host()
    const { plan, live, names } = await prepareApply(kernel, file, [gateway], options)
    expect(plan).toMatchObject({
      nodes: [{ overlay: 'mitte', name: 'gw1', role: 'hub' }],
      plane: 'ebpf',
      scope: { owners: [{ overlay: 'mitte', node: 'gw1' }], nets: ['10.64.0.0/16'] },
      behind: [{ device: 'lvn0', destinations: ['10.64.1.1', '10.64.2.1'] }],
    })
    expect(plan.nodes[0]).not.toHaveProperty('device')
    expect([plan.summary.add + plan.summary.change + plan.summary.remove]).toEqual([plan.steps.length])
    expect(names).toEqual(new Map([['a.example', ['203.0.113.2']]]))
    expect(live.links.map(({ name }) => name)).toEqual(['eth0'])
    expect(plan).not.toHaveProperty('prune')
    expect(plan).not.toHaveProperty('restores')
  })

  it('prunes where that is asked for, and says so', async () => {
    const none = await planned(host(), { prune: 'guarded' })
    expect(none.prune).toMatchObject({ overlays: [], removed: 0 })
    expect(none.notes.at(-1)).toEqual({ id: 'prune', note: 'every overlay on this node is in the file' })
    const { live, names } = await prepareApply(host(), file, [gateway], options)
    expect(planFromState(live, file, [gateway], names)).not.toHaveProperty('prune')
    expect(planFromState(live, file, [gateway], names, 'all')).toHaveProperty('prune')
  })

  it('that destroys wants nothing, and names what it leaves only where it takes nothing', async () => {
    const kernel = host()
    const other = topology(overlay(['10.65.0.0/16'], hub('hub', [], { overlay: 'city', device: 'lvn5' }), []))
    applyPlan(kernel, await planned(kernel))
    applyPlan(kernel, await planApply(kernel, other, [other.overlays[0]?.hub as never], options))
    const { plan, names } = prepareDestroy(kernel, file, [gateway])
    expect([plan.desired, plan.notes, plan.pending, plan.absent, names.size]).toEqual([empty, [], [], [], 0])
    expect(plan.summary).toEqual({ add: 0, change: 0, remove: plan.steps.length })
    expect(plan.steps.some(({ change }) => change.id === 'device lvn0')).toBe(true)
    applyPlan(kernel, plan)
    expect(planDestroy(kernel, file, [gateway]).notes.map(({ id }) => id)).toEqual(['device lvn5'])
  })

  it('that destroys by name is of nodes that no file gives a role', async () => {
    const kernel = host()
    applyPlan(kernel, await planned(kernel))
    const { plan, live, names } = prepareDestroyOwned(kernel, 'mitte')
    expect(plan.nodes).toEqual([{ overlay: 'mitte', name: 'gw1', role: null }])
    expect([plan.scope, plan.desired, names.size]).toEqual([
      ...[{ owners: [{ overlay: 'mitte', node: 'gw1' }], nets: [] }, empty, 0],
    ])
    expect(live.devices).toHaveLength(1)
    applyPlan(kernel, plan)
    expect(kernel.dump()).toEqual(host().dump())
    expect(() => prepareDestroyOwned(kernel, 'mitte')).toThrow(expect.objectContaining({ code: 'LVN6404' }))
  })

  it('that leads back says so', async () => {
    const kernel = host()
    const { plan, live } = await prepareApply(kernel, file, [gateway], options)
    applyPlan(kernel, plan)
    expect(planRestore(kernel, wayBack(live, plan))).toMatchObject({
      restores: true,
      desired: empty,
      notes: [],
    })
  })
})

describe('an apply', () => {
  it('compares at its end, and tells that it does', async () => {
    const kernel = host()
    const seen: ApplyProgress[] = []
    const report = applyPlan(kernel, await planned(kernel), (progress) => seen.push(progress))
    expect(report).toMatchObject({ outcome: 'done', residue: [], lost: [] })
    expect(['diverted', 'unverified', 'taken'].filter((key) => key in report)).toEqual([])
    expect(seen.slice(-2)).toEqual([0, 1].map((done) => ({ phase: 'verify', done, total: 1 })))
  })

  it('that was rolled back compares nothing', async () => {
    const kernel = host()
    const seen: string[] = []
    const plan = await planned(kernel)
    kernel.refuseAt = 3
    const report = applyPlan(kernel, plan, ({ phase }) => seen.push(phase))
    expect(report).toMatchObject({ outcome: 'rolled-back', residue: [], lost: [] })
    expect(seen).not.toContain('verify')
    expect(seen).toContain('undo')
  })

  it.each([[new Error('torn')], ['torn']])(
    'stays where the kernel cannot be read again: %s',
    async (thrown) => {
      const kernel = host()
      const plan = await planned(kernel)
      kernel.betweenReads = () => {
        throw thrown
      }
      const report = applyPlan(kernel, plan)
      expect(report).toMatchObject({ outcome: 'done', residue: [], lost: [] })
      expect(report.unverified).toEqual(new Error('torn'))
      expect(kernel.devices.size).toBe(1)
    },
  )

  it('that cuts something off is taken back, and says what', async () => {
    const kernel = host()
    const before = kernel.dump() as { routes: unknown[] }
    const seen: string[] = []
    const plan = await planned(kernel)
    kernel.betweenReads = () => {
      kernel.routes = kernel.routes.filter(({ destination }) => destination !== '203.0.113.0/24')
    }
    const report = applyPlan(kernel, plan, ({ phase }) => seen.push(phase))
    expect(report).toMatchObject({ outcome: 'rolled-back', residue: [] })
    expect(report.lost).toEqual(['203.0.113.1', '203.0.113.2'])
    expect(report.steps.every(({ status }) => status === 'undone')).toBe(true)
    expect(seen.at(-1)).toBe('undo')
    expect({ ...(kernel.dump() as object), routes: 0 }).toEqual({ ...before, routes: 0 })
  })

  it('tells what leads packets past its devices', async () => {
    const kernel = host()
    const plan = await planned(kernel)
    const other = { from: null, to: null, iif: null, oif: null, mark: null, suppressedLength: null }
    kernel.ipRules.push({
      ...{ ...other, family: 4, priority: 100, table: 7, action: 'lookup', inverted: false, narrowed: false },
      owned: false,
    })
    kernel.host.ways = (questions) =>
      questions.map((question) => ({ question, device: 'eth0', type: 'unicast', table: 7, route: null }))
    expect(applyPlan(kernel, plan).diverted).toMatchObject([{ id: 'a route of table 7 (ip rule 100)' }])
  })
})

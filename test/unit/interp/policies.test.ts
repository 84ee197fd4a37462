// SPDX-License-Identifier: MIT
/** Policies of a topology: which node filters, what the plan says, and its order. On a kernel in memory. */
import { describe, expect, it } from 'vitest'
import { applyPlan, planApply, planDestroy, planToJson } from '../../../src/interp/index.ts'
import type { Plan } from '../../../src/interp/types.ts'
import type { Address } from '../../../src/model/address.ts'
import type { FilterSpec } from '../../../src/model/filter.ts'
import { openFamily } from '../../../src/model/filter.ts'
import type { Policy, Topology } from '../../../src/model/topology.ts'
import { policy, verdictOf, withPolicies } from '../../support/policies.ts'
import { SimKernel } from '../../support/sim-kernel.ts'
import { at, hub, overlay, spoke, topology } from '../../support/topologies.ts'

const host = () => {
  const kernel = new SimKernel([{ name: 'eth0', addresses: ['198.51.100.10/24'] }])
  kernel.route('0.0.0.0/0', 'eth0')
  return kernel
}
const names = ['rathaus', 'kirche', 'museum']
function file(policies: readonly Policy[], count = 2): Topology {
  const spokes = names.slice(0, count).map((name, i) =>
    spoke(name, at(`203.0.113.${i + 1}`), {
      addresses: [`10.64.${i + 1}.1`, `fd42:64:${i + 1}::1`],
      routes: [`10.64.${i + 1}.128/25`],
    }),
  )
  const gw = hub('gw1', ['198.51.100.10'], {
    addresses: ['10.64.0.1', 'fd42:64::1'],
    routes: ['10.64.200.0/24'],
  })
  return withPolicies(topology(overlay(['10.64.0.0/16', 'fd42:64::/32'], gw, spokes)), ...policies)
}
const hubs = (made: Topology) => made.overlays.map((each) => each.hub)
const planned = (kernel: SimKernel, made: Topology, nodes = hubs(made)): Promise<Plan> =>
  planApply(kernel, made, nodes, { resolveName: async () => [] })
const lines = (plan: Plan) => plan.steps.map(({ change }) => `${change.op} ${change.id}`)
async function applied(kernel: SimKernel, made: Topology): Promise<Plan> {
  const plan = await planned(kernel, made)
  expect(applyPlan(kernel, plan)).toMatchObject({ outcome: 'done', residue: [] })
  expect((await planned(kernel, made)).steps).toEqual([])
  return plan
}
const only = (kernel: SimKernel) => [...kernel.filters.values()][0] as FilterSpec & { intact: boolean }
const verdict = (filter: FilterSpec, from: string, to: string) =>
  verdictOf(filter, from as Address, to as Address)

const deny = policy('deny', 'rathaus', 'kirche')

describe('policies', () => {
  it('become the filter of a hub: addresses and routes of its nodes, in both families', async () => {
    const kernel = host()
    await applied(kernel, file([deny]))
    const filter = only(kernel)
    expect(filter).toMatchObject({
      device: 'lvn0',
      owner: { overlay: 'mitte', node: 'gw1' },
      policies: ['deny rathaus -> kirche'],
    })
    expect(verdict(filter, '10.64.1.1', '10.64.2.1')).toBe('deny')
    expect(verdict(filter, '10.64.1.200', '10.64.2.129')).toBe('deny')
    expect(verdict(filter, 'fd42:64:1::1', 'fd42:64:2::1')).toBe('deny')
    expect(verdict(filter, '10.64.1.2', '10.64.2.1')).toBe('allow')
    expect(verdict(filter, '10.64.2.1', '10.64.1.1')).toBe('allow')
    expect(verdict(filter, '10.64.1.1', '10.64.200.7')).toBe('allow')
  })

  it('reach the hub itself and what is behind it', async () => {
    const kernel = host()
    await applied(kernel, file([policy('deny', 'any', 'gw1'), policy('allow', 'kirche', '10.64.200.0/24')]))
    const filter = only(kernel)
    expect(verdict(filter, '10.64.1.1', '10.64.0.1')).toBe('deny')
    expect(verdict(filter, '10.64.2.1', '10.64.0.1')).toBe('deny')
    expect(verdict(filter, '10.64.1.1', '10.64.200.1')).toBe('deny')
    expect(verdict(filter, '10.64.2.1', '10.64.200.1')).toBe('allow')
  })

  it('of another overlay, of a spoke, or that deny nothing, put nothing into a kernel', async () => {
    const kernel = host()
    const elsewhere = { ...deny, overlay: 'other' }
    expect((await planned(kernel, file([elsewhere]))).desired.filters).toEqual([])
    expect((await planned(kernel, file([policy('allow', 'any', 'any')]))).desired.filters).toEqual([])
    expect((await planned(kernel, file([deny, policy('allow', 'any', 'any')]))).desired.filters).toEqual([])
    const spokes = file([deny]).overlays[0]?.spokes.slice(0, 1) ?? []
    expect((await planned(kernel, file([deny]), [...spokes])).desired.filters).toEqual([])
  })

  it('are in force before what they restrict comes, and until after it has gone', async () => {
    const kernel = host()
    const first = await applied(kernel, file([deny]))
    expect(lines(first)[0]).toBe('add filter lvn0')
    const grown = [deny, policy('deny', 'museum', 'any')]
    const more = await applied(kernel, file(grown, 3))
    expect(lines(more)[0]).toBe('change filter lvn0')
    expect(more.steps[0]?.operations).toMatchObject([{ operation: { op: 'set', kind: 'filter' } }])
    const less = await applied(kernel, file([deny], 2))
    expect(lines(less).at(-1)).toBe('change filter lvn0')
    expect(lines(planDestroy(kernel, file([]), hubs(file([])))).at(-1)).toBe('remove filter lvn0')
  })

  it('that all go take the filter with them, and it alone', async () => {
    const kernel = host()
    await applied(kernel, file([]))
    const before = kernel.dump()
    expect(lines(await applied(kernel, file([deny])))).toEqual(['add filter lvn0'])
    expect(lines(await applied(kernel, file([])))).toEqual(['remove filter lvn0'])
    expect(kernel.dump()).toEqual(before)
  })

  it('tell what differs', async () => {
    const kernel = host()
    await applied(kernel, file([deny, policy('deny', 'kirche', 'gw1')]))
    const fields = async (made: Topology) =>
      (await planned(kernel, made)).steps.map(({ change }) => change.fields)
    expect(await fields(file([policy('deny', 'kirche', 'gw1'), deny]))).toEqual([['policies']])
    const whole = only(kernel)
    kernel.filters.set('lvn0', { ...whole, ipv6: openFamily })
    expect(await fields(file([deny, policy('deny', 'kirche', 'gw1')]))).toEqual([['ipv6']])
    kernel.filters.set('lvn0', { ...whole, intact: false })
    const drift = await applied(kernel, file([deny, policy('deny', 'kirche', 'gw1')]))
    expect(drift.steps.map(({ change }) => [change.id, change.fields])).toEqual([['filter lvn0', ['intact']]])
    expect(only(kernel)).toEqual(whole)
  })

  it('leave a table of somebody else alone, and are refused where it is in the way', async () => {
    const kernel = host()
    await applied(kernel, file([]))
    const theirs = {
      device: 'lvn0',
      owner: null,
      policies: [],
      ipv4: openFamily,
      ipv6: openFamily,
      intact: true,
    }
    kernel.filters.set('lvn0', theirs)
    const plan = await planned(kernel, file([]))
    expect(plan.steps).toEqual([])
    expect(plan.foreign).toMatchObject([{ id: 'table inet lvn_lvn0' }])
    await expect(planned(kernel, file([deny]))).rejects.toMatchObject({
      code: 'LVN5201',
      exitCode: 4,
      span: deny.span,
    })
    applyPlan(kernel, planDestroy(kernel, file([]), hubs(file([]))))
    expect([...kernel.filters.values()]).toEqual([theirs])
  })

  it('whose device was taken away by hand are still found by destroy', async () => {
    const kernel = host()
    const empty = kernel.dump()
    await applied(kernel, file([deny]))
    const destroy = planDestroy(kernel, file([]), hubs(file([])))
    applyPlan(kernel, { ...destroy, steps: destroy.steps.filter(({ change }) => change.kind !== 'filter') })
    expect(kernel.filters.size).toBe(1)
    const rest = planDestroy(kernel, file([]), hubs(file([])))
    expect(lines(rest)).toEqual(['remove filter lvn0'])
    applyPlan(kernel, rest)
    expect(kernel.dump()).toEqual(empty)
  })

  it('are in the JSON of a plan, with the line that asks for them', async () => {
    const plan = await planned(host(), file([deny]))
    expect(planToJson(plan, []).operations[0]).toMatchObject({
      op: 'add',
      kind: 'filter',
      id: 'filter lvn0',
      before: null,
      after: { policies: ['deny rathaus -> kirche'] },
      span: { file: 'test.lvn', line: 50 },
    })
  })

  it('with two long names have a label that the kernel keeps', async () => {
    const long = 'ä'.repeat(20)
    const made = file([policy('deny', 'rathaus', 'kirche')])
    const [over] = made.overlays
    if (over === undefined) throw new Error('no overlay')
    const named = over.spokes.map((each, i) => ({ ...each, name: `${'x'.repeat(60)}-${i}${long}` }))
    const [a, b] = named.map(({ name }) => name) as [string, string]
    const plan = await planned(host(), {
      ...made,
      overlays: [{ ...over, spokes: named }],
      policies: [policy('deny', a, b)],
    })
    const [label] = plan.desired.filters[0]?.policies ?? []
    expect(label).toMatch(/^deny x{60}-0ä.*…$/)
    expect(Buffer.byteLength(label ?? '')).toBeLessThanOrEqual(128)
  })
})

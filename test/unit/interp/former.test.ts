// SPDX-License-Identifier: MIT
/** Nodes, overlays and devices under new names: what passes to whom, in place, and what is not taken over. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LvnError } from '../../../src/diag/error.ts'
import { applyPlan, planApply, planDestroy, planRestore, wayBack } from '../../../src/interp/index.ts'
import type { Plan, Prune } from '../../../src/interp/types.ts'
import type { Node, Topology } from '../../../src/model/topology.ts'
import { changeLine } from '../../../src/shell/cli/format-change.ts'
import { plain } from '../../../src/shell/cli/output.ts'
import { anyPolicies, withPolicies } from '../../support/policies.ts'
import { SimKernel } from '../../support/sim-kernel.ts'
import { at, hub, type NodeOptions, nat, overlay, spoke, topology } from '../../support/topologies.ts'
import '../../support/seed.ts'

const host = () => {
  const kernel = new SimKernel([{ name: 'eth0', addresses: ['198.51.100.10/24'] }])
  kernel.route('0.0.0.0/0', 'eth0')
  return kernel
}

/** A hub here, a spoke elsewhere. */
const file = (name: string, over = 'mitte', options: NodeOptions = {}): Topology =>
  topology(
    overlay(
      ['10.64.0.0/16', 'fd42:64::/48'],
      hub(name, ['198.51.100.10'], {
        ...{ overlay: over, addresses: ['10.64.0.1', 'fd42:64::1'], routes: ['10.64.9.0/24'] },
        ...options,
      }),
      [
        {
          ...spoke('kirche', at('203.0.113.1'), { overlay: over, addresses: ['10.64.1.1'] }),
          ...{ via: [name], prefer: name },
        },
      ],
    ),
  )
const hubs = (made: Topology) => made.overlays.map((each) => each.hub)
const planned = (
  kernel: SimKernel,
  made: Topology,
  nodes: readonly Node[] = hubs(made),
  prune: Prune = 'none',
) => planApply(kernel, made, nodes, { resolveName: async () => [], prune })
const lines = (plan: Plan) => plan.steps.map(({ change }) => changeLine(change, plain))

async function brought(kernel: SimKernel, made: Topology, nodes?: readonly Node[]): Promise<Plan> {
  const plan = await planned(kernel, made, nodes)
  expect(applyPlan(kernel, plan)).toMatchObject({ outcome: 'done', residue: [] })
  expect(lines(await planned(kernel, made, nodes))).toEqual([])
  return plan
}

const refusalOf = async (plan: Promise<Plan>): Promise<LvnError> =>
  plan.then(
    () => expect.unreachable('it was planned'),
    (error: LvnError) => error,
  )

describe('under another name in the file', () => {
  it('a node is renamed in place, and everything is as if it had never had the old name', async () => {
    const kernel = host()
    await brought(kernel, file('gw1'))
    const plan = await brought(kernel, file('core'))
    expect(lines(plan)).toEqual(['~ device lvn0 node gw1 → core'])
    expect(plan.steps[0]?.operations.map(({ operation }) => operation.op)).toEqual(['set'])
    const direct = host()
    await brought(direct, file('core'))
    expect(kernel.dump()).toEqual(direct.dump())
  })

  it('a filter changes hands with its device', async () => {
    const kernel = host()
    const named = (name: string) => {
      const some = anyPolicies(file(name)).filter((all) => all.length > 0)
      return withPolicies(file(name), ...(fc.sample(some, 1)[0] ?? []))
    }
    await brought(kernel, named('gw1'))
    expect(kernel.filters.size).toBe(1)
    await brought(kernel, named('core'))
    expect([...kernel.filters.values()].map(({ owner }) => owner?.node)).toEqual(['core'])
  })

  it('an overlay is renamed in place, where the device has the same inner address, and the plan says so', async () => {
    const kernel = host()
    await brought(kernel, file('gw1'))
    const plan = await brought(kernel, file('core', 'nord'))
    expect(lines(plan)).toEqual(['~ device lvn0 overlay mitte → nord, node gw1 → core'])
    expect(plan.notes).toContainEqual({
      id: 'device lvn0',
      note: 'mitte/gw1, to which it belongs, has the same inner address and is not in the file: it is taken for the same under another name',
    })
    const direct = host()
    await brought(direct, file('core', 'nord'))
    expect(kernel.dump()).toEqual(direct.dump())
  })

  it('a node whose device has another name, too, is made anew, and nothing of the old one stays', async () => {
    const kernel = host()
    await brought(kernel, file('gw1'))
    await brought(kernel, file('core', 'mitte', { device: 'lvn7' }))
    const direct = host()
    await brought(direct, file('core', 'mitte', { device: 'lvn7' }))
    expect(kernel.dump()).toEqual(direct.dump())
  })

  it('two nodes that swap their names are renamed where they know who they are, and nowhere else', async () => {
    const two = (here: string, there: string, endpoint = at('198.51.100.10')) =>
      topology(
        overlay(['10.64.0.0/16'], hub('gw1', ['192.0.2.1'], { addresses: ['10.64.0.1'] }), [
          spoke(here, endpoint, { addresses: ['10.64.1.1'] }),
          spoke(there, at('203.0.113.9'), { addresses: ['10.64.2.1'] }),
        ]),
      )
    const self = (made: Topology, name: string) =>
      made.overlays[0]?.spokes.filter((each) => each.name === name)
    const kernel = host()
    await brought(kernel, two('kirche', 'dom'), self(two('kirche', 'dom'), 'kirche'))
    const swapped = two('dom', 'kirche')
    const plan = await brought(kernel, swapped, self(swapped, 'dom'))
    expect(lines(plan)).toEqual(['~ device lvn0 node kirche → dom'])
    expect(plan.notes).toEqual([
      { id: 'device lvn0', note: 'kirche, which it was, is another node of the file now' },
    ])
    const behind = two('kirche', 'dom', nat)
    const refused = await refusalOf(planned(kernel, behind, self(behind, 'kirche')))
    expect([refused.code, refused.hint]).toEqual([
      'LVN4001',
      'give the device another name, or `lvn destroy mitte/dom` first',
    ])
  })

  it('a rename that is refused anywhere is taken back, and one that stays can be taken back later', async () => {
    const kernel = host()
    await brought(kernel, file('gw1'))
    const before = kernel.dump()
    const renamed = file('core', 'nord', { mtu: 1400 })
    const plan = await planned(kernel, renamed)
    kernel.refuseAt = kernel.operations
    expect(applyPlan(kernel, plan).outcome).toBe('rolled-back')
    expect(kernel.dump()).toEqual(before)
    const live = { ...kernel.host.snapshot(), ...kernel.plane.snapshot(), plane: 'ebpf' as const }
    const back = wayBack(
      {
        ...live,
        maxTunnels: 9,
        sysctls: [...kernel.values].map(([path, value]) => ({ path, value })),
        paths: [],
      },
      plan,
    )
    await brought(kernel, renamed)
    expect(applyPlan(kernel, planRestore(kernel, back))).toMatchObject({ outcome: 'done', residue: [] })
    expect(kernel.dump()).toEqual(before)
  })
})

describe('what is not taken over', () => {
  it('another overlay on a device of the same name, with other inner addresses', async () => {
    const kernel = host()
    await brought(kernel, file('gw1'))
    const before = kernel.dump()
    const refused = await refusalOf(planned(kernel, file('gw1', 'nord', { addresses: ['10.64.0.2'] })))
    expect(refused.message).toBe('the device name lvn0 is taken: it belongs to mitte/gw1')
    expect(refused.hint).toBe('give the device another name, or `lvn destroy mitte/gw1` first')
    expect(kernel.dump()).toEqual(before)
  })

  it('a node of the file on another device: it may be here as well', async () => {
    const kernel = host()
    const made = file('gw1')
    await brought(kernel, made)
    const spokeHere = made.overlays[0]?.spokes.map((each) => ({
      ...each,
      device: { ...each.device, name: 'lvn3' },
    }))
    expect((await refusalOf(planned(kernel, made, spokeHere))).code).toBe('LVN4002')
  })

  it('anything by destroy, which leaves the old name alone', async () => {
    const kernel = host()
    await brought(kernel, file('gw1'))
    expect(planDestroy(kernel, file('core'), hubs(file('core'))).steps).toEqual([])
  })

  it('pruning: what is renamed does not count as taken away', async () => {
    const kernel = host()
    await brought(kernel, file('gw1'))
    const plan = await planned(kernel, file('gw1', 'nord'), undefined, 'guarded')
    expect(plan.prune).toMatchObject({ overlays: [], removed: 0, guarded: false })
  })
})

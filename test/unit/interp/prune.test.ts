// SPDX-License-Identifier: MIT
/**
 * Pruning on a kernel in memory: what goes, what stays, and how much it may be.
 */
import { describe, expect, it } from 'vitest'
import { applyPlan, planApply } from '../../../src/interp/index.ts'
import type { Plan, Prune } from '../../../src/interp/types.ts'
import type { Topology } from '../../../src/model/topology.ts'
import { SimKernel } from '../../support/sim-kernel.ts'
import { at, hub, overlay, spoke, topology } from '../../support/topologies.ts'

function host(): SimKernel {
  const kernel = new SimKernel([{ name: 'eth0', addresses: ['198.51.100.10/24'] }])
  kernel.route('203.0.113.0/24', 'eth0')
  return kernel
}

function file(name: string, second: number, spokes: number): Topology {
  const listed = Array.from({ length: spokes }, (_, i) =>
    spoke(`s${i}`, at(`203.0.113.${i + 1}`), { overlay: name, addresses: [`10.${second}.${i + 1}.1`] }),
  )
  const gateway = hub('gw1', ['198.51.100.10'], {
    ...{ overlay: name, device: `lvn${second}`, port: 50_000 + second, addresses: [`10.${second}.0.1`] },
  })
  return topology(overlay([`10.${second}.0.0/16`], gateway, listed))
}

async function planned(kernel: SimKernel, of: Topology, prune: Prune): Promise<Plan> {
  const hubs = of.overlays.map((one) => one.hub)
  return planApply(kernel, of, hubs, { resolveName: async () => [], prune })
}
async function brought(kernel: SimKernel, of: Topology, prune: Prune = 'none'): Promise<void> {
  expect(applyPlan(kernel, await planned(kernel, of, prune))).toMatchObject({ outcome: 'done', residue: [] })
}

describe('pruning', () => {
  it('leaves other overlays alone where it is not asked for', async () => {
    const kernel = host()
    await brought(kernel, file('old', 65, 1))
    const plan = await planned(kernel, file('mitte', 64, 1), 'none')
    expect([plan.summary.remove, plan.prune]).toEqual([0, undefined])
  })

  it('takes away what overlays outside the file have, and nothing else', async () => {
    const kernel = host()
    const alone = host()
    for (const each of [kernel, alone]) await brought(each, file('mitte', 64, 9))
    await brought(kernel, file('old', 65, 1))
    kernel.addLink('foreign0', 1500, 'veth', null)
    kernel.route('10.65.7.0/24', 'foreign0')
    alone.addLink('foreign0', 1500, 'veth', null)
    alone.route('10.65.7.0/24', 'foreign0')
    const plan = await planned(kernel, file('mitte', 64, 9), 'guarded')
    // A device, an address, a tunnel, a rule and a route; three times nine and one of each but those for mitte.
    expect(plan.prune).toEqual({ overlays: ['old'], removed: 5, owned: 26, guarded: false })
    expect(plan.notes).toEqual([
      { id: 'prune', note: 'takes away overlay old: 5 of the 26 objects that L-VN owns here go' },
    ])
    await brought(kernel, file('mitte', 64, 9), 'guarded')
    expect(kernel.dump()).toEqual(alone.dump())
    expect((await planned(kernel, file('mitte', 64, 9), 'guarded')).prune).toMatchObject({
      overlays: [],
      guarded: false,
    })
  })

  it.each([
    [8, true],
    [9, false],
  ])(
    'is guarded where more than a fifth would go: beside %i spokes of its own, %s',
    async (spokes, guarded) => {
      const kernel = host()
      await brought(kernel, file('mitte', 64, spokes))
      await brought(kernel, file('old', 65, 1))
      const { prune } = await planned(kernel, file('mitte', 64, spokes), 'guarded')
      expect(prune).toMatchObject({ removed: 5, owned: 8 + 2 * spokes, guarded })
      const wanting = async (asked: Prune) =>
        (await planned(kernel, file('mitte', 64, spokes), asked)).notes.some(({ note }) =>
          note.includes('apply wants --prune-all'),
        )
      expect([await wanting('guarded'), await wanting('all')]).toEqual([guarded, false])
    },
  )

  it('takes the place of an overlay whose device has the same name', async () => {
    const kernel = host()
    const [other] = file('old', 65, 2).overlays as [Topology['overlays'][0]]
    const gateway = { ...other.hub, device: { ...other.hub.device, name: 'lvn64' } }
    await brought(kernel, topology({ ...other, hub: gateway, hubs: [gateway] }))
    await expect(planned(kernel, file('mitte', 64, 2), 'none')).rejects.toMatchObject({ code: 'LVN4001' })
    await brought(kernel, file('mitte', 64, 2), 'all')
    const alone = host()
    await brought(alone, file('mitte', 64, 2))
    expect(kernel.dump()).toEqual(alone.dump())
  })

  it('does not take another node of an overlay in the file for a stranger', async () => {
    const kernel = host()
    await brought(kernel, file('mitte', 64, 1))
    const other = file('mitte', 64, 1)
    const [only] = other.overlays as [Topology['overlays'][0]]
    const renamed = topology({
      ...only,
      hub: { ...only.hub, name: 'gw2', device: { ...only.hub.device, name: 'lvn9' } },
    })
    // Its device stays, and with it its route, in whose place ours would have to be.
    await expect(planned(kernel, renamed, 'guarded')).rejects.toMatchObject({ code: 'LVN4002' })
  })
})

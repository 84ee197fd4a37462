// SPDX-License-Identifier: MIT
/**
 * Saved plans on a kernel in memory: what counts as a moved state, and what does not.
 */
import { describe, expect, it } from 'vitest'
import { Source } from '../../../src/diag/source.ts'
import { applyPlan, observe, planFromState, prepareApply } from '../../../src/interp/index.ts'
import {
  movedSince,
  nodesOfSaved,
  readSavedPlan,
  type SavedPlan,
  savePlan,
} from '../../../src/interp/saved-plan.ts'
import type { Prepared } from '../../../src/interp/types.ts'
import { readSnapshot, snapshotToJson } from '../../../src/model/snapshot.ts'
import type { LiveAddress, TunnelSpec } from '../../../src/model/state.ts'
import type { Topology } from '../../../src/model/topology.ts'
import { SimKernel } from '../../support/sim-kernel.ts'
import { at, hub, nat, overlay, spoke, topology } from '../../support/topologies.ts'

function host(): SimKernel {
  const kernel = new SimKernel([{ name: 'eth0', addresses: ['198.51.100.10/24'] }, { name: 'br-lan' }])
  kernel.route('203.0.113.0/24', 'eth0')
  return kernel
}

const file = (intervalMs = 20_000): Topology =>
  topology(
    overlay(['10.64.0.0/16'], hub('gw1', ['198.51.100.10'], { addresses: ['10.64.0.1'] }), [
      spoke('given', at('203.0.113.1'), { addresses: ['10.64.1.1'], intervalMs }),
      spoke('roams', nat, { addresses: ['10.64.2.1'], intervalMs }),
    ]),
  )
const sources = [new Source('mitte.lvn', 'lvn 1')]

async function prepared(kernel: SimKernel, of: Topology): Promise<Prepared> {
  return prepareApply(kernel, of, [of.overlays[0]?.hub as never], { resolveName: async () => [] })
}
/** As it is after a way through a file. */
function saved(from: Prepared, of: Topology): SavedPlan {
  const made = savePlan({
    prepared: from,
    topology: of,
    sources,
    prune: 'none',
    made: '2026-01-02T03:04:05Z',
  })
  return readSavedPlan(JSON.parse(JSON.stringify(made)))
}

describe('a saved plan', () => {
  it('keeps the sources, and finds its node again', async () => {
    const plan = saved(await prepared(host(), file()), file())
    expect(plan.sources).toEqual([{ name: 'mitte.lvn', text: 'lvn 1' }])
    expect(nodesOfSaved(plan, file()).map(({ name }) => name)).toEqual(['gw1'])
  })

  it('fits a state that has not moved, before and after an apply', async () => {
    const kernel = host()
    for (const of of [file(), file(5000)]) {
      const plan = saved(await prepared(kernel, of), of)
      const now = await prepared(kernel, of)
      expect(movedSince(plan, now, of)).toBeNull()
      applyPlan(kernel, now.plan)
      expect(movedSince(plan, await prepared(kernel, of), of)).not.toBeNull()
    }
  })

  const others: [name: string, change: (kernel: SimKernel) => void][] = [
    ['an interface that has nothing to do with it', (kernel) => kernel.addLink('veth7', 1500, 'veth', null)],
    ['a route of others elsewhere', (kernel) => kernel.route('172.16.0.0/12', 'br-lan')],
    [
      'what a tunnel has learned',
      (kernel) => {
        const tunnel = kernel.tunnels.get('lvn0/roams') as TunnelSpec
        const remote = { address: '203.0.113.77' as never, port: 40_001 }
        kernel.tunnels.set('lvn0/roams', { ...tunnel, remote, underlay: 'eth0' })
      },
    ],
  ]
  it.each(others)('fits in spite of %s', async (_name, change) => {
    const kernel = host()
    applyPlan(kernel, (await prepared(kernel, file())).plan)
    const plan = saved(await prepared(kernel, file(5000)), file(5000))
    change(kernel)
    expect(movedSince(plan, await prepared(kernel, file(5000)), file(5000))).toBeNull()
  })

  const harms: [name: string, change: (kernel: SimKernel) => void, ids: string[]][] = [
    ['a rule that is gone', (kernel) => kernel.rules.delete('lvn0 10.64.1.1/32'), ['rule lvn0 10.64.1.1/32']],
    [
      'a value that was written',
      (kernel) => kernel.write('net/ipv4/conf/all/send_redirects', '1'),
      ['sysctl net/ipv4/conf/all/send_redirects'],
    ],
    [
      'a route of others in our place',
      (kernel) => kernel.route('10.64.0.0/16', 'br-lan', 7),
      ['route 10.64.0.0/16'],
    ],
    [
      'an underlay that leads elsewhere',
      (kernel) => {
        kernel.addresses.push({ ...(kernel.addresses[0] as LiveAddress), device: 'br-lan' })
        kernel.route('203.0.113.0/25', 'br-lan')
      },
      ['path to 203.0.113.1'],
    ],
  ]
  it.each(harms)('fits no more after %s, and says so', async (_name, change, ids) => {
    const kernel = host()
    applyPlan(kernel, (await prepared(kernel, file())).plan)
    const plan = saved(await prepared(kernel, file(5000)), file(5000))
    change(kernel)
    const moved = movedSince(plan, await prepared(kernel, file(5000)), file(5000))
    expect(moved?.facts).toEqual(expect.arrayContaining(ids))
  })

  it('made against a snapshot fits the node that the snapshot was taken on', async () => {
    const kernel = host()
    applyPlan(kernel, (await prepared(kernel, file())).plan)
    const live = readSnapshot(JSON.parse(JSON.stringify(snapshotToJson(observe(kernel)))))
    const names = new Map()
    const plan = planFromState(live, file(5000), [file(5000).overlays[0]?.hub as never], names)
    const kept = saved({ plan, live, names }, file(5000))
    expect(kept.plan.operations).toHaveLength(2)
    expect(movedSince(kept, await prepared(kernel, file(5000)), file(5000))).toBeNull()
    kernel.rules.clear()
    expect(movedSince(kept, await prepared(kernel, file(5000)), file(5000))).not.toBeNull()
  })
})

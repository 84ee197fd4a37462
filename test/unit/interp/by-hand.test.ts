// SPDX-License-Identifier: MIT
/** Devices made by hand, as planning sees them: foreign, in nobody's way, and heir to nothing. */
import { expect, it } from 'vitest'
import { applyPlan, planApply, planDestroy } from '../../../src/interp/index.ts'
import { addDevice } from '../../../src/primitives/index.ts'
import { SimKernel } from '../../support/sim-kernel.ts'
import { at, hub, overlay, spoke, topology } from '../../support/topologies.ts'

const file = topology(
  overlay(
    ['10.64.0.0/16'],
    hub('gw1', ['198.51.100.10'], { addresses: ['10.64.0.1'], routes: ['10.64.9.0/24'] }),
    [spoke('s1', at('203.0.113.1'), { addresses: ['10.64.1.1'] })],
  ),
)
const nodes = file.overlays.map((each) => each.hub)
const resolveName = async () => []

function host(device: string): SimKernel {
  const kernel = new SimKernel([{ name: 'eth0', addresses: ['198.51.100.10/24'] }])
  kernel.route('0.0.0.0/0', 'eth0')
  addDevice(kernel, { name: device, mode: 'multi' })
  return kernel
}

it('are reported as foreign, survive apply and destroy, and keep no values of others', async () => {
  const kernel = host('lvn5')
  const before = kernel.dump()
  const plan = await planApply(kernel, file, nodes, { resolveName })
  expect(plan.foreign).toEqual([{ id: 'device lvn5', note: 'made by hand' }])
  expect(applyPlan(kernel, plan)).toMatchObject({ outcome: 'done', residue: [] })
  expect(kernel.saved.length).toBeGreaterThan(0)
  applyPlan(kernel, planDestroy(kernel, file, nodes))
  expect(kernel.dump()).toEqual(before)
})

it('keep their names', async () => {
  const kernel = host('lvn0')
  const before = kernel.dump()
  await expect(planApply(kernel, file, nodes, { resolveName })).rejects.toMatchObject({
    code: 'LVN4001',
    message: 'the device name lvn0 is taken: that device was made by hand',
  })
  expect(kernel.dump()).toEqual(before)
})

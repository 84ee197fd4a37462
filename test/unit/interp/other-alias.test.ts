// SPDX-License-Identifier: MIT
/** A device whose alias somebody has overwritten is still ours where the plane knows it, and nobody else's is. */
import { expect, test } from 'vitest'
import { applyPlan, observe, planApply, planDestroy } from '../../../src/interp/index.ts'
import type { LiveLink } from '../../../src/model/state.ts'
import { SimKernel } from '../../support/sim-kernel.ts'
import { at, hub, overlay, spoke, topology } from '../../support/topologies.ts'

const gw = hub('gw1', ['198.51.100.10'], { addresses: ['10.64.0.1'] })
const file = topology(overlay(['10.64.0.0/16'], gw, [spoke('a', at('203.0.113.7'))]))
const options = { resolveName: async () => [] }
const ours = gw.device.name

function host(): SimKernel {
  const made = new SimKernel([{ name: 'lo' }, { name: 'eth0', addresses: ['198.51.100.10/24'] }])
  made.route('0.0.0.0/0', 'eth0')
  return made
}

/** As the native planes tell of it: the device is known, and not whole. */
function overwriteAlias(kernel: SimKernel): void {
  const link = kernel.links.get(ours) as LiveLink
  kernel.links.set(ours, { ...link, alias: 'office', owner: null })
  const device = kernel.devices.get(ours)
  if (device !== undefined) device.intact = false
}

test('the device is planned as damaged, and an apply writes the alias again', async () => {
  const kernel = host()
  applyPlan(kernel, await planApply(kernel, file, [gw], options))
  const whole = kernel.dump()
  overwriteAlias(kernel)
  const plan = await planApply(kernel, file, [gw], options)
  expect(plan.steps.map(({ change: { id, fields } }) => [id, fields])).toEqual([
    [`device ${ours}`, ['intact']],
  ])
  expect(plan.desired.devices[0]?.underlays).not.toContain(ours)
  expect(applyPlan(kernel, plan)).toMatchObject({ outcome: 'done', residue: [], lost: [] })
  expect(kernel.dump()).toEqual(whole)
})

test('a destroy takes it away', async () => {
  const kernel = host()
  const before = kernel.dump()
  applyPlan(kernel, await planApply(kernel, file, [gw], options))
  overwriteAlias(kernel)
  expect(applyPlan(kernel, planDestroy(kernel, file, [gw]))).toMatchObject({ outcome: 'done', residue: [] })
  expect(kernel.dump()).toEqual(before)
})

test('an interface of that name which is no device of the plane is refused', async () => {
  const kernel = host()
  kernel.addLink(ours, 1500, 'tun', null)
  const before = kernel.dump()
  await expect(planApply(kernel, file, [gw], options)).rejects.toThrow(
    expect.objectContaining({ code: 'LVN4001' }),
  )
  expect(planDestroy(kernel, file, [gw]).steps).toEqual([])
  expect(observe(kernel).links.filter(({ owner }) => owner !== null)).toEqual([])
  expect(kernel.dump()).toEqual(before)
})

test('the interface of that name is another one since: the device is gone, and the name is taken', async () => {
  const kernel = host()
  applyPlan(kernel, await planApply(kernel, file, [gw], options))
  const { snapshot } = kernel.plane
  const { ifindex } = kernel.links.get(ours) as LiveLink
  kernel.plane.snapshot = () => {
    const state = snapshot()
    return { ...state, devices: state.devices.map((device) => ({ ...device, ifindex })) }
  }
  kernel.deleteLink(ours)
  kernel.addLink(ours, 1500, 'tun', null)
  await expect(planApply(kernel, file, [gw], options)).rejects.toThrow(
    expect.objectContaining({ code: 'LVN4001' }),
  )
})

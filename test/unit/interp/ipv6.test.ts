// SPDX-License-Identifier: MIT
/** A host on which IPv6 is switched off: for its devices to come, or in its kernel. */
import { expect, test } from 'vitest'
import { LvnError } from '../../../src/diag/error.ts'
import { applyPlan, planApply, planDestroy } from '../../../src/interp/index.ts'
import { SimKernel } from '../../support/sim-kernel.ts'
import { at, hub, overlay, spoke, topology } from '../../support/topologies.ts'

const hubs = {
  both: hub('gw1', ['198.51.100.10'], { addresses: ['10.64.0.1', 'fd42:64::1'] }),
  four: hub('gw1', ['198.51.100.10'], { addresses: ['10.64.0.1'] }),
}
const a = spoke('a', at('203.0.113.7'), { addresses: ['10.64.1.1'] })
const both = topology(overlay(['10.64.0.0/16', 'fd42:64::/48'], hubs.both, [a]))
const four = topology(overlay(['10.64.0.0/16'], hubs.four, [a]))
const options = { resolveName: async () => [] }
const own = 'net/ipv6/conf/lvn0/disable_ipv6'

function kernel(disabled: '0' | '1'): SimKernel {
  const made = new SimKernel([{ name: 'lo' }, { name: 'eth0', addresses: ['198.51.100.10/24'] }])
  made.route('0.0.0.0/0', 'eth0')
  made.values.set('net/ipv6/conf/default/disable_ipv6', disabled)
  return made
}

test('it is turned on for our device alone, before the device gets an address', async () => {
  const made = kernel('1')
  const before = made.dump()
  const plan = await planApply(made, both, [hubs.both], options)
  const ids = plan.steps.map(({ change }) => change.id)
  expect(ids.indexOf('device lvn0')).toBeLessThan(ids.indexOf(`sysctl ${own}`))
  expect(ids.indexOf(`sysctl ${own}`)).toBeLessThan(ids.indexOf('address lvn0 fd42:64::1'))
  expect(applyPlan(made, plan)).toMatchObject({ outcome: 'done', residue: [] })
  expect([made.values.get(own), made.values.get('net/ipv6/conf/default/disable_ipv6')]).toEqual(['0', '1'])
  expect((await planApply(made, both, [hubs.both], options)).steps).toEqual([])
  applyPlan(made, planDestroy(made, both, [hubs.both]))
  expect(made.dump()).toEqual(before)
})

test('a device from before IPv6 came into the file gets it, and one that lost it gets it back', async () => {
  const made = kernel('1')
  applyPlan(made, await planApply(made, four, [hubs.four], options))
  expect(made.values.get(own)).toBe('1')
  expect(applyPlan(made, await planApply(made, both, [hubs.both], options)).outcome).toBe('done')
  made.values.set(own, '1')
  made.values.set('net/ipv6/conf/default/disable_ipv6', '0')
  const plan = await planApply(made, both, [hubs.both], options)
  expect(plan.steps.map(({ change }) => change.id)).toEqual([`sysctl ${own}`])
})

test.each([
  ['where it is on', '0', both, hubs.both],
  ['for an overlay without IPv6', '1', four, hubs.four],
] as const)('nothing is set %s', async (_, disabled, file, node) => {
  const plan = await planApply(kernel(disabled), file, [node], options)
  expect(plan.steps.filter(({ change }) => change.id.includes('disable_ipv6'))).toEqual([])
})

test('a kernel without IPv6 is told when planning, for hubs and spokes', async () => {
  const made = kernel('0')
  for (const path of [...made.values.keys()]) if (path.startsWith('net/ipv6/')) made.values.delete(path)
  const six = spoke('b', at('203.0.113.8'), { addresses: ['fd42:64:0:1::1'] })
  const file = topology(overlay(['10.64.0.0/16', 'fd42:64::/48'], hubs.both, [six]))
  for (const node of [hubs.both, six]) {
    const failure = planApply(made, file, [node], options)
    await expect(failure).rejects.toBeInstanceOf(LvnError)
    await expect(failure).rejects.toMatchObject({
      ...{ code: 'LVN4006', exitCode: 4 },
      hint: 'IPv6 is switched off here, but the overlay carries it',
    })
  }
  expect((await planApply(made, four, [hubs.four], options)).steps.length).toBeGreaterThan(0)
})

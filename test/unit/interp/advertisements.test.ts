// SPDX-License-Identifier: MIT
/** A host that gets its IPv6 routes by router advertisements keeps them when an apply makes it forward. */
import { expect, test } from 'vitest'
import { applyPlan, planApply, planDestroy } from '../../../src/interp/index.ts'
import { SimKernel } from '../../support/sim-kernel.ts'
import { at, hub, overlay, spoke, topology } from '../../support/topologies.ts'

const gw = hub('gw1', ['198.51.100.10'], { addresses: ['10.64.0.1', 'fd42:64::1'] })
const a = spoke('a', at('203.0.113.7'), { addresses: ['10.64.1.1'] })
const file = topology(overlay(['10.64.0.0/16', 'fd42:64::/48'], gw, [a]))
const options = { resolveName: async () => [] }

function kernel(): SimKernel {
  const made = new SimKernel([
    { name: 'lo', acceptRa: '1' },
    { name: 'eth0', addresses: ['198.51.100.10/24', '2001:db8:1::10/64'], acceptRa: '1' },
    { name: 'eth1', acceptRa: '0' },
    { name: 'eth2', acceptRa: '2' },
  ])
  made.route('0.0.0.0/0', 'eth0')
  made.route('::/0', 'eth0', 1024)
  return made
}
const acceptRa = (made: SimKernel) =>
  ['lo', 'eth0', 'eth1', 'eth2'].map((name) => made.values.get(`net/ipv6/conf/${name}/accept_ra`))

test('accept_ra is 2 before forwarding is on, and as it was after a destroy', async () => {
  const made = kernel()
  const before = made.dump()
  const plan = await planApply(made, file, [gw], options)
  const sysctls = plan.steps.flatMap(({ change }) => (change.kind === 'sysctl' ? change.after?.path : []))
  expect(sysctls.filter((path) => path?.includes('ipv6'))).toEqual([
    'net/ipv6/conf/eth0/accept_ra',
    'net/ipv6/conf/all/forwarding',
  ])
  expect(applyPlan(made, plan)).toMatchObject({ outcome: 'done', residue: [], lost: [] })
  expect(acceptRa(made)).toEqual(['1', '2', '0', '2'])
  expect(made.routes.some(({ destination }) => destination === '::/0')).toBe(true)
  expect((await planApply(made, file, [gw], options)).steps).toEqual([])
  applyPlan(made, planDestroy(made, file, [gw]))
  expect(made.dump()).toEqual(before)
})

test('nothing is set where others have turned forwarding on', async () => {
  const made = kernel()
  made.write('net/ipv6/conf/all/forwarding', '1')
  const plan = await planApply(made, file, [gw], options)
  expect(plan.steps.filter(({ change }) => change.id.includes('accept_ra'))).toEqual([])
})

test('an interface that is replaced is looked after again, one that is gone is forgotten', async () => {
  const made = kernel()
  applyPlan(made, await planApply(made, file, [gw], options))
  made.values.set('net/ipv6/conf/eth0/accept_ra', '1')
  const again = await planApply(made, file, [gw], options)
  expect(again.steps.map(({ change }) => change.id)).toEqual(['sysctl net/ipv6/conf/eth0/accept_ra'])
  made.values.delete('net/ipv6/conf/eth0/accept_ra')
  applyPlan(made, await planApply(made, file, [gw], options))
  expect((await planApply(made, file, [gw], options)).steps).toEqual([])
})

test('an interface that goes while a plan is carried out does not keep the result from being compared', async () => {
  const made = kernel()
  const plan = await planApply(made, file, [gw], options)
  const { apply } = made.host
  made.host.apply = (operations) => {
    const results = apply(operations)
    made.deleteLink('eth2')
    return results
  }
  expect(plan.desired.sysctls.map(({ path }) => path)).toContain('net/ipv6/conf/eth2/accept_ra')
  expect(applyPlan(made, plan)).not.toHaveProperty('unverified')
})

test('an apply that cuts off a remote or the default route is taken back', async () => {
  for (const cut of ['203.0.113.7', '0.0.0.0/0']) {
    const made = kernel()
    const plan = await planApply(made, file, [gw], options)
    const before = made.dump()
    const { apply } = made.plane
    const { paths, snapshot } = made.host
    let carried = false
    made.plane.apply = (operations) => {
      carried = true
      return apply(operations)
    }
    made.host.paths = (remotes) =>
      paths(remotes).map((path) => (carried && path.remote === cut ? { ...path, via: null } : path))
    made.host.snapshot = () => {
      const state = snapshot()
      return carried ? { ...state, routes: state.routes.filter((route) => route.destination !== cut) } : state
    }
    expect(applyPlan(made, plan)).toMatchObject({ outcome: 'rolled-back', lost: [cut] })
    expect(made.dump()).toEqual(before)
  }
})

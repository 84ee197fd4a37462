// SPDX-License-Identifier: MIT
/** A host that gets its IPv6 routes by router advertisements keeps them when an apply makes it forward. */
import { expect, test } from 'vitest'
import { applyPlan, planApply, planDestroy } from '../../../src/interp/index.ts'
import type { LiveLink } from '../../../src/model/state.ts'
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

/** An interface that comes while the hub forwards: it takes advertisements, and its forwarding from `default`. */
function plugIn(
  made: SimKernel,
  name: string,
  { of = '', kind = 'vlan' }: { readonly of?: string; readonly kind?: string } = {},
): void {
  made.addLink(name, 1500, kind, null)
  made.values.set(`net/ipv6/conf/${name}/accept_ra`, '1')
  const master = made.links.get(of)?.ifindex
  if (master !== undefined) made.links.set(name, { ...(made.links.get(name) as LiveLink), master })
}

test('an interface that comes later is looked after by the next apply, and by a destroy', async () => {
  const made = kernel()
  applyPlan(made, await planApply(made, file, [gw], options))
  plugIn(made, 'eth3')
  expect(made.values.get('net/ipv6/conf/eth3/forwarding')).toBe('1')
  const again = await planApply(made, file, [gw], options)
  expect(again.steps.map(({ change }) => change.id)).toEqual(['sysctl net/ipv6/conf/eth3/accept_ra'])
  expect(applyPlan(made, again)).toMatchObject({ outcome: 'done', residue: [] })
  expect(made.values.get('net/ipv6/conf/eth3/accept_ra')).toBe('2')
  applyPlan(made, planDestroy(made, file, [gw]))
  expect(made.values.get('net/ipv6/conf/eth3/accept_ra')).toBe('1')
  expect(made.values.get('net/ipv6/conf/eth3/forwarding')).toBe('0')
})

test('one that comes later and leads to a guest of this host is left alone, one that was there before is not', async () => {
  const made = kernel()
  for (const kind of ['veth', 'tun']) plugIn(made, `${kind}-before`, { kind })
  applyPlan(made, await planApply(made, file, [gw], options))
  for (const kind of ['veth', 'tun']) {
    expect(made.values.get(`net/ipv6/conf/${kind}-before/accept_ra`)).toBe('2')
    for (const forwarding of ['0', '1']) {
      plugIn(made, `${kind}${forwarding}`, { kind })
      made.values.set(`net/ipv6/conf/${kind}${forwarding}/forwarding`, forwarding)
    }
  }
  expect((await planApply(made, file, [gw], options)).steps).toEqual([])
  for (const kind of ['bond', 'macvlan', 'ppp']) plugIn(made, kind, { kind })
  const again = await planApply(made, file, [gw], options)
  expect(again.steps.map(({ change }) => change.id).sort()).toEqual(
    ['bond', 'macvlan', 'ppp'].map((name) => `sysctl net/ipv6/conf/${name}/accept_ra`),
  )
})

test('where forwarding was on for new interfaces before, one that comes later is left alone', async () => {
  const made = kernel()
  made.values.set('net/ipv6/conf/default/forwarding', '1')
  applyPlan(made, await planApply(made, file, [gw], options))
  plugIn(made, 'eth3')
  expect((await planApply(made, file, [gw], options)).steps).toEqual([])
})

test('ports of bridges and bonds are left out, those of a VRF are not', async () => {
  const made = kernel()
  for (const [master, kind] of [
    ['br0', 'bridge'],
    ['bond0', 'bond'],
    ['red', 'vrf'],
  ] as const) {
    made.addLink(master, 1500, kind, null)
    plugIn(made, `${kind}-port`, { of: master })
  }
  const plan = await planApply(made, file, [gw], options)
  const wanted = plan.desired.sysctls.flatMap(({ path }) => (path.endsWith('port/accept_ra') ? path : []))
  expect(wanted).toEqual(['net/ipv6/conf/vrf-port/accept_ra'])
})

test('the value of an interface that has gone is no drift, and is forgotten with the next change', async () => {
  const made = kernel()
  applyPlan(made, await planApply(made, file, [gw], options))
  plugIn(made, 'eth3')
  applyPlan(made, await planApply(made, file, [gw], options))
  const kept = () => made.saved.some(({ path }) => path === 'net/ipv6/conf/eth3/accept_ra')
  made.deleteLink('eth3')
  expect((await planApply(made, file, [gw], options)).steps).toEqual([])
  expect(kept()).toBe(true)
  made.values.set('net/ipv4/conf/all/send_redirects', '1')
  const report = applyPlan(made, await planApply(made, file, [gw], options))
  expect(report).toMatchObject({ outcome: 'done', residue: [] })
  expect(kept()).toBe(false)
})

test('an interface that goes before its value is written fails nothing, forwards or back', async () => {
  for (const refuse of [false, true]) {
    const made = kernel()
    plugIn(made, 'eth3')
    const plan = await planApply(made, file, [gw], options)
    made.deleteLink('eth3')
    if (refuse) made.refuseAt = plan.steps.flatMap(({ operations }) => operations).length - 1
    expect(applyPlan(made, plan)).toMatchObject({ outcome: refuse ? 'rolled-back' : 'done', residue: [] })
  }
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

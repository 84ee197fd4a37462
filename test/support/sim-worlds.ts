// SPDX-License-Identifier: MIT
/**
 * Hosts on a kernel in memory, and files brought there: what the properties of plan, apply and verify start from.
 */
import fc from 'fast-check'
import { expect } from 'vitest'
import { applyPlan, planApply } from '../../src/interp/index.ts'
import type { Plan } from '../../src/interp/types.ts'
import type { Address } from '../../src/model/address.ts'
import type { Node, Topology } from '../../src/model/topology.ts'
import { anyPolicies, withPolicies } from './policies.ts'
import { SimKernel } from './sim-kernel.ts'
import { anyTopology } from './topologies.ts'

const addressesOf: Record<string, string[]> = {
  'up.example': ['203.0.113.9', '203.0.113.2'],
  'six.example': ['2001:db8:77::9', '203.0.113.8'],
}
export const resolveName = async (host: string) => (addressesOf[host] ?? []) as Address[]

/** Foreign address, route and forwarding value beside the underlay. */
export function host(): SimKernel {
  const kernel = new SimKernel([
    { name: 'lo', addresses: ['127.0.0.1/8'], mtu: 65536 },
    { name: 'eth0', addresses: ['198.51.100.10/24'] },
    { name: 'eth1', addresses: ['2001:db8:1::1/64'], mtu: 1400, forwarding: '1' },
    { name: 'br-lan', addresses: ['10.64.200.1/24'] },
  ])
  kernel.route('203.0.113.0/24', 'eth0')
  kernel.route('2001:db8:77::/64', 'eth1', 1024)
  kernel.route('10.99.0.0/16', 'br-lan', 5)
  kernel.write('net/ipv4/conf/all/accept_redirects', '0')
  return kernel
}

export const hubOf = (topology: Topology): Node[] => topology.overlays.map((overlay) => overlay.hub)

export async function planned(kernel: SimKernel, topology: Topology): Promise<Plan> {
  return planApply(kernel, topology, hubOf(topology), { resolveName })
}

/** Applies the file on its hubs, which must succeed. */
export async function brought(kernel: SimKernel, topology: Topology): Promise<void> {
  const plan = await planned(kernel, topology)
  const report = applyPlan(kernel, plan, () => {})
  expect(report.steps.find((step) => step.error)?.error).toBeUndefined()
  expect(report).toMatchObject({ outcome: 'done', residue: [] })
}

/** Any topology with any policies. */
export const anyFile = (...of: Parameters<typeof anyTopology>): fc.Arbitrary<Topology> =>
  anyTopology(...of).chain((file) => anyPolicies(file).map((policies) => withPolicies(file, ...policies)))

/** A part of a whole: a place among the operations of a plan. */
export const where = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })

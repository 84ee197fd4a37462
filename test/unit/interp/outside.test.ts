// SPDX-License-Identifier: MIT
/** Routes outside the nets: what a node should have of them, what is in their way, and in which order they come. */
import { describe, expect, it } from 'vitest'
import { applyPlan, planApply, planDestroy } from '../../../src/interp/index.ts'
import type { Plan } from '../../../src/interp/types.ts'
import type { Address, Prefix } from '../../../src/model/address.ts'
import { tableOfRule } from '../../../src/model/own-tables.ts'
import type { TunnelSpec } from '../../../src/model/state.ts'
import type { Node, Overlay, Topology } from '../../../src/model/topology.ts'
import { policy, verdictOf, withPolicies } from '../../support/policies.ts'
import { SimKernel } from '../../support/sim-kernel.ts'
import { at, hub, nat, overlay, spoke, topology } from '../../support/topologies.ts'

const nets = ['10.64.0.0/16', 'fd42:64::/48']
const listens = ['198.51.100.10', '2001:db8:1::1']
const gw = (routes: readonly string[] = []) =>
  hub('gw1', listens, { addresses: ['10.64.0.1', 'fd42:64::1'], routes })
const kirche = (routes: readonly string[] = [], addresses = ['10.64.1.1', 'fd42:64:0:1::1']) =>
  spoke('kirche', at('203.0.113.7'), { addresses, routes })
const dach = (routes: readonly string[] = []) =>
  spoke('dach', nat, { addresses: ['10.64.2.1', 'fd42:64:0:2::1'], routes })

function kernelOf(...own: string[]): SimKernel {
  const kernel = new SimKernel([
    { name: 'eth0', addresses: own },
    { name: 'lan0', addresses: ['192.168.1.1/24'] },
  ])
  kernel.route('0.0.0.0/0', 'eth0')
  kernel.route('::/0', 'eth0', 1024)
  return kernel
}
const atSpoke = () => kernelOf('203.0.113.7/24', '2001:db8:77::7/64')
const atHub = () => kernelOf('198.51.100.10/24', '2001:db8:1::1/64')

const planned = (kernel: SimKernel, file: Topology, ...nodes: Node[]): Promise<Plan> =>
  planApply(kernel, file, nodes, { resolveName: async () => [] })
const lines = (plan: Plan) => plan.steps.map(({ change }) => `${change.op} ${change.id}`)
const outside = (plan: Plan) => ({
  routes: plan.desired.routes
    .filter(({ table }) => table !== undefined)
    .map(({ type, destination, device }) => `${type} ${destination} ${device ?? '-'}`),
  rules: plan.desired.ipRules.map(
    ({ family, priority, from, mark, table, suppressedLength }) =>
      `-${family} ${priority} ${from ?? mark?.value ?? 'all'} ${table} ${suppressedLength ?? '-'}`,
  ),
})

async function applied(kernel: SimKernel, file: Topology, ...nodes: Node[]): Promise<Plan> {
  const plan = await planned(kernel, file, ...nodes)
  expect(applyPlan(kernel, plan)).toMatchObject({ outcome: 'done', residue: [], lost: [] })
  expect((await planned(kernel, file, ...nodes)).steps).toEqual([])
  return plan
}

const one = (over: Overlay) => topology(over)

describe('the internet behind a hub', () => {
  const hubNode = gw(['0.0.0.0/0', '::/0'])
  const file = one(overlay(nets, hubNode, [kirche(), dach()]))

  it('is a default route in a table of ours at a spoke, out of which its endpoint is thrown', async () => {
    const plan = await planned(atSpoke(), file, file.overlays[0]?.spokes[0] as Node)
    expect(outside(plan)).toEqual({
      routes: ['throw 198.51.100.10/32 -', 'unicast 0.0.0.0/0 lvn0', 'unicast ::/0 lvn0'],
      rules: [
        '-4 20000 76 254 -',
        '-4 20000 203.0.113.7/32 254 -',
        '-4 28292 all 254 0',
        '-4 28293 all 7600 -',
        '-6 20000 76 254 -',
        '-6 20000 2001:db8:77::7/128 254 -',
        '-6 28292 all 254 0',
        '-6 28293 all 7600 -',
      ],
    })
    expect(plan.desired.routes.filter(({ table }) => table === undefined)).toHaveLength(2)
  })

  it('is of the families alone that the spoke has', async () => {
    const four = kirche([], ['10.64.1.1'])
    const plan = await planned(atSpoke(), one(overlay(nets, hubNode, [four])), four)
    expect(outside(plan).routes).toEqual(['throw 198.51.100.10/32 -', 'unicast 0.0.0.0/0 lvn0'])
    expect(new Set(plan.desired.ipRules.map(({ family }) => family))).toEqual(new Set([4]))
  })

  it('changes no route at the hub, which lets everything out', async () => {
    const plan = await planned(atHub(), file, hubNode)
    expect(outside(plan)).toEqual({ routes: [], rules: [] })
    expect(plan.desired.routes.filter(({ type }) => type === 'unreachable')).toEqual([])
    expect(plan.desired.devices[0]?.destinations).toEqual(['0.0.0.0/0', '::/0'])
  })

  it('keeps out first and leads in last, and goes the other way round', async () => {
    const kernel = atSpoke()
    const before = kernel.dump()
    const node = file.overlays[0]?.spokes[0] as Node
    const order = lines(await applied(kernel, file, node))
    const place = (text: string) => order.findIndex((line) => line.includes(text))
    expect(place('throw 198.51.100.10')).toBeLessThan(place('device lvn0'))
    expect(place('from 203.0.113.7')).toBeLessThan(place('device lvn0'))
    expect(place('route 0.0.0.0/0')).toBeGreaterThan(place('tunnel'))
    expect(place('-4 28293')).toBeGreaterThan(place('route 0.0.0.0/0'))
    expect(place('-4 28293')).toBeGreaterThan(place('-4 28292'))
    const destroy = planDestroy(kernel, file, [node])
    const back = lines(destroy)
    const at = (text: string) => back.findIndex((line) => line.includes(text))
    expect(at('-4 28293')).toBeLessThan(at('-4 28292'))
    expect(at('-4 28292')).toBeLessThan(at('route 0.0.0.0/0'))
    expect(at('from 203.0.113.7')).toBeGreaterThan(at('device lvn0'))
    expect(at('throw 198.51.100.10')).toBeGreaterThan(at('device lvn0'))
    expect(applyPlan(kernel, destroy).outcome).toBe('done')
    expect(kernel.dump()).toEqual(before)
  })
})

describe('behind a spoke', () => {
  const file = one(overlay(nets, gw(), [kirche(['0.0.0.0/0']), dach(['198.18.0.0/15'])]))

  it('is the way out of the hub as well, and endpoints that are only learned are kept out by their source', async () => {
    const plan = await planned(atHub(), file, file.overlays[0]?.hub as Node)
    expect(outside(plan).routes).toEqual([
      'throw 203.0.113.7/32 -',
      'unicast 0.0.0.0/0 lvn0',
      'unicast 198.18.0.0/15 lvn0',
    ])
    expect(outside(plan).rules).toEqual([
      '-4 20000 76 254 -',
      '-4 20000 198.51.100.10/32 254 -',
      '-4 27332 all 254 15',
      '-4 27333 all 7600 14',
      '-4 28292 all 254 0',
      '-4 28293 all 7600 -',
    ])
  })

  it('an endpoint that is learned afterwards changes no route and no rule of routing', async () => {
    const kernel = atHub()
    await applied(kernel, file, file.overlays[0]?.hub as Node)
    const tunnel = kernel.tunnels.get('lvn0/dach')
    expect(tunnel?.remote).toBeNull()
    const remote = { address: '203.0.113.99' as Address, port: 50000 }
    kernel.tunnels.set('lvn0/dach', { ...(tunnel as TunnelSpec), remote, underlay: 'eth0' })
    const again = lines(await planned(kernel, file, file.overlays[0]?.hub as Node))
    expect(again.filter((line) => / (route|ip-rule) /.test(line))).toEqual([])
  })

  it('what is its own within what is another’s is thrown out at the spoke', async () => {
    const [exit, far] = (file.overlays[0] as Overlay).spokes as [Node, Node]
    expect(outside(await planned(atSpoke(), file, exit)).routes).toEqual(['unicast 198.18.0.0/15 lvn0'])
    expect(outside(await planned(kernelOf('203.0.113.99/24'), file, far)).routes).toEqual([
      'throw 198.51.100.10/32 -',
      'throw 198.18.0.0/15 -',
      'unicast 0.0.0.0/0 lvn0',
    ])
  })

  it('policies are about what the longest prefix gives a node', async () => {
    const kernel = atHub()
    const over = overlay(nets, gw(['0.0.0.0/0']), [kirche(['198.18.0.0/15', '10.64.2.0/24']), dach()])
    const all = withPolicies(one(over), policy('deny', 'any', 'gw1'), policy('deny', 'dach', 'kirche'))
    await applied(kernel, all, over.hub)
    const [filter] = [...kernel.filters.values()]
    const verdict = (from: string, to: string) => verdictOf(filter as never, from as Address, to as Address)
    for (const to of ['192.0.2.1', '10.64.0.1', '0.0.0.0', '198.17.255.255', '198.20.0.0', '255.255.255.255'])
      expect(verdict('10.64.1.1', to), to).toBe('deny')
    for (const to of ['198.18.0.0', '198.19.255.255', '10.64.1.1']) {
      expect(verdict('10.64.0.1', to), to).toBe('allow')
      expect(verdict('10.64.2.1', to), to).toBe('deny')
    }
    // In the midst of what kirche routes, dach has one address.
    expect(verdict('10.64.2.1', '10.64.2.2')).toBe('deny')
    expect(verdict('10.64.2.3', '10.64.2.2')).toBe('allow')
  })
})

describe('on one kernel', () => {
  const file = one(overlay(nets, gw(['0.0.0.0/0']), [kirche()]))
  const node = file.overlays[0]?.spokes[0] as Node
  const other = (route: string) => {
    const over = { overlay: 'stadt', device: 'lvn1' }
    const way = hub('gw2', ['198.51.100.20'], {
      ...over,
      addresses: ['10.65.0.1'],
      routes: [route],
      port: 50001,
    })
    const end = {
      ...spoke('turm', at('203.0.113.7', 50001), { ...over, addresses: ['10.65.1.1'], port: 50001 }),
    }
    return one(overlay(['10.65.0.0/16'], way, [{ ...end, via: ['gw2'], prefer: 'gw2' }]))
  }
  const turm = (of: Topology) => of.overlays[0]?.spokes[0] as Node

  it('two overlays have a table each, and each takes away its own alone', async () => {
    const kernel = atSpoke()
    const before = kernel.dump()
    await applied(kernel, file, node)
    const alone = kernel.dump()
    const second = other('172.16.0.0/12')
    await applied(kernel, second, turm(second))
    expect(new Set(kernel.ipRules.map(tableOfRule))).toEqual(new Set([7600, 7601]))
    expect((await planned(kernel, file, node)).steps).toEqual([])
    applyPlan(kernel, planDestroy(kernel, second, [turm(second)]))
    expect(kernel.dump()).toEqual(alone)
    applyPlan(kernel, planDestroy(kernel, file, [node]))
    expect(kernel.dump()).toEqual(before)
  })

  it('two overlays cannot both have all, together or one after the other', async () => {
    const kernel = atSpoke()
    const second = other('0.0.0.0/0')
    const both = { ...file, overlays: [...file.overlays, ...second.overlays] }
    await expect(planned(kernel, both, node, turm(second))).rejects.toMatchObject({ code: 'LVN4002' })
    await applied(kernel, file, node)
    await expect(planned(kernel, second, turm(second))).rejects.toMatchObject({ code: 'LVN4002' })
  })

  it('a route of others to just the same is in the way, unless it is a default route', async () => {
    const kernel = atSpoke()
    const lan = one(overlay(nets, gw(['192.168.1.0/24']), [kirche()]))
    await expect(planned(kernel, lan, turm(lan))).rejects.toMatchObject({ code: 'LVN4002' })
  })

  it('a table that a rule of others leads to is left to them', async () => {
    const kernel = atSpoke()
    kernel.ipRules.push({
      ...{ family: 4, priority: 100, from: null, to: null, iif: null, oif: null, mark: null, table: 7600 },
      ...{ suppressedLength: null, action: 'lookup', inverted: false, narrowed: false, owned: false },
    })
    const plan = await applied(kernel, file, node)
    expect(new Set(plan.desired.ipRules.map(tableOfRule))).toEqual(new Set([7601]))
  })

  it('what a vanished device has left goes with the next plan, and comes back with its own', async () => {
    const kernel = atSpoke()
    await applied(kernel, file, node)
    const whole = kernel.dump()
    kernel.deleteDevice('lvn0')
    expect(kernel.ipRules).not.toEqual([])
    await applied(kernel, file, node)
    expect(kernel.dump()).toEqual(whole)
    kernel.deleteDevice('lvn0')
    applyPlan(kernel, planDestroy(kernel, file, [node]))
    expect(kernel.ipRules).toEqual([])
    expect(kernel.routes.filter(({ owned }) => owned)).toEqual([])
  })

  it('another address in the underlay is another rule, the new one first', async () => {
    const kernel = atSpoke()
    await applied(kernel, file, node)
    kernel.addresses = kernel.addresses.map((each) =>
      each.address === '203.0.113.7' ? { ...each, address: '203.0.113.8' as Address } : each,
    )
    const moved = one(overlay(nets, gw(['0.0.0.0/0']), [{ ...kirche(), endpoint: at('203.0.113.8') }]))
    const order = lines(await applied(kernel, moved, turm(moved)))
    const added = order.indexOf('add ip-rule -4 20000 from 203.0.113.8/32 lookup main')
    const removed = order.indexOf('remove ip-rule -4 20000 from 203.0.113.7/32 lookup main')
    expect(added).toBeGreaterThanOrEqual(0)
    expect(removed).toBeGreaterThan(added)
  })

  it('the default routes of the underlay stay what has to be within reach, not ours', async () => {
    const kernel = atSpoke()
    const plan = await applied(kernel, file, node)
    expect(plan.reach.defaults).toEqual(['0.0.0.0/0', '::/0'] as Prefix[])
    expect((await planned(kernel, file, node)).reach).toEqual(plan.reach)
  })
})

// SPDX-License-Identifier: MIT
/**
 * Two overlays on one host, which share switches: neither sees drift because the other comes or goes, and the last to go
 * leaves the host as it was.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { forwarding6 } from '../../../src/interp/advertisements.ts'
import { applyPlan, planApply, planDestroy } from '../../../src/interp/index.ts'
import type { Node } from '../../../src/model/topology.ts'
import type { SimKernel } from '../../support/sim-kernel.ts'
import { anyFile, brought, host, hubOf, planned, resolveName } from '../../support/sim-worlds.ts'
import { at, hub, overlay, spoke, topology } from '../../support/topologies.ts'

const mitte = anyFile('mitte', 64, fc.constant('lvn0'))
const city = anyFile('city', 65, fc.constant('lvn5'))

/** What an administrator has set before. */
const settings = {
  'net/ipv4/conf/all/forwarding': ['0', '1'],
  [forwarding6]: ['0', '1'],
  'net/ipv4/conf/all/send_redirects': ['0', '1'],
  'net/ipv4/conf/eth0/forwarding': ['0', '1'],
  'net/ipv6/conf/default/disable_ipv6': ['0', '1'],
} as const
const anySettings = fc.record(
  Object.fromEntries(Object.entries(settings).map(([path, values]) => [path, fc.constantFrom(...values)])),
)

function prepared(values: Readonly<Record<string, string>>): SimKernel {
  const kernel = host()
  for (const [path, value] of Object.entries(values)) kernel.write(path, value)
  return kernel
}

async function expectNoDrift(kernel: SimKernel, ...files: Parameters<typeof planned>[1][]): Promise<void> {
  for (const file of files) {
    const { steps } = await planned(kernel, file)
    expect(steps.map(({ change: { op, id } }) => `${op} ${id}`)).toEqual([])
  }
}

test('neither is drift to the other, and the last to go leaves the host as it was', async () => {
  await fc.assert(
    fc.asyncProperty(mitte, city, anySettings, fc.boolean(), async (a, b, values, swap) => {
      const kernel = prepared(values)
      const before = kernel.dump()
      await brought(kernel, a)
      await brought(kernel, b)
      await expectNoDrift(kernel, a, b)
      const [first, last] = swap ? [b, a] : [a, b]
      expect(applyPlan(kernel, planDestroy(kernel, first, hubOf(first)))).toMatchObject({
        ...{ outcome: 'done', residue: [] },
      })
      await expectNoDrift(kernel, last)
      applyPlan(kernel, planDestroy(kernel, last, hubOf(last)))
      expect(kernel.dump()).toEqual(before)
    }),
    { numRuns: 150 },
  )
})

/** One of each sort of node, which differ in the switches that they need. */
const sorts = (name: string, n: number, device: string) => {
  const nets = [`10.${n}.0.0/16`, `fd42:${n}::/48`]
  const gw = (addresses: string[], routes: string[] = []) =>
    hub('gw', ['198.51.100.10'], { overlay: name, device, addresses, routes })
  const away = hub('gw', ['203.0.113.1'], { overlay: name, addresses: [`10.${n}.0.1`, `fd42:${n}::1`] })
  const ours = (addresses: string[], routes: string[] = []) => ({
    ...spoke('a', at('198.51.100.10'), { overlay: name, device, addresses, routes }),
    ...{ via: ['gw'], prefer: 'gw' },
  })
  const other = {
    ...spoke('b', at('203.0.113.7'), { overlay: name, addresses: [`10.${n}.9.1`] }),
    via: ['gw'],
    prefer: 'gw',
  }
  const asHub = (which: readonly string[], node: Node) => ({
    file: topology(overlay(which, node, [other])),
    node,
  })
  const asSpoke = (node: Node) => ({ file: topology(overlay(nets, away, [node, other])), node })
  return [
    asHub([nets[0] as string], gw([`10.${n}.0.1`])),
    asHub(nets, gw([`10.${n}.0.1`, `fd42:${n}::1`])),
    asHub(nets, gw([`10.${n}.0.1`], [`10.${n}.100.0/24`])),
    asHub(nets, gw([`fd42:${n}::1`], [`fd42:${n}:0:100::/64`])),
    asSpoke(ours([`10.${n}.1.1`])),
    asSpoke(ours([`fd42:${n}:0:1::1`])),
    asSpoke(ours([`10.${n}.1.1`, `10.${n}.1.2`, `fd42:${n}:0:1::1`], [`10.${n}.101.0/24`])),
    asSpoke(ours([`fd42:${n}:0:1::1`], [`fd42:${n}:0:1::/64`])),
    // Outside of the nets.
    asHub(nets, gw([`10.${n}.0.1`], [`192.168.${n}.0/24`])),
    asSpoke(ours([`10.${n}.1.1`], [`192.168.${n}.0/24`])),
    asSpoke(ours([`10.${n}.1.1`, `fd42:${n}:0:1::1`], ['0.0.0.0/0', `fd43:${n}::/48`])),
  ]
}

test('so it is for every two sorts of nodes', async () => {
  const pair = fc.tuple(
    fc.constantFrom(...sorts('mitte', 64, 'lvn0')),
    fc.constantFrom(...sorts('city', 65, 'lvn5')),
  )
  await fc.assert(
    fc.asyncProperty(pair, anySettings, fc.boolean(), async ([a, b], values, swap) => {
      const kernel = prepared(values)
      kernel.route('0.0.0.0/0', 'eth0')
      const before = kernel.dump()
      const plan = ({ file, node }: typeof a) => planApply(kernel, file, [node], { resolveName })
      const drift = async (each: typeof a) =>
        (await plan(each)).steps.map(({ change }) => `${change.op} ${change.id}`)
      for (const each of [a, b])
        expect(applyPlan(kernel, await plan(each))).toMatchObject({ outcome: 'done', residue: [] })
      expect([await drift(a), await drift(b)]).toEqual([[], []])
      const [first, last] = swap ? [b, a] : [a, b]
      applyPlan(kernel, planDestroy(kernel, first.file, [first.node]))
      expect(await drift(last)).toEqual([])
      applyPlan(kernel, planDestroy(kernel, last.file, [last.node]))
      expect(kernel.dump()).toEqual(before)
    }),
    { numRuns: 300 },
  )
})

test('one that is destroyed and comes back again and again takes nothing of the other', async () => {
  await fc.assert(
    fc.asyncProperty(
      mitte,
      city,
      anySettings,
      fc.array(fc.boolean(), { maxLength: 6 }),
      async (a, b, values, turns) => {
        const kernel = prepared(values)
        const before = kernel.dump()
        const there = new Set<typeof a>()
        const toggle = async (file: typeof a) => {
          if (there.delete(file)) applyPlan(kernel, planDestroy(kernel, file, hubOf(file)))
          else {
            await brought(kernel, file)
            there.add(file)
          }
          await expectNoDrift(kernel, ...there)
        }
        for (const first of turns) await toggle(first ? a : b)
        for (const file of there) await toggle(file)
        expect(kernel.dump()).toEqual(before)
      },
    ),
    { numRuns: 100 },
  )
})
